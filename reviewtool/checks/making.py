# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The life of a lock in the wrong order: used before it is initialised, destroyed twice, left behind by an error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reviewtool.checks.check import make_finding
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import Step
from reviewtool.locking.summary import Problem, Trouble
from reviewtool.ruleset.model import Effect

_RULES: Final = {
    Trouble.USED_BEFORE_INIT: ("lock-used-before-init", "is initialised here, but this path has used it before"),
    Trouble.INIT_HELD: ("lock-init-again", "is initialised while it is held"),
    Trouble.INIT_AGAIN: ("lock-init-again", "is initialised, but this path has done that already"),
    Trouble.USED_GONE: ("lock-used-after-destroy", "is used, but this path has destroyed it"),
    Trouble.GONE_AGAIN: ("lock-used-after-destroy", "is destroyed, but this path has done that already"),
    Trouble.NEVER_MADE: ("destroy-without-init", "is destroyed on a path on which its initialisation failed"),
    Trouble.NOT_UNMADE: ("init-not-undone", "stays initialised on this error path; other ways out destroy it"),
    Trouble.CLASSED_LATE: ("lock-class-set-late", "gets a lockdep class here, but this path has used it before"),
}


def check_making(model: LockModel) -> Iterator[Finding]:
    """One finding for each place."""
    for function, summary in model.summaries.items():
        for problem in summary.problems:
            known = _RULES.get(problem.trouble)
            if known is not None:
                yield from _tell(model, function, problem, *known)
            elif problem.trouble is Trouble.OTHER_TYPE:
                words = f"is a {problem.cls.family}, which {problem.detail}() is not for"
                yield from _tell(model, function, problem, "lock-type-mismatch", words)
            elif problem.trouble is Trouble.RESULT_IGNORED and _initialises(model, problem.detail):
                words = f"may not be initialised afterwards: the result of {problem.detail}() is ignored"
                yield from _tell(model, function, problem, "init-result-ignored", words)


def _initialises(model: LockModel, name: str) -> bool:
    primitive = model.ruleset.primitives.get(name)
    return primitive is not None and any(operation.effect is Effect.INIT for operation in primitive.operations)


def _tell(model: LockModel, function: FunctionId, problem: Problem, rule: str, words: str) -> Iterator[Finding]:
    label = problem.instance
    steps: tuple[Step, ...] = ()
    if problem.other is not None:
        steps = model.witnesses.down(function, problem.other, f"acquires {problem.cls.label}")
    message = f"{label} {words}"
    finding = make_finding(
        model,
        rule,
        Certainty.LIKELY if problem.trouble is Trouble.NOT_UNMADE else Certainty.PROVED,
        function,
        problem.line,
        message,
        identity=(problem.cls.name, problem.instance, str(problem.trouble)),
        locks=(problem.cls.label,),
        witness=(*steps, model.witnesses.step(function, problem.line, message)),
    )
    if finding is not None:
        yield finding
