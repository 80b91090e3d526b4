# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What data demands of callers: calls that need a lock, and the locks that data names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from reviewtool.csource.facts import Call
from reviewtool.locking.linker import Linker
from reviewtool.locking.model import LockClass
from reviewtool.locking.operations import demand
from reviewtool.locking.paths import OPAQUE
from reviewtool.locking.state import State
from reviewtool.locking.summary import Inner, Kind, Origin, Requirement, called
from reviewtool.locking.walker import Walker
from reviewtool.ruleset.model import Mode, RequiredLock, Ruleset

_MODES: Final = frozenset(Mode)


@dataclass(frozen=True, slots=True)
class _Index:
    """The declared demands by the call that makes them."""

    calls: dict[str, tuple[RequiredLock, ...]]
    forbidden: frozenset[str]
    """Calls that must not happen under some lock."""


_indexes: Final[dict[str, _Index]] = {}


def _index(ruleset: Ruleset) -> _Index:
    known = _indexes.get(ruleset.digest)
    if known is None:
        calls: dict[str, list[RequiredLock]] = {}
        for required in ruleset.required:
            for name in required.calls:
                calls.setdefault(name, []).append(required)
        known = _indexes[ruleset.digest] = _Index(
            {name: tuple(found) for name, found in calls.items()},
            frozenset(name for forbidden in ruleset.forbidden for name in forbidden.calls),
        )
    return known


def is_named(ruleset: Ruleset, name: str) -> bool:
    """Whether the ruleset says when this function may be called."""
    index = _index(ruleset)
    return name in index.calls or name in index.forbidden


def declared_needs(walker: Walker, state: State, call: Call) -> None:
    """Ask for the locks that the ruleset wants held at this call, and note it if it must not happen under some."""
    if call.callee in _index(walker.ruleset).forbidden:
        walker.record.happens(
            state, Inner(Kind.CALL, called(call.callee), "", Mode.EXCLUSIVE, origin=Origin(call.line))
        )
    for required in _index(walker.ruleset).calls.get(call.callee, ()):
        if walker.ref.id.name in required.calls:
            continue
        locks = [named_lock(walker.linker, name)[0] for name in required.locks if "@" not in name]
        if locks:
            demand(
                walker,
                state,
                Requirement(
                    locks[0],
                    OPAQUE,
                    None,
                    others=tuple(locks[1:]),
                    rule=required.rule,
                    message=required.message,
                    unless=required.unless,
                    origin=Origin(call.line),
                ),
            )


def named_lock(linker: Linker, name: str) -> tuple[LockClass, Mode]:
    """The class and mode that data names: `cpu_hotplug_lock:shared`, `struct mm_struct.mmap_lock`, `@irq`."""
    plain, _, mode = name.rpartition(":")
    if mode in _MODES:
        return linker.class_named(plain), Mode(mode)
    return linker.class_named(name), Mode.EXCLUSIVE
