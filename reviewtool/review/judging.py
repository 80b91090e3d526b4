# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What the checks say of one snapshot, limited to what was asked for."""

from __future__ import annotations

from collections.abc import Sequence

from reviewtool.checks.registry import findings_of
from reviewtool.finding.model import Finding
from reviewtool.review.difference import SnapshotFindings
from reviewtool.review.request import Settings
from reviewtool.review.workshop import Models


def judge(models: Models, settings: Settings) -> SnapshotFindings:
    """The findings of one snapshot, with the names that tell renames from news."""
    found = {key: finding for key, finding in findings_of(models).items() if wanted_by(finding, settings)}
    classes: set[str] = set()
    functions: set[str] = set()
    for model in models:
        classes.update(cls.label for cls in model.graph.classes())
        functions.update(function.name for function in model.functions)
        for finding in found.values():
            classes.update(finding.locks)
    return SnapshotFindings(findings=found, classes=frozenset(classes), functions=frozenset(functions))


def wanted_by(finding: Finding, settings: Settings) -> bool:
    """Whether the rule and the group of a finding are among those asked for."""
    return finding.rule not in settings.disable and (not settings.groups or finding.group in settings.groups)


def within(finding: Finding, paths: Sequence[str]) -> bool:
    """Whether a finding is about one of these files or directories (all, if there are none)."""
    return inside(finding.path, paths)


def inside(path: str, paths: Sequence[str]) -> bool:
    """Whether a path is one of these files, or in one of these directories (all, if there are none)."""
    return not paths or any(path == wanted or path.startswith(wanted.rstrip("/") + "/") for wanted in paths)
