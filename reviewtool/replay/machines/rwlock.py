# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The queued reader-writer spinlock: kernel/locking/qrwlock.c, Documentation/locking/lockdep-design.rst.

It is fair like the rwsem, but a reader in interrupt context (softirqs off counts, as in_interrupt() does) goes in
while a writer only waits: it waits for a writer that holds the lock, and never queues.
"""

from __future__ import annotations

from reviewtool.replay.machines.base import Request, Result, Value, Wait, blocked, done
from reviewtool.replay.machines.rwsem import Held, Rwsem, enter
from reviewtool.replay.program import Action
from reviewtool.ruleset.model import Mode


class Rwlock(Rwsem):
    """Spinning, with recursive readers."""

    actions = frozenset({Action.ACQUIRE, Action.RELEASE})
    sleeps = False

    def acquire(self, value: Held, request: Request) -> Result:
        """Recursive readers pass by the queue; a trylock never does."""
        if request.mode is Mode.EXCLUSIVE or not request.recursive or request.trylock:
            return super().acquire(value, request)
        if value.writer < 0:
            return done(enter(value, request.context, write=False))
        return blocked(value)

    def wait(self, value: Value, request: Request) -> Wait:
        """A recursive reader waits for the holder only."""
        assert isinstance(value, Held)
        if request.mode is not Mode.EXCLUSIVE and request.recursive:
            return Wait(frozenset({value.writer}))
        return super().wait(value, request)
