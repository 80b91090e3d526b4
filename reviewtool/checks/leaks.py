# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Ways out of a function with a lock held that other, equal ways out do not hold.

A function may be meant to return with a lock: then its result says so. Ways out are compared by what they return: a
lock held with a result that other ways out give without it is lost, and so is one held with an error while success
releases it. Held only with success, it is a function that acquires.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reviewtool.finding.model import Certainty
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass
from reviewtool.locking.summary import HeldLock, Leaving, Summary
from reviewtool.locking.values import ANY, ERROR, NEGATIVE, POSITIVE, ZERO, compatible, signs


@dataclass(frozen=True, slots=True)
class Leak:
    """A lock that is lost on the way `leaving`; `free` is a comparable way out without it, if one is."""

    lock: HeldLock
    leaving: Leaving
    free: Leaving | None
    certainty: Certainty


def leaks(model: LockModel, summary: Summary, returns: str) -> Iterator[Leak]:
    """The leaks of a function, at most one for each lock and line."""
    if len(summary.leavings) < 2:
        return
    seen: set[tuple[LockClass, int]] = set()
    for leaving in summary.leavings:
        for lock in leaving.held:
            if lock.drained or lock.trylock and _own_way(summary, lock):
                continue
            place = (lock.cls, leaving.line)
            if place in seen:
                continue
            leak = _judge(summary, lock, leaving, returns)
            if leak is not None:
                seen.add(place)
                yield leak


def _own_way(summary: Summary, lock: HeldLock) -> bool:
    """A trylock whose result is handed to the caller: held with one result, not held with the other."""
    held = [signs(leaving.value) for leaving in summary.leavings if _holds(leaving, lock)]
    free = [signs(leaving.value) for leaving in summary.leavings if not _holds(leaving, lock)]
    return bool(held and free) and not any(h & f for h in held for f in free) and ANY not in held


def _judge(summary: Summary, lock: HeldLock, leaving: Leaving, returns: str) -> Leak | None:
    free = [other for other in summary.leavings if not _holds(other, lock) and not _apart(leaving, other)]
    if not free:
        return None
    mine = signs(leaving.value)
    if returns == "void":
        return Leak(lock, leaving, free[0], _certainty(lock, summary))
    same = [other for other in free if signs(other.value) & mine and mine != ANY and signs(other.value) != ANY]
    if same:
        return Leak(lock, leaving, same[0], _certainty(lock, summary))
    if mine in (NEGATIVE, ERROR) and any(signs(other.value) & (ZERO | POSITIVE) for other in free):
        return Leak(lock, leaving, free[0], _certainty(lock, summary))
    return _unknown_value(summary, lock, leaving, free)


def _unknown_value(summary: Summary, lock: HeldLock, leaving: Leaving, free: list[Leaving]) -> Leak | None:
    """The results do not tell: then it counts whether the function lets go of the lock on most of its ways."""
    if signs(leaving.value) not in (ANY, NEGATIVE | POSITIVE | ERROR) and not any(
        signs(other.value) == ANY for other in free
    ):
        return None
    took_it_too = [other for other in free if _line_of(lock) < other.line]
    if len(took_it_too) < 1 or any(_holds(o, lock) and signs(o.value) & ZERO for o in summary.leavings if o != leaving):
        return None
    return Leak(lock, leaving, took_it_too[0], Certainty.LIKELY)


def _line_of(lock: HeldLock) -> int:
    return lock.origin.line


def _holds(leaving: Leaving, lock: HeldLock) -> bool:
    return any(
        held.cls == lock.cls and (held.instance == lock.instance or held.many or lock.many) and not held.drained
        for held in leaving.held
    )


def _apart(one: Leaving, other: Leaving) -> bool:
    """The two ways need different values of a parameter: `foo(x, lock)` locks only if it is told to."""
    theirs = dict(other.condition)
    return any(name in theirs and not compatible(value, theirs[name]) for name, value in one.condition)


def _certainty(lock: HeldLock, summary: Summary) -> Certainty:
    return Certainty.LIKELY if summary.bounded or lock.cls.name.startswith("?") else Certainty.PROVED
