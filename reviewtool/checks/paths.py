# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The evidence of a changed function: one path of it, what is held when it begins, and the opposite way if there is."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from reviewtool.checks.aftermath import evidence_after
from reviewtool.checks.evidence import cycle_evidence, kind_of_arc, kind_of_root
from reviewtool.finding.evidence import Act, Actor, Evidence, Move, PathEvidence
from reviewtool.locking.flow import Flow
from reviewtool.locking.graph import Arc, preference, touches
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass, Step
from reviewtool.locking.points import STATE, Deed, Place, Point, Way, way_of
from reviewtool.locking.route import Choice, find_route
from reviewtool.locking.state import State
from reviewtool.locking.summary import HeldLock
from reviewtool.locking.witness import acquires
from reviewtool.ruleset.model import Mode

Edge = tuple[LockClass, LockClass, str]

_ACTS: Final = {
    Deed.TAKES: Act.TAKES,
    Deed.RELEASES: Act.RELEASES,
    Deed.DOWNGRADES: Act.DOWNGRADES,
    Deed.WAITS: Act.WAITS,
    Deed.SLEEPS: Act.SLEEPS,
}
_ORDINALS: Final = ("", "a second one", "a third one")
_NOBODYS: Final = (STATE, "*", "?")
"""Begin the names of what no caller is known to hold: states of the CPU, locks of which only the type is known."""
_FARTHEST: Final = 6
"""Calls from a root to the function, at most."""


@dataclass(frozen=True, slots=True)
class _Aim:
    """An edge that goes through the function."""

    key: Edge
    arc: Arc
    back: tuple[Edge, ...]
    new: bool


def path_evidence(model: LockModel, older: LockModel | None, function: FunctionId) -> PathEvidence:
    """The path of `function` that shows best what may go wrong with it.

    First of all an edge that `older`, the snapshot before, does not have and to which there is an opposite way; then
    one with an opposite way; then a new one; then whatever locks it takes. Empty evidence if it has none.
    """
    aim = _aim(model, older, function)
    actor = _actor(model, function, aim.arc if aim is not None else None)
    if actor is None:
        return PathEvidence(evidence=())
    if aim is None:
        return PathEvidence(evidence=_beside_itself(model, function, actor))
    edge = (aim.key[0].label, aim.key[1].label)
    if not aim.back:
        return PathEvidence(evidence=_beside_itself(model, function, actor), edge=edge, new=aim.new)
    arcs = [aim.arc, *(model.graph.best(*step, model.changed) for step in aim.back)]
    own, *others = cycle_evidence(model, arcs)
    actor = _placed_as(actor, own)
    return PathEvidence(evidence=(actor, *others), edge=edge, new=aim.new, opposite=True)


def path_before(older: LockModel, function: FunctionId, path: PathEvidence) -> Evidence:
    """The same in the snapshot before the patch: what the function and those beside it do there."""
    own, *others = path.evidence
    arc = None
    for key, arcs in older.graph.arcs.items():
        if path.edge is not None and (key[0].label, key[1].label) == path.edge:
            through = [each for each in arcs if touches(each, frozenset({function}))]
            arc = min(through, key=lambda each: preference(each, frozenset()), default=None) or arc
    actor = _actor(older, function, arc)
    if actor is None:
        return ()
    actor = _placed_as(actor, own)
    if not path.opposite:
        return tuple(actor for _ in path.evidence)
    return (actor, *evidence_after(older, tuple(others)))


def _aim(model: LockModel, older: LockModel | None, function: FunctionId) -> _Aim | None:
    """The edge to show."""
    found = []
    through = frozenset({function})
    for key, arcs in model.graph.arcs.items():
        mine = [arc for arc in arcs if touches(arc, through) and not arc.relation.inner.likely]
        if not mine or key[0] == key[1]:
            continue
        arc = min(mine, key=lambda each: (each.function != function, *preference(each, frozenset())))
        back = model.graph.path(key[1], key[0], key[2]) or []
        known = older.graph.arcs.get(key) if older is not None else None
        found.append(_Aim(key, arc, tuple(back), older is not None and known is None))
    worth = [aim for aim in found if aim.back or aim.new]
    return min(worth, key=_worth, default=None)


def _worth(aim: _Aim) -> tuple[bool, bool, int, tuple[str, str, str]]:
    return (not aim.back, not aim.new, len(aim.back), (aim.key[0].name, aim.key[1].name, aim.key[2]))


def _actor(model: LockModel, function: FunctionId, arc: Arc | None) -> Actor | None:
    """The path as an actor; None if it has nothing to do with locks."""
    goal: Way = ()
    top, kind, entry = function, kind_of_root(model, function), []
    if arc is not None:
        goal, above = _split(way_of(arc.function, arc.relation.inner.origin), function)
        top, kind = goal[0][0], kind_of_arc(model, arc)
        entry = [_holds(model, arc.function, arc.relation.outer)] if arc.function != top or _entered(arc) else []
        if above:
            entry = _merged(entry, (_holds(model, at, lock) for at, line in above for lock in _held(model, at, line)))
    first = arc.function if arc is not None else top
    root = _way_from_root(model, first)
    outside = (_holds(model, (root[0][0] if root else first), lock) for lock in _outside(model, root, first))
    callers = (_holds(model, at, lock) for at, line in root for lock in _held(model, at, line))
    entry = _merged(_merged(list(outside), callers), entry)
    entry = _merged(entry, _asserted(model, top))
    route = find_route(model, top, goal)
    moves = tuple(_moves(model, entry, route.points)) if route is not None else ()
    if not any(move.act in (Act.TAKES, Act.WAITS, Act.SLEEPS) for move in moves):
        return None
    assert route is not None
    if kind == "task" and root:
        kind = kind_of_root(model, root[0][0])
    return Actor(moves=moves, kind=kind, choices=tuple(_told(model, route.choices)))


def _entered(arc: Arc) -> bool:
    return isinstance(arc.relation.outer.origin.key, str)


def _split(way: Way, function: FunctionId) -> tuple[Way, Way]:
    """The way from the function on, and the calls above it; all of the way if it does not lead through there."""
    at = next((number for number, place in enumerate(way) if place[0] == function), 0)
    return way[at:], way[:at]


def _way_from_root(model: LockModel, function: FunctionId) -> tuple[Place, ...]:
    """The calls that lead to a function from the nearest root: each caller with the line of its call."""
    queue: deque[tuple[FunctionId, tuple[Place, ...]]] = deque([(function, ())])
    seen = {function}
    while queue:
        at, way = queue.popleft()
        if at in model.roots:
            return way
        for caller, line in model.callers.get(at, ()) if len(way) < _FARTHEST else ():
            if caller not in seen:
                seen.add(caller)
                queue.append((caller, ((caller, line), *way)))
    return ()


def _outside(model: LockModel, root: tuple[Place, ...], function: FunctionId) -> tuple[HeldLock, ...]:
    top = root[0][0] if root else function
    return model.held_outside(top) if top in model.roots else ()


def _held(model: LockModel, function: FunctionId, line: int) -> tuple[HeldLock, ...]:
    """What is held at a line on every path that comes there."""
    found: list[tuple[HeldLock, ...]] = []

    def watch(at: int, state: State) -> None:
        if at == line:
            found.append(tuple(lock for lock in state.held if not lock.drained))

    Flow(model.linker, model.functions[function], model.summary, watch).run()
    common = set.intersection(*(set(locks) for locks in found)) if found else set()
    return tuple(lock for lock in found[0] if lock in common) if found else ()


def _holds(model: LockModel, function: FunctionId, lock: HeldLock) -> Move:
    key = lock.origin.key
    if isinstance(key, str):
        event = f"is entered with {lock.cls.label} held ({key.lstrip(STATE).replace('-', ' ')})"
        steps: tuple[Step, ...] = (model.witnesses.step(function, lock.origin.line, event),)
    else:
        steps = model.witnesses.down(function, lock.origin, acquires(lock.cls.label, lock.mode))
    return Move(act=Act.HOLDS, cls=lock.cls, mode=lock.mode, steps=steps, nested=lock.nested)


def _asserted(model: LockModel, function: FunctionId) -> Iterator[Move]:
    for requirement, _ in model.summary(function).requirements:
        sure = requirement.origin.callee is None and not (requirement.likely or requirement.negative)
        if sure and not requirement.rule and not requirement.others and not requirement.when:
            event = f"is called with {requirement.cls.label} held"
            step = model.witnesses.step(function, requirement.origin.line, event)
            yield Move(act=Act.HOLDS, cls=requirement.cls, mode=requirement.mode or Mode.EXCLUSIVE, steps=(step,))


def _merged(moves: list[Move], more: Iterable[Move]) -> list[Move]:
    """The first move for each class."""
    found = {move.cls: move for move in moves}
    for move in more:
        if not move.cls.name.startswith("?"):
            found.setdefault(move.cls, move)
    return list(found.values())


def _moves(model: LockModel, entry: Sequence[Move], points: Sequence[Point]) -> Iterator[Move]:
    """The moves of a path; locks of one class are told apart in the order in which they come."""
    now: dict[LockClass, list[str]] = {move.cls: [""] for move in entry}
    seen: dict[LockClass, list[str]] = {move.cls: [""] for move in entry}
    yield from entry
    for move in _missing(entry, points):
        now[move.cls], seen[move.cls] = [""], [""]
        yield move
    for point in points:
        held = now.setdefault(point.cls, [])
        if point.deed is Deed.TAKES:
            family = model.ruleset.families.get(point.cls.family)
            again = family is not None and family.reentrant
            instance = _instance(point, held, seen.setdefault(point.cls, []), again)
            held.append(instance)
        elif point.deed in (Deed.RELEASES, Deed.DOWNGRADES):
            if not held:
                continue
            instance = _same(point, held)
            if point.deed is Deed.RELEASES:
                held.remove(instance)
        else:
            instance = point.instance
        named = seen.setdefault(point.cls, [instance])
        number = named.index(instance) if instance in named else 0
        yield _move(model, point, _ORDINALS[min(number, len(_ORDINALS) - 1)])


def _instance(point: Point, held: list[str], seen: list[str], again: bool) -> str:
    """The name of what is taken: one that is not held now is the same as before, whatever path leads to it; so is one
    that the same context may take `again`.
    """
    if again and seen:
        name = seen[0]
    else:
        free = [name for name in seen if name not in held]
        name = point.instance if point.instance in free else free[0] if free else point.instance
    if name not in seen:
        seen.append(name)
    return name


def _same(point: Point, held: list[str]) -> str:
    return point.instance if point.instance in held else held[-1]


def _missing(entry: Sequence[Move], points: Sequence[Point]) -> Iterator[Move]:
    """Locks that the path gives up though nobody is known to hold them: its callers do."""
    count = {move.cls: 1 for move in entry}
    for point in points:
        if point.deed is Deed.TAKES:
            count[point.cls] = count.get(point.cls, 0) + 1
        elif point.deed in (Deed.RELEASES, Deed.DOWNGRADES):
            count[point.cls] = count.get(point.cls, 0) - (point.deed is Deed.RELEASES)
            if count[point.cls] < 0:
                count[point.cls] = 0
                if not point.cls.name.startswith(_NOBODYS):
                    yield Move(act=Act.HOLDS, cls=point.cls, mode=point.mode)


def _move(model: LockModel, point: Point, instance: str) -> Move:
    return Move(
        act=_ACTS[point.deed],
        cls=point.cls,
        mode=point.mode,
        steps=tuple(_steps(model, point)),
        instance=instance,
        nested=point.nested,
        trylock=point.trylock,
        with_lock=point.with_lock,
    )


def _steps(model: LockModel, point: Point) -> Iterator[Step]:
    for (function, line), (callee, _) in zip(point.way, point.way[1:], strict=False):
        yield model.witnesses.step(function, line, f"calls {callee.name}()")
    function, line = point.way[-1]
    event = "may sleep" if point.deed is Deed.SLEEPS else f"{point.deed} {point.cls.label}"
    yield model.witnesses.step(function, line, event)


def _told(model: LockModel, choices: Iterable[Choice]) -> Iterator[str]:
    for choice in choices:
        step = model.witnesses.step(choice.function, choice.line, choice.text)
        yield f"{choice.text} ({step.path}:{step.line})"


def _beside_itself(model: LockModel, function: FunctionId, actor: Actor) -> Evidence:
    """Two CPUs on the same path, unless it never runs twice at a time."""
    root = _way_from_root(model, function)
    contexts = model.roots.get(root[0][0] if root else function, ())
    alone = any(context.excludes for context in contexts) or actor.kind != "task"
    return (actor,) if alone else (actor, actor)


def _placed_as(actor: Actor, other: Actor) -> Actor:
    """The actor with the names that the other one, which is in its place, gives to locks."""
    names = {move.cls: move.instance for move in other.moves}
    moves = (
        replace(move, instance=names[move.cls]) if move.cls in names and not move.instance else move
        for move in actor.moves
    )
    return replace(actor, moves=tuple(moves))
