# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The contract group: locks that a function demands of its callers, and callers that do not hold them.

A demand climbs from the function that makes it to its callers until one holds the lock. One that reaches a root, whose
context does not hold it either, is not met on that way.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from reviewtool.checks.check import make_finding
from reviewtool.checks.opened import TRIES, explained, lowered
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.matching import implied, satisfied
from reviewtool.locking.model import Step
from reviewtool.locking.summary import Problem, Requirement, Trouble
from reviewtool.locking.ways import Passage, Record
from reviewtool.ruleset.model import Context

STATE: Final = "@"

Way = tuple[tuple[FunctionId, int], ...]
"""Functions and relative lines from the root down to the demand."""


def check_contract(model: LockModel) -> Iterator[Finding]:
    """All findings of the group."""
    for function, summary in model.summaries.items():
        for problem in summary.problems:
            if problem.trouble in (Trouble.NOT_HELD, Trouble.HELD):
                yield from _broken(model, function, problem)
    yield from _unmet(model)


def _broken(model: LockModel, function: FunctionId, problem: Problem) -> Iterator[Finding]:
    """This function itself let go of the lock, holds it in a weaker mode, or holds what it must not."""
    held = problem.trouble is Trouble.HELD
    origin = problem.via
    if origin is None or (held and problem.cls.name.startswith(STATE)):
        return
    label = problem.cls.label
    demanded = f"demands that {label} is {'not ' if held else ''}held"
    message = f"{label} is held here, but must not be" if held else f"{label} is not held here as demanded"
    steps = model.witnesses.down(function, origin, demanded)
    if problem.other is not None:
        steps = (model.witnesses.step(function, problem.other.line, f"releases {label}"), *steps)
    finding = make_finding(
        model,
        "lock-held-forbidden" if held else problem.detail or "lock-not-held",
        Certainty.QUESTION if not held and _chooses(model, origin.callee, problem) else Certainty.PROVED,
        function,
        problem.line,
        message,
        identity=(problem.cls.name, steps[-1].function),
        locks=(label,),
        witness=steps,
    )
    if finding is not None:
        yield finding


def _chooses(model: LockModel, callee: FunctionId | None, problem: Problem) -> bool:
    """Whether the callee demands the lock in one mode here and in another there: its caller may know which it is."""
    if callee is None:
        return False
    demands = [each for each, _ in model.summary(callee).requirements if each.cls == problem.cls]
    return len({demand.mode for demand in demands}) > 1


def _unmet(model: LockModel) -> Iterator[Finding]:
    """The shortest way for each function that should have taken the lock and each demand."""
    found: dict[tuple[str, FunctionId, str], list[tuple[tuple[bool, int], FunctionId, Requirement]]] = {}
    for root, contexts in sorted(model.roots.items()):
        for requirement, _ in model.summary(root).requirements:
            if requirement.access or requirement.negative or met_outside(model, root, contexts, requirement):
                continue
            way = way_down(root, requirement)
            blamed = _blamed(model, way)
            key = (requirement.cls.name, blamed[0], way[-1][0].name)
            found.setdefault(key, []).append(((requirement.likely, len(way)), root, requirement))
    told: set[tuple[str, FunctionId, str]] = set()
    for key, ways in sorted(found.items(), key=lambda item: (item[0][1], item[0][0], item[0][2])):
        for _, root, requirement in sorted(ways, key=lambda way: (way[0], way[1]))[:TRIES]:
            passage = model.passage(root, requirement)
            if passage is not None:
                opened = way_down(root, passage.record)
                actual = (requirement.cls.name, _blamed(model, opened)[0], opened[-1][0].name)
                if not told.isdisjoint((key, actual)):
                    break
                told.update((key, actual))
                yield from _missing(model, root, requirement, opened, passage)
                break


def met_outside(model: LockModel, root: FunctionId, contexts: tuple[Context, ...], requirement: Requirement) -> bool:
    """Whether the callers of a root hold what it demands."""
    outside = model.held_outside(root)
    held = (*outside, *implied(outside, model.ruleset.families))
    wanted = (requirement.cls, *requirement.others)
    return any(satisfied(held, cls, "", requirement.mode) for cls in wanted)


def way_down(root: FunctionId, requirement: Record) -> Way:
    """The calls from a root to the demand."""
    way = [(root, requirement.origin.line)]
    origin = requirement.origin
    for _ in range(64):
        if origin.callee is None:
            break
        callee, record = origin.callee, origin.key
        if isinstance(record, tuple):
            deferred, target, record = record
            way.append((callee, deferred.origin.line))
            callee = target
        origin = record.origin  # type: ignore[attr-defined]
        way.append((callee, origin.line))
    return tuple(way)


def _blamed(model: LockModel, way: Way) -> tuple[FunctionId, int]:
    """The place to tell it at: the deepest changed function that calls on, else the one that calls the demander."""
    callers = way[:-1] if len(way) > 1 else way
    changed = [place for place in callers if place[0] in model.changed]
    return changed[-1] if changed else callers[-1]


def _missing(
    model: LockModel, root: FunctionId, requirement: Requirement, way: Way, passage: Passage
) -> Iterator[Finding]:
    labels = [cls.label for cls in (requirement.cls, *requirement.others)]
    blamed, line = _blamed(model, way)
    demander = way[-1][0]
    demand = requirement.message or f"{demander.name}() demands it"
    steps = _steps(model, way, " or ".join(labels))
    finding = make_finding(
        model,
        requirement.rule or "lock-not-held",
        lowered(Certainty.LIKELY if requirement.likely else Certainty.PROVED, passage),
        blamed,
        line,
        f"{' or '.join(labels)} is not held on the way from {root.name}(): {demand}",
        identity=(requirement.cls.name, demander.name),
        locks=tuple(labels),
        witness=steps,
        explanation=explained(passage),
    )
    if finding is not None:
        yield finding


def _steps(model: LockModel, way: Way, label: str) -> tuple[Step, ...]:
    steps = [
        model.witnesses.step(function, line, f"calls {following[0].name}()")
        for (function, line), following in pairwise(way)
    ]
    function, line = way[-1]
    return (*steps, model.witnesses.step(function, line, f"needs {label}"))
