# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Functions whose name says that the caller holds the lock: `foo_locked`, and `__foo` where `foo` takes it around."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reviewtool.checks.check import make_finding
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.classes import is_open
from reviewtool.locking.graph import UNKNOWN
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass
from reviewtool.locking.summary import HeldLock

_SUFFIX: Final = "_locked"
_PREFIX: Final = "__"
_STATES: Final = "@"
_DEEPEST: Final = 6
"""Callers that are followed to see whether one of them holds the lock."""


def check_naming(model: LockModel) -> Iterator[Finding]:
    """A question for each call of such a function on a way from a root on which nobody is seen to hold its lock."""
    look = _Look(model)
    for function in sorted(model.functions):
        plain = _plain_name(function.name)
        sites = model.callers.get(function, ()) if plain else ()
        wrapper = FunctionId(function.path, plain)
        if not sites or wrapper not in model.functions:
            continue
        cls = look.taken_for(wrapper, function)
        if cls is None or any(requirement.cls == cls for requirement, _ in model.summary(function).requirements):
            continue
        for caller, line in sites:
            if caller != wrapper and not _plain_name(caller.name) and look.lacks(caller, line, cls, 0):
                yield from _asked(model, caller, line, function, wrapper, cls)


def _plain_name(name: str) -> str:
    """The name of the function that takes the lock itself; "" if the name says nothing."""
    if name.endswith(_SUFFIX):
        return name.removesuffix(_SUFFIX)
    return name.removeprefix(_PREFIX) if name.startswith(_PREFIX) else ""


class _Look:
    """What is held at the lines of functions, looked at once each."""

    def __init__(self, model: LockModel) -> None:
        self._model = model
        self._lines: dict[FunctionId, dict[int, tuple[HeldLock, ...]]] = {}

    def _held(self, function: FunctionId, line: int) -> tuple[HeldLock, ...]:
        if function not in self._lines:
            self._lines[function] = self._model.held_lines(function)
        return self._lines[function].get(self._model.functions[function].line(line), ())

    def taken_for(self, wrapper: FunctionId, function: FunctionId) -> LockClass | None:
        """The one lock that a function itself takes around its calls of another one."""
        found: set[LockClass] = set()
        for caller, line in self._model.callers.get(function, ()):
            if caller == wrapper:
                own = {lock.cls for lock in self._held(wrapper, line) if lock.origin.callee is None and _named(lock)}
                if len(own) != 1:
                    return None
                found |= own
        return found.pop() if len(found) == 1 else None

    def lacks(self, function: FunctionId, line: int, cls: LockClass, depth: int) -> bool:
        """Whether there is a way from a root to this line on which nobody is seen to hold the lock."""
        summary = self._model.summary(function)
        if any(lock.cls == cls for lock in self._held(function, line)) or summary.bounded:
            return False
        if any(requirement.cls == cls for requirement, _ in summary.requirements) or depth > _DEEPEST:
            return False
        if function in self._model.roots:
            return all(lock.cls != cls for lock in self._model.held_outside(function))
        sites = self._model.callers.get(function, ())
        return any(caller != function and self.lacks(caller, at, cls, depth + 1) for caller, at in sites)


def _named(lock: HeldLock) -> bool:
    return not (is_open(lock.cls) or lock.cls.name.startswith((UNKNOWN, _STATES)))


def _asked(
    model: LockModel, caller: FunctionId, line: int, function: FunctionId, wrapper: FunctionId, cls: LockClass
) -> Iterator[Finding]:
    message = f"{function.name}() is called without {cls.label}, which {wrapper.name}() takes around it"
    finding = make_finding(
        model,
        "called-unlocked",
        Certainty.QUESTION,
        caller,
        line,
        message,
        identity=(cls.name, function.name),
        locks=(cls.label,),
        witness=(model.witnesses.step(caller, line, f"calls {function.name}()"),),
    )
    if finding is not None:
        yield finding
