# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A document seen from one world: its names resolved, its orders as pairs of classes, the locks of the scope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from reviewtool.lockdoc.accesses import Accesses
from reviewtool.lockdoc.model import Document, Kind, Mention, Statement
from reviewtool.lockdoc.names import Names
from reviewtool.lockdoc.vocabulary import Declared, Vocabulary
from reviewtool.locking.graph import Arc
from reviewtool.locking.model import LockClass
from reviewtool.locking.summary import Kind as InnerKind
from reviewtool.ruleset.model import WaitType

_UNNAMED: Final = ("@", "*", "?")
"""How the names of classes begin that are not locks of a declaration."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A documented relation of two classes."""

    outer: LockClass
    inner: LockClass
    statement: Statement
    sync: bool
    """The inner side is waited for."""


class View:
    """One document in one world."""

    def __init__(self, vocabulary: Vocabulary, document: Document) -> None:
        self.model = vocabulary.model
        self.document = document
        self.vocabulary = vocabulary
        self.names = Names(vocabulary, document.path)

    @property
    def world(self) -> tuple[str, ...]:
        """As findings carry it."""
        return (self.model.world,) if self.model.world else ()

    def speaks(self, worlds: tuple[str, ...]) -> bool:
        """Whether something said for these architectures is said for this world."""
        return not worlds or self.model.world in worlds

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """All statements whose two sides are classes here."""
        return tuple(self._pairs())

    def _pairs(self) -> Iterator[Pair]:
        for statement in self.document.statements:
            if statement.outer is None or statement.inner is None or not self.speaks(statement.worlds):
                continue
            outer, inner = self.names.named(statement.outer), self.names.named(statement.inner)
            if outer.cls is not None and inner.cls is not None and outer.cls != inner.cls and not outer.sync:
                yield Pair(outer.cls, inner.cls, statement, inner.sync)

    def orders(self) -> Iterator[Pair]:
        """The pairs that say that one lock is taken outside another."""
        return (pair for pair in self.pairs if pair.statement.kind in (Kind.ORDER, Kind.NEEDED))

    @cached_property
    def documented(self) -> dict[LockClass, Mention]:
        """The locks that the document orders or has a record of, each with where."""
        found: dict[LockClass, Mention] = {}
        for record in self.document.records:
            self._enter(found, record.name)
        for statement in self.document.statements:
            for mention in (statement.outer, statement.inner):
                if mention is not None and self.speaks(statement.worlds):
                    self._enter(found, mention)
        return found

    @cached_property
    def recorded(self) -> frozenset[LockClass]:
        """The locks with a record."""
        found: dict[LockClass, Mention] = {}
        for record in self.document.records:
            self._enter(found, record.name)
        return frozenset(found)

    @cached_property
    def mentioned(self) -> frozenset[LockClass]:
        """The locks that are named anywhere."""
        return frozenset(
            named.cls for mention in self.document.mentions if (named := self.names.named(mention)).cls is not None
        )

    def _enter(self, found: dict[LockClass, Mention], mention: Mention) -> None:
        named = self.names.named(mention)
        if named.cls is not None and not named.sync:
            found.setdefault(named.cls, mention)

    @cached_property
    def closure(self) -> frozenset[tuple[LockClass, LockClass]]:
        """The documented orders with all that follows from them."""
        after: dict[LockClass, set[LockClass]] = {}
        for pair in self.pairs:
            if pair.statement.kind in (Kind.ORDER, Kind.NEEDED, Kind.ALLOWED) and not pair.sync:
                after.setdefault(pair.outer, set()).add(pair.inner)
        found: set[tuple[LockClass, LockClass]] = set()
        for start in after:
            reached: set[LockClass] = set()
            queue = [start]
            while queue:
                for inner in after.get(queue.pop(), ()):
                    if inner not in reached:
                        reached.add(inner)
                        queue.append(inner)
            found.update((start, inner) for inner in reached)
        return frozenset(found)

    @cached_property
    def outer_anywhere(self) -> frozenset[LockClass]:
        """The locks that are the outer side of an order, for whichever architecture."""
        kinds = (Kind.ORDER, Kind.NEEDED, Kind.ALLOWED)
        outer = (each.outer for each in self.document.statements if each.kind in kinds and each.outer is not None)
        return frozenset(named.cls for mention in outer if (named := self.names.named(mention)).cls is not None)

    @property
    def accesses(self) -> Accesses:
        """What is accessed where."""
        return self.vocabulary.accesses

    def may_meet(self, outer: LockClass, inner: LockClass) -> bool:
        """Whether a function that takes `inner` can be reached from one that takes `outer`."""
        return not self.accesses.takers(inner).isdisjoint(self.accesses.under(outer))

    @property
    def declared(self) -> Mapping[LockClass, Declared]:
        """The locks that the scope's files declare, each with its declaration."""
        return self.vocabulary.declared

    @property
    def taken(self) -> frozenset[LockClass]:
        """The locks that some function of the scope acquires by itself."""
        return self.vocabulary.taken

    def arcs(self, outer: LockClass, inner: LockClass, *, sync: bool = False) -> list[Arc]:
        """The evidence that `inner` is taken (or waited for) under `outer`, the best first."""
        wanted = InnerKind.SYNC if sync else InnerKind.LOCK
        return [arc for arc in self.model.graph.evidence(outer, inner) if arc.relation.inner.kind is wanted]

    def inside(self, outer: LockClass) -> dict[LockClass, Arc]:
        """The locks that are taken under a lock, each with the best evidence."""
        found: dict[LockClass, None] = {}
        for one, two, _ in self.model.graph.arcs:
            if one == outer and two != outer and not two.name.startswith(_UNNAMED):
                found[two] = None
        arcs = {cls: self.arcs(outer, cls) for cls in found}
        return {cls: evidence[0] for cls, evidence in arcs.items() if evidence}

    def waits(self, cls: LockClass) -> WaitType:
        """The wait type of a class."""
        family = self.model.ruleset.families.get(cls.family)
        return family.wait_type if family is not None else WaitType.SLEEP
