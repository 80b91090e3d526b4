# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The evidence of findings, from what the lock model knows: ways, what is held around them, who runs them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from reviewtool.finding.evidence import Act, Actor, Evidence, Move
from reviewtool.locking.flow import Flow
from reviewtool.locking.graph import Arc
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass, Step
from reviewtool.locking.paths import OPAQUE
from reviewtool.locking.state import State
from reviewtool.locking.summary import HeldLock, Inner, Kind, Relation
from reviewtool.locking.witness import acquires, describe
from reviewtool.ruleset.model import Mode, Order

STATE: Final = "@"
"""Starts the names of states that behave as locks."""


@dataclass(frozen=True, slots=True)
class _Around:
    """A lock that is held around a way."""

    move: Move
    instance: str
    line: int
    """Where it is taken in the function, 0 if its callers hold it."""


def way_evidence(model: LockModel, function: FunctionId, relation: Relation) -> Evidence:
    """One way: something that happens while a lock is held."""
    return cycle_evidence(model, [Arc(function, relation)])


def taking_evidence(model: LockModel, ways: Sequence[tuple[FunctionId, Inner]]) -> Evidence:
    """A lock that the first way takes, and that each further one takes on top of it, in an interrupt."""
    return tuple(
        Actor(
            moves=(move_of(model, function, inner),),
            kind=kind_of_root(model, function) if number else "task",
            interrupts=number > 0,
        )
        for number, (function, inner) in enumerate(ways)
    )


def cycle_evidence(model: LockModel, arcs: Sequence[Arc]) -> Evidence:
    """Ways of which each holds what the one before it wants. What two of them hold around it keeps them apart."""
    around = [list(_around(model, arc)) for arc in arcs]
    often: dict[LockClass, int] = {}
    for held in around:
        for cls in {each.move.cls for each in held}:
            often[cls] = often.get(cls, 0) + 1
    common = {cls for cls, number in often.items() if number > 1}
    actors = []
    for number, (arc, held) in enumerate(zip(arcs, around, strict=True)):
        if any(each.line and each.move.cls in common for each in held):
            sure = _held_there(model, arc)
            held = [each for each in held if not each.line or each.move.cls in sure]
        else:
            held = [each for each in held if not each.line]
        outside = [_placed(each, arc, number) for each in held]
        actors.append(Actor(moves=(*outside, *_moves(model, arc)), kind=kind_of_arc(model, arc)))
    return tuple(actors)


def documented_partner(model: LockModel, order: Order, arc: Arc) -> Actor:
    """Who takes the locks of `arc` in the declared order; no code that was read shows it."""
    family = model.ruleset.families.get(arc.outer.family)
    waits = family is not None and not family.exclusive
    return Actor(
        moves=(
            Move(act=Act.TAKES, cls=arc.inner, mode=_outer_mode(model, arc.inner)),
            Move(act=Act.WAITS if waits else Act.TAKES, cls=arc.outer),
        ),
        documented=order.source,
    )


def steps_of(actor: Actor) -> Iterator[Step]:
    """The steps of the way itself, without those of what is held around it."""
    yield from (step for move in actor.moves[-2:] for step in move.steps)


def kind_of_root(model: LockModel, function: FunctionId) -> str:
    """The context that outside code calls the function in, and which task if it is always one of a kind; `task` if the
    function is not known to be called from outside.
    """
    kinds = {context.thread or context.kind for context in model.roots.get(function, ())}
    return kinds.pop() if len(kinds) == 1 else "task"


def kind_of_arc(model: LockModel, arc: Arc) -> str:
    """The context in which an arc's function runs: the one that holds its outer lock, if that is why it is held."""
    key = arc.relation.outer.origin.key
    contexts = model.roots.get(arc.function, ()) if isinstance(key, str) else ()
    named = (context.thread or context.kind for context in contexts if context.name == str(key).lstrip(STATE))
    return next(named, kind_of_root(model, arc.function))


def _outer_mode(model: LockModel, cls: LockClass) -> Mode:
    family = model.ruleset.families.get(cls.family)
    return Mode.EXCLUSIVE if family is None or family.exclusive else Mode.RECURSIVE


def _moves(model: LockModel, arc: Arc) -> Iterator[Move]:
    outer, inner = arc.relation.outer, arc.relation.inner
    steps = model.witnesses.relation(arc.function, Relation(outer, inner))
    way = model.witnesses.down(arc.function, inner.origin, describe(inner), (outer.cls.label,))
    entered = isinstance(outer.origin.key, str)
    apart = outer.cls == inner.cls and inner.kind is Kind.LOCK and not _same(outer, inner)
    family = model.ruleset.families.get(outer.cls.family)
    for state in family.implies if family is not None and outer.cls.name.startswith(STATE) else ():
        yield Move(act=Act.HOLDS, cls=LockClass(state, state))
    yield Move(
        act=Act.HOLDS if entered else Act.TAKES,
        cls=outer.cls,
        mode=outer.mode,
        steps=steps[: len(steps) - len(way)],
        nested=outer.nested,
    )
    yield replace(move_of(model, arc.function, inner), steps=way, instance="a second one" if apart else "")


def _same(outer: HeldLock, inner: Inner) -> bool:
    """Whether both are known to be one lock."""
    return outer.instance == inner.instance and not outer.many and not outer.instance.startswith(OPAQUE)


def move_of(model: LockModel, function: FunctionId, inner: Inner) -> Move:
    """What happens in a function, with the way to it."""
    act = {Kind.LOCK: Act.TAKES, Kind.SYNC: Act.WAITS}.get(inner.kind, Act.SLEEPS)
    way = model.witnesses.down(function, inner.origin, describe(inner))
    return Move(act=act, cls=inner.cls, mode=inner.mode, steps=way, nested=inner.nested)


def _around(model: LockModel, arc: Arc) -> Iterator[_Around]:
    """What the function asserts of its callers, and what it may hold itself besides the outer lock of the arc."""
    outer, inner = arc.relation.outer, arc.relation.inner
    seen = {outer.cls, inner.cls}
    summary = model.summary(arc.function)
    for requirement, _ in summary.requirements:
        sure = requirement.origin.callee is None and not (requirement.likely or requirement.negative)
        if not sure or requirement.rule or requirement.others or requirement.when or requirement.cls in seen:
            continue
        seen.add(requirement.cls)
        event = f"is called with {requirement.cls.label} held"
        step = model.witnesses.step(arc.function, requirement.origin.line, event)
        mode = requirement.mode or Mode.EXCLUSIVE
        yield _Around(Move(act=Act.HOLDS, cls=requirement.cls, mode=mode, steps=(step,)), requirement.instance, 0)
    for relation, _ in summary.relations:
        held = relation.outer
        same = relation.inner.cls == inner.cls and relation.inner.origin == inner.origin
        if same and held.cls not in seen and not held.cls.name.startswith(STATE):
            seen.add(held.cls)
            way = model.witnesses.down(arc.function, held.origin, acquires(held.cls.label, held.mode))
            yield _Around(Move(act=Act.TAKES, cls=held.cls, mode=held.mode, steps=way), held.instance, held.origin.line)


def _held_there(model: LockModel, arc: Arc) -> frozenset[LockClass]:
    """The classes that are held, taken before the outer lock, on every path to the arc's inner event."""
    ref = model.functions[arc.function]
    outer, line = arc.relation.outer, arc.relation.inner.origin.line
    found: list[frozenset[LockClass]] = []

    def watch(at: int, state: State) -> None:
        if at == line and _index(state.held, outer) is not None:
            found.append(frozenset(lock.cls for lock in state.held[: _index(state.held, outer)] if not lock.drained))

    Flow(model.linker, ref, model.summary, watch).run()
    return frozenset.intersection(*found) if found else frozenset()


def _index(held: tuple[HeldLock, ...], wanted: HeldLock) -> int | None:
    return next((n for n, lock in enumerate(held) if (lock.cls, lock.instance) == (wanted.cls, wanted.instance)), None)


def _placed(around: _Around, arc: Arc, number: int) -> Move:
    """Global locks, and those of the object that a lock of the cycle belongs to, are the same for all actors."""
    move = around.move
    if not move.cls.name.startswith(("struct ", "union ")):
        return move
    own = _object_of(around.instance)
    for cls, instance in ((arc.outer, arc.relation.outer.instance), (arc.inner, arc.relation.inner.instance)):
        if own and own == _object_of(instance) and _record(cls) == _record(move.cls):
            return move
    return replace(move, instance=f"of CPU {number}")


def _record(cls: LockClass) -> str:
    return cls.name.rpartition(".")[0]


def _object_of(instance: str) -> str:
    """The path of the object that a lock is a field of; "" if there is none."""
    if instance.startswith(OPAQUE):
        return ""
    arrow, dot = instance.rfind("->"), instance.rfind(".")
    return instance[: max(arrow, dot)] if max(arrow, dot) > 0 else ""
