# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The findings that are reported, with their replays: what cannot be brought about in the program is only asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from reviewtool.checks.aftermath import evidence_after
from reviewtool.finding.evidence import Evidence
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.lockmodel import LockModel
from reviewtool.replay.finding import as_replay, rests_on_document, run_evidence, run_finding, title_of
from reviewtool.replay.verdict import Bound
from reviewtool.ruleset.model import Severity

BOUND: Final = Bound(states=20_000, seconds=1.0)
"""For one finding: evidence makes programs of some ten events, which take some hundred states."""

Afters = Mapping[tuple[str, int], Evidence]
"""By fingerprint and by the number of the snapshot that has the finding no more: what its functions do there."""


def afters(gone: Iterable[Finding], models: tuple[LockModel, ...], number: int) -> dict[tuple[str, int], Evidence]:
    """What the functions of findings do in snapshot `number`, which does not have the findings."""
    found: dict[tuple[str, int], Evidence] = {}
    for finding in gone:
        model = next((model for model in models if not finding.world or model.world in finding.world), None)
        if model is not None and finding.evidence:
            found[finding.fingerprint, number] = evidence_after(model, finding.evidence)
    return found


def with_replay(finding: Finding) -> Finding:
    """The finding with its replay, if it has evidence that can be run. One that does not come true becomes a question,
    unless a document or a declared order is its evidence.
    """
    run = run_finding(finding, BOUND)
    if run is None:
        return finding
    finding = replace(finding, replay=as_replay(run))
    if run.outcome.verdict.trouble or rests_on_document(finding):
        return finding
    reason = f"A run of these paths beside each other shows no trouble ({run.outcome.summary})"
    apart = _kept_apart(finding)
    reason += f": {apart} keeps them apart." if apart else "."
    return replace(
        finding,
        severity=Severity.NOTE,
        certainty=Certainty.QUESTION,
        explanation=f"{finding.explanation} {reason}".strip(),
    )


def with_both_replays(finding: Finding, known: Afters) -> Finding:
    """A finding that a patch removes, with the replay of the last snapshot that has it, and how that ends after it."""
    run = run_finding(finding, BOUND)
    if run is None or finding.until is None:
        return finding
    evidence = known.get((finding.fingerprint, finding.until))
    after = run_evidence(evidence, title_of(finding), BOUND) if evidence else None
    said = after.outcome.summary if after is not None else "nothing of it is left"
    return replace(finding, replay=as_replay(run, said))


def _kept_apart(finding: Finding) -> str:
    """The lock that two of the ways hold around what they do."""
    around = [{move.cls.label for move in actor.moves[:-2]} for actor in finding.evidence]
    for number, one in enumerate(around):
        for other in around[number + 1 :]:
            common = sorted(name for name in one & other if name not in finding.locks)
            if common:
                return common[0]
    return ""
