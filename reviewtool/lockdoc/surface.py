# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What a document can speak of: if a patch leaves it as it is, the document is as right or wrong as before.

A comparison of code and document costs far more than to see that nothing it looks at has changed, as for most patches.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from reviewtool.lockdoc.model import Document
from reviewtool.lockdoc.vocabulary import Vocabulary
from reviewtool.locking.model import LockClass
from reviewtool.locking.summary import Kind

_Edge = tuple[str, str, str]


class Surface:
    """One world as documents see it."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    @cached_property
    def edges(self) -> Mapping[_Edge, tuple[bool, bool, int]]:
        """The order graph: each edge with whether it is but likely, but nested, and how far its best evidence is."""
        return {
            (outer.name, inner.name, kind): min(
                (
                    arc.relation.inner.likely,
                    arc.relation.inner.nested,
                    arc.relation.inner.origin.depth + arc.relation.outer.origin.depth,
                )
                for arc in arcs
            )
            for (outer, inner, kind), arcs in self.vocabulary.model.graph.arcs.items()
        }

    @cached_property
    def locks(self) -> Mapping[LockClass, tuple[str, str, bool]]:
        """The declared locks: the file and type of each, and whether it is taken."""
        vocabulary = self.vocabulary
        return {
            cls: (declared.path, declared.type, cls in vocabulary.taken)
            for cls, declared in vocabulary.declared.items()
        }

    @cached_property
    def fields(self) -> frozenset[tuple[str, str]]:
        """The fields of the scope, with their records."""
        return frozenset((name, record) for name, holders in self.vocabulary.fields.items() for record, *_ in holders)

    @cached_property
    def entries(self) -> frozenset[tuple[str, str]]:
        """What the roots acquire, for what must not happen in a context."""
        model = self.vocabulary.model
        return frozenset(
            (function.name, inner.cls.name)
            for function in model.roots
            for inner, _ in model.summary(function).inner
            if inner.kind is Kind.LOCK
        )

    def same(self, other: Surface, document: Document) -> bool:
        """Whether the document can say nothing of this world that it could not say of the other, older one."""
        if self.vocabulary.model is other.vocabulary.model:
            return True
        words = document.words
        names = self.vocabulary.words ^ other.vocabulary.words
        fields = {name for name, _ in self.fields ^ other.fields}
        if not words.isdisjoint(names | fields) or self.locks != other.locks or self.edges != other.edges:
            return False
        return self.entries == other.entries and not self._touches(other, document)

    def _touches(self, other: Surface, document: Document) -> bool:
        """Whether a function that is new, gone or changed touches (or touched) what a record says to be protected."""
        entries = (record.entries.get("protects") for record in document.records)
        data = {word for entry in entries if entry is not None for each in entry.mentions for word in each.words[-1:]}
        if not data:
            return False
        now, then = self.vocabulary.model.functions, other.vocabulary.model.functions
        for function in now.keys() | then.keys():
            new, old = now.get(function), then.get(function)
            if new is not None and old is not None and (new.facts is old.facts or new.facts == old.facts):
                continue
            touched = self.vocabulary.touched
            if any(not data.isdisjoint(touched.of(ref.facts)) for ref in (new, old) if ref is not None):
                return True
        return False
