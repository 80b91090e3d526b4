# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What the functions of a finding do in a snapshot that does not have it any more."""

from __future__ import annotations

from collections.abc import Iterator

from reviewtool.checks.evidence import STATE, cycle_evidence, kind_of_root, move_of
from reviewtool.checks.order import innermost
from reviewtool.finding.evidence import Act, Actor, Evidence, Move
from reviewtool.locking.graph import Arc
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass
from reviewtool.locking.summary import HeldLock, Inner, Relation


def evidence_after(model: LockModel, evidence: Evidence) -> Evidence:
    """The same actors with what their functions do now: one inside the other, the other way round, or one by one.

    An actor whose function is gone, or has nothing to do with the locks any more, is left out.
    """
    found: list[Arc | Actor] = []
    for actor in evidence:
        function = _function(model, actor)
        if actor.documented:
            found.append(actor)
        elif function is not None:
            arc = _arc(model, function, actor)
            moves = () if arc is not None else tuple(_moves(model, function, actor))
            if arc is not None:
                found.append(arc)
            elif moves:
                found.append(Actor(moves=moves, kind=kind_of_root(model, function), interrupts=actor.interrupts))
    ways = iter(cycle_evidence(model, [each for each in found if isinstance(each, Arc)]))
    return tuple(next(ways) if isinstance(each, Arc) else each for each in found)


def _function(model: LockModel, actor: Actor) -> FunctionId | None:
    """The function in which the way of the actor begins."""
    step = next((move.steps[0] for move in reversed(actor.moves) if move.steps), None)
    if step is None:
        return None
    named = sorted(function for function in model.functions if function.name == step.function)
    return next((function for function in named if function.path == step.path), named[0] if len(named) == 1 else None)


def _arc(model: LockModel, function: FunctionId, actor: Actor) -> Arc | None:
    """One of the locks inside the other, in the order of the finding if there is still such a way."""
    if len(actor.moves) < 2:
        return None
    first, second = (move.cls for move in actor.moves[-2:])
    for outer, inner in ((first, second), (second, first)):
        for relation in _relations(model, function):
            arc = Arc(function, relation)
            if (arc.outer, arc.inner) != (outer, inner) or relation.inner.final:
                continue
            if outer != first or _in_place(arc, actor.moves[-1]):
                return arc
    return None


def _in_place(arc: Arc, old: Move) -> bool:
    """Whether it happens in the function where it did; elsewhere it has nothing to do with the finding."""
    return not old.steps or innermost(arc)[0].name == old.steps[-1].function


def _relations(model: LockModel, function: FunctionId) -> Iterator[Relation]:
    yield from (relation for relation, _ in model.summary(function).relations)
    yield from (relation for root, relation in model.entered if root == function)


def _moves(model: LockModel, function: FunctionId, actor: Actor) -> Iterator[Move]:
    """What is left, one after the other."""
    for old in actor.moves[-2:]:
        inner = _first(model, function, old)
        if old.act is Act.HOLDS:
            yield old
        elif inner is not None:
            masks = [name for name in sorted(inner.masked) if name in model.ruleset.families and name[0] == STATE]
            yield from (Move(act=Act.TAKES, cls=LockClass(name, name)) for name in masks)
            move = move_of(model, function, inner)
            yield move
            if move.act is Act.TAKES:
                yield Move(act=Act.RELEASES, cls=move.cls, mode=move.mode)
            yield from (Move(act=Act.RELEASES, cls=LockClass(name, name)) for name in reversed(masks))


def _first(model: LockModel, function: FunctionId, old: Move) -> Inner | None:
    for inner, _ in model.summary(function).inner:
        if inner.cls == old.cls and _in_place(Arc(function, Relation(HeldLock(inner.cls, "", inner.mode), inner)), old):
            return inner
    return None
