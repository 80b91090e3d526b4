# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Where a function's body stores addresses of functions, and to whom it passes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Final, NamedTuple

from reviewtool.csource.facts import Assign, Call, Function
from reviewtool.locking import ctypes
from reviewtool.locking.expr import parse
from reviewtool.locking.linker import FunctionId, FunctionRef
from reviewtool.locking.reading import Reading
from reviewtool.locking.slots import NOTHING, Slot, Sources
from reviewtool.locking.tables import FileTable

_WORD: Final = re.compile(r"[A-Za-z_]\w*")


_SCALARS: Final = frozenset(("void", "bool", "char", "short", "int", "long", "unsigned", "signed", "float", "double"))


class Contribution(NamedTuple):
    """What one function or one file stores where, and its calls through pointers that pass functions on."""

    stored: tuple[tuple[Slot, Sources], ...] = ()
    taken: tuple[FunctionId, ...] = ()
    indirect: tuple[Call, ...] = ()


EMPTY: Final = Contribution()


class Stores:
    """Looks through function bodies. `names` are the functions of the world."""

    def __init__(self, reading: Reading, names: frozenset[str], tables: Iterable[FileTable]) -> None:
        self._reading = reading
        self._names = names
        self._kinds: dict[tuple[str, str], bool] = {}
        self._tables = tuple(tables)
        self._own = {table.path: table.typedefs for table in self._tables if not table.is_header}

    def of_function(self, ref: FunctionRef) -> Contribution:
        """What one function contributes."""
        holds = self._test(ref.facts, ref.id.path)
        stored: list[tuple[Slot, Sources]] = []
        taken: dict[FunctionId, None] = {}
        indirect: list[Call] = []
        for block in ref.facts.blocks:
            for event in block.events:
                if isinstance(event, Call):
                    if event.args and any(map(holds, event.args)):
                        self._passed(ref, event, stored, taken, indirect)
                elif isinstance(event, Assign) and event.op == "=" and holds(event.value):
                    stored += self._assigned(ref, event, taken)
        return Contribution(tuple(stored), tuple(taken), tuple(indirect)) if stored or taken or indirect else EMPTY

    def _test(self, facts: Function, path: str) -> Callable[[str], bool]:
        """Whether a text can hold a function: quickly, for it is asked of every argument and every value."""
        shadowed = {each.name for each in (*facts.params, *facts.locals)}
        variables = {each.name for each in (*facts.params, *facts.locals) if self._is_pointer(each.type, path)}
        variables |= self._pointer_globals - shadowed
        names, fields = self._names, self._pointer_fields

        def holds(text: str) -> bool:
            text = text.lstrip("&*(")
            if text in variables:
                return True
            if text in names:
                return text not in shadowed
            if text[-1:] in ")]" or "?" in text:
                return any(word in names and word not in shadowed for word in _WORD.findall(text))
            return text.rpartition(".")[2] in fields or text.rpartition(">")[2] in fields

        return holds

    def _assigned(
        self, ref: FunctionRef, event: Assign, taken: dict[FunctionId, None]
    ) -> Iterator[tuple[Slot, Sources]]:
        sources = self._reading.of_text(event.value, ref)
        if sources == NOTHING or parse(event.target) is None:
            return
        taken.update(dict.fromkeys(each.id for each in sources.functions))
        for slot in self._reading.of_text(event.target, ref).slots:
            if slot.kind in ("field", "variable"):
                yield slot, sources

    def _passed(
        self,
        ref: FunctionRef,
        call: Call,
        stored: list[tuple[Slot, Sources]],
        taken: dict[FunctionId, None],
        indirect: list[Call],
    ) -> None:
        for arg in call.args:
            taken.update(dict.fromkeys(each.id for each in self._reading.of_text(arg, ref).functions))
        place = self._reading.place_of(ref)
        if not call.callee.isidentifier() or call.callee in place.variables:
            indirect.append(call)
            return
        for named in self._reading.ruleset.named_calls:
            if call.callee in named.updates and len(call.args) > 1:
                stored += [(Slot("named", "", call.args[0]), self._reading.of_text(call.args[1], ref))]
        stored += bound(self._reading, ref, call, self._reading.typer.symbols.functions(call.callee, place.path))

    @cached_property
    def _pointer_globals(self) -> frozenset[str]:
        return frozenset(
            site.fact.name
            for table in self._tables
            for sites in table.globals.values()
            for site in sites
            if self._is_pointer(site.fact.type, table.path)
        )

    @cached_property
    def _pointer_fields(self) -> frozenset[str]:
        return frozenset(
            field.name
            for table in self._tables
            for sites in table.records.values()
            for site in sites
            for field in site.fact.fields
            if self._is_pointer(field.type, table.path)
        )

    def _is_pointer(self, kind: str, path: str) -> bool:
        if "(" in kind:
            return ctypes.is_function_pointer(ctypes.normal(kind))
        kind = kind.removeprefix("const ").rstrip("*[] ")
        if " " in kind or kind in _SCALARS:
            return False
        if kind not in self._own.get(path, ()):
            path = ""
        known = self._kinds.get((kind, path))
        if known is None:
            known = self._kinds[kind, path] = "(" in self._reading.typer.followed(ctypes.normal(kind), path)
        return known


def bound(
    reading: Reading, ref: FunctionRef, call: Call, callees: Iterable[FunctionRef]
) -> Iterator[tuple[Slot, Sources]]:
    """What a call passes to the parameters of those that it runs, as far as functions go."""
    callees = tuple(callees)
    for number, arg in enumerate(call.args):
        sources = reading.of_text(arg, ref)
        if sources == NOTHING:
            continue
        for callee in callees:
            if number < len(callee.facts.params):
                yield Slot("parameter", callee.id, callee.facts.params[number].name), sources
