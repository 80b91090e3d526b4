# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The end of the analysis of a function: its ways out and its record become a summary in terms of its parameters."""

from __future__ import annotations

from dataclasses import replace

from reviewtool.locking.recorder import joined
from reviewtool.locking.state import State
from reviewtool.locking.summary import Condition, HeldLock, Inner, Leaving, Outcome, Requirement, Summary
from reviewtool.locking.values import join
from reviewtool.locking.walker import Walker


def summarize(walker: Walker, leavings: list[tuple[Leaving, State]]) -> Summary:
    """The summary, from the ways out (each with its last state) and the walker's record."""
    record = walker.record
    outcomes: dict[tuple[tuple[HeldLock, ...], tuple[HeldLock, ...]], Outcome] = {}
    for leaving, state in leavings:
        held = tuple(_lasting(walker, lock) for lock in leaving.held if not lock.drained)
        owed = tuple(_lasting(walker, lock) for lock in leaving.owed)
        condition = record.condition(state)
        old = outcomes.get((held, owed))
        if old is None:
            outcomes[held, owed] = Outcome(leaving.value, held, owed, condition, leaving.line)
        else:
            outcomes[held, owed] = replace(
                old, value=join(old.value, leaving.value), condition=joined(old.condition, condition)
            )
    return Summary(
        outcomes=tuple(outcomes.values()),
        inner=_inner(walker, record.inner),
        requirements=_requirements(walker, record.requirements),
        deferred=tuple(record.deferred),
        relations=tuple(record.relations.items()),
        problems=tuple(record.problems),
        leavings=tuple(replace(leaving, condition=record.condition(state)) for leaving, state in leavings),
        bounded=record.bounded,
        unknown_locks=len(record.unknown_locks),
        unknown_calls=len(record.unknown_calls),
    )


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


def _requirements(
    walker: Walker, records: dict[Requirement, Condition]
) -> tuple[tuple[Requirement, Condition], ...]:
    lasting: dict[Requirement, Condition] = {}
    for requirement, condition in records.items():
        new = replace(requirement, instance=walker.lasting(requirement.instance))
        old = lasting.get(new)
        lasting[new] = condition if old is None else joined(old, condition)
    return tuple(lasting.items())
