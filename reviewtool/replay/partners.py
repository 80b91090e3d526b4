# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Who else has a part: the same way from the other side, a writer between two readers, whoever queues the work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from reviewtool.finding.evidence import Act, Actor, Evidence
from reviewtool.replay.program import Action, Context, Event, Kind, Machine, Object, Start
from reviewtool.ruleset.model import Mode

ONE_CLASS = "lockdep"
"""Who says that two locks of one class may come in either order, unless a subclass tells them apart."""

FAIR = frozenset({Machine.RWSEM, Machine.PERCPU_RWSEM, Machine.RWLOCK})
"""Here a reader waits behind a writer that waits: Documentation/locking/lockdep-design.rst, recursive read locks."""


def swapped(evidence: Evidence) -> Evidence:
    """A way that takes two locks of one class, with the same way beside it for which they are the other way round."""
    if len(evidence) != 1 or len(evidence[0].moves) < 2:
        return evidence
    actor = evidence[0]
    outer, inner = actor.moves[-2:]
    told_apart = outer.nested or inner.nested
    if outer.cls != inner.cls or outer.instance == inner.instance or inner.act is not Act.TAKES or told_apart:
        return evidence
    moves = (*actor.moves[:-2], replace(outer, instance=inner.instance), replace(inner, instance=outer.instance))
    return (actor, replace(actor, moves=moves, documented=ONE_CLASS))


def helpers(contexts: Sequence[Context], objects: Sequence[Object]) -> list[Context]:
    """The contexts, with those added that they need."""
    writers = [_writer(item) for item in objects if item.machine in FAIR and _needs_writer(contexts, item)]
    found = [*contexts, *writers]
    for number, context in enumerate(contexts):
        if context.start is Start.SIGNALLED:
            _signal(found, context.target, number)
    return found


def _needs_writer(contexts: Sequence[Context], item: Object) -> bool:
    """Readers of it wait only where a writer waits already, and nobody here writes."""
    modes = [
        event.mode
        for context in contexts
        for event in context.events
        if event.target == item.name and event.action is Action.ACQUIRE
    ]
    return len(modes) > 1 and Mode.EXCLUSIVE not in modes


def _writer(item: Object) -> Context:
    events = (Event(action=Action.ACQUIRE, target=item.name), Event(action=Action.RELEASE, target=item.name))
    return Context(name=f"a writer of {item.shown}", events=events)


def _signal(contexts: list[Context], target: str, runner: int) -> None:
    """Somebody queues or arms `target`: who waits for it did so before, else a context of its own."""
    queued = Event(action=Action.SIGNAL, target=target, note="was queued before")
    for number, context in enumerate(contexts):
        waits = any(event.target == target for event in context.events)
        if waits and number != runner and context.kind is Kind.TASK:
            contexts[number] = msgspec.structs.replace(context, events=(queued, *context.events))
            return
    contexts.append(Context(name="whoever queues it", events=(queued,)))


def is_documented(actor: Actor) -> bool:
    """Whether a document stands for the actor, not only for how lockdep sees it."""
    return actor.documented not in ("", ONE_CLASS)
