# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Which words of a changed line changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from reviewtool.mail.model import DiffLine

_WORDS = re.compile(r"\w+|\s+|.")
_LONGEST = 400
"""Characters of a line beyond which words are not compared."""
_ALIKE = 0.4
"""Lines that share less than this are two lines, not one that changed."""

Spans = tuple[tuple[int, int], ...]


def partners(lines: Sequence[DiffLine]) -> dict[int, int]:
    """For each replaced or replacing line of a hunk, by its line of the body, the one opposite."""
    found: dict[int, int] = {}
    removed: list[DiffLine] = []
    added: list[DiffLine] = []

    def pair() -> None:
        for old, new in zip(removed, added, strict=False):
            found[old.body_line], found[new.body_line] = new.body_line, old.body_line
        removed.clear()
        added.clear()

    for line in lines:
        if line.kind == "-":
            if added:
                pair()
            removed.append(line)
        elif line.kind == "+":
            added.append(line)
        elif line.kind == " ":
            pair()
    pair()
    return found


@lru_cache(maxsize=4096)
def changed_words(old: str, new: str) -> tuple[Spans, Spans]:
    """The spans of characters that differ, in the old and in the new line; none where the lines are not alike."""
    if len(old) > _LONGEST or len(new) > _LONGEST:
        return (), ()
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return (), ()
    codes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    return _spans(before, [(a, b) for _, a, b, _, _ in codes]), _spans(after, [(c, d) for _, _, _, c, d in codes])


def _spans(words: Sequence[str], ranges: Sequence[tuple[int, int]]) -> Spans:
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word))
    return tuple((starts[a], starts[b]) for a, b in ranges if a < b)
