# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Findings in files that a patch changes only in part: what the tree shows there is not what the author wrote."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from reviewtool.finding.model import Certainty, Finding
from reviewtool.ruleset.model import Severity
from reviewtool.tree.model import Application


def with_doubts(findings: Iterable[Finding], applications: Sequence[Application]) -> list[Finding]:
    """The findings, of which some become questions.

    Those are in doubt whose evidence lies in a file in which a hunk of this or of an earlier patch did not apply; what
    the base has already is not.
    """
    rejected: dict[str, int] = {}
    for application in applications:
        for rejection in application.rejections:
            rejected.setdefault(rejection.path, application.number)
    return [_doubted(finding, rejected) for finding in findings]


def _doubted(finding: Finding, rejected: dict[str, int]) -> Finding:
    steps = (*finding.witness, *finding.other)
    paths = {finding.path, *(step.path for step in steps)}
    failed = sorted((rejected[path], path) for path in paths if rejected.get(path, finding.patch + 1) <= finding.patch)
    if not finding.patch or not failed:
        return finding
    number, path = failed[0]
    told = f"Patch {number} changes {path}, too, but did not apply there in full, so this may be the half of a change."
    explanation = f"{finding.explanation} {told}".strip()
    return replace(finding, severity=Severity.NOTE, certainty=Certainty.QUESTION, explanation=explanation)
