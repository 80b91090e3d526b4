# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What a subject says: `[PATCH v2 3/5] KVM: ...`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from reviewtool.mail.limits import MAX_SERIES_PATCHES, MAX_SUBJECT

_REPLY = re.compile(r"(?:re|aw|fwd?|sv|vs|antw|odp|rv|wg|tr|ynt|回复|答复)\s*(?:\[\d+\])?\s*[:\uff1a]", re.IGNORECASE)
_PART_REROLL = re.compile(r"v(\d+)\.\d+", re.IGNORECASE)
_KINDS = {"patch", "rfc", "rft", "resend", "repost"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A subject in parts."""

    text: str
    """Without the brackets."""
    reply: bool
    patch: bool
    """The brackets name a patch, an RFC or a counter."""
    named: bool
    """They name a patch or an RFC; bots write counters too."""
    revision: int
    revision_given: bool
    number: int
    expected: int
    counted: bool
    """The counter was written; else it is 1 of 1."""
    part_reroll: bool
    """A `v2.1`: a part of revision 2 sent again."""
    prefixes: frozenset[str]
    """Other words in the brackets, in lower case: the tree or project it is for."""

    @property
    def key(self) -> str:
        """The text for comparisons."""
        return " ".join(self.text.casefold().split())


@lru_cache(maxsize=4096)
def read_subject(subject: str) -> Subject:
    """Take a subject apart. Never raises; counters that make no sense count as not written."""
    from reviewtool.mail.lore import split_subject

    subject = " ".join(subject[:MAX_SUBJECT].split())
    reply = bool(_REPLY.match(subject))
    while match := _REPLY.match(subject):
        subject = subject[match.end() :].lstrip()
    parts = split_subject(subject)
    revision, part_reroll = parts.revision, False
    for word in parts.prefixes:
        if match := _PART_REROLL.fullmatch(word):
            revision, part_reroll = int(match[1]), True
    number, expected = parts.counter, max(parts.expected, parts.counter)
    counted = not parts.counters_inferred and expected <= MAX_SERIES_PATCHES
    if not counted:
        number, expected = 1, 1
    words = {word.casefold() for word in parts.prefixes}
    kind = any(word.startswith(("patch", "rfc", "rft")) for word in words)
    return Subject(
        text=parts.subject,
        reply=reply,
        patch=kind or counted,
        named=kind,
        revision=revision,
        revision_given=part_reroll or not parts.revision_inferred,
        number=number,
        expected=max(expected, 1),
        counted=counted,
        part_reroll=part_reroll,
        prefixes=frozenset(word for word in words if not _says_what(word)),
    )


def _says_what(word: str) -> bool:
    """Whether a word in the brackets tells the kind, the revision or the counter rather than the tree."""
    return word.startswith(tuple(_KINDS)) or re.fullmatch(r"v\d+(?:\.\d+)?|\d{1,4}/\d{1,4}", word) is not None
