# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Locks that interrupts take, too, and interrupts that come on too early.

An interrupt that takes a lock may come while its own CPU holds it; so whoever takes it outside of interrupts keeps them
off meanwhile, and takes nothing inside of it that others take with interrupts on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from reviewtool.checks.check import make_finding
from reviewtool.checks.evidence import taking_evidence
from reviewtool.checks.forbidden import FARTHEST
from reviewtool.checks.order import innermost
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.graph import UNKNOWN, Arc
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass
from reviewtool.locking.summary import ENABLED, INTERRUPTS, SLEEPER, HeldLock, Inner, Kind, Relation
from reviewtool.locking.witness import describe
from reviewtool.ruleset.model import Context, Mode, WaitType

Taken = Mapping[LockClass, tuple[FunctionId, Inner]]
"""A class, and a root with the acquisition that it leads to."""


_HARD: Final = frozenset({INTERRUPTS})
"""What keeps hard interrupts away."""
_SOFT: Final = frozenset({INTERRUPTS, "@bh"})
"""What keeps softirqs away."""

_SURENESS: Final = (Certainty.QUESTION, Certainty.LIKELY, Certainty.PROVED)

Place = tuple[FunctionId, int]


def check_interrupts(model: LockModel) -> Iterator[Finding]:
    """Findings of the group `context` that are about interrupts; those of hard interrupts alone are in context.py."""
    softly = _acquired(model, _interrupting(model, "softirq"), frozenset({SLEEPER}))
    if softly:
        yield from _unsafe(model, softly)
    hard = _acquired(model, _interrupting(model, "hardirq"), frozenset({SLEEPER}))
    if hard:
        yield from _leading(model, hard, _acquired(model, _outside(model, _HARD), _HARD))
    yield from _in_nmi(model)
    yield from _enabled(model)


def _interrupting(model: LockModel, kind: str) -> list[FunctionId]:
    return sorted(
        function for function, contexts in model.roots.items() if any(context.kind == kind for context in contexts)
    )


def _outside(model: LockModel, masks: frozenset[str]) -> list[FunctionId]:
    """The roots that such an interrupt can come in the middle of, in each of their contexts."""
    return sorted(
        function
        for function, contexts in model.roots.items()
        if not any(context.kind != "task" or masks & _names(context) for context in contexts)
    )


def _names(context: Context) -> frozenset[str]:
    return frozenset(name.partition(":")[0] for name in context.holds)


def _acquired(model: LockModel, roots: list[FunctionId], masks: frozenset[str]) -> Taken:
    """What these roots surely acquire outside of such states."""
    taken: dict[LockClass, tuple[FunctionId, Inner]] = {}
    for function in roots:
        for inner, _ in model.summary(function).inner:
            if _spins(model, inner) and not masks & inner.masked:
                taken.setdefault(inner.cls, (function, inner))
    return taken


def _spins(model: LockModel, inner: Inner) -> bool:
    """The acquisition of a lock that is waited for without sleeping; a lock that sleeps is wrong there anyway."""
    if inner.kind is not Kind.LOCK or inner.likely or inner.final or inner.cls.name.startswith((UNKNOWN, "@")):
        return False
    family = model.ruleset.families.get(inner.cls.family)
    return family is not None and family.wait_type in (WaitType.SPIN, WaitType.CONFIG)


def _unsafe(model: LockModel, taken: Taken) -> Iterator[Finding]:
    """A class that a softirq takes, taken elsewhere while one may come."""
    told: set[Place] = set()
    for function in _outside(model, _SOFT):
        for inner, _ in model.summary(function).inner:
            if inner.cls not in taken or not _spins(model, inner) or _SOFT & inner.masked:
                continue
            handler, there = taken[inner.cls]
            place = innermost(Arc(function, Relation(HeldLock(inner.cls, "~", inner.mode), inner)))
            if place in told or (inner.mode is not Mode.EXCLUSIVE and there.mode is not Mode.EXCLUSIVE):
                continue
            told.add(place)
            finding = make_finding(
                model,
                "softirq-unsafe-lock",
                _as_far(inner, there),
                *place,
                f"{inner.cls.label} is acquired with softirqs on, and {handler.name}() acquires it in a softirq",
                identity=(inner.cls.name,),
                locks=(inner.cls.label,),
                witness=model.witnesses.down(function, inner.origin, describe(inner)),
                other=model.witnesses.down(handler, there.origin, describe(there)),
                evidence=taking_evidence(model, ((function, inner), (handler, there))),
            )
            if finding is not None:
                yield finding


def _as_far(*inners: Inner) -> Certainty:
    """Proof, unless a way is so long that some condition on it may well exclude it."""
    return Certainty.QUESTION if any(inner.origin.depth > FARTHEST for inner in inners) else Certainty.PROVED


def _leading(model: LockModel, taken: Taken, unsafe: Taken) -> Iterator[Finding]:
    """Inside of a lock that a hard interrupt takes, one that others hold when that interrupt comes."""
    best: dict[tuple[LockClass, LockClass], tuple[FunctionId, Relation]] = {}
    for function, relation in model.relations():
        outer, inner = relation.outer, relation.inner
        if outer.cls not in taken or inner.cls in taken or inner.cls not in unsafe or not _spins(model, inner):
            continue
        old = best.get((outer.cls, inner.cls))
        if old is None or inner.origin.depth < old[1].inner.origin.depth:
            best[outer.cls, inner.cls] = (function, relation)
    for (outer_class, inner_class), (function, relation) in sorted(best.items(), key=lambda item: item[1][0]):
        holder, there = unsafe[inner_class]
        if there.mode is not Mode.EXCLUSIVE and relation.inner.mode is not Mode.EXCLUSIVE:
            continue
        handler, interrupting = taken[outer_class]
        finding = make_finding(
            model,
            "irq-unsafe-dependency",
            min(_as_far(relation.inner, there, interrupting), Certainty.LIKELY, key=_SURENESS.index),
            *innermost(Arc(function, relation)),
            f"{inner_class.label} is acquired inside {outer_class.label}, which {handler.name}() acquires in a hard "
            f"interrupt, but {holder.name}() acquires it with interrupts on",
            identity=(outer_class.name, inner_class.name),
            locks=(outer_class.label, inner_class.label),
            witness=model.witnesses.relation(function, relation),
            other=(
                *model.witnesses.down(holder, there.origin, describe(there)),
                *model.witnesses.down(handler, interrupting.origin, describe(interrupting)),
            ),
        )
        if finding is not None:
            yield finding


def _in_nmi(model: LockModel) -> Iterator[Finding]:
    """An NMI cannot be kept away: it may come while its own CPU holds the lock, whatever is off."""
    for function, contexts in sorted(model.roots.items()):
        if not any(context.kind == "nmi" for context in contexts):
            continue
        for inner, _ in model.summary(function).inner:
            if not _spins(model, inner):
                continue
            finding = make_finding(
                model,
                "lock-in-nmi",
                _as_far(inner),
                *innermost(Arc(function, Relation(HeldLock(inner.cls, "~", inner.mode), inner))),
                f"{inner.cls.label} is acquired and waited for in an NMI",
                identity=(inner.cls.name,),
                locks=(inner.cls.label,),
                witness=model.witnesses.down(function, inner.origin, describe(inner)),
            )
            if finding is not None:
                yield finding


def _enabled(model: LockModel) -> Iterator[Finding]:
    """A section that ends with interrupts on, inside another one that wants them off."""
    best: dict[Place, tuple[FunctionId, Relation]] = {}
    for function, relation in (*model.relations(), *model.entered):
        outer, inner = relation.outer, relation.inner
        if (
            inner.cls != ENABLED
            or outer.cls.name != INTERRUPTS
            or inner.likely
            or inner.final
            or SLEEPER in inner.masked
        ):
            continue
        place = innermost(Arc(function, relation))
        if place not in best or inner.origin.depth < best[place][1].inner.origin.depth:
            best[place] = (function, relation)
    for place, (function, relation) in sorted(best.items(), key=lambda item: item[0]):
        finding = make_finding(
            model,
            "interrupts-enabled-inside",
            _as_far(relation.inner),
            *place,
            "interrupts are switched on here, but whoever is on the way here has them off",
            identity=(function.name,),
            witness=model.witnesses.relation(function, relation),
        )
        if finding is not None:
            yield finding
