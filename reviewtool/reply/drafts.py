# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""From a review to drafts: one per patch that has something to say, and one to the cover letter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import format_datetime

from reviewtool.finding.model import Finding, Status
from reviewtool.mail.model import Mail, Patch, Series
from reviewtool.reply.comment import Teller
from reviewtool.reply.errors import ReplyError
from reviewtool.reply.phrases import Phrases
from reviewtool.reply.place import place_of_finding, place_of_sentence
from reviewtool.reply.prose import paragraphs, wrap
from reviewtool.reply.quote import GAP, Point, body
from reviewtool.report.finding_text import ID_LENGTH
from reviewtool.report.visible import visible
from reviewtool.review.lines import LineReader, reader
from reviewtool.review.model import Claim, Review, Verdict
from reviewtool.ruleset.model import Group
from reviewtool.tree.model import Applied

_TOLD = (Verdict.NOT_YET, Verdict.NO_LONGER, Verdict.CONTRADICTED)
_TRAILER = re.compile(r"[A-Za-z][A-Za-z0-9-]*: \S.*")
_MOST_NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the user wants drafts of."""

    patches: frozenset[int] = frozenset()
    """Numbers, 0 the cover letter; empty: all."""
    findings: frozenset[str] = frozenset()
    """IDs, or the beginnings of fingerprints; empty: all that the series introduces."""
    plus_one: bool = False
    """Say "+1" to points that somebody made before, in place of leaving them out."""
    trailers: tuple[str, ...] = ()
    """For mails about which there is nothing to say."""
    me: str = ""
    """The user's name, for a closing line."""
    left_out: frozenset[str] = frozenset()
    """Fingerprints of findings that are not wanted."""
    own: Mapping[int, tuple[Point, ...]] = field(default_factory=dict)
    """The user's own comments, by the number of the mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A reply without its headers."""

    number: int
    """The patch that it answers; 0 the cover letter."""
    answers: Mail
    lines: tuple[str, ...]
    findings: tuple[str, ...] = ()
    """IDs of the findings that it tells."""

    @property
    def text(self) -> str:
        """The body."""
        return "".join(f"{line}\n" for line in self.lines)


def make_drafts(review: Review, choice: Choice, phrases: Phrases) -> tuple[Draft, ...]:
    """The drafts in the order of the series; none where there is nothing to say and no trailer to give.

    Raises ReplyError for a review without mails, for a patch or finding that is not there, and for a bad trailer.
    """
    series = review.series
    if series is None:
        raise ReplyError(f"{review.source}: there is no mail to reply to")
    _check(review, series, choice)
    writer = _Writer(review, series, choice, phrases)
    drafts = [draft for number in _numbers(series, choice) if (draft := writer.draft(number)) is not None]
    if choice.trailers:
        drafts += writer.with_trailers({draft.number for draft in drafts})
    return tuple(sorted(drafts, key=lambda draft: draft.number))


def points_of(review: Review, choice: Choice, phrases: Phrases) -> dict[int, list[Point]]:
    """What is said of each mail, by its number; only mails of which something is said. Raises ReplyError."""
    series = review.series
    if series is None:
        return {}
    _check(review, series, choice)
    writer = _Writer(review, series, choice, phrases)
    found = {number: writer.points(number) for number in _numbers(series, choice)}
    return {number: points for number, points in found.items() if points}


def _check(review: Review, series: Series, choice: Choice) -> None:
    for number in choice.patches:
        if number > len(series.patches):
            raise ReplyError(f"there is no patch {number}; the series has {len(series.patches)}")
        if number and series.patches[number - 1] is None:
            raise ReplyError(f"patch {number} is not in the thread, so that there is nothing to reply to")
    known = {finding.fingerprint[:ID_LENGTH] for finding in review.findings}
    for name in choice.findings:
        if not any(finding.fingerprint.startswith(name) for finding in review.findings):
            raise ReplyError(f"there is no finding {name}; there are {', '.join(sorted(known)) or 'none'}")
    for trailer in choice.trailers:
        if not _TRAILER.fullmatch(trailer) or visible(trailer) != trailer:
            raise ReplyError(
                f"{visible(trailer)!r} is no trailer; one is like 'Reviewed-by: A Reviewer <a@example.org>'"
            )


def _numbers(series: Series, choice: Choice) -> Iterator[int]:
    for number in range(len(series.patches) + 1):
        if not choice.patches or number in choice.patches:
            yield number


class _Writer:
    """Writes the drafts of one review."""

    def __init__(self, review: Review, series: Series, choice: Choice, phrases: Phrases) -> None:
        self._review = review
        self._series = series
        self._choice = choice
        self._phrases = phrases
        self._teller = Teller(phrases=phrases, patches=len(series.patches), earlier=review.earlier)
        self._read_line: LineReader = reader(review.lines)

    def draft(self, number: int) -> Draft | None:
        """The reply to this mail, None if there is nothing to say."""
        mail, points = self._mail(number), self.points(number)
        if mail is None or not points:
            return None
        told = [finding.fingerprint[:ID_LENGTH] for owner in self._owners(number) for finding in self._findings(owner)]
        return Draft(
            number=number,
            answers=mail.mail,
            lines=tuple(body(mail, points, self._above(mail.mail), self._below())),
            findings=tuple(told),
        )

    def points(self, number: int) -> list[Point]:
        """What is said in the reply to this mail; what belongs to one that is not there goes to the first."""
        mail = self._mail(number)
        if mail is None:
            return []
        points: list[Point] = []
        for owner in self._owners(number):
            findings = self._findings(owner)
            claims = [claim for claim in self._review.claims if claim.patch == owner]
            own = [self._finding(finding, mail, owner == number) for finding in findings]
            own += self._claims(claims, mail, owner == number)
            if own and owner not in (number, 0):
                about = wrap(self._phrases.say("about", patch=self._teller.number(owner)))
                own = [Point(spot=point.spot, lines=tuple(paragraphs(about, point.lines))) for point in own]
            points += own
        return [*points, *self._remarks(number), *self._choice.own.get(number, ())]

    def _remarks(self, number: int) -> Iterator[Point]:
        """In the first mail, what somebody remarked on the revision before and nobody has answered."""
        earlier = self._review.earlier
        first = next((other for other in range(len(self._series.patches) + 1) if self._mail(other) is not None), None)
        if earlier is None or number != first or self._choice.findings:
            return
        for comment in earlier.comments:
            lines = self._teller.unanswered(comment, earlier.revision) if not comment.replied else []
            if lines:
                yield Point(spot=None, lines=tuple(lines))

    def _findings(self, owner: int) -> list[Finding]:
        return [finding for finding in self._review.findings if finding.patch == owner and self._wanted(finding)]

    def with_trailers(self, taken: set[int]) -> Iterator[Draft]:
        """Replies with nothing but the trailers: one for the whole series if there is nothing to say at all.

        A patch that could not be looked at gets none.
        """
        looked_at = {patch.number for patch in self._review.patches if patch.applied is Applied.YES}
        numbers = [number for number in range(1, len(self._series.patches) + 1) if self._mail(number) is not None]
        whole = not taken and not self._choice.patches and looked_at >= set(range(1, len(self._series.patches) + 1))
        if whole and not self._anything() and self._series.cover is not None:
            yield self._trailer(0)
            return
        for number in numbers:
            silent = number not in taken and not any(finding.patch == number for finding in self._review.findings)
            if silent and number in looked_at and (not self._choice.patches or number in self._choice.patches):
                yield self._trailer(number)

    def _anything(self) -> bool:
        """Whether there is something to say, be it said already or not asked for."""
        return bool(self._review.findings) or any(claim.verdict in _TOLD for claim in self._review.claims)

    def _trailer(self, number: int) -> Draft:
        patch = self._mail(number)
        assert patch is not None
        lines = paragraphs([*self._above(patch.mail), GAP], self._choice.trailers, self._below())
        return Draft(number=number, answers=patch.mail, lines=tuple(lines))

    def _mail(self, number: int) -> Patch | None:
        if number:
            return self._series.patches[number - 1]
        return self._series.cover

    def _owners(self, number: int) -> Sequence[int]:
        """The patches whose findings go into the reply to this mail: its own, and those that nobody can reply to."""
        all_numbers = range(len(self._series.patches) + 1)
        first = next((other for other in all_numbers if self._mail(other) is not None), None)
        orphans = [other for other in all_numbers if self._mail(other) is None] if number == first else []
        return [number, *orphans]

    def _wanted(self, finding: Finding) -> bool:
        if finding.fingerprint in self._choice.left_out:
            return False
        if finding.raised_by is not None and not self._choice.plus_one:
            return False
        if self._choice.findings:
            return any(finding.fingerprint.startswith(name) for name in self._choice.findings)
        return finding.status is not Status.PRE_EXISTING

    def _finding(self, finding: Finding, mail: Patch, own: bool) -> Point:
        spot = place_of_finding(finding, mail, self._read_line) if own else None
        if spot is None and own and finding.group is Group.CHANGELOG:
            spot = next(
                (
                    found
                    for claim in self._review.claims
                    if claim.patch == finding.patch
                    and claim.sentence in finding.message
                    and (found := place_of_sentence(claim.sentence, mail)) is not None
                ),
                None,
            )
        if finding.raised_by is not None:
            lines = self._teller.plus_one(self._name(finding.raised_by), finding.raised_by)
        else:
            exact = spot is not None and spot.exact
            lines = self._teller.finding(finding, quoted=exact, near=spot is not None and not exact)
        return Point(spot=spot, lines=tuple(lines))

    def _claims(self, claims: Iterable[Claim], mail: Patch, own: bool) -> Iterator[Point]:
        """Comments on claims that do not hold, but for those that a finding tells."""
        if self._choice.findings:
            return
        for claim in claims:
            lines = self._teller.claim(claim)
            if not lines or any(claim.sentence in finding.message for finding in self._told_of(claim)):
                continue
            spot = place_of_sentence(claim.sentence, mail) if own else None
            if spot is None:
                lines = paragraphs(wrap(f'"{claim.sentence}"'), lines)
            yield Point(spot=spot, lines=tuple(lines))

    def _told_of(self, claim: Claim) -> Iterator[Finding]:
        return (
            finding
            for finding in self._review.findings
            if finding.patch == claim.patch and finding.group is Group.CHANGELOG
        )

    def _name(self, message_id: str) -> str:
        for follow_up in self._series.follow_ups:
            if follow_up.mail.message_id == message_id:
                return follow_up.mail.author.name or follow_up.mail.author.email
        return ""

    def _above(self, mail: Mail) -> list[str]:
        """A greeting if there is one, and who wrote what is quoted."""
        name = visible(mail.author.name or mail.author.email or "somebody")[:_MOST_NAME]
        values = {"name": name, "email": visible(mail.author.email), "subject": visible(mail.subject)}
        date = _date(mail)
        said = self._phrases.say("attribution", date=date, **values)
        if not date:
            said = said.replace("On , ", "", 1)
        greeting = wrap(self._phrases.say("greeting", **values))
        return paragraphs(greeting, [said] if said else [])

    def _below(self) -> list[str]:
        said = (self._phrases.say(name, me=self._choice.me) for name in ("closing", "signature"))
        return [line for text in said if text for line in text.split("\n")]


def _date(mail: Mail) -> str:
    """`Mon, Feb 02, 2026`, of the sender's day."""
    if mail.date is None:
        return ""
    day, number, month, year = format_datetime(mail.date).split()[:4]
    return f"{day} {month} {number}, {year}"
