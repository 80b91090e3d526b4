# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Partial-order reduction with persistent sets.

From a state it is enough to follow a persistent set of steps: one that no context outside of it can disturb, whatever
it does later (Godefroid, Partial-Order Methods for the Verification of Concurrent Systems, 1996, chapter 4; the sets
are closed under "may later touch what the next step touches", which over-approximates). Positions only grow, so the
state graph has no cycles and nothing is put off for ever: every full run has an equal, up to swaps of independent
steps, among those followed. So every deadlock is found, at the same number of steps, and every instruction that some
run comes to, some followed run comes to with the same masks: sleeping in atomic context is found as well.
"""

from __future__ import annotations

from reviewtool.replay.futures import Futures
from reviewtool.replay.system import State, System


class Reduction:
    """Chooses what to follow."""

    def __init__(self, system: System, futures: Futures) -> None:
        self._size = system.size
        self._next = tuple(tuple((a.some, a.strong) for a in row) for row in futures.next)
        self._later = tuple(tuple((a.some, a.strong) for a in row) for row in futures.later)

    def choose(self, state: State, enabled: list[int]) -> list[int]:
        """The contexts of `enabled` (those that can step) whose steps are enough."""
        if len(enabled) < 2:
            return enabled
        best = enabled
        for first in enabled:
            found = self._closure(state, first)
            chosen = [context for context in enabled if found >> context & 1]
            if len(chosen) < len(best):
                best = chosen
                if len(best) == 1:
                    break
        return best

    def _closure(self, state: State, first: int) -> int:
        """The smallest set with `first` that is closed, as bits."""
        found, todo = 1 << first, [first]
        while todo:
            context = todo.pop()
            row = self._next[context]
            if state[context] >= len(row):
                continue
            some, strong = row[state[context]]
            for other in range(self._size):
                if found >> other & 1:
                    continue
                later, later_strong = self._later[other][state[other]]
                if strong & later or some & later_strong:
                    found |= 1 << other
                    todo.append(other)
        return found
