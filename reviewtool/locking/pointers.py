# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Function pointers: which functions reach a field, a variable, a parameter or a result.

A graph of slots. A slot gets functions where their address is stored in it, and everything that another slot holds
where that is copied. What each function and each file's initialisers contribute is kept, so that the next snapshot
takes over what it has not changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final

from reviewtool.csource.facts import Assign, Call, Function, Return
from reviewtool.locking.initialisers import Initialisers
from reviewtool.locking.linker import FunctionId, FunctionRef
from reviewtool.locking.reading import Reading
from reviewtool.locking.slots import Slot, Sources
from reviewtool.locking.stores import EMPTY, Contribution, Stores, bound
from reviewtool.locking.tables import FileTable

_HANDED_ON: Final = ("local", "result", "parameter")


class Pointers:
    """The slots of one world.

    Args:
        reading: Tells what an expression can hold.
        refs: All functions of the program.
        tables: All files of the program.
        earlier: Contributions of another snapshot that hold here too, by function and by file.
    """

    def __init__(
        self,
        reading: Reading,
        refs: Mapping[FunctionId, FunctionRef],
        tables: Iterable[FileTable],
        earlier: Mapping[FunctionId | str, Contribution],
    ) -> None:
        self._reading = reading
        self._refs = refs
        self._stored: dict[Slot, dict[FunctionId, None]] = {}
        self._copied: dict[Slot, dict[Slot, None]] = {}
        self._reached: dict[Slot, tuple[FunctionId, ...]] = {}
        self._indirect: list[tuple[FunctionRef, Call]] = []
        self.taken: dict[FunctionId, None] = {}
        """Every function whose address is taken somewhere."""
        self.contributions: dict[FunctionId | str, Contribution] = {}
        names = frozenset(identity.name for identity in refs)
        stores = Stores(reading, names, tables)
        initialisers = Initialisers(reading.typer, names, lambda node, place: reading.sources(node, None, place))
        for table in tables:
            found = earlier.get(table.path)
            self._enter(table.path, found if found is not None else _of_file(table, initialisers))
        for identity, ref in refs.items():
            found = earlier.get(identity)
            self._enter(identity, found if found is not None else stores.of_function(ref))

    def reached(self, slot: Slot) -> tuple[FunctionId, ...]:
        """All functions that a slot can hold, in order of discovery."""
        known = self._reached.get(slot)
        if known is None:
            seen: dict[Slot, None] = {slot: None}
            found: dict[FunctionId, None] = {}
            queue = [slot]
            for current in queue:
                found.update(self._stored.get(current, {}))
                for source in (*self._copied.get(current, ()), *self._lazy(current, found)):
                    if source not in seen:
                        seen[source] = None
                        queue.append(source)
            known = self._reached[slot] = tuple(found)
        return known

    @cached_property
    def field_names(self) -> frozenset[str]:
        """The names of all fields in which functions are stored."""
        return frozenset(slot.name for slot in self._stored if slot.kind == "field")

    def fields(self, record: str) -> tuple[str, ...]:
        """The fields of a record in which functions are stored."""
        return tuple(slot.name for slot in self._stored if slot.kind == "field" and slot.holder == record)

    def function(self, identity: FunctionId) -> FunctionRef | None:
        """The definition behind an id; None for one of a header outside of the scope."""
        return self._refs.get(identity)

    def handed_in(self, slot: Slot) -> bool:
        """Whether a field gets its functions from a parameter: then one object has one of them, chosen by a caller."""
        return slot.kind == "field" and any(source.kind == "parameter" for source in self._copied.get(slot, ()))

    def held(self, sources: Sources) -> tuple[FunctionId, ...]:
        """All functions that an expression with these sources can hold."""
        found = dict.fromkeys(each.id for each in sources.functions)
        for slot in sources.slots:
            found.update(dict.fromkeys(self.reached(slot)))
        return tuple(found)

    def _enter(self, key: FunctionId | str, found: Contribution) -> None:
        if found is EMPTY:
            return
        self.contributions[key] = found
        for slot, sources in found.stored:
            self._put(slot, sources)
        self.taken.update(dict.fromkeys(found.taken))
        if found.indirect and isinstance(key, FunctionId):
            self._indirect += [(self._refs[key], call) for call in found.indirect]

    def _put(self, slot: Slot, sources: Sources) -> None:
        if sources.functions:
            ids = dict.fromkeys(ref.id for ref in sources.functions)
            self._stored.setdefault(slot, {}).update(ids)
            self.taken.update(ids)
        for source in sources.slots:
            if source != slot:
                self._copied.setdefault(slot, {})[source] = None

    def _lazy(self, slot: Slot, found: dict[FunctionId, None]) -> Iterator[Slot]:
        """What a function itself stores in a local, or returns; and what calls through pointers pass to it."""
        ref = self._refs.get(slot.holder) if isinstance(slot.holder, FunctionId) else None
        if ref is None or slot.kind not in _HANDED_ON:
            return
        for value in _values(ref.facts, slot):
            sources = self._reading.of_text(value, ref)
            found.update(dict.fromkeys(each.id for each in sources.functions))
            yield from sources.slots
        if slot.kind == "parameter" and self._indirect:
            self._bind_indirect()
            found.update(self._stored.get(slot, {}))
            yield from self._copied.get(slot, ())

    def _bind_indirect(self) -> None:
        """Bind the arguments of calls through pointers, once somebody asks for a parameter."""
        waiting, self._indirect = self._indirect, []
        for ref, call in waiting:
            callees = self.held(self._reading.of_text(call.callee, ref))
            for slot, sources in bound(
                self._reading, ref, call, [self._refs[each] for each in callees if each in self._refs]
            ):
                self._put(slot, sources)
        self._reached.clear()


def _of_file(table: FileTable, initialisers: Initialisers) -> Contribution:
    stored = [
        store
        for sites in table.globals.values()
        for site in sites
        if site.fact.init
        for store in initialisers.stores(site)
    ]
    return Contribution(tuple(stored)) if stored else EMPTY


def _values(facts: Function, slot: Slot) -> Iterator[str]:
    """The texts of what is assigned to a variable (or to an element of it), or returned."""
    for block in facts.blocks:
        for event in block.events:
            if slot.kind == "result":
                if isinstance(event, Return) and event.value:
                    yield event.value
            elif isinstance(event, Assign):
                if event.op == "=" and event.target.partition("[")[0] == slot.name:
                    yield event.value
            elif isinstance(event, Call) and event.result == slot.name:
                yield f"{event.callee}({','.join(event.args)})"
