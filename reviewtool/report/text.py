# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A review as a maintainer reads it in a terminal or a pager."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reviewtool.finding.model import Finding, Status
from reviewtool.report.earlier_text import render_earlier
from reviewtool.report.finding_text import headline, render_finding
from reviewtool.report.paint import Ink, Paint
from reviewtool.report.visible import visible
from reviewtool.review.lines import reader
from reviewtool.review.model import Claim, PatchResult, Review, Verdict
from reviewtool.ruleset.model import Severity
from reviewtool.tree.model import Applied

DEFAULT_WIDTH = 100
"""Columns of prose where the output is no terminal."""

APPLIED = {
    Applied.YES: "applies",
    Applied.ALREADY: "already there",
    Applied.FAILED: "does not apply",
    Applied.MISSING: "missing",
    Applied.SKIPPED: "skipped",
}
"""What became of a patch, in words."""


def render_text(reviews: Iterable[Review], paint: Paint, width: int = DEFAULT_WIDTH) -> Iterator[str]:
    """The report in pieces, a review at a time as it comes; pieces end with a line end."""
    for number, review in enumerate(reviews):
        lines = [] if number == 0 else ["", ""]
        lines += render_review(review, paint, width)
        yield "".join(f"{line}\n" for line in lines)


def render_review(review: Review, paint: Paint, width: int = DEFAULT_WIDTH) -> Iterator[str]:
    """The lines of one review."""
    yield from _head(review, paint)
    yield from _patch_list(review, paint)
    if review.is_audit:
        yield from _findings(review, review.findings, paint, width)
    else:
        yield from _by_patch(review, paint, width)
    if review.resolved:
        yield ""
        yield paint(Ink.TITLE, "Removed by this series")
        for finding in review.resolved:
            yield f"  {finding.patch}/{len(review.patches)} {headline(finding, paint)}"
            if finding.replay is not None:
                yield f"      replay: {visible(finding.replay.words)}"
    if review.earlier is not None:
        compared = list(render_earlier(review.earlier, review, paint, width))
        yield from ["", *compared] if compared else []
    if review.notes:
        yield ""
        yield paint(Ink.TITLE, "What could not be had")
        yield from (f"  {visible(note)}" for note in review.notes)
    yield ""
    yield summary(review, paint)


def summary(review: Review, paint: Paint) -> str:
    """One line with the counts."""
    counts = [(review.count(severity), severity) for severity in Severity]
    said = [f"{number} {severity.value}{'' if number == 1 else 's'}" for number, severity in counts if number]
    ink = Ink.ERROR if counts[0][0] else Ink.WARNING if counts[1][0] else Ink.GOOD
    parts = [paint(ink, ", ".join(said) or "nothing to report")]
    later = sum(finding.status is Status.FIXED_LATER for finding in review.findings)
    if later:
        parts.append(f"{later} repaired later in the series")
    if review.resolved:
        parts.append(f"{len(review.resolved)} removed")
    shown = sum(finding.status is Status.PRE_EXISTING for finding in review.findings)
    if review.stats.pre_existing > shown:
        parts.append(f"{review.stats.pre_existing - shown} pre-existing not shown")
    if review.stats.unknown_calls:
        parts.append(f"{review.stats.unknown_calls} calls leave what was read")
    return "; ".join(parts)


def _head(review: Review, paint: Paint) -> Iterator[str]:
    tag = "audit" if review.is_audit else f"v{review.revision}"
    yield paint(Ink.TITLE, f"{visible(review.subject)} [{tag}]")
    if review.author is not None:
        yield f"  from    {visible(review.author.name)} <{visible(review.author.email)}>"
    yield f"  source  {visible(review.source)}"
    if review.base is not None:
        label = visible(review.base.label or review.base.revision)
        reason = f" ({visible(review.base.reason)})" if review.base.reason else ""
        yield f"  base    {label}{reason}"


def _patch_list(review: Review, paint: Paint) -> Iterator[str]:
    if review.patches:
        yield ""
    column = max((len(APPLIED[patch.applied]) for patch in review.patches), default=0)
    for patch in review.patches:
        state = f"{APPLIED[patch.applied]:<{column}}"
        ink = Ink.GOOD if patch.applied in (Applied.YES, Applied.ALREADY) else Ink.WARNING
        yield f"  {_number(patch.number, review)} {paint(ink, state)}  {visible(patch.subject)}"
        if patch.reason:
            yield f"      {paint(Ink.FAINT, visible(patch.reason))}"


def _number(number: int, review: Review) -> str:
    total = str(len(review.patches))
    return f"{number:>{len(total)}}/{total}"


def _by_patch(review: Review, paint: Paint, width: int) -> Iterator[str]:
    subjects = {patch.number: patch for patch in review.patches}
    numbers = sorted({finding.patch for finding in review.findings} | {claim.patch for claim in review.claims})
    for number in numbers:
        findings = tuple(finding for finding in review.findings if finding.patch == number)
        claims = [claim for claim in review.claims if claim.patch == number]
        yield ""
        yield paint(Ink.TITLE, _patch_title(subjects.get(number), number, review))
        yield from (_claim(claim, review, paint) for claim in claims)
        yield from _findings(review, findings, paint, width)


def _patch_title(patch: PatchResult | None, number: int, review: Review) -> str:
    subject = visible(patch.subject) if patch is not None else "cover letter" if number == 0 else ""
    return f"{_number(number, review).strip()} {subject}".rstrip()


def _claim(claim: Claim, review: Review, paint: Paint) -> str:
    ink = Ink.GOOD if claim.verdict is Verdict.HOLDS else Ink.NOTE
    when = ""
    if claim.verdict is Verdict.NOT_YET and claim.since is not None:
        when = f" (from {claim.since}/{len(review.patches)} on)"
    elif claim.verdict is Verdict.NO_LONGER and claim.until is not None:
        when = f" (until {claim.until}/{len(review.patches)})"
    verdict = paint(ink, claim.verdict.value.replace("-", " "))
    return f'  "{visible(claim.sentence)}": {verdict}{when}'


def _findings(review: Review, findings: tuple[Finding, ...], paint: Paint, width: int) -> Iterator[str]:
    read_line = reader(review.lines)
    for finding in findings:
        yield ""
        yield from render_finding(finding, patches=len(review.patches), read_line=read_line, paint=paint, width=width)
