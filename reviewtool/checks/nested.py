# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Readers inside of readers of the same lock, where a writer that came between them keeps the inner one out.

Documentation/locking/lockdep-design.rst, "Recursive read locks": a rwsem is fair, and so is a queued rwlock but in
interrupts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reviewtool.checks.check import make_finding
from reviewtool.checks.evidence import way_evidence
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.graph import UNKNOWN
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.paths import OPAQUE
from reviewtool.locking.summary import Kind, Relation
from reviewtool.ruleset.model import ForbiddenUnder, Mode

INTERRUPTS: Final = frozenset({"hardirq", "softirq", "nmi"})


def check_nested(model: LockModel) -> Iterator[Finding]:
    """One finding for each function that holds the lock and each callee that takes it again."""
    for function, relation in model.relations():
        inner, outer = relation.inner, relation.outer
        if inner.cls != outer.cls or inner.kind is not Kind.LOCK or inner.origin.callee is None or inner.final:
            continue
        if Mode.EXCLUSIVE in (outer.mode, inner.mode) or inner.mode is Mode.RECURSIVE or not _fair(model, relation):
            continue
        same = inner.instance == outer.instance and not inner.instance.startswith(OPAQUE)
        if not same or outer.many or outer.nested or inner.nested or outer.trylock or _in_interrupt(model, function):
            continue
        if not told_by_data(model, outer.cls.name):
            yield from _again(model, function, relation)


def told_by_data(model: LockModel, name: str) -> bool:
    """Whether a declaration forbids to take the lock (by its class's name) inside of itself."""
    return any(_itself(forbidden, name) for forbidden in model.ruleset.forbidden)


def _itself(forbidden: ForbiddenUnder, name: str) -> bool:
    return name in forbidden.under and name in forbidden.acquires


def _fair(model: LockModel, relation: Relation) -> bool:
    family = model.ruleset.families.get(relation.outer.cls.family)
    if family is None or relation.outer.cls.name.startswith(UNKNOWN):
        return False
    return family.exclusive and family.order and not family.reentrant


def _in_interrupt(model: LockModel, function: FunctionId) -> bool:
    return any(context.kind in INTERRUPTS for context in model.roots.get(function, ()))


def _again(model: LockModel, function: FunctionId, relation: Relation) -> Iterator[Finding]:
    outer, callee = relation.outer, relation.inner.origin.callee
    assert callee is not None
    finding = make_finding(
        model,
        "nested-reader",
        Certainty.LIKELY if relation.inner.likely else Certainty.PROVED,
        function,
        relation.inner.origin.line,
        f"{callee.name}() reads under {outer.instance} again, which is held shared here: a writer that waits for this "
        "reader keeps the second one out",
        identity=(outer.cls.name, outer.instance, callee.name),
        locks=(outer.cls.label,),
        witness=model.witnesses.relation(function, relation),
        evidence=way_evidence(model, function, relation),
    )
    if finding is not None:
        yield finding
