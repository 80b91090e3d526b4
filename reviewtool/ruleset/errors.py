# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What is wrong with a data file, said so that its author can put it right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

_FEW = 24
"""Up to so many known words are listed whole when none of them is near."""


class RulesetError(Exception):
    """A data file that cannot be used; its text names the file, the key, and what to write instead."""

    def __init__(self, path: Path | str, place: str, reason: str) -> None:
        self.path = Path(path)
        self.place = place
        self.reason = reason
        super().__init__(": ".join(part for part in (str(path), place, reason) if part))


def unknown(what: str, word: str, known: Iterable[str]) -> str:
    """The message for a word that is not one of the known ones, with the nearest, or all if there are few."""
    words = sorted(known)
    match = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    hint = ""
    if match:
        hint = f'; did you mean "{match[0]}"?'
    elif len(words) <= _FEW:
        hint = "; known: " + ", ".join(words)
    return f'unknown {what} "{word}"{hint}'
