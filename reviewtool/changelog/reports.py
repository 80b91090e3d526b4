# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A report's chain laid over the order graph: which of its edges exist at which snapshot."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from reviewtool.changelog.lockdep import Report, ReportLock
from reviewtool.changelog.mentions import Mention, Shape
from reviewtool.changelog.names import Names
from reviewtool.csource.facts import Call
from reviewtool.locking.classes import is_open
from reviewtool.locking.graph import UNKNOWN
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass, Step
from reviewtool.ruleset.model import Effect

_WRAPPED: Final = re.compile(r"\((\w{1,80})\)(?=->|\.)")
_INNER: Final = re.compile(r"\)?(?:->|\.)r?lock\Z")
_MAP: Final = re.compile(r"\((?P<kind>\w{1,40})\)(?P<rest>.{1,160})\Z")
_PLAIN: Final = re.compile(r"[A-Za-z_]\w{0,79}(?:(?:->|\.)[A-Za-z_]\w{0,79}){0,5}\Z")


class Resolver:
    """Lock classes of report texts, in one model."""

    def __init__(self, model: LockModel, names: Names | None = None) -> None:
        self._model = model
        self._names = names or Names(model)
        self._initialised: dict[str, dict[LockClass, None]] | None = None

    def resolve(self, lock: ReportLock) -> LockClass | None:
        """The one class that the text means; None if there is none, or several."""
        found = self._candidates(lock.name)
        return found[0] if len(found) == 1 else None

    def _candidates(self, name: str) -> list[LockClass]:
        text = _WRAPPED.sub(r"\1", name.strip())
        mapped = _MAP.match(text)
        if mapped is not None:
            text = mapped["rest"].strip("()")
        for each in dict.fromkeys((text, _outer(text))):
            found = list(self._by_site(each)) or self._by_shape(each)
            if found:
                return found
        return []

    def _by_site(self, text: str) -> Iterable[LockClass]:
        """Classes initialised by a call with this very text: that is where lockdep has the name from."""
        if self._initialised is None:
            self._initialised = self._sites()
        return self._initialised.get(text, ())

    def _sites(self) -> dict[str, dict[LockClass, None]]:
        found: dict[str, dict[LockClass, None]] = {}
        primitives = self._model.ruleset.primitives
        for ref in tuple(self._model.functions.values()):
            for call in (event for block in ref.facts.blocks for event in block.events if isinstance(event, Call)):
                primitive = primitives.get(call.callee)
                for operation in primitive.operations if primitive is not None else ():
                    subject = operation.subject
                    if operation.effect is Effect.INIT and isinstance(subject, int) and subject < len(call.args):
                        lock = self._model.linker.lock_of(ref, call.args[subject])
                        if lock is not None and not is_open(lock.cls) and not lock.cls.name.startswith(UNKNOWN):
                            found.setdefault(call.args[subject], {})[lock.cls] = None
        return found

    def _by_shape(self, text: str) -> list[LockClass]:
        bare = text.lstrip("&*").strip()
        if not _PLAIN.match(bare):
            return []
        shape = Shape.PATH if "->" in bare or "." in bare else Shape.WORD
        return list(self._names.locks(Mention(shape, bare)))


def _outer(text: str) -> str:
    """`&(&kvm->mmu_lock)->rlock`, as older kernels print a spinlock, without what is inside of it."""
    bare = _INNER.sub("", text)
    return bare if bare == text else bare.replace("(", "").replace(")", "").replace("&&", "&")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainEdge:
    """One edge of a report, at all snapshots."""

    outer: str
    """As the report has it."""
    inner: str
    resolved: bool
    """Both classes are known at some snapshot."""
    snapshots: frozenset[int]
    """Those whose order graph has the edge, with evidence that does not rest on types alone."""
    steps: tuple[Step, ...] = ()
    """How the code makes it, at the last of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidReport:
    """A report of one patch's text, laid over the graph."""

    patch: int
    report: Report
    edges: tuple[ChainEdge, ...]

    def closed(self, snapshot: int) -> bool:
        """Whether every edge of the chain exists there."""
        return bool(self.edges) and all(snapshot in edge.snapshots for edge in self.edges)

    def removed(self) -> tuple[ChainEdge, ...]:
        """The edges that the patch itself takes away."""
        before, after = self.patch - 1, self.patch
        return tuple(edge for edge in self.edges if before in edge.snapshots and after not in edge.snapshots)

    def later(self) -> tuple[ChainEdge, ...]:
        """The edges that come only after the patch."""
        return tuple(edge for edge in self.edges if edge.snapshots and min(edge.snapshots) > self.patch)


@dataclass(slots=True)
class _Growing:
    resolved: bool = False
    snapshots: set[int] = field(default_factory=set)
    steps: tuple[Step, ...] = ()


def _passes(steps: Sequence[Step], lock: ReportLock) -> bool:
    """Whether a way leads through the function in which a report has the lock: a class may nest elsewhere, too."""
    return lock.at is not None and any(step.function == lock.at.function for step in steps)


class ReportTracker:
    """Goes along with a review, as `verdicts.Tracker` does. `reports`: (patch, report)."""

    def __init__(self, reports: Iterable[tuple[int, Report]]) -> None:
        self._reports = tuple((patch, report) for patch, report in reports if report.edges())
        self._edges = [[_Growing() for _ in report.edges()] for _, report in self._reports]
        self._resolvers: dict[LockModel, Resolver] = {}

    def see(self, number: int, models: Sequence[LockModel]) -> None:
        """Snapshot `number`, in order from 0."""
        if not self._reports:
            return
        self._resolvers = {model: self._resolvers.get(model) or Resolver(model) for model in models}
        for (_, report), growing in zip(self._reports, self._edges, strict=True):
            for (outer, inner, _), edge in zip(report.edges(), growing, strict=True):
                for model, resolver in self._resolvers.items():
                    self._look(number, model, resolver, outer, inner, edge)

    def _look(
        self, number: int, model: LockModel, resolver: Resolver, outer: ReportLock, inner: ReportLock, edge: _Growing
    ) -> None:
        one, two = resolver.resolve(outer), resolver.resolve(inner)
        if one is None or two is None:
            return
        edge.resolved = True
        for arc in model.graph.evidence(one, two):
            if arc.relation.inner.likely:
                continue
            steps = model.witnesses.relation(arc.function, arc.relation)
            if one == two and (arc.relation.inner.nested or not _passes(steps, inner)):
                continue
            edge.snapshots.add(number)
            edge.steps = steps
            return

    def laid(self) -> tuple[LaidReport, ...]:
        """The reports that have a chain, with what became of each edge."""
        return tuple(
            LaidReport(
                patch=patch,
                report=report,
                edges=tuple(
                    ChainEdge(
                        outer=outer.name, inner=inner.name, resolved=edge.resolved,
                        snapshots=frozenset(edge.snapshots), steps=edge.steps,
                    )
                    for (outer, inner, _), edge in zip(report.edges(), growing, strict=True)
                ),
            )
            for (patch, report), growing in zip(self._reports, self._edges, strict=True)
        )  # fmt: skip
