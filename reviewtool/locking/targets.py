# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Where calls go: by name, through macros, through pointers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from typing import Final

from reviewtool.csource.facts import Call, Macro
from reviewtool.locking import ctypes
from reviewtool.locking.expansion import expand, template
from reviewtool.locking.expr import Invoke, Name, Node, callee_of, parse, render
from reviewtool.locking.linker import FunctionId, FunctionRef, Targets
from reviewtool.locking.macros import substituted
from reviewtool.locking.pointers import Pointers
from reviewtool.locking.reading import Reading
from reviewtool.locking.signatures import fits
from reviewtool.locking.slots import named_slots
from reviewtool.locking.symbols import Symbols
from reviewtool.locking.typing_ import Place

MOST_LIKELY: Final = 12
"""More candidates than this by type alone say nothing."""

_DEEPEST: Final = 6
UNKNOWN: Final = Targets()


class Resolver:
    """Resolves the calls of one world."""

    def __init__(
        self,
        reading: Reading,
        pointers: Callable[[], Pointers],
    ) -> None:
        ruleset = reading.ruleset
        self.typer = reading.typer
        self.symbols: Symbols = reading.typer.symbols
        self.ruleset = ruleset
        self._reading = reading
        self._place_of = reading.place_of
        self._pointers = pointers
        self._known: dict[tuple[FunctionId, str], Targets] = {}
        self._of_macros: dict[tuple[str, str], Targets | None] = {}
        self._through_pointers: set[tuple[FunctionId, str]] = set()
        self._by_type: dict[str, tuple[FunctionId, ...]] = {}
        self._apart = frozenset((*ruleset.primitives, *ruleset.guards, *ruleset.outside))

    def targets(self, ref: FunctionRef, call: Call) -> Targets:
        """The functions that a call may run now."""
        key = (ref.id, call.callee)
        known = self._known.get(key)
        if known is None:
            known = self._resolved(ref, call)
            macro = self.macro_of(ref, call.callee) if known.external and not known.functions else None
            if macro is not None:
                return self._macro_targets(ref, macro, call)
            self._known[key] = known
        return known

    def take_over(self, earlier: Resolver, kept: Set[FunctionId], names: Set[str]) -> None:
        """Keep what another snapshot resolved by name for these functions, and macros but for those named."""
        if earlier.symbols.headers is self.symbols.headers:
            self._of_macros = {key: found for key, found in earlier._of_macros.items() if key[0] not in names}
        self._known = {
            key: targets
            for key, targets in earlier._known.items()
            if key[0] in kept and key not in earlier._through_pointers
        }

    def expansion(self, ref: FunctionRef, call: Call) -> tuple[Call, ...] | None:
        """The calls that a function-like macro amounts to; None if it is not one, or has a flow of its own."""
        name = call.callee
        if name in self._apart or not name.isidentifier():
            return None
        macro = self.macro_of(ref, name)
        if macro is None:
            return None
        return expand(macro, call, self.ruleset.syntax)

    def macro_of(self, ref: FunctionRef, name: str) -> Macro | None:
        """The macro that a call by this name uses; None if it means something else."""
        place = self._place_of(ref)
        if name in self._apart or name in place.variables or not name.isidentifier():
            return None
        if self.symbols.functions(name, place.path):
            return None
        return self.symbols.macro(name, place.path)

    def named(self, ref: FunctionRef, text: str) -> tuple[FunctionId, ...]:
        """The functions whose address an expression is; empty if it is something else."""
        node = callee_of(text)
        place = self._place_of(ref)
        if not isinstance(node, Name) or node.name in place.variables:
            return ()
        return tuple(each.id for each in self.symbols.functions(node.name, place.path))

    def result_type(self, node: Invoke, place: Place) -> str | None:
        """The type that a call of a call gives: `static_call(x)(...)` by the field that fills `x`."""
        inner = node.callee
        if not (isinstance(inner, Invoke) and isinstance(inner.callee, Name) and inner.args):
            return None
        for named in self.ruleset.named_calls:
            if inner.callee.name in named.macros:
                for slot in named_slots(inner.args[0], self.ruleset):
                    kind = self.typer.field_type(str(slot.holder), slot.name, place) if slot.kind == "field" else None
                    if kind is not None:
                        return ctypes.result(self.typer.followed(kind, place.path))
                return None
        pasted = self._pasted(inner, place)
        return self.typer.of_text(f"{pasted}({','.join(node.args)})", place) if pasted is not None else None

    def _resolved(self, ref: FunctionRef, call: Call) -> Targets:
        place = self._place_of(ref)
        name = call.callee
        if name in self._apart:
            return Targets(external=name)
        if name.isidentifier() and name not in place.variables:
            found = self.symbols.functions(name, place.path)
            if found:
                # Definitions in several files are alternatives of the configuration: no kernel has them all.
                alternatives = len({each.id.path for each in found}) > 1
                return Targets(functions=tuple(each.id for each in found), likely=alternatives)
            if not self.symbols.globals(name, place.path):
                return self._aliased(ref, call, place)
        node = callee_of(name)
        return self._through(node, ref, place, name) if node is not None else Targets(external=name)

    def _aliased(self, ref: FunctionRef, call: Call, place: Place) -> Targets:
        """A name that no function has: a macro that stands for one, or something outside."""
        macro = self.symbols.macro(call.callee, place.path)
        if macro is not None and macro.params is None and macro.body and macro.body.strip() != call.callee:
            inner = Call(call.line, macro.body.strip(), call.args, call.result)
            return self._resolved(ref, inner)
        return Targets(external=call.callee)

    def _macro_targets(self, ref: FunctionRef, macro: Macro, call: Call) -> Targets:
        """The targets of a macro's calls; the same for all calls in a file unless arguments make names."""
        if macro.params is None or "#" in (macro.body or ""):
            return self._expanded(ref, macro, call)
        key = (macro.name, ref.id.path)
        if key not in self._of_macros:
            found = template(macro, call.args, self.ruleset.syntax)
            made = found is None or any(not each.isidentifier() or each in macro.params for each in found.callees())
            self._of_macros[key] = None if made and found is not None else self._expanded(ref, macro, call)
        return self._of_macros[key] or self._expanded(ref, macro, call)

    def _expanded(self, ref: FunctionRef, macro: Macro, call: Call) -> Targets:
        """All that a macro's calls run, and those of the macros among them."""
        found: dict[FunctionId, None] = {}
        likely = False
        waiting = [(call, macro, 0)]
        for outer, current, depth in waiting:
            for inner in self._inner(ref, current, outer):
                one = self._resolved(ref, inner)
                found.update(dict.fromkeys(one.functions))
                likely = likely or one.likely
                next_ = self.macro_of(ref, inner.callee) if not one.functions and depth < _DEEPEST else None
                if next_ is not None and next_ is not current:
                    waiting.append((inner, next_, depth + 1))
        return Targets(functions=tuple(found), likely=likely, external=call.callee)

    def _inner(self, ref: FunctionRef, macro: Macro, call: Call) -> Iterable[Call]:
        """The calls of a macro that are worth resolving: none of what the ruleset knows."""
        if macro.params is None:
            return expand(macro, call, self.ruleset.syntax) or ()
        found = template(macro, call.args, self.ruleset.syntax)
        if found is None or self._apart.issuperset(found.callees()):
            return ()
        names = set(macro.params)
        if any(not callee.isidentifier() or callee in names for callee in found.callees()):
            return expand(macro, call, self.ruleset.syntax) or ()
        return tuple(Call(call.line, callee, args) for callee, args, _ in found.calls)

    def _through(self, node: Node, ref: FunctionRef, place: Place, text: str) -> Targets:
        """A call through an expression."""
        pasted = self._pasted(node, place)
        if pasted is not None and isinstance(parse(pasted), Name):
            return self._resolved(ref, Call(0, pasted))
        self._through_pointers.add((ref.id, text))
        pointers = self._pointers()
        sources = self._reading.sources(node, ref, place)
        found = pointers.held(sources)
        parameter = self._parameter(node, ref)
        if found or parameter is not None:
            one_of = len(found) > 1 and any(pointers.handed_in(slot) for slot in sources.slots)
            return Targets(functions=found, likely=one_of, parameter=parameter)
        if sources.slots and all(slot.kind in ("field", "named") for slot in sources.slots):
            return Targets(external=text)  # nothing in scope is stored there; its type would only be a guess
        kind = self.typer.of(node, place)
        found = self._by_kind(pointers, self.typer.followed(kind, place.path)) if kind is not None else ()
        return Targets(functions=found, likely=True) if found else Targets(external=text)

    def _pasted(self, node: Node, place: Place) -> str | None:
        """What `NAME(x)` in the place of a function's name becomes."""
        if not (isinstance(node, Invoke) and isinstance(node.callee, Name)):
            return None
        macro = self.symbols.macro(node.callee.name, place.path)
        for named in self.ruleset.named_calls:
            if node.callee.name in named.macros:
                return None
        return substituted(macro, node.args) if macro is not None and macro.params is not None else None

    def _parameter(self, node: Node, ref: FunctionRef) -> int | None:
        """The number of the parameter that is called."""
        name = render(node)
        for number, param in enumerate(ref.facts.params):
            if param.name == name:
                return number
        return None

    def _by_kind(self, pointers: Pointers, kind: str) -> tuple[FunctionId, ...]:
        """Functions of the pointer's type whose address is taken somewhere, if they are few."""
        if not ctypes.is_function_pointer(kind):
            return ()
        known = self._by_type.get(kind)
        if known is None:
            known = tuple(
                each
                for each in pointers.taken
                if (ref := pointers.function(each)) is not None and fits(ref.facts, kind)
            )
            self._by_type[kind] = known = known if len(known) <= MOST_LIKELY else ()
        return known
