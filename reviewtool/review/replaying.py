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
from reviewtool.replay.finding import as_replay, rests_on_document, run_contrast, run_finding
from reviewtool.replay.verdict import Bound
from reviewtool.ruleset.model import Severity

BOUND: Final = Bound(states=20_000, seconds=1.0)
"""For one finding: evidence makes programs of some ten events, which take some hundred states."""

Contrasts = Mapping[tuple[str, int], Evidence]
"""By fingerprint and by the number of the patch that brings or removes the finding: what its functions do in the
snapshot that does not have it."""


def contrasts(found: Iterable[Finding], models: tuple[LockModel, ...], number: int) -> dict[tuple[str, int], Evidence]:
    """What the functions of findings do in a snapshot that does not have them; `number` is the patch's."""
    known: dict[tuple[str, int], Evidence] = {}
    for finding in found:
        model = next((model for model in models if not finding.world or model.world in finding.world), None)
        if model is not None and finding.evidence:
            known[finding.fingerprint, number] = evidence_after(model, finding.evidence)
    return known


def with_replay(finding: Finding, known: Contrasts) -> Finding:
    """The finding with its replay, if it has evidence that can be run, and how that ends before the patch. One that
    does not come true becomes a question, unless a document or a declared order is its evidence.
    """
    run = run_finding(finding, BOUND)
    if run is None:
        return finding
    contrast = known.get((finding.fingerprint, finding.patch)) if finding.patch else None
    finding = replace(finding, contrast=contrast or ())
    before = _contrast(finding, "before") if contrast is not None else ""
    finding = replace(finding, replay=as_replay(run, before, run.outcome.said("after") if before else ""))
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


def with_both_replays(finding: Finding, known: Contrasts) -> Finding:
    """A finding that a patch removes, with the replay of the last snapshot that has it, and how that ends after it."""
    run = run_finding(finding, BOUND)
    if run is None or finding.until is None:
        return finding
    finding = replace(finding, contrast=known.get((finding.fingerprint, finding.until), ()))
    return replace(finding, replay=as_replay(run, run.outcome.said("before"), _contrast(finding, "after")))


def _contrast(finding: Finding, when: str) -> str:
    """How the finding's ways end in the other snapshot."""
    run = run_contrast(finding, BOUND)
    if run is not None:
        return run.outcome.said(when)
    return "nothing of it before" if when == "before" else "nothing of it is left after"


def _kept_apart(finding: Finding) -> str:
    """The lock that two of the ways hold around what they do."""
    around = [{move.cls.label for move in actor.moves[:-2]} for actor in finding.evidence]
    for number, one in enumerate(around):
        for other in around[number + 1 :]:
            common = sorted(name for name in one & other if name not in finding.locks)
            if common:
                return common[0]
    return ""
