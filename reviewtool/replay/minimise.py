# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""From a schedule that leads to trouble to the shortest one, with the fewest changes of context.

The reduced search may let contexts run that have no part in the trouble. Without the reduction, and looking for it in
every state, the first layer that has any trouble has the shortest schedules; along the layers the fewest changes of
context are kept for each pair of state and last context.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from reviewtool.replay.futures import Futures
from reviewtool.replay.system import State, System
from reviewtool.replay.verdict import Bound, Verdict
from reviewtool.replay.waiting import find_stuck

Node = tuple[State, int]
CLOCK_EVERY = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortest:
    """The schedule and what it shows."""

    verdict: Verdict
    steps: tuple[int, ...]


@dataclass(slots=True)
class Layers:
    """The nodes reached with each number of steps: for each how many changes, and from where."""

    system: System
    futures: Futures
    atomic: bool
    deadlocks: bool
    layers: list[dict[Node, tuple[int, Node | None]]]
    seen: set[State]

    def troubles(self) -> list[tuple[int, Node, Verdict]]:
        """The nodes of the last layer that are in trouble, with their number of changes."""
        found = []
        known: dict[State, Verdict | None] = {}
        for node, (changes, _) in self.layers[-1].items():
            state = node[0]
            if state not in known:
                known[state] = self._trouble(state)
            verdict = known[state]
            if verdict is not None:
                found.append((changes, node, verdict))
        return found

    def _trouble(self, state: State) -> Verdict | None:
        system = self.system
        if self.atomic and any(system.sleeps_in_atomic(state, context) for context in range(system.size)):
            return Verdict.SLEEP_IN_ATOMIC
        if not self.deadlocks:
            return None
        waiting = [
            context
            for context in range(system.size)
            if not system.finished(state, context) and system.step(state, context) is None
        ]
        stuck = find_stuck(system, self.futures, state, waiting) if waiting else None
        return stuck.verdict if stuck else None

    def advance(self) -> None:
        """Make the next layer."""
        new: dict[Node, tuple[int, Node | None]] = {}
        system = self.system
        for node, (changes, _) in self.layers[-1].items():
            state, last = node
            for context in range(system.size):
                after = None if state[context] == system.ends[context] else system.step(state, context)
                if after is None:
                    continue
                cost = changes + (context != last and last >= 0)
                key = (after, context)
                if key not in new or cost < new[key][0]:
                    new[key] = (cost, node)
        self.layers.append(new)
        self.seen.update(state for state, _ in new)

    def path(self, node: Node) -> tuple[int, ...]:
        """The contexts that step on the way to a node of the last layer."""
        steps = []
        for layer in reversed(self.layers[1:]):
            steps.append(node[1])
            before = layer[node][1]
            assert before is not None
            node = before
        return tuple(reversed(steps))


def minimise(
    system: System,
    futures: Futures,
    steps: tuple[int, ...],
    verdict: Verdict,
    bound: Bound,
    *,
    atomic: bool,
    deadlocks: bool,
) -> Shortest:
    """The best schedule that is no longer than `steps`, or `steps` itself if `bound` comes first."""
    first = system.initial()
    search = Layers(system, futures, atomic, deadlocks, [{(first, -1): (0, None)}], {first})
    until = time.monotonic() + bound.seconds
    while True:
        troubles = search.troubles()
        if troubles:
            _, node, found = min(troubles, key=lambda entry: (entry[0], search.path(entry[1])))
            return Shortest(verdict=found, steps=search.path(node))
        if len(search.layers) > len(steps) or len(search.seen) > bound.states or time.monotonic() > until:
            return Shortest(verdict=verdict, steps=steps)
        search.advance()
