# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""From a reply up to the patch that it answers."""

from __future__ import annotations

from collections.abc import Sequence

from reviewtool.mail.drafts import Draft
from reviewtool.mail.limits import MAX_PARENTS
from reviewtool.mail.message import ReadMail

Place = tuple[int, int]
"""(position of the draft, number of the patch)."""


class Owners:
    """The mails of a discussion and the patches of some drafts in it."""

    def __init__(self, mails: Sequence[ReadMail], drafts: Sequence[Draft]) -> None:
        self._mails = {mail.mail.message_id: mail for mail in mails}
        self._drafts = drafts
        self._places: dict[str, Place | None] = {}
        for position, draft in enumerate(drafts):
            for number, mail in draft.mails.items():
                self._places.setdefault(mail.mail.message_id, (position, number))

    def place_of(self, mail: ReadMail) -> Place | None:
        """The patch that a mail is or answers, through its parents, else by its subject; None if there is none."""
        seen: list[str] = []
        place: Place | None = None
        here: ReadMail | None = mail
        while here is not None and len(seen) < MAX_PARENTS:
            seen.append(here.mail.message_id)
            known = [name for name in (here.mail.message_id, *here.parents) if self._places.get(name)]
            if known:
                place = self._places[known[0]]
                break
            here = next((self._mails[name] for name in here.parents if name in self._mails and name not in seen), None)
        place = place or self._by_subject(mail)
        self._places.update(dict.fromkeys(seen, place) if place else {})
        return place

    def draft_of(self, message_id: str) -> Draft | None:
        """The draft that a mail belongs to, as a patch or as a reply."""
        mail = self._mails.get(message_id)
        place = self.place_of(mail) if mail else None
        return self._drafts[place[0]] if place else None

    def _by_subject(self, mail: ReadMail) -> Place | None:
        for position in range(len(self._drafts) - 1, -1, -1):
            for number, patch in self._drafts[position].mails.items():
                if patch.subject.key == mail.subject.key and patch.subject.revision == mail.subject.revision:
                    return position, number
        return None
