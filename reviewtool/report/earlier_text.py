# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What became of the revision before, as lines for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from reviewtool.changelog.thread import OpenComment
from reviewtool.finding.model import Finding
from reviewtool.report.finding_text import headline
from reviewtool.report.paint import Ink, Paint
from reviewtool.report.visible import visible
from reviewtool.review.model import Earlier, Review

_MOST_LINES = 6
"""Lines of a remark; whoever wants the rest has its message-id."""


def render_earlier(earlier: Earlier, review: Review, paint: Paint, width: int) -> Iterator[str]:
    """The lines of the comparison; none if there is nothing to say."""
    findings = {finding.fingerprint: finding for finding in review.findings}
    lines = list(_findings(earlier, findings, paint)) + list(_comments(earlier, paint, width))
    if lines:
        yield paint(Ink.TITLE, f"Compared with v{earlier.revision}")
        yield from lines


def _findings(earlier: Earlier, findings: dict[str, Finding], paint: Paint) -> Iterator[str]:
    if earlier.reason:
        yield f"  the findings could not be compared: {visible(earlier.reason)}"
    for finding in earlier.gone:
        yield f"  gone   patch {finding.patch}, {headline(finding, paint)}"
    for each in earlier.still:
        if each.fingerprint in findings:
            yield f"  still  {headline(findings[each.fingerprint], paint)}"
            if each.raised_by is not None:
                yield f"         raised in <{visible(each.raised_by)}>"
    for fingerprint in earlier.new:
        if fingerprint in findings:
            yield f"  new    {headline(findings[fingerprint], paint)}"


def _comments(earlier: Earlier, paint: Paint, width: int) -> Iterator[str]:
    if earlier.comments:
        yield "  remarks on locking to which this revision shows no answer:"
    for comment in earlier.comments:
        name = visible(comment.author.name or comment.author.email)
        about = f"patch {comment.patch}" if comment.patch else "the series"
        answered = ", answered by mail" if comment.replied else ""
        yield f"  - {name} on {about} of v{earlier.revision}{answered}, <{visible(comment.message_id)}>:"
        yield from _text(comment, paint, width)


def _text(comment: OpenComment, paint: Paint, width: int) -> Iterator[str]:
    lines = textwrap.wrap(visible(" ".join(comment.text.split())), width - 4)
    for line in lines[:_MOST_LINES]:
        yield f"    {paint(Ink.FAINT, line)}"
    if len(lines) > _MOST_LINES:
        yield f"    {paint(Ink.FAINT, '[...]')}"
