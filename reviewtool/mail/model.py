# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What other layers see of a thread: series, patches, follow-ups. Texts are decoded, not yet cleaned for a terminal."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something in the thread that could not be read, or not without doubt."""

    message_id: str
    subject: str
    path: str
    """The file in the diff, "" if it is not about one."""
    hunk: int
    """From 1; 0 if it is not about one."""
    reason: str
    """What is wrong and what to do, one line."""
    fatal: bool = True
    """True where the mail, file or hunk is left out because of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A person in a header."""

    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One message."""

    message_id: str
    """Without the angle brackets."""
    subject: str
    author: Address
    date: datetime | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    in_reply_to: str
    references: tuple[str, ...]
    body: str
    """The decoded text, line ends as \\n, nothing removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trailer:
    """`Reviewed-by: A B <a@b>` and its like, in the changelog or in a follow-up."""

    key: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffLine:
    """One line of a hunk: `kind` is " ", "+", "-" or "\\"; numbers are 0 where the side has no such line."""

    kind: str
    text: str
    old: int
    new: int
    body_line: int
    """Line of the mail's body, from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunk:
    """A hunk; `number` counts from 1 in its file."""

    number: int
    old_start: int
    old_count: int
    new_start: int
    new_count: int
    heading: str
    lines: tuple[DiffLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDiff:
    """The change of one file. Paths are relative to the tree and checked; "" for /dev/null."""

    old_path: str
    new_path: str
    old_blob: str
    """Abbreviated or full object name of the `index` line, "" if there is none."""
    new_blob: str
    binary: bool
    hunks: tuple[Hunk, ...]
    text: str
    """The diff of this file as sent, from its `diff --git` line, \\n line ends: what git gets to apply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """Where a part of a follow-up belongs."""

    body_line: int
    """The line of the patch mail's body that it answers (the last one quoted), from 1; 0: the mail as a whole."""
    path: str
    """The file, "" in the changelog."""
    old: int
    new: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What a follow-up says at one place: the quoted lines (without `> `) and the text under them."""

    anchor: Anchor
    quoted: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """A reply."""

    mail: Mail
    patch: int
    """The patch that it answers, through its parents; 0 the cover letter."""
    comments: tuple[Comment, ...]
    trailers: tuple[Trailer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """A patch mail, or the cover letter (number 0, no files)."""

    number: int
    mail: Mail
    subject: str
    """Without the [PATCH ...] prefix."""
    changelog: str
    """The commit message: after the in-body headers, before `---`, trailers included."""
    changelog_line: int
    """Line of the body where the changelog starts, from 1."""
    notes: str
    """The text between `---` and the diff."""
    trailers: tuple[Trailer, ...]
    files: tuple[FileDiff, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One revision."""

    revision: int
    expected: int
    """How many patches the subjects promise."""
    subject: str
    author: Address
    cover: Patch | None
    patches: tuple[Patch | None, ...]
    """`patches[k-1]` is patch k; None where it is missing."""
    base_commit: str
    change_id: str
    follow_ups: tuple[FollowUp, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """All that was found of one discussion."""

    source: str
    """As the user named it."""
    series: tuple[Series, ...]
    """By revision, oldest first."""
    troubles: tuple[Trouble, ...] = field(default=())

    def newest(self) -> Series:
        """The series with the highest revision. Raises IndexError if the thread has no patch."""
        return max(self.series, key=lambda series: series.revision)
