# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Which drafts of a discussion are revisions of one series, and what a revision takes from the one before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from reviewtool.mail.drafts import Draft
from reviewtool.mail.message import ReadMail
from reviewtool.mail.model import Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """The revisions, oldest first; drafts of other series in the same discussion; and what was decided on the way."""

    revisions: tuple[Draft, ...]
    others: tuple[Draft, ...]
    troubles: tuple[Trouble, ...]


def find_lineage(drafts: Sequence[Draft], main: Draft) -> Lineage:
    """Sort the drafts of a discussion into revisions of `main` and others.

    A revision is by the same sender for the same tree, with another number or with subjects in common; or it has most
    subjects in common, whoever sent it. The same revision sent again replaces the earlier; a part of it (`v2.1`, or
    patches in reply to those that they replace) takes the rest from there.
    """
    own: list[Draft] = []
    others: list[Draft] = []
    for draft in drafts:
        (own if draft is main or _is_revision(draft, main) else others).append(draft)
    troubles: list[Trouble] = []
    by_revision: dict[int, Draft] = {}
    for draft in sorted(own, key=lambda draft: (draft.revision, draft.part)):
        earlier = by_revision.get(draft.revision)
        if earlier is None:
            by_revision[draft.revision] = draft
        else:
            by_revision[draft.revision] = _again(earlier, draft, troubles)
    revisions = [by_revision[number] for number in sorted(by_revision)]
    for before, draft in pairwise(revisions):
        _complete(draft, before, troubles)
    return Lineage(revisions=tuple(revisions), others=tuple(others), troubles=tuple(troubles))


def _is_revision(draft: Draft, main: Draft) -> bool:
    common = len(draft.titles & main.titles)
    if draft.revision != main.revision and draft.first.subject.key == main.first.subject.key:
        return True
    if draft.sender == main.sender and draft.prefixes == main.prefixes:
        return common > 0 or draft.part or draft.revision != main.revision
    return common * 2 > min(len(draft.titles), len(main.titles)) and draft.revision != main.revision


def _date(draft: Draft) -> float:
    dates = [mail.mail.date.timestamp() for mail in draft.mails.values() if mail.mail.date]
    return max(dates, default=0.0)


def _again(one: Draft, two: Draft, troubles: list[Trouble]) -> Draft:
    """One of two drafts with the same revision: the later, or the earlier with the later's patches in it.

    Patches with numbers of their own (`12/11`) are added.
    """
    earlier, later = (one, two) if two.part or _date(one) <= _date(two) else (two, one)
    if not set(earlier.mails) & set(later.mails):
        earlier.mails |= later.mails
        earlier.expected = max(earlier.expected, later.expected)
        return earlier
    if len(later.mails) < len(earlier.mails) and set(later.mails) <= set(earlier.mails):
        for number, mail in later.mails.items():
            earlier.mails[number] = mail
            troubles.append(mail.trouble("sent again alone; it replaces the patch with its number", fatal=False))
        return earlier
    troubles.append(later.first.trouble("this revision was sent twice; the later one is read", fatal=False))
    return later


def _complete(draft: Draft, before: Draft, troubles: list[Trouble]) -> None:
    """Take missing patches from the revision before, if those that were sent answer the ones that they replace."""
    sent = [(number, mail) for number, mail in draft.mails.items() if number > 0]
    if not draft.missing or draft.expected != before.expected or not all(_replaces(*one, before) for one in sent):
        return
    for number in draft.missing:
        if number in before.mails:
            draft.mails[number] = before.mails[number]
    troubles.append(
        draft.first.trouble(f"only a part of v{draft.revision} was sent; the rest is v{before.revision}'s", fatal=False)
    )


def _replaces(number: int, mail: ReadMail, before: Draft) -> bool:
    old = before.mails.get(number)
    return old is not None and old.mail.message_id in mail.parents
