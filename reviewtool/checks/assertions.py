# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Assertions that a patch drops or weakens while the code still relies on them."""

from __future__ import annotations

from collections.abc import Iterator

from reviewtool.checks.agreement import agreed
from reviewtool.checks.check import make_finding
from reviewtool.checks.step import Pair, guards_data
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.fields import accessed
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass, Step
from reviewtool.locking.summary import Kind, Requirement
from reviewtool.ruleset.model import Mode


def check_assertions(pair: Pair) -> Iterator[Finding]:
    """One finding for each changed function and lock."""
    for function in pair.changed:
        after = _asserted(pair.new, function)
        for cls, was in _asserted(pair.old, function).items():
            now = after.get(cls)
            if now is None and not _takes(pair.new, function, cls):
                yield from _dropped(pair, function, was)
            elif now is not None and was.mode is Mode.EXCLUSIVE and now.mode is not Mode.EXCLUSIVE:
                yield from _told(pair, function, now, "asks less than before: any holder will do", ())


def _asserted(model: LockModel, function: FunctionId) -> dict[LockClass, Requirement]:
    """What a function itself asserts, by class."""
    return {
        requirement.cls: requirement
        for requirement, _ in model.summary(function).requirements
        if requirement.origin.callee is None and not requirement.negative and not requirement.rule
    }


def _takes(model: LockModel, function: FunctionId, cls: LockClass) -> bool:
    summary = model.summary(function)
    return any(inner.cls == cls and inner.kind is Kind.LOCK and not inner.origin.callee for inner, _ in summary.inner)


def _dropped(pair: Pair, function: FunctionId, was: Requirement) -> Iterator[Finding]:
    """Told if a callee that asserted it before still does, or if the function writes what others write under it."""
    label = was.cls.label
    for requirement, _ in pair.new.summary(function).requirements:
        callee = requirement.origin.callee
        if requirement.cls != was.cls or requirement.negative or callee is None or requirement.rule:
            continue
        if any(each.cls == was.cls for each, _ in pair.old.summary(callee).requirements):
            steps = pair.new.witnesses.down(function, requirement.origin, f"asserts {label}")
            what = f"does not assert {label} any more, but {steps[-1].function}(), which it calls, still does"
            yield from _told(pair, function, requirement, what, steps)
            return
    ref = pair.new.functions[function]
    for seen in pair.new.holding.events(function) if guards_data(pair.new, was.cls) else ():
        access = accessed(seen.event)
        if access is None or not access[1] or pair.fields.is_fresh(ref, access[0]):
            continue
        field = pair.fields.of(ref, access[0])
        found = agreed(pair.new, pair.fields, field, was.cls, frozenset({function})) if field else None
        if found is not None:
            step = pair.new.witnesses.step(function, seen.event.line, f"writes {access[0]}")
            what = f"does not assert {label} any more, but still writes {access[0]}, which others write under it"
            yield from _told(pair, function, was, what, (step,), seen.event.line)
            return


def _told(
    pair: Pair,
    function: FunctionId,
    requirement: Requirement,
    what: str,
    steps: tuple[Step, ...],
    line: int | None = None,
) -> Iterator[Finding]:
    at = requirement.origin.line if line is None else line
    finding = make_finding(
        pair.new,
        "assertion-dropped",
        Certainty.QUESTION,
        function,
        at,
        f"{function.name}() {what}",
        identity=(requirement.cls.name,),
        locks=(requirement.cls.label,),
        witness=steps or (pair.new.witnesses.step(function, at, f"asserts {requirement.cls.label}"),),
    )
    if finding is not None:
        yield finding
