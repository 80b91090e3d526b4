# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""All ways to run a program, shortest first, until trouble is found or there is no more."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from reviewtool.replay.futures import Futures
from reviewtool.replay.minimise import minimise
from reviewtool.replay.program import Program
from reviewtool.replay.reduce import Reduction
from reviewtool.replay.schedule import encode
from reviewtool.replay.system import State, System
from reviewtool.replay.verdict import Bound, Outcome, Verdict
from reviewtool.replay.waiting import find_stuck

CLOCK_EVERY = 256
"""States between two looks at the clock."""


@dataclass(slots=True)
class Search:
    """One breadth-first exploration."""

    system: System
    futures: Futures
    bound: Bound
    reduction: Reduction | None
    atomic: bool
    """Look for sleeps in atomic context too."""
    deadlocks: bool = True
    parents: dict[State, tuple[State, int] | None] = field(default_factory=dict)
    transitions: int = 0
    reached: str = ""

    def run(self) -> tuple[Verdict, State | None]:
        """The verdict, and the state of the trouble."""
        first = self.system.initial()
        self.parents[first] = None
        if self.atomic and any(self.system.sleeps_in_atomic(first, context) for context in range(self.system.size)):
            return Verdict.SLEEP_IN_ATOMIC, first
        until = time.monotonic() + self.bound.seconds
        layer = [first]
        while layer:
            nexts: list[State] = []
            for count, state in enumerate(layer):
                if count % CLOCK_EVERY == 0 and time.monotonic() > until:
                    self.reached = "seconds"
                    return Verdict.NONE_WITHIN_BOUND, None
                verdict, where = self._expand(state, nexts)
                if verdict is not None:
                    return verdict, where
                if len(self.parents) > self.bound.states:
                    self.reached = "states"
                    return Verdict.NONE_WITHIN_BOUND, None
            layer = nexts
        return Verdict.NONE, None

    def _expand(self, state: State, nexts: list[State]) -> tuple[Verdict | None, State | None]:
        """Follow what has to be followed from `state`; new states go to `nexts`."""
        system = self.system
        after: dict[int, State] = {}
        waiting = []
        for context in range(system.size):
            if state[context] < system.ends[context]:
                found = system.step(state, context)
                if found is None:
                    waiting.append(context)
                else:
                    after[context] = found
        if waiting and self.deadlocks:
            stuck = find_stuck(system, self.futures, state, waiting)
            if stuck:
                return stuck.verdict, state
        chosen = list(after)
        if self.reduction is not None:
            chosen = self.reduction.choose(state, chosen)
        parents = self.parents
        for context in chosen:
            self.transitions += 1
            new = after[context]
            if new not in parents:
                parents[new] = (state, context)
                if self.atomic and system.sleeps_in_atomic(new, context):
                    return Verdict.SLEEP_IN_ATOMIC, new
                nexts.append(new)
        return None, None

    def path(self, state: State) -> tuple[int, ...]:
        """The contexts that step on the way to `state`."""
        return tuple(reversed(tuple(self._back(state))))

    def _back(self, state: State) -> Iterator[int]:
        parent = self.parents[state]
        while parent is not None:
            yield parent[1]
            parent = self.parents[parent[0]]


def explore(
    program: Program, *, bound: Bound | None = None, reduce: bool = True, atomic: bool = True, deadlocks: bool = True
) -> Outcome:
    """Run `program` in every way, up to `bound`.

    The schedule of a trouble is the shortest one, and of those the one that changes contexts least often, unless the
    bound ends the search for it; then it is the first that was found. `atomic` and `deadlocks` say what to look for.
    Raises ProgramError.
    """
    bound = bound or Bound()
    system = System(program)
    futures = Futures(system)
    search = Search(system, futures, bound, Reduction(system, futures) if reduce else None, atomic, deadlocks)
    verdict, where = search.run()
    steps: tuple[int, ...] = ()
    if where is not None:
        shortest = minimise(system, futures, search.path(where), verdict, bound, atomic=atomic, deadlocks=deadlocks)
        verdict, steps = shortest.verdict, shortest.steps
    return Outcome(
        verdict=verdict,
        schedule=encode(steps),
        steps=len(steps),
        states=len(search.parents),
        transitions=search.transitions,
        bound=bound,
        reached=search.reached,
    )
