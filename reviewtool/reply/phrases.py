# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The wording of drafts. Every phrase may be replaced in the user's configuration, under `[reply]`.

A phrase is a template: `{name}` stands for a value. Which values a phrase has is what its default uses and what
`EXTRA` adds; an empty phrase leaves out what it would say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from reviewtool.config.settings import ReplyWording
from reviewtool.reply.errors import ReplyError

DEFAULTS: Mapping[str, str] = {
    "attribution": "On {date}, {name} wrote:",
    "greeting": "",
    "closing": "",
    "signature": "",
    "proved": "{what}.",
    "likely": "It looks as if {what}. Is there something that rules this out?",
    "likely-document": "It looks as if {what}. Should the document change with this patch?",
    "question": "Is it meant that {what}?",
    "near": "with this, {what}",
    "worlds": "This is about {worlds} only.",
    "later": "{patch} repairs this. Could that part come with this patch, so that each step of the series is right "
    "by itself?",
    "pre-existing": "This was there before the series.",
    "still": "v{revision} had this, too.",
    "still-raised": "v{revision} had this, too; <{id}> says so.",
    "unanswered": "{name} remarked on {patch} of v{revision} in <{id}>, and I see no answer to it in this version:",
    "steps": "",
    "other-way": "The other way round:",
    "other-place": "The other place:",
    "same-cause": "The same cause:",
    "document": "{place} has:",
    "suggestion": "Something like this would do:",
    "plus-one": "+1 to what {name} said in <{id}>.",
    "about": "About {patch}:",
    "not-yet": "This is not true yet at this point of the series, only from {since} on.",
    "no-longer": "This is not true any more at this point of the series, only before {until}.",
    "argue": "Can the changelog argue from it here?",
    "contradicted": "The code does otherwise.",
    "outdated": "Is this still up to date?",
}
"""The phrases by name, in the tool's words."""

EXTRA: Mapping[str, frozenset[str]] = {
    "attribution": frozenset(("email", "subject")),
    "greeting": frozenset(("name", "email")),
    "closing": frozenset(("me",)),
    "signature": frozenset(("me",)),
    "proved": frozenset(("place", "rule", "id")),
    "likely": frozenset(("place", "rule", "id")),
    "likely-document": frozenset(("place", "rule", "id")),
    "question": frozenset(("place", "rule", "id")),
}
"""Values that a phrase may use beside those of its default."""

_FIELD = re.compile(r"\{([a-z-]+)\}")


class Phrases:
    """The wording, with the user's in place of the tool's.

    Raises ReplyError for a value that a phrase does not have.
    """

    def __init__(self, own: ReplyWording | None = None) -> None:
        given = msgspec.structs.asdict(own) if own is not None else {}
        texts = {name.replace("_", "-"): text for name, text in given.items() if text is not None}
        self._texts = {**DEFAULTS, **{name: text for name, text in texts.items() if name in DEFAULTS}}
        for name, text in self._texts.items():
            known = {*_FIELD.findall(DEFAULTS[name]), *EXTRA.get(name, ())}
            for field in _FIELD.findall(text):
                if field not in known:
                    values = ", ".join(f"{{{value}}}" for value in sorted(known)) or "none"
                    raise ReplyError(f"reply.{name}: there is no {{{field}}}; its values are {values}")

    def say(self, name: str, /, **values: str) -> str:
        """The phrase with its values."""
        return _FIELD.sub(lambda match: values.get(match[1], ""), self._texts[name])
