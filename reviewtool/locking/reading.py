# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What the value of an expression can be, as far as functions go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from reviewtool.locking.expr import Binary, Block, Cast, Conditional, Index, Invoke, Member, Name, Node, Unary, parse
from reviewtool.locking.linker import FunctionRef
from reviewtool.locking.macros import substituted
from reviewtool.locking.slots import NOTHING, Slot, Sources, both, named_slots
from reviewtool.locking.typing_ import Place, Typer
from reviewtool.ruleset.model import Ruleset

_DEEPEST: Final = 8


class Reading:
    """Reads expressions of one world. `place_of` tells where a function's expressions stand."""

    def __init__(self, typer: Typer, ruleset: Ruleset, place_of: Callable[[FunctionRef], Place]) -> None:
        self.typer = typer
        self.ruleset = ruleset
        self.place_of = place_of

    def of_text(self, text: str, ref: FunctionRef) -> Sources:
        """What an expression in a function can hold."""
        node = parse(text)
        return self.sources(node, ref, self.place_of(ref)) if node is not None else NOTHING

    def sources(self, node: Node, ref: FunctionRef | None, place: Place, depth: int = 0) -> Sources:
        """The same for a tree; without `ref`, at file level."""
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
                return self._deeper(statements[-1], ref, place, depth)
            case Invoke():
                return self._of_call(node, ref, place, depth)
        return NOTHING

    def _deeper(self, text: str, ref: FunctionRef | None, place: Place, depth: int) -> Sources:
        node = parse(text)
        return self.sources(node, ref, place, depth + 1) if node is not None else NOTHING

    def _of_name(self, name: str, ref: FunctionRef | None, place: Place, depth: int) -> Sources:
        if name in place.variables or name[:1] == "%":
            if ref is None:
                return NOTHING
            kind = "parameter" if any(param.name == name for param in ref.facts.params) else "local"
            return Sources(slots=(Slot(kind, ref.id, name),))  # type: ignore[arg-type]
        symbols = self.typer.symbols
        found = symbols.functions(name, place.path)
        if found:
            return Sources(functions=tuple(found))
        for site in symbols.globals(name, place.path):
            return Sources(slots=(Slot("variable", site.path if site.fact.static else "", name),))
        macro = symbols.macro(name, place.path)
        if macro is not None and macro.params is None and macro.body and macro.body != name:
            return self._deeper(macro.body, ref, place, depth)
        return NOTHING

    def _of_call(self, node: Invoke, ref: FunctionRef | None, place: Place, depth: int) -> Sources:
        if not isinstance(node.callee, Name):
            return NOTHING
        name = node.callee.name
        if name in self.ruleset.syntax.transparent and node.args:
            return self._deeper(node.args[0], ref, place, depth)
        if node.args and any(name in named.macros for named in self.ruleset.named_calls):
            return Sources(slots=named_slots(node.args[0], self.ruleset))
        symbols = self.typer.symbols
        found = symbols.functions(name, place.path)
        if found:
            return Sources(slots=tuple(Slot("result", each.id, "") for each in found))
        if name in self.ruleset.typed_macros:
            return self._deeper(node.args[0], ref, place, depth) if node.args else NOTHING
        macro = symbols.macro(name, place.path)
        body = substituted(macro, node.args) if macro is not None and macro.params is not None else None
        return self._deeper(body, ref, place, depth) if body else NOTHING
