# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Function pointers: which functions reach a field, a variable, a parameter or a result.

A graph of slots. A slot gets functions where their address is stored in it, and everything that another slot holds
where that is copied. Slots of records are kept by record and field, not by object.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from reviewtool.csource.facts import Assign, Call, Function, Return
from reviewtool.locking import ctypes
from reviewtool.locking.expr import Binary, Block, Cast, Conditional, Index, Invoke, Member, Name, Node, Unary, parse
from reviewtool.locking.initialisers import Initialisers
from reviewtool.locking.linker import FunctionId, FunctionRef
from reviewtool.locking.macros import substituted
from reviewtool.locking.slots import NOTHING, Slot, Sources, both, named_slots
from reviewtool.locking.symbols import Symbols
from reviewtool.locking.typing_ import Place, Typer
from reviewtool.ruleset.model import Ruleset

_DEEPEST: Final = 8


class Pointers:
    """The slots of one world. `refs` gives all functions, `place_of` where a function's expressions stand."""

    def __init__(
        self,
        typer: Typer,
        ruleset: Ruleset,
        refs: Iterable[FunctionRef],
        place_of: Callable[[FunctionRef], Place],
    ) -> None:
        self.typer = typer
        self.symbols: Symbols = typer.symbols
        self.ruleset = ruleset
        self._refs = tuple(refs)
        self._place_of = place_of
        self._stored: dict[Slot, dict[FunctionId, None]] = {}
        self._copied: dict[Slot, dict[Slot, None]] = {}
        self._reached: dict[Slot, tuple[FunctionId, ...]] = {}
        self._by_id = {ref.id: ref for ref in self._refs}
        self._names = {ref.id.name for ref in self._refs}
        self._kinds: dict[str, bool] = {}
        self._indirect: list[tuple[FunctionRef, Call]] = []
        self._fields = frozenset(self._pointer_fields())
        self.taken: dict[FunctionId, None] = {}
        """Every function whose address is taken somewhere."""
        initialisers = Initialisers(typer, frozenset(self._names), lambda node, place: self.sources(node, None, place))
        for table in self.symbols.tables.values():
            for sites in table.globals.values():
                for site in sites:
                    if site.fact.init:
                        for slot, sources in initialisers.stores(site):
                            self._put(slot, sources)
        for ref in self._refs:
            self._scan(ref)

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

    def function(self, identity: FunctionId) -> FunctionRef:
        """The definition behind an id that this graph gave out."""
        return self._by_id[identity]

    def sources(self, node: Node, ref: FunctionRef | None, place: Place, depth: int = 0) -> Sources:
        """What the value of an expression can be, as far as functions go."""
        if depth > _DEEPEST:
            return NOTHING
        match node:
            case Name(name):
                return self._of_name(name, ref, place, depth)
            case Member(base, field, arrow):
                record = self.typer.record_of(base, arrow, place)
                return Sources(slots=(Slot("field", record, field),)) if record is not None else NOTHING
            case Index(base, _):
                return self.sources(base, ref, place, depth + 1)
            case Unary("&" | "*", operand) | Cast(_, operand):
                return self.sources(operand, ref, place, depth + 1)
            case Conditional(_, then, other):
                return both(self.sources(then, ref, place, depth + 1), self.sources(other, ref, place, depth + 1))
            case Binary("," | "=", _, right):
                return self.sources(right, ref, place, depth + 1)
            case Block(statements) if statements:
                return self._of_text(statements[-1], ref, place, depth)
            case Invoke():
                return self._of_call(node, ref, place, depth)
        return NOTHING

    def _of_text(self, text: str, ref: FunctionRef | None, place: Place, depth: int) -> Sources:
        node = parse(text)
        return self.sources(node, ref, place, depth + 1) if node is not None else NOTHING

    def _of_name(self, name: str, ref: FunctionRef | None, place: Place, depth: int) -> Sources:
        if name in place.variables or name[:1] == "%":
            if ref is None:
                return NOTHING
            kind = "parameter" if any(param.name == name for param in ref.facts.params) else "local"
            return Sources(slots=(Slot(kind, ref.id, name),))
        found = self.symbols.functions(name, place.path)
        if found:
            return Sources(functions=tuple(found))
        for site in self.symbols.globals(name, place.path):
            return Sources(slots=(Slot("variable", site.path if site.fact.static else "", name),))
        macro = self.symbols.macro(name, place.path)
        if macro is not None and macro.params is None and macro.body and macro.body != name:
            return self._of_text(macro.body, ref, place, depth)
        return NOTHING

    def _of_call(self, node: Invoke, ref: FunctionRef | None, place: Place, depth: int) -> Sources:
        if not isinstance(node.callee, Name):
            return NOTHING
        name = node.callee.name
        if name in self.ruleset.syntax.transparent and node.args:
            return self._of_text(node.args[0], ref, place, depth)
        for named in self.ruleset.named_calls:
            if name in named.macros and node.args:
                return Sources(slots=named_slots(node.args[0], self.ruleset))
        found = self.symbols.functions(name, place.path)
        if found:
            return Sources(slots=tuple(Slot("result", each.id, "") for each in found))
        if name in self.ruleset.typed_macros:
            return self._of_text(node.args[0], ref, place, depth) if node.args else NOTHING
        macro = self.symbols.macro(name, place.path)
        body = substituted(macro, node.args) if macro is not None and macro.params is not None else None
        return self._of_text(body, ref, place, depth) if body else NOTHING

    def _lazy(self, slot: Slot, found: dict[FunctionId, None]) -> Iterator[Slot]:
        """What a function itself stores in a local, or returns."""
        ref = self._by_id.get(slot.holder) if isinstance(slot.holder, FunctionId) else None
        if ref is None or slot.kind not in ("local", "result", "parameter"):
            return
        place = self._place_of(ref)
        for value in _values(ref.facts, slot):
            sources = self._of_text(value, ref, place, 0)
            found.update(dict.fromkeys(each.id for each in sources.functions))
            yield from sources.slots
        if slot.kind == "parameter" and self._indirect:
            self._bind_indirect()
            found.update(self._stored.get(slot, {}))
            yield from self._copied.get(slot, ())

    # --- filling -----------------------------------------------------------------------------------------------

    def _put(self, slot: Slot, sources: Sources) -> None:
        if sources.functions:
            ids = dict.fromkeys(ref.id for ref in sources.functions)
            self._stored.setdefault(slot, {}).update(ids)
            self.taken.update(ids)
        for source in sources.slots:
            if source != slot:
                self._copied.setdefault(slot, {})[source] = None

    def _scan(self, ref: FunctionRef) -> None:
        """Enter the stores and the arguments of one function."""
        variables = self._pointer_variables(ref.facts)
        shadowed = {variable.name for variable in (*ref.facts.params, *ref.facts.locals)}
        names, fields = self._names, self._fields

        def holds(text: str) -> bool:
            text = text.lstrip("&*(")
            if text in variables:
                return True
            if text in names:
                return text not in shadowed
            if text[-1:] in ")]" or "?" in text:
                return any(each in names and each not in shadowed for each in re.findall(r"\w+", text))
            return ("." in text[-40:] and text.rpartition(".")[2] in fields) or text.rpartition(">")[2] in fields

        for block in ref.facts.blocks:
            for event in block.events:
                if isinstance(event, Call):
                    if event.args and any(holds(arg) for arg in event.args):
                        self._passed(ref, event)
                elif isinstance(event, Assign) and event.op == "=" and holds(event.value):
                    self._assigned(ref, event)

    def _assigned(self, ref: FunctionRef, event: Assign) -> None:
        place = self._place_of(ref)
        value, target = parse(event.value), parse(event.target)
        if value is None or target is None:
            return
        sources = self.sources(value, ref, place)
        self.taken.update(dict.fromkeys(each.id for each in sources.functions))
        for slot in self.sources(target, ref, place).slots:
            if slot.kind in ("field", "variable"):
                self._put(slot, sources)

    def _passed(self, ref: FunctionRef, event: Call) -> None:
        if not event.callee.isidentifier() or event.callee in self._place_of(ref).variables:
            self._indirect.append((ref, event))
            return
        for named in self.ruleset.named_calls:
            if event.callee in named.updates and len(event.args) > 1:
                self._put(Slot("named", "", event.args[0]), self._of_text(event.args[1], ref, self._place_of(ref), 0))
        self._bind(ref, event, self.symbols.functions(event.callee, self._place_of(ref).path))

    def _bind(self, ref: FunctionRef, event: Call, callees: Iterable[FunctionRef]) -> None:
        place = self._place_of(ref)
        callees = tuple(callees)
        for number, arg in enumerate(event.args):
            sources = self._of_text(arg, ref, place, 0)
            if sources.functions:
                self.taken.update(dict.fromkeys(each.id for each in sources.functions))
            for callee in callees:
                if number < len(callee.facts.params) and sources != NOTHING:
                    self._put(Slot("parameter", callee.id, callee.facts.params[number].name), sources)

    def _bind_indirect(self) -> None:
        """Bind arguments of calls through pointers, once somebody asks for a parameter."""
        waiting, self._indirect = self._indirect, []
        for ref, event in waiting:
            sources = self._of_text(event.callee, ref, self._place_of(ref), 0)
            ids = dict.fromkeys(each.id for each in sources.functions)
            for slot in sources.slots:
                ids.update(dict.fromkeys(self.reached(slot)))
            self._bind(ref, event, [self._by_id[each] for each in ids if each in self._by_id])
        self._reached.clear()

    def _pointer_fields(self) -> Iterator[str]:
        for table in self.symbols.tables.values():
            for sites in table.records.values():
                for site in sites:
                    for field in site.fact.fields:
                        if self._is_pointer(field.type, site.path):
                            yield field.name

    def _pointer_variables(self, facts: Function) -> set[str]:
        return {variable.name for variable in (*facts.params, *facts.locals) if self._is_pointer(variable.type, "")}

    def _is_pointer(self, kind: str, path: str) -> bool:
        known = self._kinds.get(kind)
        if known is None:
            if "(" in kind:
                known = ctypes.is_function_pointer(ctypes.normal(kind))
            elif " " in kind.removeprefix("const "):
                known = False
            else:
                known = "(" in self.typer.followed(ctypes.normal(kind), path)
            self._kinds[kind] = known
        return known


def _values(facts: Function, slot: Slot) -> Iterator[str]:
    """The texts of what is assigned to a variable, or returned."""
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
