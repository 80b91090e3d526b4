# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A locking document against the code of one snapshot, in both directions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType

from reviewtool.finding.model import Finding
from reviewtool.lockdoc.existence import Existence
from reviewtool.lockdoc.finding import Found
from reviewtool.lockdoc.locks_check import check_locks
from reviewtool.lockdoc.model import Document
from reviewtool.lockdoc.orders_check import check_leaf, check_missing_orders, check_orders
from reviewtool.lockdoc.prohibitions import check_prohibitions
from reviewtool.lockdoc.records_check import check_records
from reviewtool.lockdoc.surface import Surface
from reviewtool.lockdoc.views import View
from reviewtool.lockdoc.vocabulary import Vocabularies, Vocabulary
from reviewtool.locking.lockmodel import LockModel
from reviewtool.tree.model import Snapshot


class Agreement:
    """One document and one snapshot. Keep it for the next patch: names are looked up once.

    Args:
        vocabularies: Of the snapshot's models, one for each world.
    """

    def __init__(self, vocabularies: Sequence[Vocabulary], document: Document, snapshot: Snapshot) -> None:
        self.vocabularies = tuple(vocabularies)
        self.document = document
        self.snapshot = snapshot
        self._findings: tuple[Finding, ...] | None = None

    @cached_property
    def views(self) -> tuple[View, ...]:
        """The document in each world."""
        return tuple(View(vocabulary, self.document) for vocabulary in self.vocabularies)

    @cached_property
    def surfaces(self) -> tuple[Surface, ...]:
        """What the document can speak of in each world."""
        return tuple(Surface(vocabulary) for vocabulary in self.vocabularies)

    def same_as(self, other: Agreement) -> bool:
        """Whether nothing has changed that the document can speak of since an older snapshot."""
        if self.document is not other.document and self.document.text != other.document.text:
            return False
        if len(self.surfaces) != len(other.surfaces):
            return False
        return all(new.same(old, self.document) for new, old in zip(self.surfaces, other.surfaces, strict=True))

    def findings(
        self, renames: Mapping[str, str] = MappingProxyType({}), before: Sequence[View] = ()
    ) -> tuple[Finding, ...]:
        """What disagrees, by place. Worked out at the first call.

        `renames` (old to new names) and `before` (the views of the snapshot before a patch) make messages better, they
        change nothing else.
        """
        if self._findings is None:
            self._findings = tuple(_findings(self, renames, before))
        return self._findings


def check_document(
    models: Sequence[LockModel],
    document: Document,
    snapshot: Snapshot,
    renames: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Finding]:
    """What a document says wrong about a snapshot, and what it lacks.

    `models` are the worlds at hand; where all worlds of the scope are needed to tell (a field that another architecture
    may have), nothing is said with fewer. `renames` maps old names to new ones where the caller knows them. A document
    that states no order and has no record is no locking document: nothing is said.
    """
    yield from Agreement(Vocabularies().of(models), document, snapshot).findings(renames)


def _findings(agreement: Agreement, renames: Mapping[str, str], before: Sequence[View]) -> list[Finding]:
    views, document = agreement.views, agreement.document
    if not views or not (document.statements or document.records):
        return []
    found = Found(views[0].model.ruleset, document, frozenset(view.model.world for view in views))
    Existence(views, agreement.snapshot, renames, before).check(found)
    check_records(views, found)
    check_orders(views, found)
    check_prohibitions(views, found)
    check_leaf(views, found)
    for view in views:
        check_missing_orders(view, found)
    check_locks(views, found)
    return found.in_order()
