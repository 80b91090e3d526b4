# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Whether a way down to something can be gone at all: asked of each way before it is reported.

Summaries know of a callee's parameters only as much as pays for all functions. One way is worth a closer look: each
function on it is analysed again with what its caller on this way passes to it, and a call through a pointer may only go
where the objects of this way let it (provenance.py). Where the way is shut, another one to the same thing is looked
for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from reviewtool.csource.facts import Call
from reviewtool.locking.callees import Callees
from reviewtool.locking.entry import Known, entered, passed
from reviewtool.locking.firsttime import FirstTime
from reviewtool.locking.flow import Flow
from reviewtool.locking.linker import FunctionId, FunctionRef
from reviewtool.locking.paths import substitute
from reviewtool.locking.program import Program
from reviewtool.locking.provenance import Provenance, Trail
from reviewtool.locking.state import State
from reviewtool.locking.summary import SLEEPER, HeldLock, Inner, Kind, Origin, Requirement, Summary
from reviewtool.locking.values import ZERO, signs
from reviewtool.ruleset.model import WaitType

LOOKS: Final = 300
"""Functions that are analysed again for one way, at most; then it counts as open, but as not proved."""

_WORD: Final = re.compile(r"\w+")

Record = Inner | Requirement
_Question = tuple[FunctionId, Record, HeldLock | None, bool]


@dataclass(frozen=True, slots=True)
class Passage:
    """A way that is open."""

    record: Record
    """With an origin that leads along it."""
    first: bool = False
    """It leads through a call that only sets something up, and so is made once; and not just because the outer lock is
    taken for that."""
    sure: bool = True
    """The look went to its end."""


@dataclass(frozen=True, slots=True)
class _Stop:
    """A function on the way, what its summary is expected to say, and what is known of its parameters."""

    function: FunctionId
    expected: Record | None
    """None if any will do."""
    known: Known = ()


@dataclass(slots=True)
class _Search:
    """One search: what it looks for, and what it has left."""

    wanted: Record
    exact: bool
    atomic: bool = False
    """The outer lock keeps its holder from sleeping."""
    left: int = LOOKS
    first: bool = False
    seen: set[FunctionId] = field(default_factory=set)

    def matches(self, record: Record) -> bool:
        """Whether a callee's record can be what is looked for: callers add to what is released and to what masks."""
        wanted = self.wanted
        if record.likely and not wanted.likely:
            return False
        if isinstance(wanted, Requirement) or isinstance(record, Requirement):
            return _demand(record) == _demand(wanted)
        if (record.kind, record.mode) != (wanted.kind, wanted.mode) or (record.final and not wanted.final):
            return False
        if record.cls != wanted.cls and not (record.kind is Kind.SLEEP and record.flags):
            return False
        if SLEEPER in record.masked and SLEEPER not in wanted.masked:
            return False
        return {cls for cls, _ in record.dropped} <= {cls for cls, _ in wanted.dropped}


def _demand(record: Record) -> tuple[object, ...]:
    if isinstance(record, Inner):
        return ()
    return (record.cls, record.mode, record.negative, record.others, record.rule, record.access)


class Ways:
    """Searches of one snapshot."""

    def __init__(
        self,
        program: Program,
        summary: Callable[[FunctionId], Summary],
        callees: Callable[[FunctionId], Callees],
    ) -> None:
        self._program = program
        self._summary = summary
        self._callees = callees
        self._provenance = Provenance(program)
        self._first = FirstTime(program, lambda function: callees(function).functions)
        self._looks: dict[tuple[FunctionId, Known], tuple[Summary, dict[int, list[State]]]] = {}
        self._passages: dict[_Question, tuple[Passage | None, frozenset[FunctionId]]] = {}

    def passage(
        self, function: FunctionId, record: Record, outer: HeldLock | None = None, *, exact: bool = False
    ) -> Passage | None:
        """The way from a function down to what its summary's record says, `outer` held if the function takes it;
        None if it cannot be gone. Unless it is to be `exact`, another way to something alike will do.
        """
        key = (function, record, outer, exact)
        if key not in self._passages:
            family = self._program.ruleset.families.get(outer.cls.family) if outer is not None else None
            search = _Search(record, exact, family is not None and family.inner < WaitType.SLEEP)
            origin = self._search(search, _Stop(function, record), Trail((function,)), outer)
            found: Passage | None = None
            if origin is not None:
                found = Passage(replace(record, origin=origin), search.first)
            elif search.left <= 0:
                found = Passage(record, sure=False)
            self._passages[key] = (found, frozenset(search.seen))
        return self._passages[key][0]

    def take_over(self, earlier: Ways) -> None:
        """Keep another snapshot's answers for which only functions were looked at that are the same here.

        A function is analysed again when what it calls does something else, so the same summary is enough to tell.
        """
        functions, before = self._program.functions(), earlier._program.functions()

        def same(function: FunctionId) -> bool:
            old, new = before.get(function), functions.get(function)
            known = old is not None and new is not None and old.facts is new.facts
            return known and self._summary(function) is earlier._summary(function)

        verdicts: dict[FunctionId, bool] = {}
        for key, (passage, seen) in earlier._passages.items():
            for function in seen:
                if function not in verdicts:
                    verdicts[function] = same(function)
            if all(verdicts[function] for function in seen):
                self._passages[key] = (passage, seen)

    def _search(self, search: _Search, stop: _Stop, trail: Trail, outer: HeldLock | None = None) -> Origin | None:
        ref = self._program.functions().get(stop.function)
        if ref is None:
            return None
        search.seen.add(stop.function)
        special, states = self._look(search, ref, stop.known)
        if outer is not None and isinstance(outer.origin.key, str):
            outer = None
        tried: set[tuple[int, FunctionId | None]] = set()
        for origin in self._candidates(search, stop, special):
            place = (origin.line, origin.callee)
            if origin.callee is None and origin.line == ref.facts.line:
                return origin  # The declaration itself demands it.
            here = [state for state in states.get(origin.line, ()) if outer is None or _holds(state, outer)]
            if search.atomic:
                here = [state for state in here if not self._may_sleep(state)]
            if place in tried or not here:
                continue
            tried.add(place)
            if origin.callee is None or isinstance(origin.key, tuple):
                search.first = outer is None and self._first.is_first(ref, _common(here))
                return origin
            found = self._deeper(search, ref, origin, here, trail)
            if found is not None:
                search.first = search.first or (outer is None and self._first.is_first(ref, _common(here)))
                return found
        return None

    def _may_sleep(self, state: State) -> bool:
        """Whether it was asked, and found, that nothing here forbids to sleep."""
        words = self._program.ruleset.values.tests_atomic
        asked = (state.aliases.get(name, name) for name, value in state.env.items() if signs(value) == ZERO)
        return any(text.partition("(")[0] in words for text in asked)

    def _deeper(
        self, search: _Search, ref: FunctionRef, origin: Origin, here: list[State], trail: Trail
    ) -> Origin | None:
        callee = origin.callee
        assert callee is not None
        below = self._program.functions().get(callee)
        if callee in trail.functions or below is None or search.left <= 0:
            return None
        for call in self._calls(ref, origin.line, callee):
            onward = self._provenance.onward(trail, ref, call, callee)
            if onward is None:
                continue
            state = _common(here)
            words = self._program.ruleset.values
            known = passed(call, below.facts, state, words, self._enumerators(ref)) if call.args else ()
            expected = origin.key if isinstance(origin.key, Inner | Requirement) else None
            found = self._search(search, _Stop(callee, expected, known), onward)
            if found is not None:
                key = replace(search.wanted, origin=found)
                return Origin(origin.line, callee, key, found.depth + 1, chosen=True)
        return None

    def _enumerators(self, ref: FunctionRef) -> Callable[[str], bool]:
        variables = self._program.place(ref).variables
        symbols = self._program.symbols

        def enumerator(name: str) -> bool:
            if not name.isidentifier() or name in variables:
                return False
            macro = symbols.macro(name, ref.id.path)
            number = macro is not None and macro.params is None and (macro.body or "").strip().isdigit()
            return number or symbols.constant(name, ref.id.path) is not None

        return enumerator

    def _candidates(self, search: _Search, stop: _Stop, special: Summary) -> Iterator[Origin]:
        """The expected way first, then near ones, then all calls of functions that do it."""
        records: tuple[tuple[Record, object], ...] = (
            special.requirements if isinstance(search.wanted, Requirement) else special.inner
        )
        if stop.expected is not None and not self._atomic(stop.expected, stop.known):
            yield stop.expected.origin
        if search.exact:
            return
        own = [record for record, _ in records if search.matches(record) and not self._atomic(record, stop.known)]
        for record in sorted(own, key=lambda record: record.origin.depth):
            yield record.origin
        for callee, line in self._callees(stop.function).sites:
            summary = self._summary(callee)
            inside = summary.requirements if isinstance(search.wanted, Requirement) else summary.inner
            if any(search.matches(record) and not getattr(record, "flags", "") for record, _ in inside):
                yield Origin(line, callee)

    def _atomic(self, record: Record, known: Known) -> bool:
        """Whether the flags that this call passes keep an allocation from sleeping."""
        if isinstance(record, Requirement) or not record.flags:
            return False
        text = substitute(record.flags, {name: value for name, value in known if isinstance(value, str)})
        return not self._program.ruleset.allocation.atomic.isdisjoint(_WORD.findall(text))

    def _look(self, search: _Search, ref: FunctionRef, known: Known) -> tuple[Summary, dict[int, list[State]]]:
        """The function's summary with what is known of its parameters, and the states by line."""
        key = (ref.id, known)
        if key not in self._looks:
            search.left -= 1
            states: dict[int, list[State]] = {}

            def watch(line: int, state: State) -> None:
                states.setdefault(line, []).append(state.copy())

            start = entered(ref.facts, known)
            self._looks[key] = (Flow(self._program, ref, self._summary, watch, start).run(), states)
        if self._looks[key][0].bounded:
            search.left = 0
        return self._looks[key]

    def _calls(self, ref: FunctionRef, line: int, callee: FunctionId) -> Iterator[Call]:
        """The calls on a line that go to a function; one without arguments if only a macro's do."""
        found = False
        for block in ref.facts.blocks:
            for event in block.events:
                if isinstance(event, Call) and event.line == line:
                    targets = self._program.targets(ref, event)
                    if callee in targets.functions and not targets.external:
                        found = True
                        yield event
        if not found:
            yield Call(line, callee.name)


def _holds(state: State, outer: HeldLock) -> bool:
    return any(lock.cls == outer.cls for lock in state.held)


def _common(states: list[State]) -> State:
    """What all of them know."""
    state = states[0].copy()
    for other in states[1:]:
        state.join(other)
    return state
