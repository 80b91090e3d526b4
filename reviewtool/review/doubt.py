# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Findings in files that a patch changes only in part: what the tree shows there is not what the author wrote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.linker import FunctionId
from reviewtool.ruleset.model import Severity
from reviewtool.tree.model import Application

Half = frozenset[tuple[str, str]]
"""Path and name of the functions that a patch changes in files in which it did not apply in full."""

Halves = Mapping[int, Half]
"""By patch."""


def halves_of(applications: Sequence[Application], number: int, changed: Iterable[FunctionId]) -> dict[int, Half]:
    """The entry of one patch, `changed` being the functions that it changes; none if it applied."""
    rejected = {rejection.path for rejection in applications[number - 1].rejections}
    half = frozenset((function.path, function.name) for function in changed if function.path in rejected)
    return {number: half} if half else {}


def with_doubts(findings: Iterable[Finding], applications: Sequence[Application], halves: Halves) -> list[Finding]:
    """The findings, of which some become questions.

    Those are in doubt whose evidence lies in a file in which a hunk of the same patch did not apply, or leads through a
    function that an earlier patch changed in such a file; what the base has already is not.
    """
    return [_doubted(finding, applications, halves) for finding in findings]


def _doubted(finding: Finding, applications: Sequence[Application], halves: Halves) -> Finding:
    if not finding.patch:
        return finding
    steps = (*finding.witness, *finding.other)
    places = {(finding.path, finding.function), *((step.path, step.function) for step in steps)}
    rejected = {rejection.path for rejection in applications[finding.patch - 1].rejections}
    failed = [(number, *place) for number, half in halves.items() if number < finding.patch for place in places & half]
    failed += [(finding.patch, path, name) for path, name in places if path in rejected]
    if not failed:
        return finding
    number, path, _ = min(failed)
    told = f"Patch {number} changes {path}, too, but did not apply there in full, so this may be the half of a change."
    explanation = f"{finding.explanation} {told}".strip()
    return replace(finding, severity=Severity.NOTE, certainty=Certainty.QUESTION, explanation=explanation)
