# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Which of the held locks an expression means."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace
from typing import Final

from reviewtool.locking.model import LockClass
from reviewtool.locking.paths import OPAQUE, roots
from reviewtool.locking.summary import HeldLock
from reviewtool.ruleset.model import Family, Mode


class _Every:
    """Contains every name."""

    def __contains__(self, name: object) -> bool:
        return True


EVERY: Final = _Every()
"""For `fixed`, where both paths are taken at one moment."""


def find(
    locks: tuple[HeldLock, ...], cls: LockClass, instance: str, fixed: Container[str], token: str = ""
) -> int | None:
    """The index of the lock that is meant, the latest first; None if none is.

    The same access path is sure. Otherwise a lock of the same class is taken for the same one, unless both paths are
    the same fields of two different variables of `fixed` (parameters and globals that are never assigned): code often
    reaches one lock by two paths, and a wrong "not held" costs more than a missed wrong object.
    """
    indexes = [index for index, lock in enumerate(locks) if lock.cls == cls]
    if not indexes:
        return None
    if token:
        for index in reversed(indexes):
            if locks[index].token == token:
                return index
    for index in reversed(indexes):
        if locks[index].instance == instance:
            return index
    for index in reversed(indexes):
        if locks[index].many or locks[index].instance.startswith(OPAQUE):
            return index
    for index in reversed(indexes):
        if not surely_apart(locks[index].instance, instance, fixed):
            return index
    return None


def surely_apart(one: str, other: str, fixed: Container[str]) -> bool:
    """Both are the same fields of two different variables that never change."""
    if one == other or OPAQUE in (one[:1], other[:1]):
        return False
    first, second = roots(one), roots(other)
    if len(first) != 1 or len(second) != 1:
        return False
    (a,), (b,) = first, second
    return a != b and a in fixed and b in fixed and one.replace(a, b, 1) == other


def satisfied(locks: tuple[HeldLock, ...], cls: LockClass, instance: str, mode: Mode | None) -> bool | None:
    """Whether a lock of that class is held as demanded; None if it is held, but in a weaker mode."""
    weaker = False
    for lock in locks:
        if lock.cls != cls or lock.drained:
            continue
        if mode is Mode.EXCLUSIVE and lock.mode is not Mode.EXCLUSIVE:
            weaker = True
            continue
        return True
    return None if weaker else False


def implied(locks: tuple[HeldLock, ...], families: Mapping[str, Family]) -> tuple[HeldLock, ...]:
    """The states that the held locks bring with them: preemption off under a spinlock."""
    names = {
        name
        for lock in locks
        if not lock.drained and (family := families.get(lock.cls.family)) is not None
        for name in family.implies
    }
    return tuple(HeldLock(LockClass(name, name), name, Mode.EXCLUSIVE) for name in sorted(names))


def without(locks: tuple[HeldLock, ...], index: int) -> tuple[HeldLock, ...]:
    """The locks but one."""
    return locks[:index] + locks[index + 1 :]


def as_many(lock: HeldLock) -> HeldLock:
    """The lock as one of those that a loop takes."""
    return replace(lock, many=True, instance=OPAQUE, scope=-1)
