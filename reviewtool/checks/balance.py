# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The balance group: locks lost, taken twice, released twice, in the wrong mode or with the wrong token."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reviewtool.checks.check import make_finding
from reviewtool.checks.evidence import way_evidence
from reviewtool.checks.halves import Half, find_halves
from reviewtool.checks.nested import told_by_data
from reviewtool.checks.opened import explained, opened
from reviewtool.checks.readers import is_upgrade
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import Step
from reviewtool.locking.paths import OPAQUE
from reviewtool.locking.summary import (
    BY_HAND,
    UPGRADE,
    HeldLock,
    Kind,
    Leak,
    Leaving,
    Problem,
    Relation,
    Summary,
    Trouble,
)
from reviewtool.locking.witness import acquires
from reviewtool.ruleset.model import Effect, Mode

CHOICES: Final = 6
"""Branches shown on the way to a leak, the last ones."""


def check_balance(model: LockModel) -> Iterator[Finding]:
    """All findings of the group."""
    for function, summary in model.summaries.items():
        halves = find_halves(model, function, summary)
        for half in halves:
            yield from _half(model, function, summary, half)
        told = {(half.lock, half.taken) for half in halves}
        for leak in summary.leaks:
            if (leak.lock.cls, leak.lock.origin.line) not in told:
                yield from _leak(model, function, summary, leak)
        for problem in summary.problems:
            if problem.trouble is not Trouble.DOUBLE_ACQUIRE or not told_by_data(model, problem.cls.name):
                yield from _problem(model, function, problem)
        for relation, _ in summary.relations:
            if relation.inner.cls == relation.outer.cls:
                yield from _again_below(model, function, relation)


def _half(model: LockModel, function: FunctionId, summary: Summary, half: Half) -> Iterator[Finding]:
    taken = model.witnesses.step(function, half.taken, acquires(half.lock.label, Mode.EXCLUSIVE))
    wrong = model.witnesses.step(function, half.line, half.message, (half.lock.label,))
    finding = make_finding(
        model,
        half.rule,
        Certainty.LIKELY if summary.bounded else Certainty.PROVED,
        function,
        half.line,
        half.message,
        identity=(half.lock.name, half.message),
        locks=(half.lock.label,),
        witness=(taken, wrong),
    )
    if finding is not None:
        yield finding


def name_of(lock: HeldLock) -> str:
    """How to call a held lock: the path as the code has it, else the class."""
    if lock.many or lock.instance.startswith(OPAQUE):
        return lock.cls.label
    return lock.instance


def _leak(model: LockModel, function: FunctionId, summary: Summary, leak: Leak) -> Iterator[Finding]:
    lock, leaving = leak.lock, leak.leaving
    certainty = Certainty.PROVED if leak.sure and not summary.bounded else Certainty.LIKELY
    released = _released_instead(leaving, lock)
    name = name_of(lock)
    way = tuple(
        model.witnesses.step(function, line, f"{text} is {'true' if truth else 'false'}", (lock.cls.label,))
        for line, text, truth in _worth_showing(leaving, lock)
    )
    taken = model.witnesses.down(function, lock.origin, acquires(lock.cls.label, lock.mode))
    end = model.witnesses.step(function, leaving.line, f"returns with {name} held", (lock.cls.label,))
    if released is not None:
        wrong = model.witnesses.step(
            function, released.origin.line, f"releases {name_of(released)}, which is not held", (lock.cls.label,)
        )
        finding = make_finding(
            model,
            "wrong-object-released",
            certainty,
            function,
            released.origin.line,
            f"{name_of(released)} is released, but {name} is what is held; it stays locked",
            identity=(lock.cls.name, released.cls.name),
            locks=(lock.cls.label, released.cls.label),
            witness=(*taken, wrong, end),
        )
    else:
        finding = make_finding(
            model,
            "missing-unlock",
            certainty,
            function,
            leaving.line,
            f"returns with {name} held on this path{_elsewhere(model, function, leak)}",
            identity=(lock.cls.name, _way_name(leaving)),
            locks=(lock.cls.label,),
            witness=(*taken, *way, end),
        )
    if finding is not None:
        yield finding


def _released_instead(leaving: Leaving, lock: HeldLock) -> HeldLock | None:
    """A lock of the same kind that this way releases without holding it."""
    candidates = [owed for owed in leaving.owed if owed.cls.family == lock.cls.family and owed.cls != lock.cls]
    return candidates[0] if len(candidates) == 1 else None


def _elsewhere(model: LockModel, function: FunctionId, leak: Leak) -> str:
    line = model.functions[function].line(leak.free.line)
    return f"; the way out at line {line} does not hold it"


def _worth_showing(leaving: Leaving, lock: HeldLock) -> list[tuple[int, str, bool]]:
    after = [choice for choice in leaving.choices if choice[0] >= lock.origin.line and not choice[1].startswith("%")]
    return after[-CHOICES:]


def _way_name(leaving: Leaving) -> str:
    """Names a way out without its line: the last condition that led there."""
    named = [f"{text}:{truth}" for _, text, truth in leaving.choices if "%" not in text]
    return named[-1] if named else ""


_RULES: Final = {
    Trouble.DOUBLE_ACQUIRE: "double-acquire",
    Trouble.DOUBLE_RELEASE: "release-not-held",
    Trouble.MODE_MISMATCH: "unlock-mode-mismatch",
    Trouble.OTHER_OBJECT: "wrong-object-released",
    Trouble.STALE: "stale-after-retake",
}


def _rule(model: LockModel, problem: Problem) -> str | None:
    """The rule that a problem belongs to."""
    if problem.trouble is Trouble.RESULT_IGNORED:
        primitive = model.ruleset.primitives.get(problem.detail)
        if primitive is not None and any(operation.effect is Effect.INIT for operation in primitive.operations):
            return None
        tries = primitive is not None and any(operation.trylock for operation in primitive.operations)
        return "trylock-result-ignored" if tries else "interruptible-result-ignored"
    if problem.trouble is Trouble.TOKEN_MISMATCH:
        family = model.ruleset.families.get(problem.cls.family)
        return "srcu-index-mixed" if family is not None and family.order else "unlock-variant-mismatch"
    if problem.trouble is Trouble.TOKEN_REUSED:
        family = model.ruleset.families.get(problem.cls.family)
        return "srcu-index-mixed" if family is not None and family.order else "flags-reused"
    if problem.detail == UPGRADE:
        return "read-write-upgrade"
    if problem.detail == BY_HAND:
        return "guard-and-unlock"
    return _RULES.get(problem.trouble)


def _problem(model: LockModel, function: FunctionId, problem: Problem) -> Iterator[Finding]:
    rule = _rule(model, problem)
    if rule is None:
        return
    label = problem.cls.label if problem.instance.startswith(OPAQUE) else problem.instance
    message = {
        Trouble.DOUBLE_ACQUIRE: f"{label} is acquired while it is held already",
        Trouble.DOUBLE_RELEASE: f"{label} is released, but this path has released it already",
        Trouble.MODE_MISMATCH: f"{label} is released as if held {_mode_word(problem.detail)}, but it is not held so",
        Trouble.TOKEN_MISMATCH: f"{label} is released with {problem.detail.partition('|')[2]}, "
        f"but acquired with {problem.detail.partition('|')[0]}",
        Trouble.TOKEN_REUSED: f"{problem.detail} is overwritten before the section that needs it has ended",
        Trouble.OTHER_OBJECT: f"{label} is released, but its pointer went on to another object since it was acquired",
        Trouble.STALE: f"{problem.detail} was read before {label} was dropped and taken again; others may have "
        "written since",
        Trouble.RESULT_IGNORED: f"the result of {problem.detail}() is ignored: {label} may not be held afterwards",
    }[problem.trouble]
    if problem.detail == BY_HAND:
        message = "the guard releases its lock at the end of its scope, but it has been released by hand"
    steps: list[Step] = []
    if problem.other is not None:
        steps.extend(model.witnesses.down(function, problem.other, f"acquires {problem.cls.label}"))
    steps.append(model.witnesses.step(function, problem.line, message, (problem.cls.label,)))
    finding = make_finding(
        model,
        rule,
        Certainty.PROVED,
        function,
        problem.line,
        message,
        identity=(problem.cls.name, problem.instance, problem.detail),
        locks=(problem.cls.label,),
        witness=tuple(steps),
    )
    if finding is not None:
        yield finding


def _mode_word(mode: str) -> str:
    return "exclusively" if mode == Mode.EXCLUSIVE.value else "shared"


def _again_below(model: LockModel, function: FunctionId, relation: Relation) -> Iterator[Finding]:
    """A callee takes the very lock that is held: the same path, no nesting annotation, not two readers."""
    outer, inner = relation.outer, relation.inner
    if inner.kind is not Kind.LOCK or inner.origin.callee is None or inner.nested or outer.many or outer.nested:
        return
    family = model.ruleset.families.get(outer.cls.family)
    if inner.instance != outer.instance or outer.instance.startswith(OPAQUE) or inner.likely:
        return
    if family is None or family.reentrant or (outer.mode is not Mode.EXCLUSIVE and inner.mode is not Mode.EXCLUSIVE):
        return
    callee = inner.origin.callee
    way = opened(model, function, relation, exact=True)
    if way is None:
        return
    relation = way.relation
    finding = make_finding(
        model,
        "read-write-upgrade" if is_upgrade(outer, inner.mode) else "double-acquire",
        Certainty.QUESTION if inner.final else way.at_most(Certainty.PROVED),
        function,
        inner.origin.line,
        f"{callee.name}() acquires {outer.instance}, which is held here already",
        identity=(outer.cls.name, outer.instance, callee.name),
        locks=(outer.cls.label,),
        witness=model.witnesses.relation(function, relation),
        explanation=explained(way.passage),
        evidence=way_evidence(model, function, relation),
    )
    if finding is not None:
        yield finding
