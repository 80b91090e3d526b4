# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Text cut into sentences with their lines: changelogs, cover letters, comments, documents.

What is no prose is left out: trailers, quotations, code, stack traces, pasted reports, tables, shortlogs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 1200
"""Characters of a sentence that are looked at."""
MOST_LINES: Final = 20_000
"""Lines of one text that are looked at."""

_TRAILER: Final = re.compile(r"[A-Z][A-Za-z]{1,20}(?:-[A-Za-z]{1,20}){0,4}: \S")
_TRAILER_KEYS: Final = re.compile(
    r"(?:[A-Z][a-z]{1,20}(?:-[a-z]{1,20}){0,3}-by|Fixes|Cc|Link|Closes|Change-Id|Message-Id): ", re.I
)
_ITEM: Final = re.compile(r"\s{0,12}(?:[-*+o\u2022]|\(?\d{1,2}[.):]|\(?[a-z]\))\s+(?=\S)")
_REPORT: Final = re.compile(
    r"""\s{0,40}(?:
        \[\s{0,6}\d{1,7}\.\d{3,6}\]              # a timestamp of the log
      | [=\-_~*#+^]{3,}\s*\Z                     # a rule
      | (?:->\s)?\#\d{1,3}\b                     # an entry of a chain
      | (?:Call\sTrace|Possible\sunsafe|Chain\sexists|CPU0|RIP:|Code:|Hardware\sname:)
      | (?:r?lock|sync)\(
      | \?\s\w
      | diff\s--git | index\s[0-9a-f]{7,} | @@\s | \+\+\+\s | ---\s[ab]/
    )""",
    re.X,
)
_FRAME: Final = re.compile(r"\w\+0x[0-9a-f]{1,8}/0x[0-9a-f]")
_USAGE: Final = re.compile(r"\)\{[.+?\-]{4}\}")
_CODE_END: Final = re.compile(r"(?:[;{}]|\\|\*/|->)\s*\Z")
_STAT: Final = re.compile(r"\s\S.{0,200}\|\s{1,6}(?:\d|Bin)")
_SHORTLOG: Final = re.compile(r"\S.{0,80} \(\d{1,4}\):\s*\Z")
_ABBREVIATED: Final = re.compile(
    r"(?:\b(?:i\.e|e\.g|etc|vs|cf|resp|incl|a\.k\.a|approx|Mr|Dr|no|fig|w\.r\.t)|\b[A-Z])\.\Z", re.I
)
_END: Final = re.compile(r"[.!?][)\"'`\]]{0,2}(?=\s+\S)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence; `text` on one line, spaces folded."""

    text: str
    line: int
    """Of the source that it stands in, from 1, where it begins."""
    end_line: int
    origin: str = "changelog"
    """`changelog`, `cover`, `notes`, or the path of the file whose comment or document it is from."""
    about: str = ""
    """The function or field that a comment belongs to."""


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str


def split(text: str, first: int = 1, origin: str = "changelog", about: str = "") -> tuple[Sentence, ...]:
    """The sentences of a text whose first line has the number `first`."""
    found: list[Sentence] = []
    for paragraph in _paragraphs(text.split("\n")[:MOST_LINES], first):
        found.extend(_sentences(paragraph, origin, about))
    return tuple(found)


def _paragraphs(lines: Iterable[str], first: int) -> Iterator[list[_Line]]:
    """Runs of prose lines. A list's item begins a run of its own."""
    run: list[_Line] = []
    trailers = shortlog = False
    for number, raw in enumerate(lines, first):
        line = raw.rstrip()[:LONGEST].expandtabs(8)
        item = _ITEM.match(line)
        shortlog = bool(_SHORTLOG.match(line)) or (shortlog and line.startswith("  "))
        trailers = bool(line.strip()) and ((trailers and line.startswith(" ")) or bool(_TRAILER_KEYS.match(line)))
        if not line.strip() or trailers or shortlog or not _is_prose(line, run, item is not None):
            if run:
                yield run
            run = []
            continue
        if item is not None and run:
            yield run
            run = []
        run.append(_Line(number, line[item.end() :] if item else line.strip()))
    if run:
        yield run


def _is_prose(line: str, run: list[_Line], item: bool) -> bool:
    if line.lstrip().startswith((">", "|", "//")) or _REPORT.match(line) or _FRAME.search(line) or _USAGE.search(line):
        return False
    if _STAT.match(line):
        return False
    indent = len(line) - len(line.lstrip())
    if not item and _CODE_END.search(line) and (indent >= 2 or not run):
        return False
    return not (indent >= 4 and not item and not run and _looks_like_code(line))


def _looks_like_code(line: str) -> bool:
    """An indented line that begins a block: a call chain, a command, a table."""
    words = line.split()
    plain = sum(word.strip(",.:;()").isalpha() for word in words)
    return plain * 2 < len(words) or len(words) < 3


def _sentences(lines: list[_Line], origin: str, about: str) -> Iterator[Sentence]:
    text = ""
    starts: list[tuple[int, int]] = []
    for line in lines:
        if text:
            text += " "
        starts.append((len(text), line.number))
        text += " ".join(line.text.split())
    begin = 0
    for end in (*_ends(text), len(text)):
        piece = text[begin:end].strip()
        if piece:
            at = begin + len(text[begin:end]) - len(text[begin:end].lstrip())
            yield Sentence(
                text=piece[:LONGEST], line=_line_at(starts, at), end_line=_line_at(starts, end - 1), origin=origin,
                about=about,
            )  # fmt: skip
        begin = end


def _ends(text: str) -> Iterator[int]:
    """Where sentences end: behind a full stop that what follows does not go on from."""
    for match in _END.finditer(text):
        stop = match.start() + 1
        following = text[match.end() :].lstrip()
        if _ABBREVIATED.search(text[max(0, stop - 12) : stop]):
            continue
        word = re.match(r"[\w'`\"(&<]{1,60}", following)
        if word is not None and (not word[0][:1].islower() or "_" in word[0] or following[word.end() :][:2] == "()"):
            yield match.end()


def _line_at(starts: list[tuple[int, int]], offset: int) -> int:
    number = starts[0][1]
    for start, line in starts:
        if start > offset:
            break
        number = line
    return number


def is_trailer(line: str) -> bool:
    """Whether a line has the shape of a trailer."""
    return _TRAILER.match(line) is not None
