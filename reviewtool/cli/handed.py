# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Reviewing a thread that another program hands over, without a word to standard error meanwhile."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from reviewtool.reply.b4_tracking import Tracking
from reviewtool.review.events import Event, Fault, Refused, ReviewDone
from reviewtool.review.model import Review
from reviewtool.review.request import ReviewRequest, Settings
from reviewtool.ruleset.model import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A review, or why there is none."""

    review: Review | None = None
    fault: Fault = Fault.INTERNAL
    message: str = "the engine ended without a review (please report it)"

    def reaches(self, level: Severity, number: int) -> bool:
        """Whether a finding of this patch is at or above this level."""
        if self.review is None:
            return False
        return replace(self.review, findings=tuple(f for f in self.review.findings if f.patch == number)).reaches(level)


def review_thread(settings: Settings, thread: bytes | None, tracking: Tracking, revision: int | None) -> Outcome:
    """Review a thread as an mbox, at the base that b4 knows unless the user names one; without a thread that of the
    tracked message-id, from where threads are fetched.
    """
    from reviewtool.review import engine

    settings = replace(settings, base=settings.base or tracking.base or None)
    if thread is None:
        return _last(
            engine.review_source(ReviewRequest(source=tracking.message_id, revision=revision, settings=settings))
        )
    with tempfile.TemporaryDirectory(prefix="reviewtool-") as directory:
        path = Path(directory) / "thread.mbox"
        path.write_bytes(thread)
        request = ReviewRequest(source=str(path), revision=revision, settings=settings)
        outcome = _last(engine.review_source(request))
        return replace(outcome, message=outcome.message.replace(str(path), "the thread"))


def review_commit(settings: Settings, commit: str) -> Outcome:
    """Review one commit of the tree."""
    from reviewtool.review import engine

    return _last(engine.review_source(ReviewRequest(source="", range=f"{commit}~1..{commit}", settings=settings)))


def _last(events: Iterable[Event]) -> Outcome:
    outcome = Outcome()
    for event in events:
        if isinstance(event, ReviewDone):
            outcome = Outcome(review=event.review)
        elif isinstance(event, Refused):
            outcome = Outcome(fault=event.fault, message=event.message)
    return outcome
