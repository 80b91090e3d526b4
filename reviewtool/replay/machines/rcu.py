# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Readers and grace periods: Documentation/RCU/whatisRCU.rst, and kernel/rcu/srcutree.c for the sleeping kind.

A wait notes who reads when it is called, and ends when each of them has left its outermost section once. Readers
that come later are not waited for: a grace period that begins late and catches them could as well have been asked
for after they came, so this loses no deadlock. Each object is a domain of its own.
"""

from __future__ import annotations

from typing import NamedTuple

from reviewtool.replay.machines.base import Request, Result, Semantics, Status, Value, Wait, add, blocked, done, drop
from reviewtool.replay.program import Action, Object
from reviewtool.ruleset.model import Mode


class Domain(NamedTuple):
    """The state of a domain."""

    readers: tuple[int, ...] = ()
    """Sorted; once for each section that a context is in."""
    waiters: tuple[tuple[int, frozenset[int]], ...] = ()
    """Sorted by context: who waits, and for which readers still."""


class Srcu(Semantics):
    """Readers may sleep; a grace period waits for those of its domain. A reader never waits."""

    actions = frozenset({Action.ACQUIRE, Action.RELEASE, Action.WAIT})
    waiting = frozenset({Action.WAIT})
    queueing = waiting
    shares = frozenset({Action.ACQUIRE, Action.RELEASE})

    def initial(self, item: Object) -> Value:
        """Nobody reads."""
        return Domain()

    def act(self, value: Value, request: Request) -> Result:
        """Enter, leave, or wait for those inside."""
        assert isinstance(value, Domain)
        context = request.context
        if request.action is Action.ACQUIRE:
            return done(value._replace(readers=add(value.readers, context)))
        if request.action is Action.RELEASE:
            return done(left(value, context))
        for waiter, readers in value.waiters:
            if waiter == context:
                rest = tuple(entry for entry in value.waiters if entry[0] != context)
                return blocked(value) if readers else done(value._replace(waiters=rest))
        if not value.readers:
            return done(value)
        waiters = tuple(sorted((*value.waiters, (context, frozenset(value.readers))), key=lambda entry: entry[0]))
        return Result(Status.WAITING, value._replace(waiters=waiters))

    def wait(self, value: Value, request: Request) -> Wait:
        """For the readers that were inside, itself perhaps."""
        assert isinstance(value, Domain)
        return Wait(dict(value.waiters)[request.context])

    def holders(self, value: Value) -> tuple[tuple[int, Mode], ...]:
        """The readers."""
        assert isinstance(value, Domain)
        return tuple((reader, Mode.RECURSIVE) for reader in value.readers)


class Rcu(Srcu):
    """The same; its readers must not sleep, which the compiler of the program knows."""


def left(domain: Domain, context: int) -> Domain:
    """`context` leaves a section; who waits for it stops when it was the outermost one."""
    readers = drop(domain.readers, context)
    if context in readers:
        return domain._replace(readers=readers)
    return Domain(readers, tuple((waiter, old - {context}) for waiter, old in domain.waiters))
