# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Locks with one owner. Documentation/locking/mutex-design.rst, Documentation/locking/locktypes.rst.

Which of the waiters gets a free lock does not matter to what can deadlock, as each order of the waiters' attempts is
explored; so they do not queue here.
"""

from __future__ import annotations

from reviewtool.replay.machines.base import Misuse, Request, Result, Semantics, Status, Value, Wait, blocked, done
from reviewtool.replay.program import Action, Object
from reviewtool.ruleset.model import Mode

FREE = -1


class Mutex(Semantics):
    """A sleeping lock: also the spinlock of PREEMPT_RT. The value is the owner."""

    actions = frozenset({Action.ACQUIRE, Action.RELEASE})

    def initial(self, item: Object) -> Value:
        """Free."""
        return FREE

    def act(self, value: Value, request: Request) -> Result:
        """Acquire when free; release by the owner only."""
        if request.action is Action.RELEASE:
            if value != request.context:
                raise Misuse("it is not held")
            return done(FREE)
        if value == FREE:
            return done(request.context)
        return Result(Status.OTHERWISE, value) if request.trylock else blocked(value)

    def wait(self, value: Value, request: Request) -> Wait:
        """For the owner."""
        assert isinstance(value, int)
        return Wait(frozenset({value}))

    def holders(self, value: Value) -> tuple[tuple[int, Mode], ...]:
        """The owner."""
        assert isinstance(value, int)
        return () if value == FREE else ((value, Mode.EXCLUSIVE),)


class Spinlock(Mutex):
    """A lock whose waiters spin: raw, and the plain one without PREEMPT_RT. Documentation/locking/spinlocks.rst."""

    sleeps = False
