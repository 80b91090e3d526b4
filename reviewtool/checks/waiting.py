# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Code that waits for its own end: a work that flushes itself or its queue, a timer that deletes itself."""

from __future__ import annotations

from collections.abc import Iterator

from reviewtool.checks.check import make_finding
from reviewtool.checks.evidence import way_evidence
from reviewtool.checks.order import innermost
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.graph import Arc
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.paths import roots
from reviewtool.locking.summary import Inner, Kind, Relation


def check_waiting(model: LockModel) -> Iterator[Finding]:
    """One finding for each place, the shortest way there."""
    best: dict[tuple[FunctionId, int], tuple[FunctionId, Relation]] = {}
    for function, relation in model.running:
        inner = relation.inner
        if inner.kind is not Kind.SYNC or inner.cls != relation.outer.cls or inner.final:
            continue
        place = innermost(Arc(function, relation))
        old = best.get(place)
        if old is None or inner.origin.depth < old[1].inner.origin.depth:
            best[place] = (function, relation)
    for place, (function, relation) in sorted(best.items(), key=lambda item: item[0]):
        yield from _own(model, place, function, relation)


def _own(
    model: LockModel, place: tuple[FunctionId, int], function: FunctionId, relation: Relation
) -> Iterator[Finding]:
    inner = relation.inner
    finding = make_finding(
        model,
        "callback-waits-for-itself",
        _certainty(model, function, inner),
        *place,
        f"waits for {inner.cls.label}, but {function.name}() is what runs for it: it would wait for its own end",
        identity=(inner.cls.name, function.name),
        locks=(inner.cls.label,),
        witness=model.witnesses.relation(function, relation),
        evidence=way_evidence(model, function, relation),
    )
    if finding is not None:
        yield finding


def _certainty(model: LockModel, function: FunctionId, inner: Inner) -> Certainty:
    """Sure where there is one such object only, or where it is the one that the function was called for."""
    if inner.likely:
        return Certainty.QUESTION
    if not inner.cls.name.startswith(("struct ", "union ")) and ":" not in inner.cls.name.rpartition(".")[2]:
        return Certainty.PROVED
    own = {parameter.name for parameter in model.functions[function].facts.params}
    return Certainty.PROVED if roots(inner.instance) & own else Certainty.QUESTION
