# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Mails into discussions: by what they answer, and revisions sent apart by who sent them and what they are called."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from reviewtool.mail.subject import Subject

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """What grouping needs to know of a mail."""

    message_id: str
    parents: tuple[str, ...]
    sender: str
    subject: Subject
    change_id: str = ""


def group(mails: Sequence[T], links: Callable[[T], Links]) -> list[list[T]]:
    """The mails of each discussion, in the order given; discussions by their first mail.

    Two belong together if one names the other in In-Reply-To or References, both name a third, or if they are the
    first mails (cover letter, patch 1) of revisions of one series: the same change-id, or the same sender and subject.
    """
    sets = _Sets()
    known = [links(mail) for mail in mails]
    for position, link in enumerate(known):
        own: Hashable = link.message_id or position
        sets.join(own, own)
        for parent in link.parents:
            sets.join(own, parent)
        subject = link.subject
        if subject.reply or not subject.patch or (subject.counted and subject.number > 1):
            continue
        sets.join(own, ("series", link.sender, subject.key, subject.prefixes))
        if link.change_id:
            sets.join(own, ("change-id", link.change_id))
    found: dict[Hashable, list[T]] = {}
    for position, (mail, link) in enumerate(zip(mails, known, strict=True)):
        found.setdefault(sets.find(link.message_id or position), []).append(mail)
    return list(found.values())


def within(mails: Iterable[T], message_id: str, links: Callable[[T], Links]) -> list[T]:
    """The mails of the discussion that a message-id is in; [] if it is in none."""
    every = list(mails)
    for found in group(every, links):
        if any(links(mail).message_id == message_id for mail in found):
            return found
    return []


class _Sets:
    """Disjoint sets."""

    def __init__(self) -> None:
        self._above: dict[Hashable, Hashable] = {}

    def find(self, item: Hashable) -> Hashable:
        root = item
        while (above := self._above.setdefault(root, root)) != root:
            root = above
        while (above := self._above[item]) != root:
            self._above[item], item = root, above
        return root

    def join(self, one: Hashable, other: Hashable) -> None:
        self._above[self.find(other)] = self.find(one)
