# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What a patch changes of locking as the order graph and the ways out see it: what "no functional change" denies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass, Step
from reviewtool.locking.summary import Kind, Leak, Summary

SHOWN: Final = 3
"""Changes that the text names."""

_Edge = tuple[LockClass, LockClass, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Of two snapshots. False if there is none."""

    texts: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    locks: tuple[str, ...] = ()
    worlds: tuple[str, ...] = ()
    doubtful: bool = False
    """Functions take other locks than before, which may be a change or code that moved."""

    def __bool__(self) -> bool:
        return bool(self.texts)

    @property
    def text(self) -> str:
        """One line."""
        more = len(self.texts) - SHOWN
        return "; ".join(self.texts[:SHOWN]) + (f"; and {more} more" if more > 0 else "")


def changes_between(old: Sequence[LockModel], new: Sequence[LockModel]) -> Difference:
    """What differs between two snapshots, world by world.

    An edge counts where both of its locks exist on both sides and none of its evidence is only likely; a way out counts
    where a lock is lost on it on one side alone.
    """
    earlier = {model.world: model for model in old}
    texts: dict[str, None] = {}
    steps: dict[Step, None] = {}
    locks: dict[str, None] = {}
    worlds = []
    doubtful = False
    for model in new:
        before = earlier.get(model.world)
        if before is None or before is model:
            continue
        count = len(texts)
        doubtful = doubtful or _takes_others(before, model)
        for edge in _gained(before, model):
            texts[f"{edge[1].label} is newly taken inside {edge[0].label}"] = None
            arc = model.graph.best(*edge)
            steps.update(dict.fromkeys(model.witnesses.relation(arc.function, arc.relation)))
            locks.update({edge[0].label: None, edge[1].label: None})
        for function, leak in _leaks(before, model):
            texts[f"{function.name}() returns with {leak.lock.cls.label} held on a path that did not exist"] = None
        for function, leak in _leaks(model, before):
            texts[f"{function.name}() no longer returns with {leak.lock.cls.label} held"] = None
            steps[model.witnesses.step(function, _line(model, function), "changed")] = None
            locks[leak.lock.cls.label] = None
        if len(texts) > count:
            worlds.append(model.world)
    return Difference(
        texts=tuple(texts),
        steps=tuple(steps),
        locks=tuple(locks),
        worlds=tuple(world for world in worlds if world),
        doubtful=doubtful,
    )


def _line(model: LockModel, function: FunctionId) -> int:
    ref = model.functions.get(function)
    return ref.facts.line if ref is not None else 0


def _gained(old: LockModel, new: LockModel) -> list[_Edge]:
    known = {(outer, inner) for outer, inner, _ in old.graph.arcs}
    classes = {cls for summary in old.summaries.values() for cls in _taken(summary)}
    found = {
        edge for edge, arcs in new.graph.arcs.items()
        if edge[:2] not in known and edge[0] in classes and edge[1] in classes
        and any(not arc.relation.inner.likely for arc in arcs)
    }  # fmt: skip
    return sorted(found, key=lambda edge: (edge[0].name, edge[1].name, edge[2]))


def _taken(summary: Summary) -> frozenset[LockClass]:
    return frozenset(inner.cls for inner, _ in summary.inner if inner.kind is Kind.LOCK)


def _takes_others(old: LockModel, new: LockModel) -> bool:
    """Whether a function that is in both takes other locks, itself or below it."""
    known = old.summaries
    return any(
        function in known and summary is not known[function] and _taken(summary) != _taken(known[function])
        for function, summary in new.summaries.items()
    )


def _leaks(old: LockModel, new: LockModel) -> Iterable[tuple[FunctionId, Leak]]:
    """Locks that functions of both models lose in the new one alone."""
    for function, summary in new.summaries.items():
        if summary.leaks and function in old.functions:
            known = {leak.lock.cls for leak in old.summary(function).leaks}
            yield from ((function, leak) for leak in summary.leaks if leak.lock.cls not in known and leak.sure)
