# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What a file defines, by name, without parsing it: to find one struct among all headers and parse only its cut.

It errs on the side of too much: a name in a comment is found too, and its cut then defines nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from enum import StrEnum

from reviewtool.csource.cut import Piece, cut_file
from reviewtool.csource.facts import Include


class Kind(StrEnum):
    """What a name is."""

    RECORD = "record"
    """A struct or a union."""
    ENUM = "enum"
    ENUMERATOR = "enumerator"
    """A name in capitals at the start of an indented line, which may be an enumerator."""
    TYPEDEF = "typedef"
    MACRO = "macro"
    FUNCTION = "function"
    """A definition or a prototype."""
    GLOBAL = "global"
    """A variable, or an argument of a macro used at file level, which may declare one."""


_TAGS = (
    (Kind.RECORD, re.compile(rb"struct[ \t]++(\w++)[^\n;{}()=*,]{0,120}+\s*+\{")),
    (Kind.RECORD, re.compile(rb"union[ \t]++(\w++)[^\n;{}()=*,]{0,120}+\s*+\{")),
    (Kind.ENUM, re.compile(rb"enum[ \t]++(\w++)[^\n;{}()=*,]{0,120}+\s*+\{")),
)
_MACRO = re.compile(rb"#[ \t]*(?:define|undef)[ \t]+(\w+)")
_ENUMERATOR = re.compile(rb"\n[ \t]+([A-Z][A-Z0-9_]{2,})[ \t]*(?:=[^=\n][^\n,]*)?,")
_INCLUDE = re.compile(rb'#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)')
_ITEM = re.compile(rb"\n([A-Za-z_][^\n;{=(]*+)([;{=(]?)")
_NOT_WORD = bytes(byte if chr(byte).isalnum() or byte == 0x5F else 0x20 for byte in range(128)) + b" " * 128
_QUALIFIERS = frozenset({b"static", b"extern", b"inline"})
_LEADING_MACRO = re.compile(rb"[^\n()]*\([^\n()]*\)[ \t]+([^\n;{=(]*?)(\w+)[ \t]*\(")
_USE_ARGUMENTS = re.compile(rb"\(([^,()]*)(?:,\s*([\w ]+?)\s*[,)])?")
_TYPEDEF_END = re.compile(rb"\{|;")
_POINTER_NAME = re.compile(rb"\(\s*\*?\s*(\w+)\s*\)\s*[(\[]")
_CALLED_NAME = re.compile(rb"(\w+)\s*\(")
_ARGUMENTS = re.compile(rb"\([^()]*\)")
_CLOSE = re.compile(rb"\n\}[^;]*;")
_Names = dict[bytes, list[tuple[Kind, int]]]


@dataclass(slots=True)
class Index:
    """The names of one file, each with the places (kind and byte offset) where it may be defined."""

    source: bytes
    names: _Names = field(default_factory=dict)
    _pieces: list[Piece] | None = None

    def pieces(self, name: str, *kinds: Kind) -> list[Piece]:
        """Return the pieces of the file that may define `name` (as one of `kinds`, if given), in order."""
        places = self.names.get(name.encode(), ())
        wanted = sorted({offset for kind, offset in places if not kinds or kind in kinds})
        if not wanted:
            return []
        if self._pieces is None:
            self._pieces = cut_file(self.source)
        starts = [piece.start for piece in self._pieces]
        numbers = sorted({bisect_right(starts, offset) - 1 for offset in wanted})
        return [self._pieces[number] for number in numbers]

    def has(self, name: str, *kinds: Kind) -> bool:
        """Say whether the file may define `name` (as one of `kinds`, if given)."""
        return any(not kinds or kind in kinds for kind, _ in self.names.get(name.encode(), ()))


def header_index(source: bytes) -> Index:
    """Return the names that a file defines; fast enough to do so for every header of a tree."""
    index = Index(source)
    names = index.names
    for kind, pattern in _TAGS:
        for match in pattern.finditer(source):
            names.setdefault(match[1], []).append((kind, match.start(1)))
    if b"enum" in source:
        for match in _ENUMERATOR.finditer(source):
            names.setdefault(match[1], []).append((Kind.ENUMERATOR, match.start(1)))
    for match in _MACRO.finditer(source):
        names.setdefault(match[1], []).append((Kind.MACRO, match.start(1)))
    _items(source if source[:1] == b"\n" else b"\n" + source, source[:1] != b"\n", names)
    return index


def include_targets(source: bytes) -> list[Include]:
    """Return the `#include` lines of a file, in order, in comments and under any condition too."""
    found = []
    line = counted = 0
    for match in _INCLUDE.finditer(source):
        line += source.count(b"\n", counted, match.start())
        counted = match.start()
        target = match[1] if match[1] is not None else match[2]
        found.append(Include(line=line, target=target.decode("utf-8", "replace"), system=match[1] is None))
    return found


def _items(text: bytes, shift: int, names: _Names) -> None:
    open_line = -1
    for match in _ITEM.finditer(text):
        head, mark = match[1], match[2]
        start = match.start(1)
        continued, open_line = open_line == start - 1, -1
        if head.startswith(b"typedef"):
            _typedef(text, start, shift, names)
        elif not mark:
            open_line = match.end()
        elif mark == b"(":
            _called(text, match, shift, names, continued=continued)
        elif mark == b";" or mark == b"=":
            _add_last(head, Kind.GLOBAL, start - shift, names)


def _add_last(head: bytes, kind: Kind, offset: int, names: _Names) -> None:
    """Add the last word before any dimension; the one before it too where the last may be an attribute."""
    words = head.partition(b"[")[0].translate(_NOT_WORD).split()
    for word in words[:-3:-1]:
        names.setdefault(word, []).append((kind, offset))
        if not word.startswith(b"__"):
            break


def _called(text: bytes, match: re.Match[bytes], shift: int, names: _Names, *, continued: bool) -> None:
    start = match.start(1)
    words = match[1].translate(_NOT_WORD).split()
    if not words:
        return
    names.setdefault(words[-1], []).append((Kind.FUNCTION, start - shift))
    if continued or (len(words) > 1 and words[-2] not in _QUALIFIERS):
        return
    after = _LEADING_MACRO.match(text, start)
    if after is not None:
        names.setdefault(after[2], []).append((Kind.FUNCTION, start - shift))
    arguments = _USE_ARGUMENTS.match(text, match.end() - 1)
    if arguments is None:
        return
    for argument in arguments.groups():
        if argument is not None:
            _add_last(argument, Kind.GLOBAL, start - shift, names)


def _typedef(text: bytes, start: int, shift: int, names: _Names) -> None:
    end = _TYPEDEF_END.search(text, start)
    if end is None:
        return
    begin, stop = start, end.end()
    if end[0] == b"{":
        close = _CLOSE.search(text, start)
        begin, stop = (close.start(), close.end()) if close is not None else (start, text.find(b";", stop) + 1)
    pointer = _POINTER_NAME.search(text, begin, stop) or _CALLED_NAME.search(text, begin, stop)
    if pointer is not None:
        names.setdefault(pointer[1], []).append((Kind.TYPEDEF, start - shift))
        if not pointer[1].startswith(b"__"):
            return
    _add_last(_ARGUMENTS.sub(b" ", text[begin : stop - 1]), Kind.TYPEDEF, start - shift, names)
