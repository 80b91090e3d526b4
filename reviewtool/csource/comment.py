# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Comments: their text, which declaration they belong to, and those that may state an order or a contract."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from reviewtool.csource.draft import LINE
from reviewtool.csource.facts import Remark
from reviewtool.csource.parsed import Parsed

MAX_COMMENT = 1 << 14
"""Longer comments are cut here."""

_LINE_MARK = re.compile(r"^[ \t]*(?:/\*+|//+|\*+(?!/))?[ \t]?", re.MULTILINE)
_END_MARK = re.compile(r"[ \t]*\*+/\s*\Z")
_LETTERS = re.compile(r"[a-z]+")
_EMPTY_LINE = re.compile(rb"\n[ \t]*\n")


def comment_text(raw: bytes) -> str:
    """Return the text of a comment without its marks, its lines kept."""
    text = _END_MARK.sub("", raw[:MAX_COMMENT].decode("utf-8", "replace"))
    return "\n".join(line.rstrip() for line in _LINE_MARK.sub("", text).split("\n")).strip()


def comment_before(offset: int, parsed: Parsed) -> str:
    """Return the text of the comment that ends on the line before what starts at `offset`; "" if none does."""
    comments = parsed.comments
    index = bisect_right(comments, (offset,)) - 1
    if index < 0:
        return ""
    start, end = comments[index]
    if not _adjoins(end, offset, parsed) or not _alone(start, parsed):
        return ""
    text = comment_text(parsed.original[start:end])
    while parsed.original.startswith(b"//", start) and index > 0:
        index -= 1
        earlier, end = comments[index]
        if not (
            _adjoins(end, start, parsed) and _alone(earlier, parsed) and parsed.original.startswith(b"//", earlier)
        ):
            break
        start = earlier
        text = comment_text(parsed.original[start:end]) + "\n" + text
    return text


def comment_beside(start: int, end: int, parsed: Parsed) -> str:
    """Return the comment of a field or enumerator: the one after it on its last line, else the one before it."""
    comments = parsed.comments
    if not comments:
        return ""
    index = bisect_right(comments, (end,))
    if index < len(comments):
        beside, stop = comments[index]
        between = parsed.source[end:beside]
        if b"\n" not in between and not between.strip(b" \t;,"):
            return comment_text(parsed.original[beside:stop])
    return comment_before(start, parsed)


def remarks(parsed: Parsed, words: frozenset[str]) -> Iterator[Remark]:
    """Yield the comments in which one of `words` (in lower case) stands."""
    original = parsed.original
    line = counted = 0
    for start, end in parsed.comments:
        raw = original[start:end]
        if words.isdisjoint(_LETTERS.findall(raw[:MAX_COMMENT].decode("latin-1").lower())):
            continue
        line += original.count(b"\n", counted, start)
        counted = start
        yield Remark(line=line, end_line=line + raw.count(b"\n"), text=comment_text(raw))


def _adjoins(end: int, start: int, parsed: Parsed) -> bool:
    between = parsed.original[end:start]
    return not parsed.source[end:start].strip() and not _EMPTY_LINE.search(between) and b"#" not in between


def _alone(start: int, parsed: Parsed) -> bool:
    floor = max(0, start - LINE)
    line = max(floor, parsed.original.rfind(b"\n", floor, start) + 1)
    return not parsed.source[line:start].strip()
