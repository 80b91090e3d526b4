# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A revision beside the one before it: which findings went, stayed and came, and which remarks show no answer."""

from __future__ import annotations

from collections.abc import Sequence

from reviewtool.changelog.thread import compare_revisions, open_comments
from reviewtool.finding.model import Finding, Status
from reviewtool.mail.model import Series, Thread
from reviewtool.review.model import Earlier, Still
from reviewtool.tree.model import Applied, Stack


def revision_before(thread: Thread, series: Series) -> Series | None:
    """The newest revision of the thread that is older than a series; None if there is none."""
    older = [each for each in thread.series if each.revision < series.revision]
    return max(older, key=lambda each: each.revision, default=None)


def unfit(series: Series, stack: Stack) -> str:
    """Why the findings of an earlier revision cannot be compared, in one line; "" if they can.

    What does not apply has no findings; that they are gone would be a wrong claim.
    """
    for number, application in enumerate(stack.applications, 1):
        if application.applied is Applied.ALREADY:
            return f"patch {number}/{series.expected} of v{series.revision} is in this tree already"
        if application.applied is not Applied.YES:
            return f"patch {number}/{series.expected} of v{series.revision} could not be applied to this tree"
    return ""


def compared(earlier: Series, series: Series, old: Sequence[Finding], new: Sequence[Finding]) -> Earlier:
    """The findings of two revisions, `old` those of the earlier one; what the base has already is left out."""
    found = compare_revisions(_own(old), _own(new))
    raised = {finding.fingerprint: finding.raised_by for finding in old}
    return Earlier(
        revision=earlier.revision,
        gone=found.gone,
        still=tuple(Still(fingerprint=now.fingerprint, raised_by=raised[was.fingerprint]) for was, now in found.still),
        new=tuple(finding.fingerprint for finding in found.new),
        comments=open_comments(earlier, series),
    )


def _own(findings: Sequence[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.status is not Status.PRE_EXISTING]


def not_compared(earlier: Series, series: Series, reason: str) -> Earlier:
    """What can be told of an earlier revision whose findings are not known."""
    return Earlier(revision=earlier.revision, reason=reason, comments=open_comments(earlier, series))
