# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Where function pointers get their functions from, as far as one way through the code must agree with itself.

Slots are told apart by record and field, not by object (pointers.py). Along one way two things tell objects apart:
operations of one record come from one table, so a way does not go through the operations of two; and a record that a
function has on its own stack and fills is what the functions it calls get.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reviewtool.csource.facts import Assign, Call
from reviewtool.locking.linker import FunctionId, FunctionRef
from reviewtool.locking.program import Program
from reviewtool.locking.slots import Slot

Tables = Mapping[str, frozenset[str]]
"""By record: the files of the tables that a way can still be using."""


@dataclass(frozen=True, slots=True)
class Trail:
    """The functions gone through so far, the innermost last, and the tables in use."""

    functions: tuple[FunctionId, ...] = ()
    tables: tuple[tuple[str, frozenset[str]], ...] = ()


class Provenance:
    """Answers for one program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._stores: dict[Slot, dict[FunctionId, set[FunctionId | str]]] | None = None

    def onward(self, trail: Trail, ref: FunctionRef, call: Call, callee: FunctionId) -> Trail | None:
        """The trail behind a call in its last function; None if the call cannot go there on this way."""
        functions = (*trail.functions, callee)
        slots = self._slots(ref, call)
        if not slots:
            return Trail(functions, trail.tables)
        tables = dict(trail.tables)
        for slot in slots:
            by = self._of(slot).get(callee, set())
            if not self._from_stack(trail, slot, callee):
                return None
            files = frozenset(key for key in by if isinstance(key, str))
            if by and len(files) == len(by):
                record = str(slot.holder)
                both = tables.get(record, files) & files
                if not both:
                    return None
                tables[record] = both
        return Trail(functions, tuple(sorted(tables.items(), key=lambda item: item[0])))

    def _slots(self, ref: FunctionRef, call: Call) -> tuple[Slot, ...]:
        """The fields that a call goes through; none for a call by name."""
        if call.callee.isidentifier():
            return ()
        return tuple(slot for slot in self._program.reading.of_text(call.callee, ref).slots if slot.kind == "field")

    def _of(self, slot: Slot) -> Mapping[FunctionId, set[FunctionId | str]]:
        if self._stores is None:
            self._stores = {}
            for key, contribution in self._program.pointers.contributions.items():
                for stored, sources in contribution.stored:
                    for function in sources.functions:
                        self._stores.setdefault(stored, {}).setdefault(function.id, set()).add(key)
        return self._stores.get(slot, {})

    def _from_stack(self, trail: Trail, slot: Slot, callee: FunctionId) -> bool:
        """False if the innermost function of the way that fills such a record on its stack stores only others there."""
        stores = self._of(slot)
        for function in reversed(trail.functions):
            if self._fills(function, str(slot.holder)):
                return function in stores.get(callee, set())
        return True

    def _fills(self, function: FunctionId, record: str) -> bool:
        """Whether a function has such a record on its stack, and sets fields of it."""
        ref = self._program.functions().get(function)
        if ref is None:
            return False
        plain = record.removeprefix("struct ").removeprefix("union ")
        names = tuple(
            f"{each.name}."
            for each in ref.facts.locals
            if not each.static and not each.type.endswith("*") and each.type.split()[-1:] == [plain]
        )
        return bool(names) and any(
            isinstance(event, Assign) and event.target.startswith(names)
            for block in ref.facts.blocks
            for event in block.events
        )
