# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The lock model of one snapshot in one world: linked program, summaries, order graph, witnesses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from reviewtool.locking.demands import named_lock
from reviewtool.locking.flow import Flow
from reviewtool.locking.graph import OrderGraph
from reviewtool.locking.holding import Holding
from reviewtool.locking.linker import FunctionId, FunctionRef, Linker
from reviewtool.locking.model import LockClass
from reviewtool.locking.paths import OPAQUE
from reviewtool.locking.program import Program
from reviewtool.locking.recorder import is_dropped
from reviewtool.locking.roots import Roots, find_roots
from reviewtool.locking.solver import Solver
from reviewtool.locking.state import State
from reviewtool.locking.subjects import Subject
from reviewtool.locking.summary import EMPTY, HeldLock, Kind, Origin, Relation, Summary
from reviewtool.locking.ways import Passage, Record, Ways
from reviewtool.locking.witness import RUNS, Witnesses
from reviewtool.ruleset.model import Context, Mode, Ruleset


class LockModel:
    """Everything that judgement asks about one snapshot. Immutable once built."""

    def __init__(
        self, world: str, linker: Linker, solver: Solver, changed: frozenset[FunctionId] = frozenset()
    ) -> None:
        self.world = world
        self.linker = linker
        self.changed = changed
        """The functions that differ from the snapshot before; evidence that leads through them is preferred."""
        self._solver = solver
        self._earlier: Holding | None = None

    @staticmethod
    def build(world: str, linker: Linker) -> LockModel:
        """The model of a linked program, all functions of the scope analysed."""
        solver = Solver(linker)
        solver.solve(sorted(linker.functions()))
        return LockModel(world, linker, solver)

    def advance(self, linker: Linker, changed: Iterable[FunctionId]) -> LockModel:
        """The model of the next snapshot; `changed` as in `Solver.advance`."""
        functions = frozenset(changed)
        solver = self._solver.advance(linker, functions)
        solver.solve(sorted(linker.functions()))
        following = LockModel(self.world, linker, solver, functions)
        if self._ways is not None and following._ways is not None:
            following._ways.take_over(self._ways)
        following._earlier = self.__dict__.get("holding", self._earlier)
        return following

    @property
    def ruleset(self) -> Ruleset:
        """The data in force."""
        return self.linker.ruleset

    @property
    def functions(self) -> Mapping[FunctionId, FunctionRef]:
        """All definitions."""
        return self.linker.functions()

    @property
    def summaries(self) -> Mapping[FunctionId, Summary]:
        """By function."""
        return self._solver.summaries

    def summary(self, function: FunctionId) -> Summary:
        """The function's summary; an empty one if there is none."""
        return self._solver.summaries.get(function, EMPTY)

    @cached_property
    def callers(self) -> Mapping[FunctionId, tuple[tuple[FunctionId, int], ...]]:
        """By function: who calls it (or passes it to one that does), with the relative line of the call."""
        found: dict[FunctionId, list[tuple[FunctionId, int]]] = {}
        for caller in self._solver.summaries:
            for callee, line in self._solver.callees(caller).sites:
                found.setdefault(callee, []).append((caller, line))
        return {callee: tuple(sorted(sites)) for callee, sites in found.items()}

    @cached_property
    def graph(self) -> OrderGraph:
        """The order graph."""
        graph = OrderGraph(self.ruleset.families)
        for function in sorted(self._solver.summaries):
            summary = self._solver.summaries[function]
            if summary.relations:
                graph.add(function, (relation for relation, _ in summary.relations))
        for function, relation in (*self.entered, *self.running):
            graph.add(function, (relation,))
        return graph

    @property
    def roots(self) -> Mapping[FunctionId, tuple[Context, ...]]:
        """Functions that are called from outside, with the contexts in which they are."""
        return self._roots.contexts

    @property
    def subjects(self) -> Mapping[FunctionId, tuple[Subject, ...]]:
        """What those wait for who wait for one of the roots to end: by root."""
        return self._roots.subjects

    @cached_property
    def _roots(self) -> Roots:
        return find_roots(self.linker) if isinstance(self.linker, Program) else Roots({}, {})

    @cached_property
    def entered(self) -> tuple[tuple[FunctionId, Relation], ...]:
        """What happens in a root while its caller outside holds something: by root."""
        found: dict[tuple[FunctionId, Relation], None] = {}
        for function in sorted(self.roots):
            inner = [inner for inner, _ in self.summary(function).inner]
            ref = self.functions.get(function)
            for held in self.held_outside(function) if ref is not None and inner else ():
                gone = [record for record in inner if not is_dropped(held, record.dropped)]
                found.update(((function, Relation(held, record)), None) for record in gone)
        return tuple(found)

    @cached_property
    def running(self) -> tuple[tuple[FunctionId, Relation], ...]:
        """What happens in a root while those wait who wait for it to end: its subject as the outer lock."""
        found: list[tuple[FunctionId, Relation]] = []
        for function, subjects in sorted(self.subjects.items()):
            ref = self.functions.get(function)
            for subject in subjects if ref is not None else ():
                origin = Origin(ref.facts.line if ref is not None else 0, key=f"{RUNS}{subject.context.name}")
                held = HeldLock(subject.cls, OPAQUE, Mode.EXCLUSIVE, origin=origin)
                found += [(function, Relation(held, inner)) for inner, _ in self.summary(function).inner]
        return tuple(found)

    def held_outside(self, function: FunctionId) -> tuple[HeldLock, ...]:
        """What the callers of a root hold, in any of its contexts."""
        line = self.functions[function].facts.line
        held: dict[HeldLock, None] = {}
        for context in self.roots.get(function, ()):
            for name in context.holds:
                cls, mode = named_lock(self.linker, name)
                held.setdefault(HeldLock(cls, OPAQUE, mode, origin=Origin(line, key=context.name)), None)
        return tuple(held)

    @cached_property
    def taken(self) -> frozenset[LockClass]:
        """The classes of which some function takes a lock."""
        return frozenset(
            inner.cls for summary in self.summaries.values() for inner, _ in summary.inner if inner.kind is Kind.LOCK
        )

    @cached_property
    def holding(self) -> Holding:
        """What is held at each event of each function."""
        holding = Holding(self.linker, self.summaries, lambda: self.callers, self._outside)
        if self._earlier is not None:
            holding.take_over(self._earlier)
            self._earlier = None
        return holding

    def _outside(self, function: FunctionId) -> tuple[HeldLock, ...] | None:
        return self.held_outside(function) if function in self.roots else None

    @cached_property
    def witnesses(self) -> Witnesses:
        """Steps from records."""
        return Witnesses(self.functions, self._solver.summaries)

    def passage(
        self, function: FunctionId, record: Record, outer: HeldLock | None = None, *, exact: bool = False
    ) -> Passage | None:
        """See `Ways.passage`."""
        return self._ways.passage(function, record, outer, exact=exact) if self._ways is not None else Passage(record)

    @cached_property
    def _ways(self) -> Ways | None:
        if not isinstance(self.linker, Program):
            return None
        return Ways(self.linker, self.summary, self._solver.callees)

    def relations(self) -> Iterator[tuple[FunctionId, Relation]]:
        """All relations of all functions, in order."""
        for function in sorted(self._solver.summaries):
            for relation, _ in self._solver.summaries[function].relations:
                yield function, relation

    def held_lines(self, function: FunctionId) -> dict[int, tuple[HeldLock, ...]]:
        """For each line (from 1) of a function that has an event: the locks held before it on some path."""
        held: dict[int, dict[HeldLock, None]] = {}
        ref = self.functions[function]

        def watch(line: int, state: State) -> None:
            locks = held.setdefault(ref.line(line), {})
            locks.update(dict.fromkeys(lock for lock in state.held if not lock.drained))

        Flow(self.linker, ref, self.summary, watch).run()
        return {line: tuple(locks) for line, locks in sorted(held.items())}
