# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A count of things under way that others wait for to reach zero.

An example is `mn_active_invalidate_count` of virt/kvm/kvm_main.c: Documentation/virt/kvm/locking.rst names it.
Beginning never waits; a wait ends at a moment at which nothing is under way.
"""

from __future__ import annotations

from reviewtool.replay.machines.base import Request, Result, Semantics, Value, Wait, add, blocked, done, drop
from reviewtool.replay.program import Action, Object
from reviewtool.ruleset.model import Mode


class Count(Semantics):
    """The value is who began, sorted."""

    actions = frozenset({Action.ACQUIRE, Action.RELEASE, Action.WAIT})
    waiting = frozenset({Action.WAIT})
    shares = frozenset({Action.ACQUIRE, Action.RELEASE})

    def initial(self, item: Object) -> Value:
        """Nothing is under way."""
        return ()

    def act(self, value: Value, request: Request) -> Result:
        """Up, down, or wait for zero."""
        assert isinstance(value, tuple)
        if request.action is Action.ACQUIRE:
            return done(add(value, request.context))
        if request.action is Action.RELEASE:
            return done(drop(value, request.context))
        return blocked(value) if value else done(value)

    def wait(self, value: Value, request: Request) -> Wait:
        """For those who began."""
        assert isinstance(value, tuple)
        return Wait(frozenset(value))

    def holders(self, value: Value) -> tuple[tuple[int, Mode], ...]:
        """Those who began."""
        assert isinstance(value, tuple)
        return tuple((context, Mode.SHARED) for context in value)
