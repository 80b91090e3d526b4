# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Documented orders against the order graph, and against each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from reviewtool.finding.model import Certainty
from reviewtool.lockdoc.finding import (
    LEAF,
    ORDER_CONFLICT,
    ORDER_CONTRADICTED,
    ORDER_MISSING,
    ORDER_UNSEEN,
    Found,
    Place,
)
from reviewtool.lockdoc.model import Kind
from reviewtool.lockdoc.views import Pair, View
from reviewtool.locking.graph import Arc
from reviewtool.locking.model import LockClass, Step
from reviewtool.locking.summary import Kind as InnerKind
from reviewtool.ruleset.model import WaitType

SHORT: Final = 6
"""Steps of a witness that can be checked at a glance."""


def check_orders(views: Sequence[View], found: Found) -> None:
    """Enter contradictions, orders that nothing shows, and conflicts within the document."""
    for view in views:
        for pair in view.pairs:
            contradicted(view, pair, found)
        _conflicts(view, found)
    _unseen(views, found)


def check_leaf(views: Sequence[View], found: Found) -> None:
    """Enter a counter-example for each lock of the document that is said to be a leaf and is none.

    A lock that is the outer side for one architecture is no leaf for the others. Long ways through calls are left out:
    the longer, the likelier that one of the branches on it excludes another.
    """
    leaf = found.document.leaf
    if leaf is None:
        return
    for view in views:
        outer = view.outer_anywhere
        for cls in sorted(view.documented, key=lambda each: each.name):
            if cls in outer or cls not in view.declared:
                continue
            inside = {inner: arc for inner, arc in view.inside(cls).items() if _counts(view, inner, arc)}
            if not inside:
                continue
            ranked = sorted(inside, key=lambda inner: (len(_steps(view, inside[inner])), inner.name))
            first = inside[ranked[0]]
            labels = ", ".join(inner.label for inner in ranked)
            found.add(
                LEAF,
                certainty_of(view, first),
                place_of(view, first),
                f"{cls.label} is no leaf: {labels} {'is' if len(ranked) == 1 else 'are'} taken inside",
                identity=(cls.name,),
                cited=found.cite(leaf),
                world=view.world,
                locks=(cls.label, *(inner.label for inner in ranked)),
                witness=_steps(view, first),
                places=tuple(_steps(view, inside[inner])[-1] for inner in ranked[1:]),
            )


def _counts(view: View, inner: LockClass, arc: Arc) -> bool:
    """Whether an arc is a counter-example: a lock that can block, of the scope, on a short and sure way."""
    blocks = view.waits(inner) is not WaitType.FREE or inner in view.documented
    return blocks and inner in view.declared and not arc.relation.inner.likely and len(_steps(view, arc)) <= SHORT


def check_missing_orders(
    view: View, found: Found, *, only: frozenset[tuple[LockClass, LockClass]] | None = None
) -> None:
    """Enter orders between documented locks that the code shows and the document does not have.

    Orders that follow from the kinds of the locks (a spinlock inside a mutex) are nobody's news and left out. `only`
    limits it to some pairs. Locks that are never outer are the leaf sentence's business.
    """
    outer = {one for one, _ in view.closure}
    for cls in sorted(view.documented, key=lambda each: each.name):
        if cls not in view.declared or (found.document.leaf is not None and cls not in outer and only is None):
            continue
        for inner, arc in sorted(view.inside(cls).items(), key=lambda item: item[0].name):
            if inner not in view.documented or (only is not None and (cls, inner) not in only):
                continue
            if (cls, inner) in view.closure or (inner, cls) in view.closure or arc.relation.inner.likely:
                continue
            if view.waits(cls) != view.waits(inner) or _forbidden(view, cls, inner) or len(_steps(view, arc)) > SHORT:
                continue
            found.add(
                ORDER_MISSING,
                certainty_of(view, arc),
                place_of(view, arc),
                f"{inner.label} is taken inside {cls.label}; the document does not have this order",
                identity=(cls.name, inner.name),
                cited=found.cite(view.documented[cls]),
                world=view.world,
                locks=(cls.label, inner.label),
                witness=_steps(view, arc),
                note=only is None,
            )


def _forbidden(view: View, outer: LockClass, inner: LockClass) -> bool:
    return any(
        pair.statement.kind is Kind.FORBIDDEN and (pair.outer, pair.inner) == (outer, inner) for pair in view.pairs
    )


def certainty_of(view: View, arc: Arc) -> Certainty:
    """Proved if one function takes both locks itself; through calls it is likely, if long or guessed a question."""
    short = len(view.model.witnesses.relation(arc.function, arc.relation)) <= SHORT
    direct = arc.relation.inner.origin.callee is None and arc.relation.outer.origin.callee is None
    return certainty_of_way(short and not arc.relation.inner.likely, direct)


def certainty_of_way(sure: bool, direct: bool) -> Certainty:
    """Of something that one function does itself (`direct`) or by what it calls; `sure`: on a short and known way."""
    if not sure:
        return Certainty.QUESTION
    return Certainty.PROVED if direct else Certainty.LIKELY


def place_of(view: View, arc: Arc) -> Place:
    """The line of the function in which the inner lock is taken, by itself or by what it calls."""
    ref = view.model.functions.get(arc.function)
    line = arc.relation.inner.origin.line
    return Place(path=arc.function.path, line=ref.line(line) if ref is not None else line, function=arc.function.name)


def _steps(view: View, arc: Arc) -> tuple[Step, ...]:
    return view.model.witnesses.relation(arc.function, arc.relation)


def contradicted(view: View, pair: Pair, found: Found) -> None:
    """Enter the opposite arc of an order; the arc itself of a prohibition or a release."""
    kind = pair.statement.kind
    if kind in (Kind.ORDER, Kind.NEEDED) and not pair.sync:
        outer, inner, sync = pair.inner, pair.outer, False
    elif kind is Kind.FORBIDDEN and not pair.sync:
        outer, inner, sync = pair.outer, pair.inner, False
    elif kind is Kind.RELEASED:
        outer, inner, sync = pair.outer, pair.inner, pair.sync
    else:
        return
    arcs = [arc for arc in view.arcs(outer, inner, sync=sync) if not arc.relation.inner.nested]
    if not arcs:
        return
    arc = arcs[0]
    verb = "waited for" if arc.relation.inner.kind is InnerKind.SYNC else "taken"
    found.add(
        ORDER_CONTRADICTED,
        certainty_of(view, arc),
        place_of(view, arc),
        f"{inner.label} is {verb} inside {outer.label}, against {found.document.path}: {pair.statement.quote}",
        identity=(kind.value, outer.name, inner.name),
        cited=found.cite(pair.statement),
        world=view.world,
        locks=(outer.label, inner.label),
        witness=_steps(view, arc),
    )


def _unseen(views: Sequence[View], found: Found) -> None:
    """Orders of which no world shows anything."""
    pairs: dict[tuple[str, str], list[tuple[View, Pair]]] = {}
    for view in views:
        for pair in view.orders():
            pairs.setdefault((pair.outer.name, pair.inner.name), []).append((view, pair))
    scope = set(views[0].vocabulary.program.scope.worlds) if views else set()
    for (outer, inner), seen in pairs.items():
        view, pair = seen[0]
        wanted = set(pair.statement.worlds) & scope or scope
        if not wanted <= {view.model.world for view in views}:
            continue
        if any(_shown(view, pair) for view, pair in seen) or not any(_both_taken(view, pair) for view, pair in seen):
            continue
        found.add(
            ORDER_UNSEEN,
            Certainty.QUESTION,
            Place(path=found.document.path, line=pair.statement.line),
            f"nothing that was read takes {pair.inner.label} inside {pair.outer.label}: is this order still needed?",
            identity=(outer, inner),
            cited=found.cite(pair.statement),
            locks=(pair.outer.label, pair.inner.label),
        )


def _both_taken(view: View, pair: Pair) -> bool:
    """Whether both are seen to be taken at all; if not, silence says nothing about their order."""
    return pair.sync or bool(view.accesses.takers(pair.outer) and view.accesses.takers(pair.inner))


def _shown(view: View, pair: Pair) -> bool:
    """Whether there is an arc, or a way over other locks; a contradicted order is not unseen."""
    return (
        _reaches(view, pair.outer, pair.inner)
        or bool(view.arcs(pair.outer, pair.inner, sync=pair.sync))
        or bool(view.arcs(pair.inner, pair.outer))
        or pair.outer not in view.declared
        or view.may_meet(pair.outer, pair.inner)
    )


def _reaches(view: View, outer: LockClass, inner: LockClass) -> bool:
    after: dict[LockClass, set[LockClass]] = {}
    for one, two, _ in view.model.graph.arcs:
        after.setdefault(one, set()).add(two)
    reached, queue = {outer}, [outer]
    while queue:
        for following in after.get(queue.pop(), ()):
            if following not in reached:
                reached.add(following)
                queue.append(following)
    return inner in reached


def _conflicts(view: View, found: Found) -> None:
    """Documented orders that close a cycle, and orders that another sentence forbids."""
    for pair in view.orders():
        if pair.sync:
            continue
        if (pair.inner, pair.outer) in view.closure:
            names = sorted((pair.outer, pair.inner), key=lambda cls: cls.name)
            against = next((each for each in view.orders() if each.outer == pair.inner), None)
        else:
            against = next(
                (
                    each for each in view.pairs
                    if each.statement.kind is Kind.FORBIDDEN and (each.outer, each.inner) == (pair.outer, pair.inner)
                ),
                None,
            )  # fmt: skip
            if against is None:
                continue
            names = [pair.outer, pair.inner]
        other = f": line {against.statement.line}, {against.statement.quote}" if against is not None else ""
        found.add(
            ORDER_CONFLICT,
            Certainty.PROVED,
            Place(path=found.document.path, line=pair.statement.line),
            f"the document has {pair.outer.label} outside {pair.inner.label} and the reverse{other}",
            identity=tuple(cls.name for cls in names),
            cited=found.cite(pair.statement),
            world=view.world,
            locks=tuple(cls.label for cls in names),
        )
