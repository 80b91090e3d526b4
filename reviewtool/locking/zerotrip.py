# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Loops that take or release many locks are taken to run at least once.

A loop that locks every element and one that unlocks every element run equally often; without this the flow would see
the first run once and the second not at all. So where a way out of a loop is reached with more done of a class (taken,
then released again) the ways with less done are dropped on that edge.
"""

from __future__ import annotations

from dataclasses import dataclass

from reviewtool.locking.loops import Loops
from reviewtool.locking.model import LockClass
from reviewtool.locking.state import Key
from reviewtool.locking.summary import HeldLock

Rest = tuple[tuple[HeldLock, ...], tuple[HeldLock, ...]]
Rank = dict[LockClass, int]


@dataclass(frozen=True, slots=True)
class Ranks:
    """For each way out of a loop and each state of the other locks: how much was done of each class at most."""

    most: dict[tuple[int, int], dict[Rest, Rank]]

    def dominated(self, edge: tuple[int, int], key: Key) -> bool:
        """Whether this state did less than another on the same edge."""
        rest, rank = split(key)
        most = self.most.get(edge, {}).get(rest)
        return most is not None and any(rank.get(cls, 0) < done for cls, done in most.items())


def split(key: Key) -> tuple[Rest, Rank]:
    """The locks that are not many, and the rank of those that are: taken 1, drained 2, owed 2."""
    held, owed, _ = key
    rank: Rank = {}
    for lock in held:
        if lock.many:
            rank[lock.cls] = max(rank.get(lock.cls, 0), 2 if lock.drained else 1)
    for lock in owed:
        if lock.many:
            rank[lock.cls] = 2
    rest = (tuple(lock for lock in held if not lock.many), tuple(lock for lock in owed if not lock.many))
    return rest, rank


def zero_trip_ranks(edges: dict[tuple[int, int], set[Key]], loops: Loops) -> Ranks | None:
    """The ranks of a first run; None if no loop takes or releases many locks."""
    most: dict[tuple[int, int], dict[Rest, Rank]] = {}
    for edge, keys in edges.items():
        if edge not in loops.exits:
            continue
        for key in keys:
            rest, rank = split(key)
            best = most.setdefault(edge, {}).setdefault(rest, {})
            for cls, done in rank.items():
                best[cls] = max(best.get(cls, 0), done)
    return Ranks(most) if any(rank for by_rest in most.values() for rank in by_rest.values()) else None
