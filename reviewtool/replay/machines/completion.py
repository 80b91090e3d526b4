# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The completion: Documentation/scheduler/completion.rst.

Each signal lets one waiter go, now or later; signalling all lets every waiter go until it is set up anew. Setting it
up anew forgets what was signalled: a waiter that comes then may wait for ever.
"""

from __future__ import annotations

from typing import NamedTuple

from reviewtool.replay.machines.base import Request, Result, Semantics, Status, Value, Wait, blocked, done
from reviewtool.replay.program import Action, Object

ALL = -1


class Done(NamedTuple):
    """The state of a completion."""

    signals: int = 0
    """Signals not yet used; ALL for any number."""
    forgotten: bool = False
    """A signal was dropped when it was set up anew."""


class Completion(Semantics):
    """The value is a Done."""

    actions = frozenset({Action.WAIT, Action.SIGNAL, Action.SIGNAL_ALL, Action.RESET})
    shares = frozenset({Action.SIGNAL})

    def initial(self, item: Object) -> Value:
        """As often signalled as the object says."""
        return Done(item.count)

    def act(self, value: Value, request: Request) -> Result:
        """A wait uses one signal."""
        assert isinstance(value, Done)
        count = value.signals
        if request.action is Action.SIGNAL:
            return done(value if count == ALL else value._replace(signals=count + 1))
        if request.action is Action.SIGNAL_ALL:
            return done(value._replace(signals=ALL))
        if request.action is Action.RESET:
            return done(Done(0, value.forgotten or count != 0))
        if count == 0:
            return Result(Status.OTHERWISE, value) if request.trylock else blocked(value)
        return done(value if count == ALL else value._replace(signals=count - 1))

    def wait(self, value: Value, request: Request) -> Wait:
        """For a signal."""
        return Wait(signals=frozenset({Action.SIGNAL, Action.SIGNAL_ALL}))

    def lost(self, value: Value, context: int) -> bool:
        """A signal was given, and forgotten."""
        assert isinstance(value, Done)
        return value.forgotten
