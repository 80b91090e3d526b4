# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The order group: strong cycles of the order graph, declared orders that are broken, nesting within one class."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reviewtool.checks.check import make_finding
from reviewtool.checks.evidence import cycle_evidence, documented_partner, steps_of, way_evidence
from reviewtool.checks.nested import told_by_data
from reviewtool.checks.opened import Opened, explained, first_open, lowered
from reviewtool.finding.evidence import Evidence
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.graph import Arc, OrderGraph, kind_of, preference, touches
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass, Step
from reviewtool.locking.paths import OPAQUE
from reviewtool.locking.summary import Kind
from reviewtool.locking.ways import Passage
from reviewtool.ruleset.model import Mode, Order

Edge = tuple[LockClass, LockClass, str]
Place = tuple[FunctionId, int]
"""A function and a relative line."""

DECLARED_RULE: Final = "declared-order-violated"


def check_order(model: LockModel) -> Iterator[Finding]:
    """All findings of the group."""
    accused: set[Place] = set()
    yield from _declared(model, accused)
    yield from _cycles(model, model.graph.without(lambda arc: innermost(arc) in accused))
    yield from _same_class(model)


def _declared(model: LockModel, accused: set[Place]) -> Iterator[Finding]:
    """Edges against an order that is declared; the declaration is the other half of the cycle.

    The places where the inner locks are taken are added to `accused`: further cycles through them have this cause.
    """
    graph = model.graph
    for order in model.ruleset.orders:
        if order.worlds and model.world not in order.worlds:
            continue
        for edge in sorted(graph.arcs, key=lambda edge: (edge[0].name, edge[1].name, edge[2])):
            if edge[0].name != order.inner or edge[1].name != order.outer:
                continue
            for arcs in _by_innermost(graph, edge, model.changed):
                accused.add(innermost(arcs[0]))
                opened = first_open(model, [(arc.function, arc.relation) for arc in arcs])
                if opened is not None:
                    accused.add(innermost(Arc(opened.function, opened.relation)))
                    yield from _against(model, order, opened)


def _by_innermost(graph: OrderGraph, edge: Edge, changed: frozenset[FunctionId]) -> list[list[Arc]]:
    """The evidence for each place where the inner lock is taken, the best first."""
    found: dict[Place, list[Arc]] = {}
    for arc in sorted(graph.arcs[edge], key=lambda arc: preference(arc, changed)):
        found.setdefault(innermost(arc), []).append(arc)
    return list(found.values())


def innermost(arc: Arc) -> Place:
    """The function and relative line in which the inner lock is acquired."""
    function, origin = arc.function, arc.relation.inner.origin
    for _ in range(64):
        callee, record = origin.callee, origin.key
        if callee is None:
            break
        if isinstance(record, tuple):
            _, callee, record = record
        function, origin = callee, record.origin  # type: ignore[attr-defined]
    return function, origin.line


def _against(model: LockModel, order: Order, opened: Opened) -> Iterator[Finding]:
    arc = Arc(opened.function, opened.relation)
    outer, inner = arc.outer, arc.inner
    function, line = innermost(arc)
    certainty = opened.at_most(Certainty.LIKELY if arc.relation.inner.likely else Certainty.PROVED)
    evidence = _against_evidence(model, order, arc)
    finding = make_finding(
        model,
        order.rule or DECLARED_RULE,
        certainty,
        function,
        line,
        f"{inner.label} is acquired while {outer.label} is held; it must be taken outside of it ({order.source})",
        identity=(outer.name, inner.name),
        locks=(outer.label, inner.label),
        witness=model.witnesses.relation(arc.function, arc.relation),
        other=tuple(steps_of(evidence[1])) if len(evidence) == 2 else (),
        explanation=explained(opened.passage),
        evidence=evidence,
    )
    if finding is not None:
        yield finding


def _against_evidence(model: LockModel, order: Order, arc: Arc) -> Evidence:
    """The way, and the opposite one from the code, or from the declaration where no code shows it."""
    kind = kind_of(arc.relation, model.ruleset.families)
    back = model.graph.path(arc.inner, arc.outer, kind)
    if back is None:
        return (*cycle_evidence(model, [arc]), documented_partner(model, order, arc))
    return cycle_evidence(model, [arc, *(model.graph.best(*step, model.changed) for step in back)])


def _cycles(model: LockModel, graph: OrderGraph) -> Iterator[Finding]:
    seen: set[frozenset[LockClass]] = set()
    for edge in sorted(graph.arcs, key=lambda edge: (edge[0].name, edge[1].name, edge[2])):
        outer, inner, kind = edge
        if outer == inner:
            continue
        back = graph.path(inner, outer, kind)
        if back is None:
            continue
        members = frozenset((outer, *(step[0] for step in back)))
        if members in seen:
            continue
        seen.add(members)
        found = [_open_arc(model, graph, step) for step in (edge, *back)]
        ways = [way for way in found if way is not None]
        if len(ways) < len(found):
            continue
        arcs = [Arc(way.function, way.relation) for way in ways]
        newest = min(range(len(arcs)), key=lambda index: _blame(model, graph, arcs, index))
        yield from _cycle(model, [*arcs[newest:], *arcs[:newest]], [way.passage for way in ways])


def _open_arc(model: LockModel, graph: OrderGraph, edge: Edge) -> Opened | None:
    """The best evidence for an edge that can happen."""
    arcs = sorted(graph.arcs[edge], key=lambda arc: preference(arc, model.changed))
    return first_open(model, [(arc.function, arc.relation) for arc in arcs])


def _blame(model: LockModel, graph: OrderGraph, arcs: list[Arc], index: int) -> tuple[bool, bool, int, int]:
    """Sorts the arcs of a cycle, first the one to tell it from: one that is new, one that waits for other code or is
    inside of what readers are waited for with, the one with the least evidence (the order that others do not follow).
    """
    arc = arcs[index]
    if any(waits_for_code(model, each) for each in arcs):
        inside = waits_for_code(model, arc)
    else:
        inside = arcs[index - 1].relation.inner.kind is Kind.SYNC and arc.relation.inner.kind is Kind.LOCK
    known = sum(1 for _ in graph.evidence(arc.outer, arc.inner))
    return (not touches(arc, model.changed), not inside, known, index)


def _cycle(model: LockModel, arcs: list[Arc], passages: list[Passage]) -> Iterator[Finding]:
    """A cycle, told from the side of its first arc."""
    arc, others = arcs[0], arcs[1:]
    likely = any(a.relation.inner.likely for a in (arc, *others))
    waits = any(a.relation.inner.kind is Kind.SYNC for a in (arc, *others))
    code = any(waits_for_code(model, a) for a in (arc, *others))
    function, line = innermost(arc)
    names = [arc.outer for arc in arcs]
    opposite: tuple[Step, ...] = tuple(
        step for other in others for step in model.witnesses.relation(other.function, other.relation)
    )
    finding = make_finding(
        model,
        "wait-under-callback-lock" if code else "sync-under-reader-lock" if waits else "lock-order-inversion",
        lowered(Certainty.LIKELY if likely or len(arcs) > 2 else Certainty.PROVED, *passages),
        function,
        line,
        _message(model, arc, others),
        identity=tuple(sorted(cls.name for cls in names)),
        anywhere=True,
        locks=tuple(cls.label for cls in names),
        witness=model.witnesses.relation(arc.function, arc.relation),
        other=opposite,
        explanation=explained(*passages),
        evidence=cycle_evidence(model, [arc, *others]),
    )
    if finding is not None:
        yield finding


def waits_for_code(model: LockModel, arc: Arc) -> bool:
    """Whether the inner event waits for a work, a timer, an interrupt or a thread; not for readers or a completion."""
    family = model.ruleset.families.get(arc.inner.family)
    return arc.relation.inner.kind is Kind.SYNC and family is not None and family.exclusive


def _message(model: LockModel, arc: Arc, others: list[Arc]) -> str:
    begin = f"{_verb(arc)} {arc.inner.label} while {arc.outer.label} is held"
    if waits_for_code(model, arc) and len(others) == 1:
        return f"{begin}, which {others[0].function.name}() takes: each waits for the other"
    chain = " -> ".join(each.outer.label for each in (arc, *others, arc))
    return f"{begin}, and elsewhere the other way round: {chain}"


def _verb(arc: Arc) -> str:
    return "waits for" if arc.relation.inner.kind is Kind.SYNC else "acquires"


def _same_class(model: LockModel) -> Iterator[Finding]:
    """A second lock of a class that is held, without a subclass or a nest lock to say that it is meant."""
    for (outer, inner, _), arcs in sorted(model.graph.arcs.items(), key=lambda item: item[0][0].name):
        if outer != inner or told_by_data(model, outer.name):
            continue
        for arc in arcs:
            relation = arc.relation
            if relation.inner.nested or relation.outer.nested or relation.inner.origin.callee is not None:
                continue
            readers = relation.outer.mode is not Mode.EXCLUSIVE and relation.inner.mode is not Mode.EXCLUSIVE
            same = relation.outer.instance == relation.inner.instance and not relation.outer.many
            if readers or relation.inner.kind is not Kind.LOCK or (same and not _opaque(arc)):
                continue
            loop = relation.outer.many
            finding = make_finding(
                model,
                "same-class-nesting",
                Certainty.PROVED if loop else Certainty.LIKELY,
                arc.function,
                relation.inner.origin.line,
                f"a second {outer.label} is acquired while one is held{' (by this loop)' if loop else ''}, "
                "without a subclass or a nest lock: lockdep takes them for one lock",
                identity=(outer.name,),
                locks=(outer.label,),
                witness=model.witnesses.relation(arc.function, relation),
                evidence=way_evidence(model, arc.function, relation),
            )
            if finding is not None:
                yield finding


def _opaque(arc: Arc) -> bool:
    return arc.relation.outer.instance.startswith(OPAQUE)
