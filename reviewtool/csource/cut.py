# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Cutting a file into its top-level pieces: the units that are parsed and cached.

Kernel style closes every item with a brace in the first column (Documentation/process/coding-style.rst), and what comes
between two items is separated by blank lines. So an error cannot bleed into the next item, and a patch costs only the
items that it touches.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from reviewtool.csource.condition import Chains, Directive, Nesting
from reviewtool.csource.draft import BRANCH, FILL, outline

_ITEM_END = re.compile(rb"\n\}[^\n]*")
_ITEM_OPENS = re.compile(rb"\{[ \t\1]*+\n")
_GAP = re.compile(rb"\n[ \t]*+\n(?!\s*+\{)")
WIDEST = 4
"""How many pieces at most are joined where one does not parse."""
WIDENED = 16
"""How often that is tried in one file."""
LONG_RUN = 2000
"""Directives and comments alone are cut at the next blank line after so many bytes."""
_PLAIN_ENDS = (b"}", b"};")
_NO_CODE = b" \t\r\n" + FILL + BRANCH

_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One piece of a file: its byte range, its first line (from 1), and the `#if` groups open at its first byte."""

    start: int
    end: int
    line: int
    outer: Chains = ()


def cut_file(source: bytes) -> list[Piece]:
    """Cut a file; the pieces are in order, touch each other and make up the whole file."""
    if not source:
        return []
    text, directives = outline(source)
    return _pieces(source, _bounds(text), directives)


def read_widened(
    source: bytes, read: Callable[[Piece], _Read], is_broken: Callable[[_Read], bool]
) -> Iterator[tuple[Piece, _Read]]:
    """Read the pieces of a file in order; one that is broken and has more `{` than `}` is joined with the next ones.

    `read` gives what a piece says, `is_broken` whether it was not understood.
    """
    pieces = cut_file(source)
    tries = 0
    at = 0
    while at < len(pieces):
        piece = pieces[at]
        result = read(piece)
        at += 1
        if is_broken(result) and _is_open(source, piece):
            for last in range(at, min(at + WIDEST - 1, len(pieces))):
                tries += 1
                if tries > WIDENED:
                    break
                wide = Piece(start=piece.start, end=pieces[last].end, line=piece.line, outer=piece.outer)
                wider = read(wide)
                if not is_broken(wider):
                    piece, result, at = wide, wider, last + 1
                    break
        yield piece, result


def _is_open(source: bytes, piece: Piece) -> bool:
    return source.count(b"{", piece.start, piece.end) > source.count(b"}", piece.start, piece.end)


def _bounds(text: bytes) -> list[int]:
    """Return the offsets where pieces end, in the outline of a file."""
    bounds = []
    start = counted = depth = 0
    for match in _ITEM_END.finditer(text):
        end = min(match.end() + 1, len(text))
        depth += text.count(b"{", counted, end) - text.count(b"}", counted, end)
        counted = end
        if depth > 0 and not (match[0].strip() in _PLAIN_ENDS and text.find(BRANCH, start, end) >= 0):
            continue
        bounds += _prelude(text, start, end)
        bounds.append(end)
        start, depth = end, 0
    if start < len(text):
        bounds += _prelude(text, start, len(text))
        bounds.append(len(text))
    return bounds


def _prelude(text: bytes, start: int, end: int) -> list[int]:
    """Cut what stands before the item that ends at `end`, at blank lines."""
    item = _ITEM_OPENS.search(text, start, end)
    bounds: list[int] = []
    last = seen = start
    depth = 0
    has_code = False
    for gap in _GAP.finditer(text, start, item.end() if item is not None else end):
        part = text[seen : gap.start()].strip(_NO_CODE)
        seen = gap.end()
        if part:
            has_code = True
            depth += part.count(b"(") + part.count(b"{") - part.count(b")") - part.count(b"}")
        if depth == 0 and (has_code or seen - last > LONG_RUN):
            bounds.append(seen)
            last = seen
            has_code = False
    return bounds


def _pieces(source: bytes, bounds: Sequence[int], directives: Sequence[Directive]) -> list[Piece]:
    pieces = []
    nesting = Nesting()
    start, line, at = 0, 1, 0
    for end in bounds:
        pieces.append(Piece(start=start, end=end, line=line, outer=nesting.chains))
        while at < len(directives) and directives[at].start < end:
            nesting.feed(directives[at])
            at += 1
        line += source.count(b"\n", start, end)
        start = end
    return pieces
