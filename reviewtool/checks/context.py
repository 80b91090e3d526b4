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
from reviewtool.checks.opened import TRIES, Opened, explained, first_open, lowered
from reviewtool.checks.order import innermost
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.graph import UNKNOWN, Arc
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass
from reviewtool.locking.summary import SLEEPER, HeldLock, Inner, Kind, Relation
from reviewtool.locking.witness import describe
from reviewtool.ruleset.model import Mode, WaitType

Place = tuple[FunctionId, int]
Taking = tuple[FunctionId, Inner]
"""A root, and a lock that it takes."""

IRQ: Final = "@irq"
"""The state of having interrupts off."""


def check_context(model: LockModel) -> Iterator[Finding]:
    """All findings of the group."""
    yield from _waits(model)
    yield from _interrupts(model)


def _waits(model: LockModel) -> Iterator[Finding]:
    """One finding for each place that waits and each class it must not wait under, the shortest way first."""
    found: dict[tuple[Place, LockClass], list[tuple[FunctionId, Relation]]] = {}
    for function, relation in (*model.relations(), *model.entered):
        inner = relation.inner
        if inner.final or inner.likely or SLEEPER in inner.masked or not _too_long(model, relation.outer, inner):
            continue
        found.setdefault((innermost(Arc(function, relation)), relation.outer.cls), []).append((function, relation))
    reported: set[Place] = set()
    for (place, _), ways in sorted(found.items(), key=lambda item: (item[0][0], item[0][1].name)):
        if place not in reported:
            ways.sort(key=lambda way: _rank(model, *way))
            opened = first_open(model, ways)
            if opened is not None and innermost(Arc(opened.function, opened.relation)) not in reported:
                reported.update((place, innermost(Arc(opened.function, opened.relation))))
                yield from _wait(model, opened)


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


def _wait(model: LockModel, opened: Opened) -> Iterator[Finding]:
    function, relation = opened.function, opened.relation
    outer, inner = relation.outer, relation.inner
    place, line = innermost(Arc(function, relation))
    family = model.ruleset.families.get(inner.cls.family)
    sleeps = inner.kind is not Kind.LOCK or (family is not None and family.wait_type is WaitType.SLEEP)
    verb = describe(inner)
    finding = make_finding(
        model,
        "sleep-in-atomic" if sleeps else "invalid-wait-context",
        opened.at_most(Certainty.LIKELY if inner.likely else Certainty.PROVED),
        place,
        line,
        f"{verb} while {outer.cls.label} is held",
        identity=(outer.cls.name, inner.cls.name, function.name),
        locks=(outer.cls.label, *([inner.cls.label] if inner.kind is Kind.LOCK else [])),
        witness=model.witnesses.relation(function, relation),
        explanation=explained(opened.passage),
        evidence=way_evidence(model, function, relation),
    )
    if finding is not None:
        yield finding


def _interrupts(model: LockModel) -> Iterator[Finding]:
    """A class that a hard interrupt takes, taken elsewhere with interrupts on: it may interrupt its own holder."""
    handlers: dict[LockClass, list[Taking]] = {}
    for function, contexts in sorted(model.roots.items()):
        if any(context.kind == "hardirq" for context in contexts):
            for inner, _ in model.summary(function).inner:
                if _interrupting(model, inner):
                    handlers.setdefault(inner.cls, []).append((function, inner))
    if not handlers:
        return
    others: dict[LockClass, list[Taking]] = {}
    for function, contexts in sorted(model.roots.items()):
        if any(context.kind != "task" or IRQ in context.holds for context in contexts):
            continue
        for inner, _ in model.summary(function).inner:
            if inner.cls in handlers and _interrupting(model, inner) and IRQ not in inner.masked:
                others.setdefault(inner.cls, []).append((function, inner))
    for cls, takings in sorted(others.items(), key=lambda item: item[0].name):
        yield from _unsafe(model, handlers[cls], takings)


def _interrupting(model: LockModel, inner: Inner) -> bool:
    """Surely taken, and spun for: one that is slept for is wrong in an interrupt whoever else takes it."""
    family = model.ruleset.families.get(inner.cls.family)
    doubtful = inner.likely or inner.final or SLEEPER in inner.masked or inner.cls.name.startswith((UNKNOWN, "@"))
    if doubtful or inner.kind is not Kind.LOCK or family is None:
        return False
    return family.exclusive and family.wait_type is not WaitType.SLEEP


def _unsafe(model: LockModel, handlers: list[Taking], takings: list[Taking]) -> Iterator[Finding]:
    """One finding for a class, told from the shortest way of each side."""
    pairs = ((handler, taking) for handler in _nearest(model, handlers) for taking in _nearest(model, takings))
    for (handler, interrupting), (function, inner) in pairs:
        if inner.mode is not Mode.EXCLUSIVE and interrupting.mode is not Mode.EXCLUSIVE:
            continue
        ways = (model.passage(function, inner), model.passage(handler, interrupting))
        if ways[0] is None or ways[1] is None:
            continue
        assert isinstance(ways[0].record, Inner)
        assert isinstance(ways[1].record, Inner)
        mine, theirs = ways[0].record, ways[1].record
        place = innermost(Arc(function, Relation(HeldLock(inner.cls, "~", inner.mode), mine)))
        finding = make_finding(
            model,
            "irq-unsafe-lock",
            lowered(Certainty.PROVED, ways[0], ways[1]),
            *place,
            f"{inner.cls.label} is acquired with interrupts on, and {handler.name}() acquires it in a hard interrupt",
            identity=(inner.cls.name,),
            anywhere=True,
            locks=(inner.cls.label,),
            witness=model.witnesses.down(function, mine.origin, describe(mine)),
            other=model.witnesses.down(handler, theirs.origin, describe(theirs)),
            explanation=explained(ways[0], ways[1]),
            evidence=taking_evidence(model, ((function, mine), (handler, theirs))),
        )
        if finding is not None:
            yield finding
        return


def _nearest(model: LockModel, takings: list[Taking]) -> list[Taking]:
    """Changed functions first, then short ways."""
    return sorted(takings, key=lambda taking: (taking[0] not in model.changed, taking[1].origin.depth))[:TRIES]
