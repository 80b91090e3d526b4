# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What has come from the engine so far, and questions about it. No widget in here."""

from __future__ import annotations

from collections.abc import Iterator

from reviewtool.finding.model import Finding
from reviewtool.mail.model import Comment, FollowUp, Patch, Series
from reviewtool.review.detail import Excerpt, FunctionRail, Held, OrderDone, OrderEdge, PatchDetail
from reviewtool.review.events import Event, Notice, PatchDone, Progress, Refused, ReviewDone, SeriesRead
from reviewtool.review.model import Claim, PatchResult, Review
from reviewtool.ruleset.model import Group, Severity


class Desk:
    """The review as far as it has come."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.series: Series | None = None
        self.review: Review | None = None
        self.refused: Refused | None = None
        self.progress: Progress | None = None
        self.notices: list[str] = []
        self.results: dict[int, PatchResult] = {}
        self.details: dict[int, PatchDetail] = {}
        self.order: tuple[OrderEdge, ...] = ()
        self.cancelled = False
        self._early: dict[int, tuple[Finding, ...]] = {}

    def take(self, event: Event) -> None:
        """Note an event."""
        if isinstance(event, SeriesRead):
            self.series = event.series
        elif isinstance(event, Progress):
            self.progress = event
        elif isinstance(event, PatchDone):
            self.results[event.result.number] = event.result
            self._early[event.result.number] = event.findings
        elif isinstance(event, PatchDetail):
            self.details[event.number] = event
        elif isinstance(event, OrderDone):
            self.order = event.edges
        elif isinstance(event, Notice):
            self.notices.append(event.text)
        elif isinstance(event, ReviewDone):
            self.review = event.review
            self.series = event.review.series or self.series
            self.results.update((result.number, result) for result in event.review.patches)
        elif isinstance(event, Refused):
            self.refused = event

    @property
    def finished(self) -> bool:
        """Whether nothing more will come."""
        return self.cancelled or self.review is not None or self.refused is not None

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the mails, 0 for the cover letter."""
        if self.series is None:
            return ()
        first = () if self.series.cover is None else (0,)
        return (*first, *range(1, len(self.series.patches) + 1))

    def patch(self, number: int) -> Patch | None:
        """A mail of the series; None where it is missing."""
        if self.series is None:
            return None
        if number == 0:
            return self.series.cover
        return self.series.patches[number - 1] if number <= len(self.series.patches) else None

    def findings(self, number: int | None = None) -> tuple[Finding, ...]:
        """The findings of a patch, or all: the review's once it is there, before that those told with each patch."""
        if self.review is not None:
            found = self.review.findings
        else:
            found = tuple(finding for patch in sorted(self._early) for finding in self._early[patch])
        return found if number is None else tuple(finding for finding in found if finding.patch == number)

    def resolved(self, number: int) -> tuple[Finding, ...]:
        """What a patch removes; known at the end."""
        if self.review is None:
            return ()
        return tuple(finding for finding in self.review.resolved if finding.patch == number)

    def finding(self, fingerprint: str) -> Finding | None:
        """By its fingerprint."""
        return next((finding for finding in self.findings() if finding.fingerprint == fingerprint), None)

    def documents(self) -> tuple[Finding, ...]:
        """The findings that are about a document or cite one."""
        return tuple(one for one in self.findings() if one.group is Group.DOC or one.document is not None)

    def claims(self, number: int) -> tuple[Claim, ...]:
        """The checked sentences of a changelog; known at the end."""
        return () if self.review is None else tuple(claim for claim in self.review.claims if claim.patch == number)

    def follow_ups(self, number: int) -> tuple[FollowUp, ...]:
        """The replies to a mail."""
        if self.series is None:
            return ()
        return tuple(reply for reply in self.series.follow_ups if reply.patch == number)

    def comments(self, number: int) -> Iterator[tuple[str, FollowUp, Comment]]:
        """Everything that replies say to a mail, each with its key."""
        for reply in self.follow_ups(number):
            for index, comment in enumerate(reply.comments):
                yield f"{reply.mail.message_id}#{index}", reply, comment

    def count(self, severity: Severity, number: int | None = None) -> int:
        """How many findings of a severity there are."""
        return sum(finding.severity is severity for finding in self.findings(number))

    def rails(self, number: int, *, before: bool = False) -> tuple[FunctionRail, ...]:
        """The rails of a patch."""
        detail = self.details.get(number)
        if detail is None:
            return ()
        return detail.before if before else detail.after

    def rail(self, number: int, path: str, line: int, *, before: bool = False) -> FunctionRail | None:
        """The rail of the function at a line of the snapshot."""
        for rail in self.rails(number, before=before):
            if rail.path == path and rail.at(line) is not None:
                return rail
        return None

    def held(self, number: int, path: str, line: int, *, before: bool = False) -> tuple[Held, ...] | None:
        """What is held at a line of the snapshot; None where that is not known."""
        rail = self.rail(number, path, line, before=before)
        return None if rail is None else rail.at(line)

    def read_line(self, snapshot: int, path: str, line: int) -> str:
        """A line of a snapshot; "" where it is not at hand."""
        piece = self.excerpt(snapshot, path, line)
        return piece.lines[line - piece.first] if piece is not None else ""

    def excerpt(self, number: int, path: str, line: int) -> Excerpt | None:
        """The piece of source around a line of snapshot `number`, if it travelled with the review."""
        detail = self.details.get(number)
        for piece in detail.excerpts if detail is not None else ():
            if piece.path == path and piece.first <= line < piece.first + len(piece.lines):
                return piece
        return None
