# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The body of a draft: the lines that are commented, a few above them, and the comment under each.

Above a commented line stand at most five others. The names of file and hunk are among them; `> [...]` marks each gap,
and nothing is quoted after the last comment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from reviewtool.mail.model import FileDiff, Hunk, Patch
from reviewtool.reply.place import Spot
from reviewtool.reply.prose import paragraphs, verbatim

CONTEXT = 5
"""Quoted lines above a commented one."""

GAP = "> [...]"
"""Stands for lines of the mail that are not quoted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A comment and where it belongs; without a spot it is about the mail as a whole."""

    spot: Spot | None
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Home:
    """The hunk that a line of the mail is in, and the lines that name it."""

    begin: int
    """The first line of the hunk's content."""
    heading: int
    name: int
    """The line that names the file."""
    first: int
    """The heading of the file's first hunk: only names and blobs stand between."""


def body(patch: Patch, points: Iterable[Point], above: Sequence[str], below: Sequence[str]) -> list[str]:
    """The lines of the body: what stands above all, general comments, quotes with their comments, what stands below."""
    ordered = sorted(points, key=lambda point: point.spot.last if point.spot is not None else 0)
    general = [point.lines for point in ordered if point.spot is None]
    blocks = list(_blocks(patch, [point for point in ordered if point.spot is not None]))
    first, *others = blocks or [[]]
    if general or not blocks:
        return paragraphs(above, *general, first, *others, below)
    # The attribution stands right above the first quote.
    return paragraphs([*above, *first], *others, below)


def _blocks(patch: Patch, points: Sequence[Point]) -> Iterator[list[str]]:
    """Quote, comment, quote, comment: each a block."""
    source = patch.mail.body.split("\n")
    names = len(patch.files) > 1
    end, home = 0, None
    waiting: list[str] = []
    for point in points:
        spot = point.spot
        assert spot is not None
        if spot.last <= end:
            waiting = paragraphs(waiting, point.lines)
            continue
        if waiting:
            yield waiting
        quote, home = _quote(source, _home(patch, spot.last), home, spot, end, names)
        yield quote
        end = spot.last
        waiting = list(point.lines)
    if waiting:
        yield waiting


def _quote(
    source: Sequence[str], home: _Home | None, before: _Home | None, spot: Spot, end: int, names: bool
) -> tuple[list[str], _Home | None]:
    """The quoted lines down to the commented one, given that those up to `end` are quoted already."""
    numbers: list[int] = []
    if home is None:
        start = max(spot.first, spot.last - CONTEXT)
    else:
        if names and (before is None or before.name != home.name) and home.name > end:
            numbers.append(home.name)
        if home.heading > end and (before is None or before.heading != home.heading):
            numbers.append(home.heading)
        start = max(spot.last - CONTEXT + len(numbers), home.begin)
    numbers += range(max(start, end + 1), spot.last + 1)
    lines: list[str] = []
    for number in numbers:
        if number > end + 1 and not (home is not None and (end, number) == (home.name, home.first)):
            lines.append(GAP)
        lines.append(f"> {verbatim(source[number - 1])}" if source[number - 1].strip() else ">")
        end = number
    return lines, home


def _home(patch: Patch, number: int) -> _Home | None:
    for file in patch.files:
        for hunk in file.hunks:
            if hunk.lines and hunk.lines[0].body_line <= number <= hunk.lines[-1].body_line:
                return _Home(
                    begin=hunk.lines[0].body_line,
                    heading=_heading(hunk),
                    name=_name(file, patch),
                    first=_heading(file.hunks[0]),
                )
    return None


def _heading(hunk: Hunk) -> int:
    return hunk.lines[0].body_line - 1


def _name(file: FileDiff, patch: Patch) -> int:
    """The line of the body that names the file: the last one above its first hunk that a diff begins with."""
    lines = patch.mail.body.split("\n")
    first = _heading(file.hunks[0])
    for number in range(first - 1, max(first - 12, 0), -1):
        if lines[number - 1].startswith("diff --git "):
            return number
    return max(first - 1, 1)
