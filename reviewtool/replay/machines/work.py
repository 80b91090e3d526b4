# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What is queued and runs elsewhere later: work, timers, calls to other CPUs, interrupt lines.

Documentation/core-api/workqueue.rst, kernel/workqueue.c, kernel/time/timer.c (timer_delete_sync() spins until the
handler is off its CPU), kernel/smp.c, kernel/irq/manage.c (synchronize_irq() waits for running handlers).

A wait (flush) ends when it is neither pending nor running; a cancel takes back what is pending and waits for what
runs. Who runs it waits for itself. Queueing what is pending changes nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from reviewtool.replay.machines.base import Request, Result, Semantics, Value, Wait, add, blocked, done, drop
from reviewtool.replay.program import Action, Object


class Job(NamedTuple):
    """The state of a job."""

    runner: int
    """The context that runs it, NONE for none: then queueing it has no effect."""
    left: int
    """How often it may still begin."""
    pending: bool = False
    running: bool = False


NONE = -1


class Work(Semantics):
    """The value is a Job. Queueing it more often than its context may run has no effect."""

    actions = frozenset({Action.SIGNAL, Action.WAIT, Action.CANCEL})

    def initial(self, item: Object) -> Value:
        """Idle; `with_runner` says who runs it."""
        return Job(NONE, 0)

    def with_runner(self, value: Value, context: int, runs: int) -> Value:
        """The value when `context` runs it up to `runs` times."""
        assert isinstance(value, Job)
        return value._replace(runner=context, left=runs)

    def act(self, value: Value, request: Request) -> Result:
        """Queue, begin, end, flush, cancel."""
        assert isinstance(value, Job)
        match request.action:
            case Action.SIGNAL:
                return done(value._replace(pending=value.left > 0))
            case Action.BEGIN:
                if not value.pending:
                    return blocked(value)
                return done(Job(value.runner, value.left - 1, pending=False, running=True))
            case Action.END:
                return done(value._replace(running=False))
            case Action.CANCEL:
                return blocked(value) if value.running else done(value._replace(pending=False))
            case _:
                return blocked(value) if value.running or value.pending else done(value)

    def wait(self, value: Value, request: Request) -> Wait:
        """To begin: for someone who queues it. Else for the one who runs it."""
        assert isinstance(value, Job)
        if request.action is Action.BEGIN:
            return Wait(signals=frozenset({Action.SIGNAL}))
        return Wait(frozenset({value.runner}))


class Spun(Work):
    """The same for who waits by spinning: for a timer's handler, for a call to another CPU."""

    sleeps = False


class Line(Semantics):
    """An interrupt line: its handler begins when the line is not disabled. The value is (handler, running, masks)."""

    actions = frozenset({Action.ACQUIRE, Action.RELEASE, Action.WAIT})
    waiting = frozenset({Action.WAIT})

    def initial(self, item: Object) -> Value:
        """Enabled; `with_runner` says who handles it."""
        return (NONE, False, ())

    def with_runner(self, value: Value, context: int, runs: int) -> Value:
        """The value when `context` is the handler."""
        return (context, False, ())

    def act(self, value: Value, request: Request) -> Result:
        """Disable, enable, begin, end, wait for the handler."""
        assert isinstance(value, tuple)
        runner, running, masks = value
        match request.action:
            case Action.ACQUIRE:
                return done((runner, running, add(masks, request.context)))
            case Action.RELEASE:
                return done((runner, running, drop(masks, request.context)))
            case Action.BEGIN:
                return blocked(value) if masks else done((runner, True, masks))
            case Action.END:
                return done((runner, False, masks))
            case _:
                return blocked(value) if running else done(value)

    def wait(self, value: Value, request: Request) -> Wait:
        """The handler waits for those who disabled its line, others for the handler."""
        assert isinstance(value, tuple)
        return Wait(frozenset(value[2] if request.action is Action.BEGIN else {value[0]}))


class Workqueue(Semantics):
    """A queue that runs a bounded number of its works at once. The value is (limit, who runs)."""

    actions = frozenset({Action.WAIT})

    def initial(self, item: Object) -> Value:
        """Nothing runs."""
        return (item.count, ())

    def act(self, value: Value, request: Request) -> Result:
        """A wait for the whole queue is one for each of its works, which the compiler of the program adds."""
        assert isinstance(value, tuple)
        limit, running = value
        if request.action is Action.BEGIN:
            if limit and len(running) >= limit:
                return blocked(value)
            return done((limit, add(running, request.context)))
        if request.action is Action.END:
            return done((limit, drop(running, request.context)))
        return done(value)

    def wait(self, value: Value, request: Request) -> Wait:
        """To begin, for a place: each of the running ones must stay for it to stay full."""
        return Wait(signals=frozenset({Action.END}))
