# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The fair reader-writer lock: kernel/locking/rwsem.c.

Waiters queue in the order of their attempts. A reader that finds a waiter queues behind it, so a reader that comes
back while a writer waits deadlocks. Readers next to each other in the queue are let in together. A reader does not
queue behind readers that were let in and only have to notice.

Stealing of a free lock past the queue (optimistic spinning) is left out: the thief could as well have come before
the waiter, so it adds no deadlock. rwbase_rt.c is fair in the same sense: the waiting writer holds the inner lock
that a new reader's slow path takes, so this machine serves PREEMPT_RT too.
"""

from __future__ import annotations

from typing import NamedTuple

from reviewtool.replay.machines.base import (
    Misuse,
    Request,
    Result,
    Semantics,
    Status,
    Value,
    Wait,
    add,
    blocked,
    done,
    drop,
)
from reviewtool.replay.program import Action, Object
from reviewtool.ruleset.model import Mode


class Held(NamedTuple):
    """The state of a reader-writer lock."""

    writer: int = -1
    readers: tuple[int, ...] = ()
    """Sorted; a context that holds it twice is there twice."""
    queue: tuple[tuple[int, bool], ...] = ()
    """Context and whether it wants to write; in order, readers next to each other sorted."""


def enqueue(state: Held, context: int, write: bool) -> Held:
    """`context` goes to the end; equal queues have equal values."""
    queue = [*state.queue, (context, write)]
    at = len(queue) - 1
    while not write and at > 0 and not queue[at - 1][1] and queue[at - 1] > queue[at]:
        queue[at - 1], queue[at] = queue[at], queue[at - 1]
        at -= 1
    return state._replace(queue=tuple(queue))


def admitted(state: Held, context: int, write: bool) -> bool:
    """A queued context may go in: it is the first, or a reader with readers only before it."""
    if state.writer >= 0 or (write and state.readers):
        return False
    for waiter, writes in state.queue:
        if waiter == context:
            return True
        if write or writes:
            return False
    return False


def enter(state: Held, context: int, write: bool) -> Held:
    """`context` holds the lock, and waits no longer."""
    queue = tuple(entry for entry in state.queue if entry[0] != context)
    if write:
        return Held(context, state.readers, queue)
    return Held(state.writer, add(state.readers, context), queue)


def leave(state: Held, context: int) -> Held:
    """`context` gives up what it holds. Raises Misuse."""
    if state.writer == context:
        return state._replace(writer=-1)
    return state._replace(readers=drop(state.readers, context))


class Rwsem(Semantics):
    """The value is a Held."""

    actions = frozenset({Action.ACQUIRE, Action.RELEASE, Action.DOWNGRADE})
    queueing = frozenset({Action.ACQUIRE})

    def initial(self, item: Object) -> Value:
        """Free."""
        return Held()

    def act(self, value: Value, request: Request) -> Result:
        """Acquire in turn; downgrade lets waiting readers in, as the queue's head may then enter."""
        assert isinstance(value, Held)
        context = request.context
        if request.action is Action.RELEASE:
            return done(leave(value, context))
        if request.action is Action.DOWNGRADE:
            if value.writer != context:
                raise Misuse("it is not held exclusively")
            return done(Held(-1, add(value.readers, context), value.queue))
        return self.acquire(value, request)

    def acquire(self, value: Held, request: Request) -> Result:
        """At once, or through the queue."""
        context, write = request.context, request.mode is Mode.EXCLUSIVE
        if any(waiter == context for waiter, _ in value.queue):
            return done(enter(value, context, write)) if admitted(value, context, write) else blocked(value)
        if self.free(value, request, write):
            return done(enter(value, context, write))
        if request.trylock:
            return Result(Status.OTHERWISE, value)
        return Result(Status.WAITING, enqueue(value, context, write))

    def free(self, value: Held, request: Request, write: bool) -> bool:
        """A newcomer need not queue."""
        if value.writer >= 0:
            return False
        if write:
            return not value.readers and not value.queue
        return not any(writes for _, writes in value.queue)

    def wait(self, value: Value, request: Request) -> Wait:
        """For those who hold it, and for the waiters that are before it; a reader not for other readers."""
        assert isinstance(value, Held)
        write = request.mode is Mode.EXCLUSIVE
        found = {value.writer} if value.writer >= 0 else set()
        if write:
            found.update(value.readers)
        for waiter, writes in value.queue:
            if waiter == request.context:
                break
            if write or writes:
                found.add(waiter)
        return Wait(frozenset(found))

    def holders(self, value: Value) -> tuple[tuple[int, Mode], ...]:
        """The writer or the readers."""
        assert isinstance(value, Held)
        writer = ((value.writer, Mode.EXCLUSIVE),) if value.writer >= 0 else ()
        return writer + tuple((reader, Mode.SHARED) for reader in value.readers)

    def commutes(self, request: Request) -> bool:
        """What readers do: their order in the queue is not kept."""
        return request.mode is not Mode.EXCLUSIVE and request.action in (Action.ACQUIRE, Action.RELEASE)
