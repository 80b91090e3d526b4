# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The end of the analysis of a function: its ways out and its record become a summary in terms of its parameters."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from reviewtool.locking.leaks import find_leaks, uneven
from reviewtool.locking.making import left_made
from reviewtool.locking.recorder import joined
from reviewtool.locking.state import State
from reviewtool.locking.summary import Condition, HeldLock, Inner, Leak, Leaving, Outcome, Requirement, Summary
from reviewtool.locking.values import join, merged
from reviewtool.locking.walker import Walker

OUTCOMES: Final = 8
"""Ways of returning that differ in locks; a function with more is taken to change nothing, and marked bounded."""


def summarize(walker: Walker, ways: list[tuple[Leaving, State]]) -> Summary:
    """The summary, from the ways out (each with its last state) and the walker's record."""
    record = walker.record
    if record.undone:
        left_made(walker, ways)
    leavings = tuple(
        replace(leaving, condition=record.lasting_condition(state), released=state.released())
        for leaving, state in ways
    )
    leaks = tuple(find_leaks(leavings, walker.ref.facts.returns, record.acquired))
    outcomes = _outcomes(walker, leavings, leaks)
    return Summary(
        outcomes=outcomes,
        inner=_inner(walker, record.inner),
        requirements=_requirements(walker, record.requirements),
        deferred=tuple(record.deferred),
        relations=tuple(record.relations.items()),
        problems=tuple(record.problems),
        leavings=leavings,
        leaks=leaks,
        bounded=record.bounded,
        destroyed=frozenset(record.destroyed),
        unknown_locks=len(record.unknown_locks),
        unknown_calls=len(record.unknown_calls),
    )


def _outcomes(walker: Walker, leavings: tuple[Leaving, ...], leaks: tuple[Leak, ...]) -> tuple[Outcome, ...]:
    """The ways out as callers see them: without what is lost on the way, and with equal ones joined."""
    lost = {(leak.lock.cls, leak.leaving.line) for leak in leaks}
    outcomes: dict[tuple[tuple[HeldLock, ...], tuple[HeldLock, ...]], Outcome] = {}
    for leaving in leavings:
        held = tuple(
            _lasting(walker, lock) for lock in leaving.held if not lock.drained and (lock.cls, leaving.line) not in lost
        )
        owed = tuple(_lasting(walker, lock) for lock in leaving.owed if not uneven(leavings, lock, leaving))
        old = outcomes.get((held, owed))
        if old is None:
            outcomes[held, owed] = Outcome(leaving.value, held, owed, leaving.condition, leaving.line)
        else:
            value, condition = join(old.value, leaving.value), joined(old.condition, leaving.condition)
            outcomes[held, owed] = replace(old, value=value, condition=condition)
    if len(outcomes) > OUTCOMES:
        walker.record.bounded = True
        return (Outcome(merged(outcome.value for outcome in outcomes.values()), (), ()),)
    if len(outcomes) == 1:
        (only,) = outcomes.values()
        return (replace(only, condition=_of_parameters(walker, only.condition)),)
    return tuple(outcomes.values())


def _of_parameters(walker: Walker, condition: Condition) -> Condition:
    return tuple((name, value) for name, value in condition if name in walker.parameters)


def _lasting(walker: Walker, lock: HeldLock) -> HeldLock:
    return replace(lock, instance=walker.lasting(lock.instance), scope=-1, token="")


def _inner(walker: Walker, records: dict[Inner, Condition]) -> tuple[tuple[Inner, Condition], ...]:
    lasting: dict[Inner, Condition] = {}
    for inner, condition in records.items():
        instance = walker.lasting(inner.instance) if inner.instance else ""
        dropped = tuple((cls, walker.lasting(name)) for cls, name in inner.dropped)
        new = replace(inner, instance=instance, dropped=dropped)
        old = lasting.get(new)
        lasting[new] = condition if old is None else joined(old, condition)
    return tuple(lasting.items())


def _requirements(walker: Walker, records: dict[Requirement, Condition]) -> tuple[tuple[Requirement, Condition], ...]:
    lasting: dict[Requirement, Condition] = {}
    for requirement, condition in records.items():
        new = replace(requirement, instance=walker.lasting(requirement.instance))
        old = lasting.get(new)
        lasting[new] = condition if old is None else joined(old, condition)
    return tuple(lasting.items())
