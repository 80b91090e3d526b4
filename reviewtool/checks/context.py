# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The context group: what sleeps where it must not, by lockdep's wait types, and locks that interrupts take too.

Wait types are those of include/linux/lockdep_types.h: what is taken inside a lock may not wait longer than the lock's
own inner type allows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reviewtool.checks.check import make_finding
from reviewtool.checks.evidence import taking_evidence, way_evidence
from reviewtool.checks.order import innermost
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.graph import UNKNOWN, Arc
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass
from reviewtool.locking.summary import SLEEPER, HeldLock, Inner, Kind, Relation
from reviewtool.locking.witness import describe
from reviewtool.ruleset.model import WaitType

IRQ: Final = "@irq"
"""The state of having interrupts off."""


def check_context(model: LockModel) -> Iterator[Finding]:
    """All findings of the group."""
    yield from _waits(model)
    yield from _interrupts(model)


def _waits(model: LockModel) -> Iterator[Finding]:
    """One finding for each place that waits and each class it must not wait under, the shortest way first."""
    best: dict[tuple[tuple[FunctionId, int], LockClass], tuple[FunctionId, Relation]] = {}
    for function, relation in (*model.relations(), *model.entered):
        inner = relation.inner
        if inner.final or inner.likely or SLEEPER in inner.masked or not _too_long(model, relation.outer, inner):
            continue
        key = (innermost(Arc(function, relation)), relation.outer.cls)
        old = best.get(key)
        if old is None or _rank(model, function, relation) < _rank(model, *old):
            best[key] = (function, relation)
    reported: set[tuple[FunctionId, int]] = set()
    for (place, _), (function, relation) in sorted(best.items(), key=lambda item: (item[0][0], item[0][1].name)):
        if place not in reported:
            reported.add(place)
            yield from _wait(model, function, relation)


def _rank(model: LockModel, function: FunctionId, relation: Relation) -> tuple[bool, bool, int]:
    origin = relation.inner.origin
    return (function not in model.changed, relation.inner.likely, origin.depth)


def _too_long(model: LockModel, outer: HeldLock, inner: Inner) -> bool:
    families = model.ruleset.families
    holder = families.get(outer.cls.family)
    if holder is None or outer.cls.name.startswith(UNKNOWN) or inner.flags or inner.kind is Kind.CALL:
        return False
    if inner.kind is Kind.LOCK:
        family = families.get(inner.cls.family)
        if family is None or inner.cls.name.startswith((UNKNOWN, "@")):
            return False
        return family.wait_type > holder.inner
    if inner.kind is Kind.SYNC:
        family = families.get(inner.cls.family)
        return family is not None and family.wait_type > holder.inner
    return holder.inner < WaitType.SLEEP


def _wait(model: LockModel, function: FunctionId, relation: Relation) -> Iterator[Finding]:
    outer, inner = relation.outer, relation.inner
    place, line = innermost(Arc(function, relation))
    family = model.ruleset.families.get(inner.cls.family)
    sleeps = inner.kind is not Kind.LOCK or (family is not None and family.wait_type is WaitType.SLEEP)
    verb = describe(inner)
    finding = make_finding(
        model,
        "sleep-in-atomic" if sleeps else "invalid-wait-context",
        Certainty.LIKELY if inner.likely else Certainty.PROVED,
        place,
        line,
        f"{verb} while {outer.cls.label} is held",
        identity=(outer.cls.name, inner.cls.name, function.name),
        locks=(outer.cls.label, *([inner.cls.label] if inner.kind is Kind.LOCK else [])),
        witness=model.witnesses.relation(function, relation),
        evidence=way_evidence(model, function, relation),
    )
    if finding is not None:
        yield finding


def _interrupts(model: LockModel) -> Iterator[Finding]:
    """A class that a hard interrupt takes, taken elsewhere with interrupts on: it may interrupt its own holder."""
    taken: dict[LockClass, tuple[FunctionId, Inner]] = {}
    for function, contexts in sorted(model.roots.items()):
        if any(context.kind == "hardirq" for context in contexts):
            for inner, _ in model.summary(function).inner:
                if inner.kind is Kind.LOCK and not _doubtful(inner) and SLEEPER not in inner.masked:
                    taken.setdefault(inner.cls, (function, inner))
    if not taken:
        return
    told: set[tuple[FunctionId, int]] = set()
    for function, contexts in sorted(model.roots.items()):
        if any(context.kind != "task" or IRQ in context.holds for context in contexts):
            continue
        for inner, _ in model.summary(function).inner:
            if inner.cls not in taken or inner.kind is not Kind.LOCK or IRQ in inner.masked or _doubtful(inner):
                continue
            relation = Relation(HeldLock(inner.cls, "~", inner.mode), inner)
            place = innermost(Arc(function, relation))
            if place not in told:
                told.add(place)
                yield from _unsafe(model, function, inner, place, taken[inner.cls])


def _doubtful(inner: Inner) -> bool:
    """No proof: reached through a pointer by type, or by way of a sleeping lock, which an interrupt cannot take."""
    return inner.likely or inner.final or inner.cls.name.startswith((UNKNOWN, "@"))


def _unsafe(
    model: LockModel,
    function: FunctionId,
    inner: Inner,
    place: tuple[FunctionId, int],
    interrupt: tuple[FunctionId, Inner],
) -> Iterator[Finding]:
    handler, taken = interrupt
    finding = make_finding(
        model,
        "irq-unsafe-lock",
        Certainty.PROVED,
        *place,
        f"{inner.cls.label} is acquired with interrupts on, and {handler.name}() acquires it in a hard interrupt",
        identity=(inner.cls.name,),
        locks=(inner.cls.label,),
        witness=model.witnesses.down(function, inner.origin, describe(inner)),
        other=model.witnesses.down(handler, taken.origin, describe(taken)),
        evidence=taking_evidence(model, ((function, inner), (handler, taken))),
    )
    if finding is not None:
        yield finding
