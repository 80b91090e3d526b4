# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Which lock guards a field, as the locking documents have it, for those who check accesses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reviewtool.checks.agreement import Claim
from reviewtool.checks.guarded import check_guarded
from reviewtool.checks.registry import merged
from reviewtool.finding.model import Certainty, Citation, Finding
from reviewtool.lockdoc.compare import Agreement
from reviewtool.lockdoc.names import Fate
from reviewtool.lockdoc.views import View
from reviewtool.review.stepping import Claims
from reviewtool.review.workshop import Models


def claims_of(agreements: Iterable[Agreement]) -> Claims:
    """By world: what the records of documents say that their locks protect, as far as it is a field."""
    found: dict[str, list[Claim]] = {}
    for agreement in agreements:
        for view in agreement.views:
            found.setdefault(view.model.world, []).extend(_claims(view))
    return {world: tuple(claims) for world, claims in found.items()}


def _claims(view: View) -> Iterator[Claim]:
    document = view.document
    for record in document.records:
        entry = record.entries.get("protects")
        lock = view.names.named(record.name)
        if entry is None or lock.fate is not Fate.FOUND or lock.cls is None:
            continue
        for mention in entry.mentions:
            data = view.names.named(mention)
            if data.fate is Fate.FOUND and data.cls is None and data.record and data.field:
                citation = Citation(path=document.path, line=mention.line, quote=mention.text)
                said = f"{document.path}:{mention.line} says so"
                yield Claim(f"{data.record}.{data.field}", lock.cls, said, Certainty.QUESTION, citation=citation)


def guarded_findings(models: Models, claims: Claims) -> dict[str, Finding]:
    """The accesses to guarded data without the lock in one snapshot, by fingerprint."""
    return merged(finding for model in models for finding in check_guarded(model, claims.get(model.world, ())))
