# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Finding the lines of a patch mail that a reply quotes, though mailers wrap, trim and re-indent them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from reviewtool.mail.model import Anchor, FileDiff

_LOOK_BACK = 40
"""Quoted lines above the last one that are compared to tell equal places apart."""
_GAP = 3
"""Lines that a quote may leave out between two that it keeps, without a mark."""
_TRIMMED = 12
"""Characters that a trimmed line must keep to be known."""
_CANDIDATES = 200
"""Equal places that are weighed."""


class PatchLines:
    """The body of a patch mail, to be asked where a quote stands and what that line is."""

    def __init__(self, body: str, files: Sequence[FileDiff]) -> None:
        self._keys = [line_key(line) for line in body.split("\n")]
        self._places: dict[str, list[int]] = {}
        for number, key in enumerate(self._keys, 1):
            self._places.setdefault(key, []).append(number)
        self._anchors = _anchors_of(body, files)

    def anchor(self, line: int) -> Anchor:
        """What stands at a line of the body, from 1."""
        return self._anchors.get(line, Anchor(body_line=line, path="", old=0, new=0))

    def find(self, quoted: Sequence[str], after: int = 0) -> tuple[int, int]:
        """(line of the body, from 1, that the last known one of the quoted lines is, index of that); (0, -1) for none.

        Of equal places the one counts whose lines above are quoted too; then the first below line `after`, where the
        reply's last quote stood.
        """
        keys = [line_key(line) for line in quoted]
        for last in range(len(keys) - 1, -1, -1):
            if len(keys[last]) < 2 and any(len(key) >= 2 for key in keys[:last]):
                continue
            places = self._candidates(keys, last)
            if places:
                return min(places, key=partial(self._rank, keys, last, after)), last
        return 0, -1

    def _rank(self, keys: list[str], last: int, after: int, place: int) -> tuple[int, bool, int]:
        return -self._context(keys, last, place), place <= after, place

    def _candidates(self, keys: list[str], last: int) -> list[int]:
        """Where a quoted line may stand: as it is, as the end of a line that was wrapped, or trimmed."""
        key = keys[last]
        if not key:
            return []
        if exact := self._places.get(key):
            return exact[:_CANDIDATES]
        for start in range(last - 1, max(last - 4, -1), -1):
            if joined := self._places.get("".join(keys[start : last + 1])):
                return joined[:_CANDIDATES]
        trimmed = key.rstrip(".…")
        if len(trimmed) < _TRIMMED:
            return []
        return [number for number, own in enumerate(self._keys, 1) if own.startswith(trimmed)][:_CANDIDATES]

    def _context(self, keys: list[str], last: int, place: int) -> int:
        """How many of the quoted lines above stand above the place too, in order."""
        score, index = 0, place - 2
        for key in reversed(keys[max(0, last - _LOOK_BACK) : last]):
            if not key:
                continue
            for step in range(_GAP + 1):
                if index - step >= 0 and self._keys[index - step] == key:
                    score += 1 if len(key) < 2 else 2
                    index -= step + 1
                    break
        return score


def line_key(line: str) -> str:
    """A line for comparisons: without white space, which mailers change."""
    return "".join(line.split())


def _anchors_of(body: str, files: Sequence[FileDiff]) -> dict[int, Anchor]:
    """Anchors of the lines of a diff: those of hunks with their numbers, headers with the file alone."""
    anchors: dict[int, Anchor] = {}
    for file in files:
        path = file.new_path or file.old_path
        for hunk in file.hunks:
            for line in hunk.lines:
                anchors[line.body_line] = Anchor(body_line=line.body_line, path=path, old=line.old, new=line.new)
    path = ""
    names = {file.text.split("\n", 1)[0]: file for file in files}
    for number, text in enumerate(body.split("\n"), 1):
        if text.startswith("diff --git "):
            file_at = names.get(text.rstrip())
            path = (file_at.new_path or file_at.old_path) if file_at else ""
        if path and number not in anchors and text.startswith(("diff --git ", "@@", "--- ", "+++ ", "index ")):
            anchors[number] = Anchor(body_line=number, path=path, old=0, new=0)
        if text == "-- ":
            path = ""
    return anchors
