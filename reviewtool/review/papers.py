# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The texts of a review: the locking documents of the tree, and what the author claims, along with the snapshots."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from reviewtool.changelog.findings import claim_findings, report_findings
from reviewtool.changelog.reports import ReportTracker
from reviewtool.changelog.texts import patch_sentences, series_claims, series_reports
from reviewtool.changelog.verdicts import Tracker
from reviewtool.changelog.verdicts import Verdict as Judged
from reviewtool.finding.model import Finding, Status
from reviewtool.lockdoc.change import Edge, check_step, edges_of
from reviewtool.lockdoc.compare import Agreement
from reviewtool.mail.model import Patch, Series
from reviewtool.review.documents import Bookshelf
from reviewtool.review.model import Claim, Verdict
from reviewtool.review.workshop import Models
from reviewtool.ruleset.model import Group, Ruleset
from reviewtool.tree.model import Snapshot

_REASON: Final = re.compile(
    r"\b(?:because|since|so that|must|cannot|protects?|serialis\w+|serializ\w+|deadlock)\b", re.I
)
"""Words of a sentence that says why a lock is there."""
_WORD: Final = re.compile(r"[A-Za-z_]\w*(?:->\w+)*")


class Papers:
    """Goes along with an analysis: `see` gets every snapshot in order, from 0."""

    def __init__(self, series: Series, documents: Sequence[str], ruleset: Ruleset) -> None:
        self._series = series
        self._documents = tuple(documents)
        self._ruleset = ruleset
        self._tracker = Tracker(series_claims(series))
        self._reports = ReportTracker(series_reports(series))
        self._shelf = Bookshelf()
        self._before: dict[str, Agreement] = {}
        self._had: frozenset[Edge] = frozenset()
        self._remarks: dict[str, Finding] = {}
        self._found: list[Finding] = []

    def see(self, number: int, models: Models, snapshot: Snapshot, changed: bool) -> None:
        """Snapshot `number`; `changed` says whether a C file or a document differs from the one before."""
        self._tracker.see(number, models)
        self._reports.see(number, models)
        if not changed and number:
            return
        now = self._shelf.agreements(models, self._documents, snapshot)
        remarks = self._shelf.comment_findings(models)
        if number:
            told = (
                *self._of_documents(number, now),
                *(new for key, new in remarks.items() if key not in self._remarks),
            )
            self._found += [replace(each, patch=number, snapshot=number, status=Status.INTRODUCED) for each in told]
        else:
            self._had = edges_of([view for agreement in now.values() for view in agreement.views])
        self._before, self._remarks = now, remarks

    @property
    def agreements(self) -> Mapping[str, Agreement]:
        """The documents beside the snapshot that was seen last."""
        return self._before

    def _of_documents(self, number: int, now: Mapping[str, Agreement]) -> Iterator[Finding]:
        patch = self._series.patches[number - 1]
        reasons = _reasons(patch) if patch is not None else {}
        for path, agreement in now.items():
            before = self._before.get(path)
            if before is not None:
                yield from check_step(before, agreement, reasons, had=self._had)

    def findings(self) -> Iterator[Finding]:
        """What the texts give, patches filled in. Call it after the last snapshot."""
        yield from self._found
        yield from claim_findings(self._tracker.verdicts(), self._ruleset)
        yield from report_findings(self._reports.laid(), self._series, self._ruleset)

    def claims(self) -> tuple[Claim, ...]:
        """The claims with their verdicts, for the report."""
        told: dict[tuple[int, str, Verdict, int | None, int | None], Claim] = {}
        for verdict in self._tracker.verdicts():
            claim = _claim(verdict)
            key = (claim.patch, claim.sentence, claim.verdict, claim.since, claim.until)
            old = told.get(key)
            told[key] = claim if old is None else replace(old, evidence=(*old.evidence, *claim.evidence))
        return tuple(told.values())


def with_documents(code: Sequence[Finding], texts: Sequence[Finding]) -> Iterator[Finding]:
    """Both kinds of findings; what a document says of an order that the code breaks is told with that finding."""
    taken: set[int] = set()
    for finding in code:
        same = [
            index
            for index, text in enumerate(texts)
            if text.document is not None
            and finding.group is Group.ORDER
            and text.group is Group.DOC
            and text.patch == finding.patch
            and len(text.locks) == 2
            and set(text.locks) <= set(finding.locks)
        ]
        taken.update(same)
        yield replace(finding, document=texts[same[-1]].document) if same and not finding.document else finding
    yield from (text for index, text in enumerate(texts) if index not in taken)


def _claim(verdict: Judged) -> Claim:
    return Claim(
        patch=verdict.claim.patch,
        sentence=verdict.claim.sentence.text,
        verdict=Verdict(verdict.outcome.value),
        since=verdict.since,
        until=verdict.until,
        evidence=verdict.steps,
    )


def _reasons(patch: Patch) -> dict[str, str]:
    """For each name in a changelog the author's own words on it: the first sentence that gives a reason, else the
    first one that it stands in.
    """
    prose = [sentence.text for sentence in patch_sentences(patch) if sentence.origin in ("changelog", "cover")]
    reasons: dict[str, str] = {}
    for text in (*filter(_REASON.search, prose), *prose):
        for word in _WORD.findall(text):
            reasons.setdefault(word, text)
    return reasons
