# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The order graph: which class was acquired (or waited for) while which was held, and its strong cycles.

As in lockdep (Documentation/locking/lockdep-design.rst, "Recursive read locks"): an edge has a kind, its first letter
says whether the outer lock is held exclusively (E) or shared (S), the second whether the inner one is acquired as a
recursive reader (R) or not (N). A path is strong unless an edge -(xR)-> is followed by -(Sx)->; only a closed strong
path is a deadlock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from reviewtool.locking.linker import FunctionId
from reviewtool.locking.model import LockClass
from reviewtool.locking.summary import Kind, Origin, Relation
from reviewtool.ruleset.model import Family, Mode

LONGEST: Final = 5
"""Classes in a cycle, at most."""

UNKNOWN: Final = "?"
"""Starts the name of a class that could not be typed; such classes are balanced, but not ordered."""


@dataclass(frozen=True, slots=True)
class Arc:
    """One function's evidence for an edge."""

    function: FunctionId
    relation: Relation

    @property
    def outer(self) -> LockClass:
        """The class that is held."""
        return self.relation.outer.cls

    @property
    def inner(self) -> LockClass:
        """The class that is acquired or waited for."""
        return self.relation.inner.cls


def kind_of(relation: Relation, families: Mapping[str, Family]) -> str:
    """`EN`, `ER`, `SN` or `SR`."""
    outer = "E" if relation.outer.mode is Mode.EXCLUSIVE else "S"
    inner = relation.inner
    family = families.get(inner.cls.family)
    reader = inner.mode is not Mode.EXCLUSIVE and inner.kind is not Kind.SYNC
    recursive = reader and (inner.mode is Mode.RECURSIVE or (family is not None and family.recursive_read))
    return outer + ("R" if recursive else "N")


def ordered(cls: LockClass, families: Mapping[str, Family]) -> bool:
    """Whether a class takes part in the graph."""
    family = families.get(cls.family)
    return family is not None and family.order and not cls.name.startswith(UNKNOWN)


class OrderGraph:
    """Edges by class pair and kind, each with its evidence, the best first."""

    def __init__(self, families: Mapping[str, Family]) -> None:
        self._families = families
        self.arcs: dict[tuple[LockClass, LockClass, str], list[Arc]] = {}
        self._after: dict[LockClass, dict[tuple[LockClass, str], None]] = {}

    def add(self, function: FunctionId, relations: Iterable[Relation]) -> None:
        """Add a function's relations; those between locks that are not ordered are left out.

        So is what only the last put of an object does: who holds a lock in an object holds a reference to it.
        """
        for relation in relations:
            inner = relation.inner
            if inner.kind not in (Kind.LOCK, Kind.SYNC) or inner.final:
                continue
            outer = relation.outer.cls
            if not ordered(outer, self._families) or not ordered(inner.cls, self._families):
                continue
            key = (outer, inner.cls, kind_of(relation, self._families))
            self.arcs.setdefault(key, []).append(Arc(function, relation))
            if outer != inner.cls:
                self._after.setdefault(outer, {})[inner.cls, key[2]] = None

    def classes(self) -> tuple[LockClass, ...]:
        """All classes of the graph."""
        found = {cls for key in self.arcs for cls in key[:2]}
        return tuple(sorted(found, key=lambda cls: cls.name))

    def evidence(self, outer: LockClass, inner: LockClass) -> Iterator[Arc]:
        """All arcs between two classes, sure ones first."""
        found = [arc for (a, b, _), arcs in self.arcs.items() if a == outer and b == inner for arc in arcs]
        yield from sorted(found, key=lambda arc: preference(arc, frozenset()))

    def path(self, start: LockClass, goal: LockClass, first: str) -> list[tuple[LockClass, LockClass, str]] | None:
        """The shortest strong path from `start` to `goal` that, behind an edge of kind `first` into `start` and again
        in front of it, closes a strong cycle. None if there is none of at most LONGEST classes.
        """
        queue: deque[tuple[LockClass, str, tuple[tuple[LockClass, LockClass, str], ...]]] = deque([(start, first, ())])
        seen: set[tuple[LockClass, str]] = {(start, first[1])}
        while queue:
            node, last, steps = queue.popleft()
            if len(steps) >= LONGEST - 1:
                continue
            for following, kind in self._after.get(node, ()):
                if _weak(last, kind):
                    continue
                way = (*steps, (node, following, kind))
                if following == goal:
                    if not _weak(kind, first):
                        return list(way)
                    continue
                if (following, kind[1]) not in seen:
                    seen.add((following, kind[1]))
                    queue.append((following, kind, way))
        return None

    def best(self, outer: LockClass, inner: LockClass, kind: str, changed: frozenset[FunctionId] = frozenset()) -> Arc:
        """The best evidence for an edge: through changed functions first, sure before likely, short before long."""
        return min(self.arcs[outer, inner, kind], key=lambda arc: preference(arc, changed))

    def without(self, unwanted: Callable[[Arc], bool]) -> OrderGraph:
        """The graph without some evidence, and without the edges that have no other."""
        graph = OrderGraph(self._families)
        for arcs in self.arcs.values():
            for arc in arcs:
                if not unwanted(arc):
                    graph.add(arc.function, (arc.relation,))
        return graph


def _weak(one: str, then: str) -> bool:
    return one[1] == "R" and then[0] == "S"


def preference(arc: Arc, changed: frozenset[FunctionId]) -> tuple[bool, bool, int, FunctionId]:
    """Sorts evidence, the best first."""
    origin = arc.relation.inner.origin
    return (not touches(arc, changed), arc.relation.inner.likely, origin.depth, arc.function)


def touches(arc: Arc, changed: frozenset[FunctionId]) -> bool:
    """Whether the way of an arc leads through one of these functions."""
    if not changed:
        return False
    if arc.function in changed:
        return True
    return any(_through(origin, changed) for origin in (arc.relation.outer.origin, arc.relation.inner.origin))


def _through(origin: Origin, changed: frozenset[FunctionId]) -> bool:
    for _ in range(origin.depth + 1):
        record = origin.key
        if origin.callee is None:
            return False
        if origin.callee in changed or (isinstance(record, tuple) and record[1] in changed):
            return True
        if isinstance(record, tuple):
            record = record[2]
        origin = record.origin  # type: ignore[attr-defined]
    return False
