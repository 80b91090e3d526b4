# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The steps that show something: from a function down through its callees to the acquisition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reviewtool.locking.linker import FunctionId, FunctionRef
from reviewtool.locking.model import Step
from reviewtool.locking.summary import ENABLED, Deferred, HeldLock, Inner, Kind, Origin, Relation, Requirement, Summary
from reviewtool.ruleset.model import Mode

DEEPEST: Final = 40
"""Calls after which a witness is cut; recursion could go on for ever."""

RUNS: Final = "@"
"""Begins the key of the origin of what a function runs for; the name of its context follows."""

Record = Inner | Requirement | HeldLock | Deferred


class Witnesses:
    """Builds steps from records, with today's lines."""

    def __init__(self, functions: Mapping[FunctionId, FunctionRef], summaries: Mapping[FunctionId, Summary]) -> None:
        self._functions = functions
        self._summaries = summaries
        self._records: dict[FunctionId, dict[Record, Origin]] = {}

    def step(self, function: FunctionId, line: int, event: str, held: tuple[str, ...] = ()) -> Step:
        """A step at a relative line of a function."""
        ref = self._functions.get(function)
        return Step(
            path=function.path,
            line=ref.line(line) if ref is not None else line,
            function=function.name,
            event=event,
            held=held,
        )

    def down(self, function: FunctionId, origin: Origin, event: str, held: tuple[str, ...] = ()) -> tuple[Step, ...]:
        """The way from a line of `function` to where `event` happens."""
        steps: list[Step] = []
        for _ in range(DEEPEST):
            callee, record = origin.callee, origin.key
            if callee is None:
                break
            following = callee
            if isinstance(record, tuple):
                deferred, following, record = record
                given = f"calls {callee.name}(), given {following.name}()"
                steps.append(self.step(function, origin.line, given, held))
                steps.extend(self._invocation(callee, deferred, following, held))
            else:
                steps.append(self.step(function, origin.line, f"calls {callee.name}()", held))
            function, origin = following, self._next(origin, following, record)
        steps.append(self.step(function, origin.line, event, held))
        return tuple(steps)

    def relation(self, function: FunctionId, relation: Relation) -> tuple[Step, ...]:
        """How the outer lock is taken, and then how the inner one is."""
        outer, inner = relation.outer, relation.inner
        if isinstance(outer.origin.key, str):
            entered = _entered(outer, outer.origin.key)
            taken: tuple[Step, ...] = (self.step(function, outer.origin.line, entered),)
        else:
            taken = self.down(function, outer.origin, acquires(outer.cls.label, outer.mode))
        return (*taken, *self.down(function, inner.origin, describe(inner), (outer.cls.label,)))

    def _invocation(
        self, function: FunctionId, deferred: Deferred, target: FunctionId, held: tuple[str, ...]
    ) -> tuple[Step, ...]:
        return self.down(function, self._origin(function, deferred), f"calls {target.name}()", held)

    def _next(self, origin: Origin, function: FunctionId, record: object) -> Origin:
        own = getattr(record, "origin", None)
        return own if origin.chosen and isinstance(own, Origin) else self._origin(function, record)

    def _origin(self, function: FunctionId, record: object) -> Origin:
        known = self._records.get(function)
        if known is None:
            known = _index(self._summaries.get(function))
            self._records[function] = known
        found = known.get(record)  # type: ignore[call-overload]
        if found is not None:
            return found  # type: ignore[no-any-return]
        origin = getattr(record, "origin", None)
        return origin if isinstance(origin, Origin) else Origin(0)


def _entered(outer: HeldLock, key: str) -> str:
    words = key.removeprefix(RUNS).replace("-", " ")
    if key.startswith(RUNS):
        return f"runs as {outer.cls.label} ({words})"
    return f"is entered with {outer.cls.label} held ({words})"


def _index(summary: Summary | None) -> dict[Record, Origin]:
    if summary is None:
        return {}
    records: dict[Record, Origin] = {inner: inner.origin for inner, _ in summary.inner}
    records.update((requirement, requirement.origin) for requirement, _ in summary.requirements)
    records.update((deferred, deferred.origin) for deferred in summary.deferred)
    for outcome in summary.outcomes:
        records.update((lock, lock.origin) for lock in (*outcome.held, *outcome.owed))
    return records


def acquires(label: str, mode: Mode) -> str:
    """`acquires kvm->lock`, with the mode where it is shared."""
    return f"acquires {label}" if mode is Mode.EXCLUSIVE else f"acquires {label} (shared)"


def describe(inner: Inner) -> str:
    """What happens, in words."""
    if inner.kind is Kind.SYNC:
        return f"waits for {inner.cls.label}"
    if inner.kind is Kind.SLEEP:
        return "may sleep"
    if inner.cls == ENABLED:
        return "switches interrupts on"
    if inner.kind is Kind.CALL:
        return f"calls {inner.cls.name.rpartition(' ')[2]}()"
    if inner.kind is Kind.FAULT:
        return "may fault on user memory"
    return acquires(inner.cls.label, inner.mode)
