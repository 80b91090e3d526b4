# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The report as JUnit XML, which CI servers show: a suite per review, a case per finding and per patch without one.

Errors and warnings fail. A note is a case that passes and has its text as output; a patch that could not be looked at
is skipped. Names of cases hold no line numbers, so that a server knows a case again in the next run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

from reviewtool.finding.model import Finding
from reviewtool.report.finding_text import ID_LENGTH, render_finding
from reviewtool.report.paint import NO_PAINT
from reviewtool.report.text import DEFAULT_WIDTH
from reviewtool.report.visible import visible, visible_block
from reviewtool.review.lines import reader
from reviewtool.review.model import PatchResult, Review
from reviewtool.ruleset.model import Severity
from reviewtool.tree.model import Applied


def render_junit(reviews: Iterable[Review]) -> Iterator[str]:
    """The report in pieces, a review at a time as it comes."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="reviewtool">\n'
    for review in reviews:
        yield "".join(f"{line}\n" for line in _suite(review))
    yield "</testsuites>\n"


def _suite(review: Review) -> Iterator[str]:
    silent = [patch for patch in review.patches if not any(found.patch == patch.number for found in review.findings)]
    alone = review.is_audit and not review.findings
    failures = sum(finding.severity is not Severity.NOTE for finding in review.findings)
    skipped = sum(_is_skipped(patch) for patch in silent)
    tests = len(review.findings) + len(silent) + alone
    counts = f'tests="{tests}" failures="{failures}" errors="0" skipped="{skipped}"'
    yield f"  <testsuite name={_attribute(review.subject or review.source)} {counts}>"
    yield "    <properties>"
    yield from (
        f"      <property name={_attribute(name)} value={_attribute(value)}/>" for name, value in _about(review)
    )
    yield "    </properties>"
    for patch in silent:
        yield from _patch(patch, review)
    for finding in review.findings:
        yield from _finding(finding, review)
    if alone:
        yield f'    <testcase classname="reviewtool" name={_attribute(review.subject or review.source)}/>'
    if review.notes:
        yield f"    <system-err>{_text(chr(10).join(review.notes))}</system-err>"
    yield "  </testsuite>"


def _about(review: Review) -> Iterator[tuple[str, str]]:
    yield "source", review.source
    if review.revision is not None:
        yield "revision", str(review.revision)
    if review.base is not None:
        yield "base", review.base.label or review.base.revision


def _patch(patch: PatchResult, review: Review) -> Iterator[str]:
    """A patch about which there is nothing to say."""
    name = _attribute(f"{patch.number}/{len(review.patches)} {patch.subject}".rstrip())
    head = f'    <testcase classname="reviewtool" name={name}'
    if not _is_skipped(patch):
        yield f"{head}/>"
        return
    reason = f"{patch.applied.value}: {patch.reason}" if patch.reason else patch.applied.value
    yield f"{head}>"
    yield f"      <skipped message={_attribute(reason)}/>"
    yield "    </testcase>"


def _is_skipped(patch: PatchResult) -> bool:
    return patch.applied not in (Applied.YES, Applied.ALREADY)


def _finding(finding: Finding, review: Review) -> Iterator[str]:
    where = f"{finding.path}: {finding.function}()" if finding.function else finding.path or "changelog"
    number = "" if review.is_audit else f"{finding.patch}/{len(review.patches)} "
    name = _attribute(f"{number}{where} [{finding.fingerprint[:ID_LENGTH]}]")
    place = f" file={_attribute(finding.path)}" if finding.path else ""
    lines = render_finding(
        finding,
        patches=len(review.patches),
        read_line=reader(review.lines),
        paint=NO_PAINT,
        width=DEFAULT_WIDTH,
    )
    text = _text("\n".join(lines))
    yield f"    <testcase classname={_attribute(f'reviewtool.{finding.rule}')} name={name}{place}>"
    if finding.severity is Severity.NOTE:
        yield f"      <system-out>{text}</system-out>"
    else:
        kind = _attribute(finding.severity.value)
        yield f"      <failure type={kind} message={_attribute(finding.message)}>{text}</failure>"
    yield "    </testcase>"


def _attribute(text: str) -> str:
    return quoteattr(_legal(visible(text)))


def _text(text: str) -> str:
    return escape(_legal(visible_block(text)))


def _legal(text: str) -> str:
    """Without the characters that XML 1.0 (2.2) has no way to write."""
    return text.replace("\ufffe", "<U+FFFE>").replace("\uffff", "<U+FFFF>")
