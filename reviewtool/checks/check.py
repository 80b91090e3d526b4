# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What a check is: a function from a model to findings, and how it makes one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from reviewtool.finding.evidence import Evidence
from reviewtool.finding.fingerprint import fingerprint
from reviewtool.finding.model import Certainty, Finding
from reviewtool.finding.severity import severity_of
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import Step

Check = Callable[[LockModel], Iterator[Finding]]
"""Yields the findings of one snapshot in one world. Same model, same findings, same fingerprints."""


def make_finding(
    model: LockModel,
    rule_id: str,
    certainty: Certainty,
    function: FunctionId,
    line: int,
    message: str,
    *,
    identity: tuple[str, ...],
    locks: tuple[str, ...] = (),
    witness: tuple[Step, ...] = (),
    other: tuple[Step, ...] = (),
    explanation: str = "",
    anywhere: bool = False,
    evidence: Evidence = (),
) -> Finding | None:
    """A finding at a relative line of a function; None if the rule is not loaded (or disabled).

    `identity` is what, beside rule, file and function, tells it from others; it must not contain line numbers. With
    `anywhere` it is all, and the place is one of several that the finding could be told at. An
    `error` needs proof, `likely` is at most a warning, a `question` is a note.
    """
    rule = model.ruleset.rules.get(rule_id)
    if rule is None:
        return None
    ref = model.functions.get(function)
    return Finding(
        rule=rule.id,
        group=rule.group,
        severity=severity_of(rule, certainty),
        certainty=certainty,
        fingerprint=fingerprint(rule.id, *(() if anywhere else (function.path, function.name)), *identity),
        path=function.path,
        line=ref.line(line) if ref is not None else line,
        function=function.name,
        message=message,
        locks=locks,
        witness=witness,
        other=other,
        world=(model.world,) if model.world else (),
        explanation=explanation,
        evidence=evidence,
    )
