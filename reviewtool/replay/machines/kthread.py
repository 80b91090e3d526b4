# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A thread that is asked to stop and waited for: kthread_stop() in kernel/kthread.c.

The one who stops it sets the request and waits for the thread's end; the thread looks at the request, or sleeps until
it comes. A thread that waits for something its stopper holds never ends.
"""

from __future__ import annotations

from typing import NamedTuple

from reviewtool.replay.machines.base import Request, Result, Semantics, Status, Value, Wait, blocked, done
from reviewtool.replay.program import Action, Object


class Thread(NamedTuple):
    """The state of a thread."""

    runner: int = -1
    asked: bool = False
    ended: bool = True
    """A thread that no context plays has ended before anything runs."""


class Kthread(Semantics):
    """The value is a Thread."""

    actions = frozenset({Action.WAIT, Action.TEST, Action.AWAIT})
    queueing = frozenset({Action.WAIT})

    def initial(self, item: Object) -> Value:
        """No context plays it."""
        return Thread()

    def with_runner(self, value: Value, context: int, runs: int) -> Value:
        """The value when `context` is the thread."""
        return Thread(context, asked=False, ended=False)

    def act(self, value: Value, request: Request) -> Result:
        """WAIT stops it; TEST and AWAIT are the thread's own."""
        assert isinstance(value, Thread)
        match request.action:
            case Action.END:
                return done(value._replace(ended=True))
            case Action.TEST:
                return Result(Status.OTHERWISE, value) if value.asked else done(value)
            case Action.AWAIT:
                return done(value) if value.asked else blocked(value)
            case _:
                asked = value._replace(asked=True)
                if value.ended:
                    return done(asked)
                return blocked(value) if value.asked else Result(Status.WAITING, asked)

    def wait(self, value: Value, request: Request) -> Wait:
        """The thread waits to be asked, others for the thread."""
        assert isinstance(value, Thread)
        if request.action is Action.AWAIT:
            return Wait(signals=frozenset({Action.WAIT}))
        return Wait(frozenset({value.runner}))
