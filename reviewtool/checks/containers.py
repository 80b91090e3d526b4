# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Who puts objects into which container, and who takes them out, under which locks."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Final
from weakref import WeakKeyDictionary, proxy

from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass
from reviewtool.locking.objects import Handled, all_handled
from reviewtool.locking.summary import HeldLock

LEVELS: Final = 3
"""Callers above a function that are asked what they hold."""

Site = tuple[FunctionId, Handled]


class Containers:
    """All that a model's functions do to containers."""

    def __init__(self, model: LockModel) -> None:
        self._model: LockModel = proxy(model)
        """Not kept alive by what is known of it."""
        self._held: dict[tuple[FunctionId, int, int], frozenset[LockClass]] = {}
        self._lines: dict[FunctionId, dict[int, tuple[HeldLock, ...]]] = {}

    @cached_property
    def sites(self) -> tuple[Site, ...]:
        """Every place where something is done to an object."""
        model = self._model
        functions = sorted(model.functions.items())
        return tuple((function, found) for function, ref in functions for found in all_handled(model.linker, ref))

    @cached_property
    def _homes(self) -> dict[LockClass, frozenset[LockClass]]:
        """By link: the containers that it is hung into."""
        homes: dict[LockClass, set[LockClass]] = {}
        for _, found in self.sites:
            if found.link is not None and found.container is not None:
                homes.setdefault(found.link, set()).add(found.container)
        return {link: frozenset(containers) for link, containers in homes.items()}

    def of(self, found: Handled) -> frozenset[LockClass]:
        """The containers that something is done to."""
        if found.container is not None:
            return frozenset((found.container,))
        return self._homes.get(found.link, frozenset()) if found.link is not None else frozenset()

    def changes(self, container: LockClass) -> Iterable[Site]:
        """Where objects are put into a container or taken out of it."""
        for function, found in self.sites:
            if found.handling.does in ("publish", "remove") and container in self.of(found):
                yield function, found

    def changed_under(self, container: LockClass) -> frozenset[LockClass]:
        """All locks under which a container is changed somewhere."""
        locks: set[LockClass] = set()
        for function, found in self.changes(container):
            locks |= self.held_at(function, found.line)
        return frozenset(locks)

    def held_at(self, function: FunctionId, line: int, levels: int = LEVELS) -> frozenset[LockClass]:
        """The locks that may be held at a relative line: by the function, by those who call it, by those outside."""
        key = (function, line, levels)
        known = self._held.get(key)
        if known is None:
            self._held[key] = frozenset()
            known = self._held[key] = frozenset(self._gathered(function, line, levels))
        return known

    def _gathered(self, function: FunctionId, line: int, levels: int) -> set[LockClass]:
        model = self._model
        ref = model.functions.get(function)
        if ref is None:
            return set()
        if function not in self._lines:
            self._lines[function] = model.held_lines(function)
        held = {lock.cls for lock in self._lines[function].get(ref.line(line), ())}
        held |= {lock.cls for lock in model.held_outside(function)}
        for caller, at in model.callers.get(function, ()) if levels else ():
            held |= self.held_at(caller, at, levels - 1)
        return held


_known: Final[WeakKeyDictionary[LockModel, Containers]] = WeakKeyDictionary()


def containers_of(model: LockModel) -> Containers:
    """The containers of a model, worked out once."""
    found = _known.get(model)
    if found is None:
        found = _known[model] = Containers(model)
    return found
