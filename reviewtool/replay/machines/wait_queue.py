# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The wait queue with its condition: include/linux/wait.h, the sleep and wake-up part of memory-barriers.txt.

A sleeper goes onto the queue, looks at the condition, and sleeps unless it is true; a wake-up takes all off the queue.
Who looks before going onto the queue can miss the wake-up between the two, and sleeps although the condition is true.
"""

from __future__ import annotations

from typing import NamedTuple

from reviewtool.replay.machines.base import Request, Result, Semantics, Status, Value, Wait, blocked, done
from reviewtool.replay.program import Action, Object


class Queue(NamedTuple):
    """The state of a wait queue."""

    condition: bool = False
    waiting: frozenset[int] = frozenset()
    """On the queue and not woken since."""


class WaitQueue(Semantics):
    """The value is a Queue."""

    actions = frozenset(
        {
            Action.PREPARE,
            Action.TEST,
            Action.WAIT,
            Action.FINISH,
            Action.AWAIT,
            Action.SET,
            Action.CLEAR,
            Action.SIGNAL,
            Action.SIGNAL_ALL,
        }
    )

    queueing = frozenset({Action.AWAIT})

    def initial(self, item: Object) -> Value:
        """Nobody waits."""
        return Queue(item.count > 0)

    def act(self, value: Value, request: Request) -> Result:
        """Go on, look, sleep, set, wake."""
        assert isinstance(value, Queue)
        me = frozenset({request.context})
        match request.action:
            case Action.SET | Action.CLEAR:
                return done(value._replace(condition=request.action is Action.SET))
            case Action.SIGNAL | Action.SIGNAL_ALL:
                return done(value._replace(waiting=frozenset()))
            case Action.PREPARE:
                return done(value._replace(waiting=value.waiting | me))
            case Action.FINISH:
                return done(value._replace(waiting=value.waiting - me))
            case Action.TEST:
                return Result(Status.OTHERWISE, value) if value.condition else done(value)
            case Action.WAIT:
                return blocked(value) if me <= value.waiting else done(value)
            case _:
                return self.await_condition(value, me)

    def await_condition(self, value: Queue, me: frozenset[int]) -> Result:
        """Asleep until woken, then looks again; going onto the queue and looking are one step, which loses nothing."""
        if me <= value.waiting:
            return blocked(value)
        if value.condition:
            return done(value)
        return Result(Status.WAITING, value._replace(waiting=value.waiting | me))

    def wait(self, value: Value, request: Request) -> Wait:
        """For a wake-up."""
        return Wait(signals=frozenset({Action.SIGNAL, Action.SIGNAL_ALL}))

    def lost(self, value: Value, context: int) -> bool:
        """Asleep, and the condition is true."""
        assert isinstance(value, Queue)
        return value.condition and context in value.waiting
