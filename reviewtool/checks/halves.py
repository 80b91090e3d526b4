# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Releases that do not fit the acquisition: in another form, of another flavour, object or condition.

Each leaves something held on a way out of the function, and mostly releases something that is not held. It is told at
the release, and the lock that stays held is not told again as one that was lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reviewtool.checks.calls import Operated, operated
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.loops import reaches
from reviewtool.locking.matching import surely_apart
from reviewtool.locking.model import LockClass
from reviewtool.locking.paths import OPAQUE
from reviewtool.locking.summary import HeldLock, Leaving, Summary
from reviewtool.locking.walker import assigned_variables
from reviewtool.ruleset.model import Effect, Family

STATE = "@"
"""Starts the names of states that behave as locks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Half:
    """A release that does not fit."""

    rule: str
    lock: LockClass
    """What is released, or stays held."""
    taken: int
    """The line of the acquisition."""
    line: int
    """The line of the release."""
    message: str


def find_halves(model: LockModel, function: FunctionId, summary: Summary) -> list[Half]:
    """All of a function, in order."""
    if not any(leaving.held or leaving.owed for leaving in summary.leavings):
        return []
    found: dict[Half, None] = {}
    uses = list(operated(model, function))
    for leaving in summary.leavings:
        for half in (
            *_left_behind(model, uses, leaving),
            *_switched_on(model, function, uses, leaving),
            *_flavours(model, leaving),
            *_objects(model, function, leaving),
            *_conditions(model, function, summary, leaving),
        ):
            found.setdefault(half)
    return list(found)


def _family(model: LockModel, lock: HeldLock) -> Family | None:
    return model.ruleset.families.get(lock.cls.family)


def _is_state(model: LockModel, lock: HeldLock) -> bool:
    """Interrupts, softirqs or preemption off: what some forms of an acquisition take together with the lock."""
    family = _family(model, lock)
    return lock.cls.name.startswith(STATE) and lock.origin.callee is None and family is not None and family.exclusive


def _partners(uses: list[Operated], effect: Effect, line: int, state: str) -> list[Operated]:
    """The locks that a call at this line takes (or releases) together with a state."""
    together = [use for use in uses if use.effect is effect and use.line == line]
    return [use for use in together if not use.cls.name.startswith(STATE) and state in use.states]


def _left_behind(model: LockModel, uses: list[Operated], leaving: Leaving) -> Iterator[Half]:
    """A state stays although the lock that came with it was released, and no other lock needs it."""
    if any(not lock.cls.name.startswith(STATE) for lock in leaving.held):
        return
    for state in leaving.held:
        if not _is_state(model, state):
            continue
        for taken in _partners(uses, Effect.ACQUIRE, state.origin.line, state.cls.name):
            for use in uses:
                if use.effect is Effect.RELEASE and use.cls == taken.cls and use.line > taken.line:
                    if state.cls.name in use.states:
                        continue
                    yield Half(
                        rule="unlock-variant-mismatch",
                        lock=state.cls,
                        taken=taken.line,
                        line=use.line,
                        message=f"{use.name}() releases {taken.cls.label}, but {taken.name}() also took "
                        f"{state.cls.label}, which stays",
                    )


def _switched_on(model: LockModel, function: FunctionId, uses: list[Operated], leaving: Leaving) -> Iterator[Half]:
    """A release gives back a state that its acquisition did not take."""
    for state in leaving.owed:
        if not _is_state(model, state):
            continue
        for use in _partners(uses, Effect.RELEASE, state.origin.line, state.cls.name):
            taken = [each for each in uses if each.effect is Effect.ACQUIRE and each.cls == use.cls]
            fits = any(state.cls.name in each.states for each in taken)
            callers = any(lock.cls == use.cls for lock in leaving.owed)
            if not taken or fits or callers or taken[0].line > use.line or _by_callers(model, function, state.cls):
                continue
            yield Half(
                rule="unlock-variant-mismatch",
                lock=state.cls,
                taken=taken[0].line,
                line=use.line,
                message=f"{use.name}() also gives back {state.cls.label}, which {taken[0].name}() did not take",
            )


def _flavours(model: LockModel, leaving: Leaving) -> Iterator[Half]:
    for lock in leaving.held:
        for owed in leaving.owed:
            if not (_reader(model, lock) and _reader(model, owed)) or owed.origin.line <= lock.origin.line:
                continue
            yield Half(
                rule="rcu-flavour-mismatch",
                lock=lock.cls,
                taken=lock.origin.line,
                line=owed.origin.line,
                message=f"a reader of {lock.cls.label} is ended as one of {owed.cls.label}",
            )


def _reader(model: LockModel, lock: HeldLock) -> bool:
    family = _family(model, lock)
    return (
        lock.cls.name.startswith(STATE) and lock.origin.callee is None and family is not None and not family.exclusive
    )


def _objects(model: LockModel, function: FunctionId, leaving: Leaving) -> Iterator[Half]:
    """The lock of one parameter is taken, that of another one released, and no caller hands it over."""
    for lock in leaving.held:
        for owed in leaving.owed:
            if owed.cls != lock.cls or lock.cls.name.startswith(STATE) or owed.origin.line <= lock.origin.line:
                continue
            ref = model.functions[function]
            fixed = {param.name for param in ref.facts.params} - assigned_variables(ref.facts, model.linker, ref)
            apart = surely_apart(lock.instance, owed.instance, fixed)
            if not apart or owed.origin.callee is not None or _by_callers(model, function, lock.cls):
                continue
            yield Half(
                rule="wrong-object-released",
                lock=lock.cls,
                taken=lock.origin.line,
                line=owed.origin.line,
                message=f"{owed.instance} is released, but {lock.instance} is what is held; it stays locked",
            )


def _conditions(model: LockModel, function: FunctionId, summary: Summary, leaving: Leaving) -> Iterator[Half]:
    """On one way the lock is taken and kept, on another one released without being taken, and the one leads past the
    other's release.
    """
    blocks = model.functions[function].facts.blocks
    for lock in leaving.held:
        if lock.origin.callee is not None or lock.many:
            continue
        for other in summary.leavings:
            for owed in other.owed:
                if owed.cls != lock.cls or owed.origin.callee is not None or owed.many or other is leaving:
                    continue
                same = owed.instance == lock.instance and not lock.instance.startswith(OPAQUE)
                if not same or not reaches(blocks, lock.origin.line, owed.origin.line):
                    continue
                yield Half(
                    rule="conditional-unlock-mismatch",
                    lock=lock.cls,
                    taken=lock.origin.line,
                    line=owed.origin.line,
                    message=f"{lock.instance} is released under another condition than it is acquired under",
                )


def _by_callers(model: LockModel, function: FunctionId, cls: LockClass) -> bool:
    """Whether some caller holds such a lock when it calls the function."""
    for caller, line in model.callers.get(function, ()):
        held = model.held_lines(caller).get(model.functions[caller].line(line), ())
        if any(lock.cls == cls for lock in held):
            return True
    return False
