# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Calls on other CPUs, made under a lock that those may wait for with interrupts off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reviewtool.checks.check import make_finding
from reviewtool.checks.order import innermost
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.classes import is_open
from reviewtool.locking.graph import UNKNOWN, Arc
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass
from reviewtool.locking.summary import HeldLock, Inner, Kind, Relation, called
from reviewtool.locking.witness import describe
from reviewtool.ruleset.model import Mode, WaitType

IRQ: Final = "@irq"
"""The state of having interrupts off."""


FARTHEST: Final = 5
"""Calls from either holder to what it does; beyond, some condition on the way may well exclude it."""


def check_crosscalls(model: LockModel) -> Iterator[Finding]:
    """One finding for each place that calls and each lock, the shortest way there."""
    calls = {called(name) for each in model.ruleset.forbidden if IRQ in each.under for name in each.calls}
    best: dict[tuple[FunctionId, int, LockClass], tuple[FunctionId, Relation]] = {}
    for function, relation in (*model.relations(), *model.entered) if calls else ():
        inner, outer = relation.inner, relation.outer
        if inner.kind is not Kind.CALL or inner.cls not in calls or not _sure(inner) or not _spins(model, outer):
            continue
        key = (*innermost(Arc(function, relation)), outer.cls)
        old = best.get(key)
        if old is None or inner.origin.depth < old[1].inner.origin.depth:
            best[key] = (function, relation)
    if not best:
        return
    spinning = _spinning(model, {relation.outer.cls for _, relation in best.values()})
    for (place, line, cls), (function, relation) in sorted(best.items(), key=lambda item: (item[0][:2], str(item[0]))):
        for other, inner in spinning.get(cls, ())[:1]:
            if Mode.EXCLUSIVE in (relation.outer.mode, inner.mode):
                yield from _tell(model, (place, line), (function, relation), (other, inner))


def _spins(model: LockModel, lock: HeldLock) -> bool:
    family = model.ruleset.families.get(lock.cls.family)
    if family is None or lock.cls.name.startswith((UNKNOWN, "@")) or is_open(lock.cls):
        return False
    return family.order and family.exclusive and family.owned and family.wait_type < WaitType.SLEEP


def _spinning(model: LockModel, wanted: set[LockClass]) -> dict[LockClass, list[tuple[FunctionId, Inner]]]:
    """Where the locks are waited for with interrupts off."""
    found: dict[LockClass, list[tuple[FunctionId, Inner]]] = {}
    interrupts = ((function, relation) for function, relation in model.entered if _is_interrupt(model, function))
    for function, relation in (*model.relations(), *interrupts):
        inner = relation.inner
        masked = relation.outer.cls.name == IRQ and inner.kind is Kind.LOCK and inner.cls in wanted
        if masked and _sure(inner):
            found.setdefault(inner.cls, []).append((function, inner))
    return {cls: sorted(each, key=lambda way: (way[1].origin.depth, way[0])) for cls, each in found.items()}


def _sure(inner: Inner) -> bool:
    return not (inner.final or inner.likely) and inner.origin.depth <= FARTHEST


def _is_interrupt(model: LockModel, function: FunctionId) -> bool:
    """Whether interrupts call it; others with interrupts off may run where no CPU is called: on one that comes up."""
    return all(context.kind == "hardirq" for context in model.roots.get(function, ()))


def _tell(
    model: LockModel, place: tuple[FunctionId, int], way: tuple[FunctionId, Relation], other: tuple[FunctionId, Inner]
) -> Iterator[Finding]:
    function, relation = way
    outer, inner = relation.outer, relation.inner
    spins, taken = other
    finding = make_finding(
        model,
        "cross-call-under-irq-lock",
        Certainty.LIKELY,
        *place,
        f"{describe(inner)} while {outer.cls.label} is held, which {spins.name}() waits for with interrupts off: a CPU "
        "that does cannot answer the call",
        identity=(outer.cls.name, inner.cls.name),
        locks=(outer.cls.label,),
        witness=model.witnesses.relation(function, relation),
        other=model.witnesses.down(spins, taken.origin, describe(taken), ("interrupts off",)),
    )
    if finding is not None:
        yield finding
