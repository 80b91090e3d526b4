# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Values that were read under a lock, and outlive its being dropped and taken again.

Only one use is certain to rely on the old value: writing the very field that it was read from, computed from it.
A new look at the field in between makes it fresh.
"""

from __future__ import annotations

from typing import Final

from reviewtool.csource.facts import Assign, Read
from reviewtool.locking.model import LockClass
from reviewtool.locking.paths import is_path, is_plain, roots
from reviewtool.locking.state import State
from reviewtool.locking.summary import Trouble
from reviewtool.locking.walker import Walker

_READ: Final = "@read "
"""Begins what a state knows of a local: the class of the lock it was read under, and the path it was read from."""
_DROPPED: Final = "@dropped "
"""The same, after that lock was released."""
_STALE: Final = "@stale "
"""The same, after it was taken again."""

_STATES: Final = "@"


def note_read(state: State, local: str, path: str) -> None:
    """A local gets the value of a path."""
    if not is_path(path) or is_plain(path) or path[:1] in "&*":
        return
    held = next((lock for lock in reversed(state.held) if lock.cls.name[:1] != _STATES), None)
    if held is not None:
        state.env[_READ + local] = f"{held.cls.name}|{path}"


def drop(state: State, cls: LockClass) -> None:
    """A lock of a class is released."""
    _advance(state, cls, _READ, _DROPPED)


def retake(state: State, cls: LockClass) -> None:
    """A lock of a class is acquired."""
    _advance(state, cls, _DROPPED, _STALE)


def look_again(state: State, event: Read) -> None:
    """A path is read: what is known of it is fresh."""
    for name in [name for name, known in state.env.items() if name.startswith(_STALE) and _path(known) == event.path]:
        del state.env[name]


def note_write(walker: Walker, state: State, event: Assign, value: str) -> None:
    """A path is written."""
    target = state.canonical(event.target)
    for local in roots(event.value) | roots(value):
        known = state.env.get(_STALE + local)
        if known is None or _path(known) not in (event.target, target):
            continue
        held = next((lock for lock in state.held if lock.cls.name == str(known).partition("|")[0]), None)
        if held is not None:
            walker.record.problem(Trouble.STALE, (held.cls, held.instance), event.line, held.origin, detail=local)


def _path(known: object) -> str:
    return str(known).partition("|")[2]


def _advance(state: State, cls: LockClass, before: str, after: str) -> None:
    names = [name for name, known in state.env.items() if name.startswith(before) and _cls(known) == cls.name]
    for name in names:
        state.env[after + name[len(before) :]] = state.env.pop(name)


def _cls(known: object) -> str:
    return str(known).partition("|")[0]
