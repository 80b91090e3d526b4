# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Sentences and their tokens: words, names of the code, punctuation. All patterns are linear in their input."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from reviewtool.lockdoc.model import Mention, Sentence

LONGEST: Final = 4000
"""Characters of one sentence, at most; what is behind them is not read."""


class Sort(Enum):
    """What a token is."""

    WORD = 1
    NAME = 2
    MARK = 3


@dataclass(frozen=True, slots=True)
class Token:
    """One token; a word is in lower case and without emphasis."""

    sort: Sort
    text: str
    mention: Mention | None = None


_IDENTIFIER: Final = r"[A-Za-z_]\w{0,127}"
_TOKEN: Final = re.compile(
    rf"(?P<quoted>``[^`\n]{{1,200}}``)"
    rf"|(?P<name>&?{_IDENTIFIER}(?:(?:->|::|\.)(?:{_IDENTIFIER}|\{{[\w, \n]{{1,300}}\}})){{0,12}}"
    rf"(?:\((?:\)|&[\w>.-]{{1,100}}\)))?)(?P<open>\*)?"
    r"|(?P<arrow>(?<=\s)(?:-{1,3}>|=>)(?=\s))"
    r"|(?P<mark>[,;:()])"
    r"|(?P<other>\d+|\S)"
)
_PLAIN: Final = re.compile(rf"&?{_IDENTIFIER}(?:(?:->|::|\.){_IDENTIFIER}){{0,12}}(?:\([^()]{{0,120}}\))?\Z")
_FILE: Final = re.compile(r"[\w./-]+\.(?:c|h|S|rst|txt|py|sh)\Z")
_END: Final = re.compile(r"(?<=[.!?])[\"')]{0,2}(?=\s)|(?<=[^:]):(?=\s*\Z)|\n[ \t]*\n")
_ABBREVIATION: Final = re.compile(r"(?:\b(?:e\.g|i\.e|etc|vs|cf|resp|w\.r\.t|incl|approx)\.|\b[A-Z]\.)\Z")


def sentences(text: str, line: int) -> Iterator[Sentence]:
    """Split a paragraph; `line` is the line of its first character. Line breaks inside a sentence stay."""
    start = 0
    for match in _END.finditer(text):
        piece = text[start : match.end()]
        if _ABBREVIATION.search(piece[-12:]):
            continue
        if piece.strip():
            yield _sentence(text, start, match.end(), line)
        start = match.end()
    if text[start:].strip():
        yield _sentence(text, start, len(text), line)


def _sentence(text: str, start: int, end: int, line: int) -> Sentence:
    while text[start].isspace():
        start += 1
    return Sentence(text=text[start:end].rstrip()[:LONGEST], line=line + text.count("\n", 0, start))


def joined(text: str) -> str:
    """The text on one line."""
    return " ".join(text.split())


def tokens(sentence: Sentence, *, literal: bool = False) -> Iterator[Token]:
    """The tokens of a sentence, each name with its line."""
    line, counted = sentence.line, 0
    for match in _TOKEN.finditer(sentence.text):
        line += sentence.text.count("\n", counted, match.start())
        counted = match.start()
        kind, text = match.lastgroup, match[0]
        if match["quoted"]:
            yield from _quoted(text[2:-2].strip(), line, literal)
        elif match["name"]:
            yield from _name(match["name"], line, literal, open_=match["open"] is not None)
        elif kind == "arrow":
            yield Token(Sort.MARK, "->")
        else:
            yield Token(Sort.MARK, text)


def _quoted(text: str, line: int, literal: bool) -> Iterator[Token]:
    """A literal: a name, whatever it looks like; else the tokens in it."""
    if _FILE.match(text):
        yield Token(Sort.WORD, text)
    elif _PLAIN.match(text):
        yield Token(Sort.NAME, text, Mention(text=text, line=line, literal=literal))
    else:
        yield from tokens(Sentence(text=text, line=line), literal=literal)


def _name(text: str, line: int, literal: bool, *, open_: bool) -> Iterator[Token]:
    if "{" in text:
        before, _, inside = text.partition("{")
        for each in inside.rstrip("}").split(","):
            name = before + each.strip()
            yield Token(Sort.NAME, name, Mention(text=name, line=line, literal=literal))
        return
    if is_name(text) or (open_ and "_" in text):
        yield Token(Sort.NAME, text, Mention(text=text, line=line, literal=literal, open=open_))
        return
    for word in text.strip("_").split("."):
        if word:
            yield Token(Sort.WORD, word.lower())


def is_name(text: str) -> bool:
    """Whether a run of characters is a name of the code rather than a word: `a_b`, `a->b`, `a::b`, `f()`, `&a`."""
    if _FILE.match(text):
        return False
    if "->" in text or "::" in text or "(" in text or text.startswith("&"):
        return True
    inner = text.strip("_")
    return "_" in inner or (text.startswith("__") and not text.endswith("_"))


def names(sentence: Sentence, *, literal: bool = False) -> Iterator[Mention]:
    """The names of the code in a sentence."""
    return (token.mention for token in tokens(sentence, literal=literal) if token.mention is not None)
