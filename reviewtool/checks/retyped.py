# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Locks that become sleeping ones, and code under them that relied on staying on its CPU."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reviewtool.checks.check import make_finding
from reviewtool.checks.step import Pair
from reviewtool.csource.facts import Call
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.holding import Seen
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass, Step

_STATE: Final = "@"
_DEEPEST: Final = 6
"""Calls from the section to what relies on the CPU."""

_Way = tuple[tuple[FunctionId, int], ...]


def check_retyped(pair: Pair) -> Iterator[Finding]:
    """One finding for each function that holds such a lock and thing that it leads to."""
    for cls in sorted(_retyped(pair), key=lambda cls: cls.name):
        for function, summary in sorted(pair.new.summaries.items()):
            if any(inner.cls == cls and inner.origin.callee is None for inner, _ in summary.inner):
                yield from _section(pair, function, cls)


def _retyped(pair: Pair) -> list[LockClass]:
    """The classes whose holder could not be moved to another CPU before, and can be now."""
    before = {cls.name: cls for cls in pair.old.taken}
    return [cls for cls in pair.new.taken if cls.name in before and _stays(pair, before[cls.name]) - _stays(pair, cls)]


def _stays(pair: Pair, cls: LockClass) -> frozenset[str]:
    family = pair.new.ruleset.families.get(cls.family)
    return frozenset(family.implies) if family is not None else frozenset()


def _section(pair: Pair, function: FunctionId, cls: LockClass) -> Iterator[Finding]:
    model = pair.new
    told: set[tuple[FunctionId, str]] = set()
    for seen in model.holding.events(function):
        if cls not in seen.must or not isinstance(seen.event, Call) or _kept(pair, seen, cls):
            continue
        for way, name in _relies(model, function, seen.event, ((function, seen.event.line),)):
            if (way[-1][0], name) in told:
                continue
            told.add((way[-1][0], name))
            yield from _finding(model, function, cls, way, name)


def _kept(pair: Pair, seen: Seen, cls: LockClass) -> bool:
    """Something else that is held keeps the task on its CPU."""
    return any(other != cls and (other.name.startswith(_STATE) or _stays(pair, other)) for other in seen.may)


def _relies(model: LockModel, function: FunctionId, call: Call, way: _Way) -> Iterator[tuple[_Way, str]]:
    if call.callee in model.ruleset.values.per_cpu:
        yield way, call.callee
        return
    ref = model.functions.get(function)
    if ref is None or len(way) >= _DEEPEST:
        return
    targets = model.linker.targets(ref, call)
    for callee in () if targets.likely else targets.functions:
        if any(callee == passed for passed, _ in way):
            continue
        for seen in model.holding.events(callee):
            if isinstance(seen.event, Call) and not seen.may:
                yield from _relies(model, callee, seen.event, (*way, (callee, seen.event.line)))


def _finding(model: LockModel, function: FunctionId, cls: LockClass, way: _Way, name: str) -> Iterator[Finding]:
    steps: list[Step] = []
    for number, (place, line) in enumerate(way):
        following = way[number + 1][0].name if number + 1 < len(way) else name
        steps.append(model.witnesses.step(place, line, f"calls {following}()", (cls.label,)))
    finding = make_finding(
        model,
        "preemption-lost",
        Certainty.LIKELY,
        function,
        way[0][1],
        f"{name}() is called under {cls.label}, which does not keep the task on its CPU any more",
        identity=(cls.name, way[-1][0].name, name),
        locks=(cls.label,),
        witness=tuple(steps),
    )
    if finding is not None:
        yield finding
