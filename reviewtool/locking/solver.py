# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Summaries of all functions, callees first; after a change only what the change can reach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from reviewtool.locking.callees import Callees, callees
from reviewtool.locking.components import components
from reviewtool.locking.flow import Flow
from reviewtool.locking.linker import FunctionId, Linker
from reviewtool.locking.summary import EMPTY, Summary

ROUNDS: Final = 3
"""How often functions that call each other are analysed before their summaries are taken as they are."""


class Solver:
    """The summaries of one linked program."""

    def __init__(self, linker: Linker) -> None:
        self._linker = linker
        self.summaries: dict[FunctionId, Summary] = {}
        self._callees: dict[FunctionId, Callees] = {}
        self._callers: dict[FunctionId, set[FunctionId]] | None = None

    def advance(self, linker: Linker, changed: Iterable[FunctionId]) -> Solver:
        """A solver for the program after a change, with everything kept that the change cannot reach.

        `changed` are the functions whose facts or types differ, removed and added ones included.
        """
        new = Solver(linker)
        present = linker.functions()
        dirty = set(changed)
        new.summaries = {f: s for f, s in self.summaries.items() if f in present and f not in dirty}
        new._callees = {f: c for f, c in self._callees.items() if f in present and f not in dirty}
        new._resolve_dirty(dirty, self.summaries)
        return new

    def summary(self, function: FunctionId) -> Summary:
        """The summary of a function; the empty one for a function that is not known (yet)."""
        return self.summaries.get(function, EMPTY)

    def solve(self, functions: Iterable[FunctionId]) -> None:
        """Make sure that these functions and all they call have a summary."""
        wanted = [function for function in functions if function not in self.summaries]
        for component in components(wanted, self._successors, self.summaries):
            self._analyse(component)

    def callees(self, function: FunctionId) -> Callees:
        """What a function calls."""
        known = self._callees.get(function)
        if known is None:
            ref = self._linker.functions().get(function)
            known = callees(self._linker, ref) if ref is not None else Callees((), False, ())
            self._callees[function] = known
            if self._callers is not None:
                for callee in known.functions:
                    self._callers.setdefault(callee, set()).add(function)
        return known

    def callers(self) -> Mapping[FunctionId, set[FunctionId]]:
        """Who calls whom, of the functions that were looked at so far."""
        if self._callers is None:
            self._callers = {}
            for function, known in self._callees.items():
                for callee in known.functions:
                    self._callers.setdefault(callee, set()).add(function)
        return self._callers

    def _successors(self, function: FunctionId) -> tuple[FunctionId, ...]:
        return self.callees(function).functions

    def _analyse(self, component: list[FunctionId]) -> None:
        component = sorted(component)
        inside = set(component)
        recursive = len(component) > 1 or component[0] in self._successors(component[0])
        for _ in range(ROUNDS if recursive else 1):
            changed = False
            for function in component:
                new = self._flow(function)
                if new != self.summaries.get(function):
                    changed = True
                self.summaries[function] = new
            if not changed:
                return
            if all(self.summaries[function] == EMPTY for function in inside):
                return

    def _flow(self, function: FunctionId) -> Summary:
        known = self.callees(function)
        if not known.direct and all(_void(self.summary(callee)) for callee in known.functions):
            return EMPTY
        ref = self._linker.functions().get(function)
        return Flow(self._linker, ref, self.summary).run() if ref is not None else EMPTY

    def _resolve_dirty(self, dirty: set[FunctionId], before: Mapping[FunctionId, Summary]) -> None:
        """Analyse what the change reaches: the changed functions, and callers of functions whose summary differs.

        Functions that call each other are analysed together and anew, in the same order as in a first run, so that
        the result is the same as without anything kept.
        """
        reach = self._callers_of(dirty)
        different = {function for function in dirty if function not in reach}
        for component in components(sorted(reach), lambda f: [c for c in self._successors(f) if c in reach]):
            called = {callee for member in component for callee in self._successors(member)}
            if dirty.isdisjoint(component) and different.isdisjoint(called):
                continue
            for member in component:
                self.summaries.pop(member, None)
            self.solve(sorted(called - reach))
            self._analyse(component)
            different.update(m for m in component if not _alike(self.summaries.get(m), before.get(m)))

    def _callers_of(self, functions: set[FunctionId]) -> set[FunctionId]:
        """The functions and all that call them, through others too."""
        present = self._linker.functions()
        for function in functions:
            if function in present:
                self.callees(function)
        callers = self.callers()
        reach: set[FunctionId] = set()
        stack = list(functions)
        while stack:
            function = stack.pop()
            if function not in reach:
                reach.add(function)
                stack.extend(caller for caller in callers.get(function, ()) if caller in present)
        return {function for function in reach if function in present}


def _alike(one: Summary | None, other: Summary | None) -> bool:
    """Whether callers see no difference; the kind of a lock is one, though its class has the same name."""
    return one == other and (one is None or other is None or _kinds(one) == _kinds(other))


def _kinds(summary: Summary) -> frozenset[tuple[str, str]]:
    classes = [inner.cls for inner, _ in summary.inner]
    classes += [requirement.cls for requirement, _ in summary.requirements]
    classes += [lock.cls for outcome in summary.outcomes for lock in (*outcome.held, *outcome.owed)]
    return frozenset((cls.name, cls.family) for cls in classes)


def _void(summary: Summary) -> bool:
    says = summary.inner or summary.requirements or summary.deferred or summary.destroyed
    return not says and summary.neutral
