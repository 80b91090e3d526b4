# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Paths that wait for themselves: a reader for its own grace period, for its own write lock; reclaim for its caller."""

from __future__ import annotations

from collections.abc import Iterator

from reviewtool.checks.check import make_finding
from reviewtool.checks.evidence import way_evidence
from reviewtool.checks.opened import Opened, explained, opened
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass, Step
from reviewtool.locking.paths import OPAQUE
from reviewtool.locking.summary import RECLAIM, HeldLock, Inner, Kind
from reviewtool.locking.witness import describe
from reviewtool.ruleset.model import Mode


def check_readers(model: LockModel) -> Iterator[Finding]:
    """Grace periods waited for inside a reader of the same domain, and allocations that wait for a shrinker."""
    shrinkers = _shrinkers(model)
    for function, relation in (*model.relations(), *model.entered):
        outer, inner = relation.outer, relation.inner
        if inner.final:
            continue
        if inner.kind is Kind.SYNC and inner.cls == outer.cls and _reads(model, outer):
            found = opened(model, function, relation)
            if found is not None:
                yield from _own_reader(model, found)
        elif inner.cls == RECLAIM and not inner.flags and outer.cls in shrinkers:
            shrinker, taken = shrinkers[outer.cls]
            found = opened(model, function, relation) if Mode.EXCLUSIVE in (outer.mode, taken.mode) else None
            if found is not None:
                yield from _reclaim(model, found, shrinker, taken)


def is_upgrade(outer: HeldLock, mode: Mode) -> bool:
    """Whether who takes the lock in this mode waits for a reader that is itself."""
    return outer.mode is not Mode.EXCLUSIVE and mode is Mode.EXCLUSIVE


def _reads(model: LockModel, outer: HeldLock) -> bool:
    family = model.ruleset.families.get(outer.cls.family)
    return family is not None and not family.exclusive


def _own_reader(model: LockModel, found: Opened) -> Iterator[Finding]:
    function, relation = found.function, found.relation
    outer, inner = relation.outer, relation.inner
    same = outer.instance == inner.instance and not outer.instance.startswith(OPAQUE)
    through = inner.origin.callee
    finding = make_finding(
        model,
        "own-reader-sync",
        found.at_most(Certainty.PROVED if same and not inner.likely else Certainty.LIKELY),
        function,
        inner.origin.line,
        f"{f'{through.name}() ' if through is not None else ''}{describe(inner)} inside a reader of it",
        identity=(outer.cls.name, through.name if through is not None else ""),
        locks=(outer.cls.label,),
        witness=model.witnesses.relation(function, relation),
        explanation=explained(found.passage),
        evidence=way_evidence(model, function, relation),
    )
    if finding is not None:
        yield finding


def _shrinkers(model: LockModel) -> dict[LockClass, tuple[FunctionId, Inner]]:
    """What reclaim waits for: the locks that functions take which are called with one of reclaim's locks held."""
    taken: dict[LockClass, tuple[FunctionId, Inner]] = {}
    wanted = model.ruleset.allocation.reclaim_locks
    for function, contexts in sorted(model.roots.items()):
        if any(name in wanted for context in contexts for name in context.holds):
            for inner, _ in model.summary(function).inner:
                if inner.kind is Kind.LOCK and not inner.likely:
                    taken.setdefault(inner.cls, (function, inner))
    return taken


def _reclaim(model: LockModel, found: Opened, shrinker: FunctionId, taken: Inner) -> Iterator[Finding]:
    function, relation = found.function, found.relation
    outer, inner = relation.outer, relation.inner
    other: tuple[Step, ...] = model.witnesses.down(shrinker, taken.origin, describe(taken))
    finding = make_finding(
        model,
        "reclaim-under-lock",
        found.at_most(Certainty.LIKELY if inner.likely else Certainty.PROVED),
        function,
        inner.origin.line,
        f"memory is allocated while {outer.cls.label} is held, which {shrinker.name}() takes when memory is reclaimed",
        identity=(outer.cls.name, shrinker.name),
        locks=(outer.cls.label,),
        witness=model.witnesses.relation(function, relation),
        other=other,
        explanation=explained(found.passage),
    )
    if finding is not None:
        yield finding
