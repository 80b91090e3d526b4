# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The contract between the state machines and what runs them.

A machine is a set of pure functions over an immutable value, the state of one object. It knows contexts by their
number only, and nothing of CPUs, masks or time.
"""

from __future__ import annotations

from collections.abc import Hashable
from enum import IntEnum
from typing import ClassVar, NamedTuple

from reviewtool.replay.program import Action, Object
from reviewtool.ruleset.model import Mode

Value = Hashable


class Status(IntEnum):
    """How an attempt ended."""

    DONE = 0
    WAITING = 1
    """The context stands in the queue now, which others may feel; it tries again."""
    BLOCKED = 2
    """Nothing changed: it cannot go on."""
    OTHERWISE = 3
    """A trylock that failed, a test that is true."""


class Request(NamedTuple):
    """An attempt of a context."""

    context: int
    action: Action
    mode: Mode = Mode.EXCLUSIVE
    trylock: bool = False
    recursive: bool = False
    """A reader that does not wait for waiting writers."""


class Result(NamedTuple):
    """What came of it."""

    status: Status
    value: Value


class Wait(NamedTuple):
    """Why a context cannot go on."""

    contexts: frozenset[int] = frozenset()
    """Each of them has to act first."""
    signals: frozenset[Action] = frozenset()
    """Any context that does one of these to the object may end the wait; `contexts` is empty then."""


class Misuse(Exception):  # noqa: N818 - it never leaves the package
    """An operation that the object's state does not allow, like a release of what is not held."""


class Semantics:
    """One kind of object. The base is a thing that nothing can be done to."""

    actions: ClassVar[frozenset[Action]] = frozenset()
    """What can be done to it."""
    waiting: ClassVar[frozenset[Action]] = frozenset({Action.ACQUIRE, Action.WAIT, Action.CANCEL, Action.AWAIT})
    """Those that may have to wait."""
    queueing: ClassVar[frozenset[Action]] = frozenset()
    """Those whose attempt can end as WAITING."""
    sleeps: ClassVar[bool] = True
    """Its waits give up the CPU."""
    shares: ClassVar[frozenset[Action]] = frozenset()
    """Actions that commute with each other, whoever does them: for the reduction."""

    def initial(self, item: Object) -> Value:
        """The value before anything runs."""
        return 0

    def with_runner(self, value: Value, context: int, runs: int) -> Value:
        """The initial value when `context` is what runs for it, up to `runs` times."""
        return value

    def act(self, value: Value, request: Request) -> Result:
        """What `request` does to `value`. Raises Misuse."""
        raise NotImplementedError

    def wait(self, value: Value, request: Request) -> Wait:
        """Why `request`, which `act` found BLOCKED, is."""
        raise NotImplementedError

    def holders(self, value: Value) -> tuple[tuple[int, Mode], ...]:
        """Who holds it and how; a context that holds it twice is there twice."""
        return ()

    def lost(self, value: Value, context: int) -> bool:
        """What `context` waits for has happened, and it will not learn of it."""
        return False

    def commutes(self, request: Request) -> bool:
        """`request` commutes with every other such request to the same object, at any value."""
        return request.action in self.shares


def done(value: Value) -> Result:
    """The attempt succeeded."""
    return Result(Status.DONE, value)


def blocked(value: Value) -> Result:
    """It did not, and nothing changed."""
    return Result(Status.BLOCKED, value)


def add(items: tuple[int, ...], item: int) -> tuple[int, ...]:
    """A sorted tuple with one more item."""
    return tuple(sorted((*items, item)))


def drop(items: tuple[int, ...], item: int) -> tuple[int, ...]:
    """A sorted tuple with one such item less. Raises Misuse if there is none."""
    if item not in items:
        raise Misuse("it is not held")
    at = items.index(item)
    return items[:at] + items[at + 1 :]
