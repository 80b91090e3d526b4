# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The sample thread of the story: at patch 2 of v1 a claim is not yet true; v2 has nothing wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reviewtool.changelog.findings import claim_findings
from reviewtool.changelog.texts import series_claims
from reviewtool.changelog.thread import raised_by
from reviewtool.changelog.verdicts import Models, Verdict, judge
from reviewtool.finding.model import Finding
from reviewtool.mail.model import Series
from reviewtool.mail.source import read_thread, select_series
from reviewtool.review.changes import changes_of
from reviewtool.ruleset.model import Ruleset, Severity
from reviewtool.tree.opening import open_tree

Told = tuple[Series, tuple[Verdict, ...], list[Finding]]


@pytest.fixture
def told(
    sample_repository: Callable[[str], tuple[Path, Any]],
    ruleset: Ruleset,
    models_of: Callable[..., dict[int, Models]],
) -> Callable[[int], Told]:
    def tell(revision: int) -> Told:
        mbox, repository = sample_repository("story")
        series = select_series(read_thread(str(mbox), revision=revision), revision)
        with open_tree(repository.path) as tree:
            stack = tree.stack(changes_of(series), wanted="", thread_base=series.base_commit)
            trees = [
                {path: (snapshot.read(path) or b"").decode() for path in snapshot.list() if path.endswith((".c", ".h"))}
                for snapshot in stack.snapshots
            ]
        verdicts = judge(series_claims(series), models_of(trees))
        return series, verdicts, list(claim_findings(verdicts, ruleset))

    return tell


def test_the_claim_is_not_yet_true(told: Callable[[int], Told]) -> None:
    series, _, findings = told(1)
    (finding,) = findings
    assert (finding.rule, finding.severity, finding.patch) == ("claim-not-yet-true", Severity.WARNING, 2)
    assert "hv_cpu_online_cb() takes hv_lock" in finding.message
    assert "from patch 5 on" in finding.message
    assert [step.event for step in finding.witness] == ["acquires hv_count_lock"]
    assert [step.event for step in finding.other] == ["acquires hv_lock"]
    assert raised_by(finding, series) is None


def test_v2_has_nothing_wrong(told: Callable[[int], Told]) -> None:
    _, verdicts, findings = told(2)
    assert findings == []
    assert {verdict.outcome for verdict in verdicts} == {"holds"}
    assert len(verdicts) >= 6
