# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The counting semaphore: kernel/locking/semaphore.c. It has no owner; anyone may release it."""

from __future__ import annotations

from reviewtool.replay.machines.base import Request, Result, Semantics, Status, Value, Wait, blocked, done
from reviewtool.replay.program import Action, Object


class Semaphore(Semantics):
    """The value is how many may still enter."""

    actions = frozenset({Action.ACQUIRE, Action.RELEASE})

    def initial(self, item: Object) -> Value:
        """As many as the object says."""
        return item.count

    def act(self, value: Value, request: Request) -> Result:
        """Down while there is room."""
        assert isinstance(value, int)
        if request.action is Action.RELEASE:
            return done(value + 1)
        if value > 0:
            return done(value - 1)
        return Result(Status.OTHERWISE, value) if request.trylock else blocked(value)

    def wait(self, value: Value, request: Request) -> Wait:
        """For anyone's release."""
        return Wait(signals=frozenset({Action.RELEASE}))
