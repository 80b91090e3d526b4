# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The sequence lock: Documentation/locking/seqlock.rst.

Writers exclude each other. A reader spins at its beginning while the count is odd, that is, while a writer is inside;
a reader that interrupts the writer on its CPU spins for ever. The retry at its end is not repeated: it begins again
as it began, and could have met the writer at its first beginning.
"""

from __future__ import annotations

from reviewtool.replay.machines.base import Misuse, Request, Result, Semantics, Status, Value, Wait, blocked, done
from reviewtool.replay.program import Action, Object
from reviewtool.ruleset.model import Mode

NOBODY = -1


class Seqlock(Semantics):
    """The value is the writer."""

    actions = frozenset({Action.ACQUIRE, Action.RELEASE})
    sleeps = False

    def initial(self, item: Object) -> Value:
        """Nobody writes."""
        return NOBODY

    def act(self, value: Value, request: Request) -> Result:
        """Readers leave no trace."""
        shared = request.mode is not Mode.EXCLUSIVE
        if request.action is Action.RELEASE:
            if shared:
                return done(value)
            if value != request.context:
                raise Misuse("it is not held")
            return done(NOBODY)
        if value == NOBODY:
            return done(value if shared else request.context)
        return Result(Status.OTHERWISE, value) if request.trylock else blocked(value)

    def wait(self, value: Value, request: Request) -> Wait:
        """For the writer."""
        assert isinstance(value, int)
        return Wait(frozenset({value}))

    def holders(self, value: Value) -> tuple[tuple[int, Mode], ...]:
        """The writer; readers hold nothing."""
        assert isinstance(value, int)
        return () if value == NOBODY else ((value, Mode.EXCLUSIVE),)

    def commutes(self, request: Request) -> bool:
        """Readers among each other."""
        return request.mode is not Mode.EXCLUSIVE


class SleepingSeqlock(Seqlock):
    """On PREEMPT_RT a reader that meets a writer waits for the writer's lock."""

    sleeps = True
