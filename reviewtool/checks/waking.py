# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Waits for an event (a completion, a wait queue) that nobody can signal while they last, or that nobody signals.

lockdep does not see these: whoever signals takes no lock for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from reviewtool.checks.check import make_finding
from reviewtool.checks.evidence import way_evidence
from reviewtool.checks.order import innermost
from reviewtool.csource.facts import Call
from reviewtool.finding.evidence import Act, Actor, Move
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.classes import is_open
from reviewtool.locking.graph import UNKNOWN, Arc
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass, Step
from reviewtool.locking.summary import HeldLock, Kind, Relation
from reviewtool.ruleset.model import Effect, Ruleset

FARTHEST: Final = 3
"""Callers above a signal that are asked what they hold."""

_ASKS: Final = frozenset({Effect.WAIT, Effect.INIT, Effect.DESTROY})

Place = tuple[FunctionId, int]


@dataclass(slots=True)
class _Signals:
    """Where one event is signalled."""

    places: list[Place] = field(default_factory=list)
    elsewhere: bool = False
    """Somebody gets its address who may signal it, too."""


def check_waking(model: LockModel) -> Iterator[Finding]:
    """One finding for each place that waits under a lock which all who signal hold."""
    events = event_families(model.ruleset)
    waits: dict[Place, tuple[FunctionId, Relation]] = {}
    for function, relation in model.relations():
        if _is_event(relation, events) and _is_lock(model, relation.outer):
            place = innermost(Arc(function, relation))
            old = waits.get(place)
            if old is None or relation.inner.origin.depth < old[1].inner.origin.depth:
                waits[place] = (function, relation)
    if not waits:
        return
    signals = _signals(model, events, {relation.inner.cls for _, relation in waits.values()})
    for place, (function, relation) in sorted(waits.items(), key=lambda item: item[0]):
        known = signals[relation.inner.cls]
        needs = known.places and not known.elsewhere
        if needs and all(_held(model, each, relation.outer.cls, 0) for each in known.places):
            yield from _tell(model, place, function, relation, known.places[0])


def event_families(ruleset: Ruleset) -> frozenset[str]:
    """The families of what is signalled by whoever likes, and has no code of its own that runs for it."""
    signalled: set[str] = set()
    run = {name for name, family in ruleset.families.items() if family.handle}
    for primitive in ruleset.primitives.values():
        signalled.update(operation.family for operation in primitive.operations if operation.effect is Effect.SIGNAL)
    for context in ruleset.contexts:
        if context.subject and context.holder in ruleset.primitives:
            run.update(operation.family for operation in ruleset.primitives[context.holder].operations)
        elif context.subject:
            record = context.holder.rpartition(".")[0]
            run.update(name for name, family in ruleset.families.items() if record in family.types)
    return frozenset(signalled - run)


def _is_event(relation: Relation, events: frozenset[str]) -> bool:
    """Whether the inner event is surely a wait for one event that is known."""
    inner = relation.inner
    if inner.kind is not Kind.SYNC or inner.cls.family not in events or inner.final or inner.likely:
        return False
    return not is_open(inner.cls) and not inner.cls.name.startswith(UNKNOWN)


def _is_lock(model: LockModel, lock: HeldLock) -> bool:
    family = model.ruleset.families.get(lock.cls.family)
    if family is None or lock.cls.name.startswith((UNKNOWN, "@")) or is_open(lock.cls) or lock.trylock:
        return False
    return family.order and family.owned and family.exclusive


def _signals(model: LockModel, events: frozenset[str], wanted: set[LockClass]) -> dict[LockClass, _Signals]:
    """Where the wanted events are signalled."""
    found = {cls: _Signals() for cls in wanted}
    names = {cls.name.rpartition(":")[2].rpartition(".")[2] for cls in wanted}
    primitives = model.ruleset.primitives
    for function, ref in sorted(model.functions.items()):
        for block in ref.facts.blocks:
            for event in block.events:
                if not isinstance(event, Call):
                    continue
                primitive = primitives.get(event.callee)
                effects = {op.effect for op in primitive.operations if op.family in events} if primitive else set()
                for argument in event.args:
                    if Effect.SIGNAL not in effects and not any(name in argument for name in names):
                        continue
                    lock = model.linker.lock_of(ref, argument)
                    if lock is None or effects & _ASKS:
                        continue
                    if lock.cls in found and Effect.SIGNAL in effects:
                        found[lock.cls].places.append((function, event.line))
                    elif lock.cls in found or (is_open(lock.cls) and lock.cls.family in events):
                        for cls in wanted if is_open(lock.cls) else {lock.cls}:
                            found[cls].elsewhere |= cls.family == lock.cls.family
    return found


def _held(model: LockModel, place: Place, cls: LockClass, depth: int) -> bool:
    """Whether a lock of the class is held at a place, or whenever the function is called."""
    function, line = place
    ref = model.functions[function]
    if any(lock.cls == cls for lock in model.held_lines(function).get(ref.line(line), ())):
        return True
    callers = model.callers.get(function, ())
    if depth >= FARTHEST or not callers or function in model.roots:
        return False
    return all(_held(model, caller, cls, depth + 1) for caller in callers)


def _tell(model: LockModel, place: Place, function: FunctionId, relation: Relation, signal: Place) -> Iterator[Finding]:
    outer, inner = relation.outer, relation.inner
    signals = model.witnesses.step(*signal, f"signals {inner.cls.label}", (outer.cls.label,))
    finding = make_finding(
        model,
        "wait-under-waker-lock",
        Certainty.LIKELY,
        *place,
        f"waits for {inner.cls.label} while {outer.cls.label} is held; all who signal it hold that lock too",
        identity=(outer.cls.name, inner.cls.name),
        locks=(outer.cls.label,),
        witness=model.witnesses.relation(function, relation),
        other=(signals,),
        evidence=(*way_evidence(model, function, relation), _waker(relation, signals)),
    )
    if finding is not None:
        yield finding


def _waker(relation: Relation, signals: Step) -> Actor:
    """Who signals, under the lock; in evidence who holds an event is who signals it in the end."""
    lock = Move(act=Act.HOLDS, cls=relation.outer.cls)
    return Actor(moves=(lock, Move(act=Act.HOLDS, cls=relation.inner.cls, steps=(signals,))))
