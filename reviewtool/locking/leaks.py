# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Ways out of a function with a lock held that other, equal ways out do not hold.

A function may be meant to return with a lock: then its result says so. Ways out are compared by what they return: a
lock held with a result that other ways out give without it is lost, and so is one held with an error while success
releases it. Held only with success, it is a function that acquires. What tells the caller as well is a parameter:
`foo(x, lock)` locks, or leaves locked, if it is told to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reviewtool.locking.model import LockClass
from reviewtool.locking.paths import is_plain
from reviewtool.locking.summary import Condition, HeldLock, Leak, Leaving
from reviewtool.locking.values import ANY, ERROR, NEGATIVE, POSITIVE, ZERO, compatible, signs

Acquired = Mapping[tuple[LockClass, int], Condition]
"""By class and line: what is known wherever the lock is acquired there."""


def find_leaks(leavings: tuple[Leaving, ...], returns: str, acquired: Acquired) -> Iterator[Leak]:
    """The leaks of a function that returns the C type `returns`, at most one for each lock and line."""
    if len(leavings) < 2:
        return
    seen: set[tuple[LockClass, int]] = set()
    for leaving in leavings:
        for lock in leaving.held:
            if lock.drained or (lock.trylock and _own_way(leavings, lock)) or (lock.cls, leaving.line) in seen:
                continue
            leak = _judge(leavings, lock, leaving, returns, acquired)
            if leak is not None:
                seen.add((lock.cls, leaving.line))
                yield leak


def uneven(leavings: tuple[Leaving, ...], owed: HeldLock, leaving: Leaving) -> bool:
    """Whether other ways out with the same result keep the caller's lock that this one releases."""
    mine = signs(leaving.value)
    return any(
        signs(other.value) & mine
        for other in leavings
        if not any(lock.cls == owed.cls for lock in other.owed) and not _differ(leaving.condition, other.condition)
    )


def _own_way(leavings: tuple[Leaving, ...], lock: HeldLock) -> bool:
    """A trylock whose result is handed to the caller: held with one result, which is no error, and not with others."""
    held = [signs(leaving.value) for leaving in leavings if _holds(leaving, lock)]
    free = [signs(leaving.value) for leaving in leavings if not _holds(leaving, lock)]
    if all(signed in (NEGATIVE, ERROR) for signed in held):
        return False
    return bool(held and free) and not any(h & f for h in held for f in free) and ANY not in held


def _judge(
    leavings: tuple[Leaving, ...], lock: HeldLock, leaving: Leaving, returns: str, acquired: Acquired
) -> Leak | None:
    wanted = acquired.get((lock.cls, lock.origin.line), ())
    free = [other for other in leavings if not _holds(other, lock) and not _not_taken(lock, wanted, other)]
    if not free:
        return None
    mine = signs(leaving.value)
    told = [other for other in free if not _told(leaving, other)]
    if returns == "void":
        return Leak(lock, leaving, told[0], _sure(lock)) if told else None
    same = [other for other in told if signs(other.value) & mine and mine != ANY and signs(other.value) != ANY]
    if same:
        return Leak(lock, leaving, same[0], _sure(lock))
    if mine in (NEGATIVE, ERROR) and any(signs(other.value) & (ZERO | POSITIVE) for other in free):
        return Leak(lock, leaving, free[0], _sure(lock))
    return _unknown_value(leavings, lock, leaving, told)


def _unknown_value(leavings: tuple[Leaving, ...], lock: HeldLock, leaving: Leaving, free: list[Leaving]) -> Leak | None:
    """The results do not tell: then it counts whether the function lets go of the lock on most of its ways."""
    if signs(leaving.value) not in (ANY, NEGATIVE | POSITIVE | ERROR) and not any(
        signs(other.value) == ANY for other in free
    ):
        return None
    took_it_too = [other for other in free if lock.origin.line < other.line]
    if len(took_it_too) < 1 or any(_holds(o, lock) and signs(o.value) & ZERO for o in leavings if o != leaving):
        return None
    return Leak(lock, leaving, took_it_too[0], False)


def _holds(leaving: Leaving, lock: HeldLock) -> bool:
    return any(
        held.cls == lock.cls and (held.instance == lock.instance or held.many or lock.many) and not held.drained
        for held in leaving.held
    )


def _not_taken(lock: HeldLock, wanted: Condition, other: Leaving) -> bool:
    """The other way never took the lock, because that needs values which it does not have: `if (x) lock();`."""
    return lock.cls.name not in other.released and _differ(wanted, other.condition)


def _told(one: Leaving, other: Leaving) -> bool:
    """One return statement, and a parameter decides whether the lock is held there: `if (!keep) unlock();`."""
    if one.line != other.line:
        return False
    theirs = dict(other.condition)
    return any(
        is_plain(name) and name in theirs and not compatible(value, theirs[name]) for name, value in one.condition
    )


def _differ(one: Condition, other: Condition) -> bool:
    theirs = dict(other)
    return any(name in theirs and not compatible(value, theirs[name]) for name, value in one)


def _sure(lock: HeldLock) -> bool:
    return not lock.cls.name.startswith("?")
