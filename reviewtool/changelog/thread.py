# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What the thread has said already: findings that somebody raised, and what became of an earlier revision's points."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from reviewtool.finding.model import Finding
from reviewtool.mail.model import Address, Comment, FollowUp, Patch, Series

NEAR: Final = 3
"""Lines between a finding and a comment that may still be about the same place."""
LONGEST: Final = 20_000
"""Characters of one comment that are looked at."""

_IDENTIFIER: Final = re.compile(r"[A-Za-z_]\w{2,79}")
_LOCKING: Final = re.compile(
    r"\b(?:\w{0,40}lock(?:s|ed|ing|dep)?\w{0,40}|mutex|held|holding|races?|racy|racing|deadlocks?|abba|atomic|sleeps?|sleeping"
    r"|irqs?|interrupts|preempt\w{0,10}|s?rcu|grace|barrier|serializ\w{1,6}|serialis\w{1,6}|concurrent\w{0,3}|toctou|nest(?:s|ed|ing)?)\b",
    re.I,
)
_ASKS: Final = re.compile(
    r"\?|\b(?:should|must|needs?|please|why|wrong|missing|deadlocks?|races?|racy|instead|can ?not|can't|don't|doesn't"
    r"|isn't|not|never|broken|buggy?|fix|unsafe)\b",
    re.I,
)
"""What makes a remark one that waits for an answer."""
_PLAIN: Final = frozenset({"lock", "mutex", "struct", "held", "static", "return", "void"})


def raised_by(finding: Finding, series: Series) -> str | None:
    """The message-id of the first reply that says what the finding says; None if nobody did.

    A reply does if it answers the finding's patch (or the cover letter) and speaks of locking at the finding's line, or
    names in its own words two of the finding's functions and locks, one of them a lock.
    """
    for follow_up in _in_order(series):
        if follow_up.patch not in (finding.patch, 0):
            continue
        if any(_says(comment, follow_up, finding) for comment in follow_up.comments):
            return follow_up.mail.message_id
    return None


def _in_order(series: Series) -> list[FollowUp]:
    dated = [follow_up for follow_up in series.follow_ups if not _by_author(follow_up, series)]
    return sorted(dated, key=lambda each: each.mail.date.timestamp() if each.mail.date is not None else 0.0)


def _by_author(follow_up: FollowUp, series: Series) -> bool:
    return follow_up.mail.author.email.lower() == series.author.email.lower()


def _says(comment: Comment, follow_up: FollowUp, finding: Finding) -> bool:
    text = comment.text[:LONGEST]
    words = set(_IDENTIFIER.findall(text))
    locks = {word for lock in finding.locks for word in _words(lock)} - _PLAIN
    others = {finding.function, *(step.function for step in (*finding.witness, *finding.other))} - {""}
    named = [lock for lock in finding.locks if _words(lock) and set(_words(lock)) <= words]
    if named and (len(named) > 1 or words & others):
        return True
    if follow_up.patch != finding.patch or not _LOCKING.search(text):
        return False
    return _same_place(comment, finding) and (not locks or bool(words & (locks | others)) or _short(text))


def _words(lock: str) -> list[str]:
    return _IDENTIFIER.findall(lock)


def _short(text: str) -> bool:
    """A remark under a line that speaks of nothing else."""
    return len(text) < 600


def _same_place(comment: Comment, finding: Finding) -> bool:
    anchor = comment.anchor
    if anchor.path:
        places = [(finding.path, finding.line), *((s.path, s.line) for s in (*finding.witness, *finding.other))]
        return any(path == anchor.path and anchor.new and abs(anchor.new - line) <= NEAR for path, line in places)
    cited = finding.document
    return cited is not None and anchor.body_line > 0 and abs(anchor.body_line - cited.line) <= NEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenComment:
    """A reviewer's remark on locking that the new revision does not visibly answer."""

    message_id: str
    author: Address
    patch: int
    """Of the old revision."""
    quoted: tuple[str, ...]
    text: str
    replied: bool
    """The author answered in the thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two revisions' findings."""

    gone: tuple[Finding, ...]
    still: tuple[tuple[Finding, Finding], ...]
    """As the old revision has them, and as the new one does."""
    new: tuple[Finding, ...]


def compare_revisions(old: Iterable[Finding], new: Iterable[Finding]) -> Comparison:
    """Which findings went, stayed, came. The same one is known by its fingerprint, else by rule, function and locks."""
    left = list(old)
    still: list[tuple[Finding, Finding]] = []
    fresh: list[Finding] = []
    for finding in new:
        same = next((each for each in left if each.fingerprint == finding.fingerprint), None)
        same = same or next((each for each in left if _key(each) == _key(finding)), None)
        if same is None:
            fresh.append(finding)
            continue
        left.remove(same)
        still.append((same, finding))
    return Comparison(gone=tuple(left), still=tuple(still), new=tuple(fresh))


def _key(finding: Finding) -> tuple[str, str, tuple[str, ...]]:
    return finding.rule, finding.function, tuple(sorted(finding.locks))


def open_comments(old: Series, new: Series) -> tuple[OpenComment, ...]:
    """Reviewers' comments on locking of which the new revision shows no trace.

    A trace is that a quoted line of the diff or of the changelog is gone or changed, or that a name from the comment's
    own words turns up in the new revision's notes, cover letter or changelogs where the old one did not have it.
    """
    bodies = _lines(new)
    fresh = _identifiers(new) - _identifiers(old)
    found = []
    for follow_up in _in_order(old):
        for comment in follow_up.comments:
            text = comment.text[:LONGEST].strip()
            if not text or not _LOCKING.search(text) or not _ASKS.search(text):
                continue
            if _changed(comment.quoted, bodies) or _names(text) & fresh:
                continue
            found.append(
                OpenComment(
                    message_id=follow_up.mail.message_id, author=follow_up.mail.author, patch=follow_up.patch,
                    quoted=comment.quoted, text=text,
                    replied=_replied(follow_up, old),
                )
            )  # fmt: skip
    return tuple(found)


def _changed(quoted: Sequence[str], bodies: frozenset[str]) -> bool:
    wanted = [_folded(line) for line in quoted if len(_folded(line)) > 3]
    return bool(wanted) and any(line not in bodies for line in wanted[-NEAR:])


def _folded(line: str) -> str:
    return " ".join(line.split())


def _texts(series: Series) -> list[Patch]:
    return [patch for patch in (series.cover, *series.patches) if patch is not None]


def _lines(series: Series) -> frozenset[str]:
    return frozenset(_folded(line) for patch in _texts(series) for line in patch.mail.body.split("\n"))


def _identifiers(series: Series) -> set[str]:
    return {name for patch in _texts(series) for name in _names(f"{patch.changelog}\n{patch.notes}")}


def _names(text: str) -> set[str]:
    return {word for word in _IDENTIFIER.findall(text) if "_" in word.strip("_")}


def _replied(follow_up: FollowUp, series: Series) -> bool:
    return any(
        _by_author(other, series) and other.mail.in_reply_to == follow_up.mail.message_id
        for other in series.follow_ups
    )  # fmt: skip
