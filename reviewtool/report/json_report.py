# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The JSON report: version 1 of the published schema, `schema/report-v1.json` in this package."""

from __future__ import annotations

import importlib.resources
import json
from collections.abc import Iterable, Iterator
from typing import Any

from reviewtool.finding.model import Finding
from reviewtool.locking.model import Step
from reviewtool.review.model import Claim, Earlier, PatchResult, Review

VERSION = 1
"""Goes up when a reader of the old report could misread the new one; new fields do not count."""

Json = dict[str, Any]
"""A JSON object."""


def schema() -> Json:
    """The JSON Schema of the report."""
    text = importlib.resources.files(__package__).joinpath("schema/report-v1.json").read_text(encoding="utf-8")
    loaded: Json = json.loads(text)
    return loaded


def render_json(reviews: Iterable[Review]) -> Iterator[str]:
    """The report, as one piece. It is ASCII: control characters and all that is not ASCII are escaped."""
    document = {"version": VERSION, "reviews": [review_object(review) for review in reviews]}
    yield json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def review_object(review: Review) -> Json:
    """A review as the schema has it."""
    base = review.base
    author = review.author
    return {
        "source": review.source,
        "subject": review.subject,
        "author": {"name": author.name, "email": author.email} if author is not None else None,
        "revision": review.revision,
        "base": {"revision": base.revision, "label": base.label, "reason": base.reason} if base is not None else None,
        "patches": [_patch(patch) for patch in review.patches],
        "findings": [finding_object(finding) for finding in review.findings],
        "resolved": [finding_object(finding) for finding in review.resolved],
        "claims": [_claim(claim) for claim in review.claims],
        "earlier": _earlier(review.earlier) if review.earlier is not None else None,
        "notes": list(review.notes),
        "scope": list(review.scope),
        "stats": {
            "unknown_calls": review.stats.unknown_calls,
            "pre_existing": review.stats.pre_existing,
            "functions": review.stats.functions,
            "files": review.stats.files,
        },
    }


def finding_object(finding: Finding) -> Json:
    """A finding as the schema has it."""
    replay, document = finding.replay, finding.document
    return {
        "rule": finding.rule,
        "group": finding.group.value,
        "severity": finding.severity.value,
        "certainty": finding.certainty.value,
        "fingerprint": finding.fingerprint,
        "patch": finding.patch,
        "snapshot": finding.snapshot,
        "world": list(finding.world),
        "path": finding.path,
        "line": finding.line,
        "function": finding.function,
        "message": finding.message,
        "explanation": finding.explanation,
        "locks": list(finding.locks),
        "witness": [_step(step) for step in finding.witness],
        "other": [_step(step) for step in finding.other],
        "other_snapshot": finding.other_snapshot,
        "places": [_step(step) for step in finding.places],
        "replay": {"schedule": replay.schedule, "verdict": replay.verdict, "states": replay.states} if replay else None,
        "document": {"path": document.path, "line": document.line, "quote": document.quote} if document else None,
        "suggestion": finding.suggestion,
        "status": finding.status.value if finding.status is not None else None,
        "until": finding.until,
        "raised_by": finding.raised_by,
    }


def _patch(patch: PatchResult) -> Json:
    return {
        "number": patch.number,
        "subject": patch.subject,
        "message_id": patch.message_id,
        "applied": patch.applied.value,
        "reason": patch.reason,
    }


def _claim(claim: Claim) -> Json:
    return {
        "patch": claim.patch,
        "sentence": claim.sentence,
        "verdict": claim.verdict.value,
        "since": claim.since,
        "until": claim.until,
        "evidence": [_step(step) for step in claim.evidence],
    }


def _earlier(earlier: Earlier) -> Json:
    return {
        "revision": earlier.revision,
        "reason": earlier.reason,
        "gone": [finding_object(finding) for finding in earlier.gone],
        "still": [{"fingerprint": each.fingerprint, "raised_by": each.raised_by} for each in earlier.still],
        "new": list(earlier.new),
        "comments": [
            {
                "message_id": comment.message_id,
                "author": {"name": comment.author.name, "email": comment.author.email},
                "patch": comment.patch,
                "quoted": list(comment.quoted),
                "text": comment.text,
                "replied": comment.replied,
            }
            for comment in earlier.comments
        ],
    }


def _step(step: Step) -> Json:
    return {
        "path": step.path,
        "line": step.line,
        "function": step.function,
        "event": step.event,
        "held": list(step.held),
    }
