# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A sentence written in a small alphabet, so that the grammar of statements can be regular expressions.

Names become `#0`, `#1`, ...; words stay, marks stand alone: `#0 is taken outside #1 and #2 , though acquiring them`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from reviewtool.lockdoc.model import Mention, Sentence
from reviewtool.lockdoc.tokens import Sort, tokens

LIST: Final = r"#\d+(?:(?: , #\d+){0,20}(?: ,)? (?:and|or|nor|&)(?: (?:the|also|either|both))? #\d+)?"
"""One name, or an enumeration of several: `a, b and c`. A comma alone does not join (`Unlike a, b is ...`)."""
BOTH: Final = rf"(?:(?:either|both|the|a|an|any|another|its) )?{LIST}"

_PIECE: Final = re.compile(r"(?<!P)<([a-z]+)>")
_NUMBER: Final = re.compile(r"#(\d+)")


@dataclass(frozen=True, slots=True)
class Clause:
    """A sentence in that alphabet, and the names behind the numbers."""

    text: str
    names: tuple[Mention, ...]
    source: Sentence

    def listed(self, text: str) -> tuple[Mention, ...]:
        """The names of a piece of the text."""
        return tuple(self.names[int(match[1])] for match in _NUMBER.finditer(text))


def clause_of(sentence: Sentence, worlds: tuple[str, ...] = ()) -> Clause:
    """Encode a sentence that is said for these architectures."""
    words: list[str] = []
    found: list[Mention] = []
    for token in tokens(sentence):
        if token.sort is Sort.NAME and token.mention is not None:
            words.append(f"#{len(found)}")
            found.append(replace(token.mention, worlds=worlds))
        else:
            words.append("number" if token.text.startswith("#") else token.text)
    return Clause(" ".join(words), tuple(found), sentence)


def pattern(text: str, pieces: Mapping[str, str] = MappingProxyType({})) -> re.Pattern[str]:
    """A compiled pattern on whole words; `<list>` and the given pieces are put in, theirs too."""
    known = {**pieces, "list": BOTH}
    while True:
        filled = _PIECE.sub(lambda match: known[match[1]], text)
        if filled == text:
            return re.compile(rf"(?<!\S){text}(?!\S)")
        text = filled


def any_of(words: Iterable[str]) -> str:
    """A group of alternatives."""
    return "(?:" + "|".join(words) + ")"
