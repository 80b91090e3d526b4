# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Ways out of a function with a lock held that other, equal ways out do not hold.

A function may be meant to return with a lock: then its result says so. Ways out are compared by what they return: a
lock held with a result that other ways out give without it is lost, and so is one held with an error while success
releases it. Held only with success, it is a function that acquires.
"""

from __future__ import annotations

from collections.abc import Iterator
from reviewtool.locking.model import LockClass
from reviewtool.locking.summary import HeldLock, Leak, Leaving
from reviewtool.locking.values import ANY, ERROR, NEGATIVE, POSITIVE, ZERO, compatible, signs


def find_leaks(leavings: tuple[Leaving, ...], returns: str) -> Iterator[Leak]:
    """The leaks of a function that returns the C type `returns`, at most one for each lock and line."""
    if len(leavings) < 2:
        return
    seen: set[tuple[LockClass, int]] = set()
    for leaving in leavings:
        for lock in leaving.held:
            if lock.drained or (lock.trylock and _own_way(leavings, lock)) or (lock.cls, leaving.line) in seen:
                continue
            leak = _judge(leavings, lock, leaving, returns)
            if leak is not None:
                seen.add((lock.cls, leaving.line))
                yield leak


def uneven(leavings: tuple[Leaving, ...], owed: HeldLock, leaving: Leaving) -> bool:
    """Whether other ways out with the same result keep the caller's lock that this one releases."""
    mine = signs(leaving.value)
    return any(
        signs(other.value) & mine
        for other in leavings
        if not any(lock.cls == owed.cls for lock in other.owed) and not _apart(leaving, other)
    )


def _own_way(leavings: tuple[Leaving, ...], lock: HeldLock) -> bool:
    """A trylock whose result is handed to the caller: held with one result, not held with the other."""
    held = [signs(leaving.value) for leaving in leavings if _holds(leaving, lock)]
    free = [signs(leaving.value) for leaving in leavings if not _holds(leaving, lock)]
    return bool(held and free) and not any(h & f for h in held for f in free) and ANY not in held


def _judge(leavings: tuple[Leaving, ...], lock: HeldLock, leaving: Leaving, returns: str) -> Leak | None:
    free = [other for other in leavings if not _holds(other, lock) and not _apart(leaving, other)]
    if not free:
        return None
    mine = signs(leaving.value)
    if returns == "void":
        return Leak(lock, leaving, free[0], _sure(lock))
    same = [other for other in free if signs(other.value) & mine and mine != ANY and signs(other.value) != ANY]
    if same:
        return Leak(lock, leaving, same[0], _sure(lock))
    if mine in (NEGATIVE, ERROR) and any(signs(other.value) & (ZERO | POSITIVE) for other in free):
        return Leak(lock, leaving, free[0], _sure(lock))
    return _unknown_value(leavings, lock, leaving, free)


def _unknown_value(leavings: tuple[Leaving, ...], lock: HeldLock, leaving: Leaving, free: list[Leaving]) -> Leak | None:
    """The results do not tell: then it counts whether the function lets go of the lock on most of its ways."""
    if signs(leaving.value) not in (ANY, NEGATIVE | POSITIVE | ERROR) and not any(
        signs(other.value) == ANY for other in free
    ):
        return None
    took_it_too = [other for other in free if _line_of(lock) < other.line]
    if len(took_it_too) < 1 or any(_holds(o, lock) and signs(o.value) & ZERO for o in leavings if o != leaving):
        return None
    return Leak(lock, leaving, took_it_too[0], False)


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


def _sure(lock: HeldLock) -> bool:
    return not lock.cls.name.startswith("?")
