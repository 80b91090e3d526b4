# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What one event of a function does to locks, seen from outside of the flow: the difference between two states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from reviewtool.locking.linker import FunctionId
from reviewtool.locking.model import LockClass
from reviewtool.locking.state import State
from reviewtool.locking.summary import HeldLock, Inner, Kind, Origin
from reviewtool.ruleset.model import Mode

Place = tuple[FunctionId, int]
"""A function and a relative line."""

Way = tuple[Place, ...]
"""The calls that lead to a place, outermost first, and the place itself."""

STATE = "@"
"""Starts the names of states that behave as locks."""

DEEPEST = 64
"""Calls in a way, at most."""


class Deed(StrEnum):
    """What happens to a lock."""

    TAKES = "takes"
    RELEASES = "releases"
    DOWNGRADES = "downgrades"
    WAITS = "waits"
    SLEEPS = "sleeps"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One thing that a path does to a lock."""

    deed: Deed
    cls: LockClass
    instance: str
    mode: Mode = Mode.EXCLUSIVE
    nested: bool = False
    trylock: bool = False
    with_lock: bool = False
    """It masks as part of an operation on a lock."""
    way: Way = ()


@dataclass(frozen=True, slots=True)
class Before:
    """What of a state a point is told from."""

    held: tuple[HeldLock, ...]
    owed: tuple[HeldLock, ...]


def before(state: State) -> Before:
    """The state as it is now; the state itself may be changed by what follows."""
    return Before(state.held, state.owed)


def gained(old: Before, new: State) -> list[HeldLock]:
    """What is held now and was not, and what was given up of the callers' and is theirs again."""
    return [*_without(_real(new.held), _real(old.held)), *_without(old.owed, new.owed)]


def lost(old: Before, new: State) -> list[HeldLock]:
    """The other way round, the last one first."""
    gone = [*_without(new.owed, old.owed), *_without(_real(old.held), _real(new.held))]
    return gone[::-1]


def _real(locks: Iterable[HeldLock]) -> list[HeldLock]:
    return [lock for lock in locks if not lock.drained]


def _without(locks: Iterable[HeldLock], others: Iterable[HeldLock]) -> list[HeldLock]:
    """The locks that are not among the others; each of the others takes away one. A lock whose instance is no longer
    known by its old name is the same as before.
    """
    left = list(others)
    found = []
    for lock in locks:
        same = next((other for other in left if (other.cls, other.instance) == (lock.cls, lock.instance)), None)
        same = same or next((o for o in left if o.cls == lock.cls and o.origin is lock.origin), None)
        if same is None:
            found.append(lock)
        else:
            left.remove(same)
    return found


def points_of(place: Place, old: Before, new: State, recorded: Iterable[Inner]) -> Iterator[Point]:
    """The points of one event: what was recorded while it was walked, and what it changed."""
    taken, given = gained(old, new), lost(old, new)
    known = {lock.cls for lock in (*taken, *given)}
    for inner in recorded:
        if inner.cls not in known or inner.kind is not Kind.LOCK:
            yield from _inside(place, old, inner)
    both = any(not lock.cls.name.startswith(STATE) for lock in (*taken, *given))
    if len(taken) == len(given) == 1 and taken[0].cls == given[0].cls and taken[0].mode is not given[0].mode:
        yield _point(Deed.DOWNGRADES, taken[0], place, both)
        return
    for lock in given:
        yield _point(Deed.RELEASES, lock, place, both)
    for lock in taken:
        yield _point(Deed.TAKES, lock, place, both)
    yield from _downgraded(place, old, new)


def _downgraded(place: Place, old: Before, new: State) -> Iterator[Point]:
    modes = {(lock.cls, lock.instance): lock.mode for lock in old.held}
    for lock in new.held:
        was = modes.get((lock.cls, lock.instance))
        if was is Mode.EXCLUSIVE and lock.mode is Mode.SHARED:
            yield _point(Deed.DOWNGRADES, lock, place, False)


def _point(deed: Deed, lock: HeldLock, place: Place, both: bool) -> Point:
    return Point(
        deed=deed,
        cls=lock.cls,
        instance=lock.instance,
        mode=lock.mode,
        nested=lock.nested,
        trylock=lock.trylock and deed is Deed.TAKES,
        with_lock=both and lock.cls.name.startswith(STATE),
        way=(place,),
    )


def _inside(place: Place, old: Before, inner: Inner) -> Iterator[Point]:
    """What happens and leaves no trace: a wait, a sleep, a lock taken and released, or dropped and taken again."""
    way = (place,) if inner.origin.callee is None else way_of(place[0], inner.origin)
    if inner.kind in (Kind.SYNC, Kind.SLEEP):
        deed = Deed.WAITS if inner.kind is Kind.SYNC else Deed.SLEEPS
        if not inner.flags and not inner.final:
            yield Point(deed=deed, cls=inner.cls, instance=inner.instance, way=way)
        return
    if inner.kind is not Kind.LOCK or inner.cls.name.startswith(STATE) or inner.final:
        return
    again = any(lock.cls == inner.cls for lock in old.held) or any(cls == inner.cls for cls, _ in inner.dropped)
    deeds = (Deed.RELEASES, Deed.TAKES) if again else (Deed.TAKES, Deed.RELEASES)
    for deed in deeds:
        yield Point(deed=deed, cls=inner.cls, instance=inner.instance, mode=inner.mode, nested=inner.nested, way=way)


def way_of(function: FunctionId, origin: Origin) -> Way:
    """The places from a line of a function down to where something happens."""
    found: list[Place] = []
    for _ in range(DEEPEST):
        found.append((function, origin.line))
        callee, record = origin.callee, origin.key
        if callee is None:
            break
        if isinstance(record, tuple):
            _, callee, record = record
        function, origin = callee, record.origin  # type: ignore[attr-defined]
    return tuple(found)
