# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Patch mails of a discussion into drafts: one per time that somebody sent a series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reviewtool.mail.message import ReadMail


@dataclass(slots=True)
class Draft:
    """A series in the making: mails by their number, 0 the cover letter."""

    sender: str
    revision: int
    prefixes: frozenset[str]
    expected: int
    part: bool
    mails: dict[int, ReadMail] = field(default_factory=dict)

    @property
    def first(self) -> ReadMail:
        """The cover letter, else the patch with the lowest number."""
        return self.mails[min(self.mails)]

    @property
    def titles(self) -> set[str]:
        """The subjects, for comparisons."""
        return {mail.subject.key for mail in self.mails.values()}

    @property
    def missing(self) -> list[int]:
        """Numbers of patches that are not here."""
        return [number for number in range(1, self.expected + 1) if number not in self.mails]


def is_cover(mail: ReadMail) -> bool:
    """Whether a mail is a cover letter by its subject."""
    return not mail.subject.reply and mail.subject.counted and mail.subject.number == 0


def is_patch(mail: ReadMail) -> bool:
    """Whether a mail is a patch: one with a counter from 1, or with a diff and a prefix or nothing that it answers."""
    if mail.subject.reply or is_cover(mail):
        return False
    if mail.subject.named and mail.subject.counted:
        return True
    return mail.body.diff_start >= 0 and (mail.subject.patch or not mail.parents)


def make_drafts(mails: Sequence[ReadMail]) -> list[Draft]:
    """The drafts of a discussion, by their first mail. A patch goes to the draft that its parents are in, else to one
    of the same sender, revision and count that lacks it.
    """
    drafts: list[Draft] = []
    owners: dict[str, Draft] = {}
    for mail in sorted((mail for mail in mails if is_cover(mail) or is_patch(mail)), key=_order):
        draft = _home(mail, drafts, owners)
        if draft is None:
            subject = mail.subject
            draft = Draft(_sender(mail), subject.revision, subject.prefixes, subject.expected, subject.part_reroll)
            drafts.append(draft)
        draft.mails[mail.subject.number] = mail
        draft.expected = max(draft.expected, mail.subject.expected)
        owners[mail.mail.message_id] = draft
    _find_covers(drafts, {mail.mail.message_id: mail for mail in mails}, owners)
    return drafts


def _order(mail: ReadMail) -> tuple[bool, int]:
    """Cover letters first, then by number: parts arrive in any order, and a patch 1 may stand for the cover."""
    return (not is_cover(mail), mail.subject.number)


def _sender(mail: ReadMail) -> str:
    return mail.mail.author.email.casefold()


def _home(mail: ReadMail, drafts: Sequence[Draft], owners: Mapping[str, Draft]) -> Draft | None:
    subject = mail.subject

    def fits(draft: Draft) -> bool:
        return (
            draft.revision == subject.revision
            and draft.part == subject.part_reroll
            and draft.sender == _sender(mail)
            and subject.number not in draft.mails
        )

    for parent in mail.parents:
        draft = owners.get(parent)
        same = draft is not None and (draft.expected == subject.expected or draft.prefixes == subject.prefixes)
        if draft is not None and same and fits(draft) and (subject.counted or 0 in draft.mails):
            return draft
    if not subject.counted:
        return None
    likely = [draft for draft in drafts if fits(draft) and draft.expected == subject.expected]
    return next((draft for draft in likely if draft.prefixes == subject.prefixes), None)


def _find_covers(drafts: Sequence[Draft], mails: Mapping[str, ReadMail], owners: dict[str, Draft]) -> None:
    """Take a mail without counter or diff, of the same sender, that all patches answer, for the cover letter."""
    for draft in drafts:
        if 0 in draft.mails or draft.expected < 2:
            continue
        roots = {mail.parents[0] for number, mail in draft.mails.items() if mail.parents and number == 1}
        root = mails.get(next(iter(roots))) if len(roots) == 1 else None
        if root is None or root.mail.message_id in owners or root.subject.reply or root.body.diff_start >= 0:
            continue
        if _sender(root) == draft.sender and not root.parents:
            draft.mails[0] = root
            owners[root.mail.message_id] = draft
