# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What a patch does to the agreement of code and document: locks and orders, with or without a document hunk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from reviewtool.finding.model import Certainty, Finding
from reviewtool.lockdoc.compare import Agreement
from reviewtool.lockdoc.finding import (
    LOCK_UNDOCUMENTED,
    ORDER_MISSING,
    ORDER_UNSEEN,
    UNKNOWN_NAME,
    Found,
    Place,
)
from reviewtool.lockdoc.hunk import record_hunk, rename_hunk
from reviewtool.lockdoc.locks_check import undocumented
from reviewtool.lockdoc.model import Document
from reviewtool.lockdoc.orders_check import check_missing_orders
from reviewtool.lockdoc.spelling import lock_facts
from reviewtool.lockdoc.views import View
from reviewtool.lockdoc.vocabulary import Vocabularies
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass
from reviewtool.tree.model import Snapshot

_NO_NEWS: Final = frozenset({LOCK_UNDOCUMENTED, ORDER_MISSING, ORDER_UNSEEN})
"""Rules that `check_change` judges in its own way, or not at all: an order that is not needed any more harms nobody."""


Edge = tuple[str, str, str]
"""A world, and the names of an outer and an inner class."""


def check_change(
    before_models: Sequence[LockModel],
    after_models: Sequence[LockModel],
    before_document: Document,
    after_document: Document,
    before_snapshot: Snapshot,
    after_snapshot: Snapshot,
    reasons: Mapping[str, str] = MappingProxyType({}),
    renames: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Finding]:
    """What one patch makes wrong in a document, or leaves out of it. `check_step` is for a series of patches."""
    known = Vocabularies()
    before = Agreement(known.of(before_models), before_document, before_snapshot)
    after = Agreement(known.of(after_models), after_document, after_snapshot)
    yield from check_step(before, after, reasons, renames)


def check_step(
    before: Agreement,
    after: Agreement,
    reasons: Mapping[str, str] = MappingProxyType({}),
    renames: Mapping[str, str] = MappingProxyType({}),
    had: frozenset[Edge] = frozenset(),
) -> Iterator[Finding]:
    """What the step from one snapshot to the next makes wrong in a document, or leaves out of it.

    Both have models of the same worlds. `reasons` maps the name of a lock to a sentence of the author that says why
    it is there; it becomes the comment of the suggested record. `renames` maps old names to new ones where the caller
    knows more than a declaration that took another's place. `had` are the edges of the base: one that a patch takes
    away and a later one brings back is no news. Nothing is said of what was wrong before.
    """
    document = after.document
    if not after.views or not (document.statements or document.records) or after.same_as(before):
        return
    fresh, gone = new_locks(before.views, after.views), new_locks(after.views, before.views)
    known = {**renamed(before.views, after.views, gone, fresh), **renames}
    old = {finding.fingerprint for finding in before.findings()}
    for finding in after.findings(known, before.views):
        if finding.fingerprint not in old and finding.rule not in _NO_NEWS:
            yield _with_hunk(finding, document, known)
    worlds = frozenset(view.model.world for view in after.views)
    found = Found(after.views[0].model.ruleset, document, worlds)
    _undocumented(after.views, fresh, set(known.values()), reasons, found)
    _dropped(before.views, after.views, found)
    for view in after.views:
        news = frozenset(pair for pair in new_orders(before.views, view) if edge_of(view, *pair) not in had)
        check_missing_orders(view, found, only=news | lost_orders(before.views, view))
    yield from found.in_order()


def edge_of(view: View, outer: LockClass, inner: LockClass) -> Edge:
    """An edge by the names of its world and classes."""
    return view.model.world, outer.name, inner.name


def edges_of(views: Sequence[View]) -> frozenset[Edge]:
    """All edges of some worlds."""
    return frozenset(edge_of(view, *arc[:2]) for view in views for arc in view.model.graph.arcs)


def new_locks(before: Sequence[View], after: Sequence[View]) -> frozenset[str]:
    """The names of the locks that are declared in `after` and in none of `before`."""
    old = {cls.name for view in before for cls in view.declared}
    return frozenset(cls.name for view in after for cls in view.declared if cls.name not in old)


def new_orders(before: Sequence[View], view: View) -> frozenset[tuple[LockClass, LockClass]]:
    """The edges of a world that it did not have before."""
    old = {
        (outer.name, inner.name)
        for each in before
        if each.model.world == view.model.world
        for outer, inner, _ in each.model.graph.arcs
    }
    return frozenset((outer, inner) for outer, inner, _ in view.model.graph.arcs if (outer.name, inner.name) not in old)


def lost_orders(before: Sequence[View], view: View) -> frozenset[tuple[LockClass, LockClass]]:
    """The orders that the document had for this world and has no more, though it still has both locks."""
    old = {pair for each in before if each.model.world == view.model.world for pair in each.closure}
    return frozenset(pair for pair in old - view.closure if set(pair) <= view.mentioned)


def renamed(
    before: Sequence[View], after: Sequence[View], gone: frozenset[str], fresh: frozenset[str]
) -> dict[str, str]:
    """Last components of old and new names, where one lock of a record (or file) and kind took another's place."""
    left, came = _by_home(before, gone), _by_home(after, fresh)
    return {
        _last(names[0]): _last(came[home][0])
        for home, names in left.items()
        if len(names) == 1 and len(came.get(home, ())) == 1
    }


def _by_home(views: Sequence[View], names: frozenset[str]) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    seen: set[str] = set()
    for view in views:
        for cls, declared in view.declared.items():
            if cls.name in names and cls.name not in seen:
                seen.add(cls.name)
                home = cls.name.rpartition(".")[0] or declared.path
                found.setdefault((home, cls.family), []).append(cls.name)
    return found


def _last(name: str) -> str:
    return name.rpartition(":")[2].rpartition(".")[2]


def _undocumented(
    views: Sequence[View], fresh: frozenset[str], taken_over: set[str], reasons: Mapping[str, str], found: Found
) -> None:
    """New locks without a record, each with a hunk; one that took another's place is in the finding about that."""
    document = found.document
    for view in views:
        for cls in undocumented(view):
            if cls.name not in fresh or _last(cls.name) in taken_over:
                continue
            facts = lock_facts(views, cls, reasons)
            declared = view.declared[cls]
            orders = ", ".join(f"{outer} outside {inner}" for outer, inner in facts.orders)
            last = document.records[-1].line if document.records else 1
            found.add(
                LOCK_UNDOCUMENTED,
                Certainty.PROVED,
                Place(path=declared.path, line=declared.line),
                f"{facts.name} is a new lock, and {document.path} does not have it"
                + (f", nor its order: {orders}" if orders else ""),
                identity=(cls.name,),
                cited=found.cite(last),
                world=view.world,
                locks=(cls.label,),
                suggestion=record_hunk(document, facts) or None,
            )


def _dropped(before: Sequence[View], after: Sequence[View], found: Found) -> None:
    """Locks that the document had and has no more, though the code still takes them."""
    had = {cls.name for view in before for cls in view.mentioned}
    for view in after:
        for cls in undocumented(view):
            if cls.name not in had:
                continue
            declared = view.declared[cls]
            found.add(
                LOCK_UNDOCUMENTED,
                Certainty.PROVED,
                Place(path=declared.path, line=declared.line),
                f"{cls.label} is not in {found.document.path} any more, though the lock is still there",
                identity=(cls.name,),
                cited=None,
                world=view.world,
                locks=(cls.label,),
            )


def _with_hunk(finding: Finding, document: Document, renames: Mapping[str, str]) -> Finding:
    """The hunk for a name that has another one now."""
    if finding.rule != UNKNOWN_NAME or finding.document is None:
        return finding
    for old, new in renames.items():
        if old in finding.message.split(" ", 1)[0]:
            return replace(finding, suggestion=rename_hunk(document, old, new) or None)
    return finding
