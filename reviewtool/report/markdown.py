# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A review as Markdown, for a web page or a comment on a forge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reviewtool.finding.model import Finding, Status
from reviewtool.locking.model import Step
from reviewtool.report.finding_text import ID_LENGTH
from reviewtool.report.markdown_text import cell, code, escape, fenced
from reviewtool.report.paint import NO_PAINT
from reviewtool.report.scenario import scenario
from reviewtool.report.text import APPLIED, summary
from reviewtool.review.lines import LineReader, other_snapshot, reader
from reviewtool.review.model import Claim, Review, Verdict


def render_markdown(reviews: Iterable[Review]) -> Iterator[str]:
    """The report in pieces, a review at a time as it comes."""
    for number, review in enumerate(reviews):
        lines = ["---", ""] if number else []
        lines += _review(review)
        yield "".join(f"{line}\n" for line in lines)


def _review(review: Review) -> Iterator[str]:
    tag = "audit" if review.is_audit else f"v{review.revision}"
    yield f"# {escape(review.subject)} ({tag})"
    yield ""
    yield f"**{escape(summary(review, NO_PAINT))}**"
    yield ""
    if review.author is not None:
        yield f"- from {escape(review.author.name)} {code(f'<{review.author.email}>')}".replace("  ", " ")
    yield f"- source {code(review.source)}"
    if review.base is not None:
        reason = f" ({escape(review.base.reason)})" if review.base.reason else ""
        yield f"- base {code(review.base.label or review.base.revision)}{reason}"
    yield ""
    yield from _patches(review)
    numbers = sorted({finding.patch for finding in review.findings} | {claim.patch for claim in review.claims})
    for number in numbers:
        yield from _patch(number, review)
    if review.resolved:
        yield "## Removed by this series"
        yield ""
        for finding in review.resolved:
            yield f"- {finding.patch}/{len(review.patches)} {_place(finding)} {escape(_told(finding))}"
        yield ""
    if review.notes:
        yield "## What could not be had"
        yield ""
        yield from (f"- {escape(note)}" for note in review.notes)
        yield ""


def _patches(review: Review) -> Iterator[str]:
    if not review.patches:
        return
    yield "| patch | state | subject | findings |"
    yield "| --- | --- | --- | --- |"
    for patch in review.patches:
        count = sum(finding.patch == patch.number for finding in review.findings)
        state = APPLIED[patch.applied] + (f": {escape(patch.reason)}" if patch.reason else "")
        yield f"| {patch.number}/{len(review.patches)} | {state} | {cell(patch.subject)} | {count or ''} |"
    yield ""


def _patch(number: int, review: Review) -> Iterator[str]:
    if not review.is_audit:
        subject = next((patch.subject for patch in review.patches if patch.number == number), "")
        subject = "cover letter" if number == 0 else subject
        yield f"## {number}/{len(review.patches)} {escape(subject)}".rstrip()
        yield ""
    claims = [claim for claim in review.claims if claim.patch == number]
    yield from (_claim(claim, review) for claim in claims)
    if claims:
        yield ""
    read_line = reader(review.lines)
    for finding in review.findings:
        if finding.patch == number:
            yield from _finding(finding, review, read_line)


def _claim(claim: Claim, review: Review) -> str:
    when = ""
    if claim.verdict is Verdict.NOT_YET and claim.since is not None:
        when = f" (from {claim.since}/{len(review.patches)} on)"
    elif claim.verdict is Verdict.NO_LONGER and claim.until is not None:
        when = f" (until {claim.until}/{len(review.patches)})"
    return f'- "{escape(claim.sentence)}": **{claim.verdict.value.replace("-", " ")}**{when}'


def _finding(finding: Finding, review: Review, read_line: LineReader) -> Iterator[str]:
    yield f"### {finding.severity.value}: {escape(_told(finding))}"
    yield ""
    tail = f"{code(finding.rule)}, {finding.certainty.value}, {code(finding.fingerprint[:ID_LENGTH])}"
    yield f"{_place(finding)} ({tail})"
    yield ""
    for text in filter(None, (_standing(finding, review), escape(finding.explanation))):
        yield text
        yield ""
    yield from _steps("", finding.witness, finding.snapshot, read_line)
    yield from _steps(_other_title(finding), finding.other, other_snapshot(finding), read_line)
    yield from _steps("The same cause:", finding.places, finding.snapshot, read_line)
    if finding.document is not None:
        yield f"{code(f'{finding.document.path}:{finding.document.line}')} says:"
        yield ""
        yield from fenced(finding.document.quote.strip("\n"))
        yield ""
    table = scenario(finding)
    if table:
        yield from (*fenced("\n".join(table)), "")
    if finding.replay is not None:
        yield f"Replay: {escape(finding.replay.words)}."
        yield ""
    if finding.suggestion:
        yield "Suggested change:"
        yield ""
        yield from (*fenced(finding.suggestion, "diff"), "")


def _told(finding: Finding) -> str:
    return f"{finding.function}(): {finding.message}" if finding.function else finding.message


def _place(finding: Finding) -> str:
    return code(f"{finding.path}:{finding.line}") if finding.path else "changelog"


def _standing(finding: Finding, review: Review) -> str:
    worlds = f"Only on {', '.join(map(escape, finding.world))}. " if finding.world else ""
    raised = f"Raised in {code(f'<{finding.raised_by}>')} already. " if finding.raised_by else ""
    later = ""
    if finding.status is Status.FIXED_LATER and finding.until is not None:
        later = f"There until {finding.until}/{len(review.patches)}, which removes it."
    elif finding.status is Status.PRE_EXISTING:
        later = "The base has it already."
    return f"{worlds}{raised}{later}".strip()


def _other_title(finding: Finding) -> str:
    return "The other way round:" if finding.other_snapshot is None else "Later in the series:"


def _steps(title: str, steps: tuple[Step, ...], snapshot: int, read_line: LineReader) -> Iterator[str]:
    if not steps:
        return
    if title:
        yield title
        yield ""
    for number, step in enumerate(steps, 1):
        function = f" {code(f'{step.function}()')}" if step.function else ""
        held = f" (holds {', '.join(map(code, step.held))})" if step.held else ""
        yield f"{number}. {code(f'{step.path}:{step.line}')}{function} {escape(step.event)}{held}"
        source = code(read_line(snapshot, step.path, step.line).replace("\t", " "))
        if source:
            yield f"   <br>{source}"
    yield ""
