# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Names of the code in prose, by their shape, and sentences in which they are replaced by numbered marks.

`hv_cb() takes vm->lock` becomes `<0> takes <1>`. Articles and words like "mutex" beside a name are dropped, so that
the wording patterns need not know them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MOST: Final = 60
"""Names that one sentence may hold; later ones are plain words."""


class Shape(StrEnum):
    """What a name looks like."""

    CALL = "call"
    """`name()`, with or without arguments."""
    PATH = "path"
    """`a->b.c`, `a::b`, `struct a.b`."""
    WORD = "word"
    """An identifier: it has an underscore, a digit, or stands in quotation marks."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One name as it is written."""

    shape: Shape
    text: str
    """The identifier or the path, `->` between its parts."""
    args: str = ""
    """CALL: the text between the parentheses."""

    @property
    def shown(self) -> str:
        """As prose writes it."""
        return f"{self.text}({self.args})" if self.shape is Shape.CALL else self.text


@dataclass(frozen=True, slots=True)
class Marked:
    """A sentence in lower case with marks, and what they stand for."""

    text: str
    names: tuple[Mention, ...]


_NAME: Final = re.compile(
    r"""(?P<open>[`'"*]{0,2})[&@]?(?:(?:struct|union)\s)?
    (?:
      (?P<call>[A-Za-z_]\w{1,79})\((?P<args>[^()]{0,60}(?:\([^()]{0,40}\)[^()]{0,20})?)\)
    | (?P<path>[A-Za-z_]\w{0,79}(?:\(\w{0,30}\))?(?:(?:->|::|\.)[A-Za-z_]\w{0,79}){1,5})(?:\(\))?
    | (?P<word>[A-Za-z]\w{0,79})
    )(?P<close>[`'"*]{0,2})""",
    re.X,
)
_SEPARATORS: Final = re.compile(r"::|(?<!-)\.")
_FILE: Final = re.compile(r"\.(?:c|h|rst|txt|S|py|org|com|html)\b")
_KINDS: Final = (
    r"(?:mutex(?:es)?|(?:raw )?spin ?locks?|locks?|semaphore|rw_?semaphore|rwsem|rwlock|function|callback|handler"
    r"|helper|hook|srcu|field|variable|global|list|array)"
)
_BEFORE: Final = re.compile(
    rf"\b(?:(?:the|a|an|its|this|that|their|both|all|global|per-vm|per-vcpu) ){{1,2}}(?:{_KINDS} )?(?=<\d)"
)
_KIND_BEFORE: Final = re.compile(r"\b(?:mutex|spin ?lock|rwlock|function|callback|helper) (?=<\d)")
_BEHIND: Final = re.compile(rf"(<\d{{1,2}}>)(?:'s)?(?: {_KINDS}| itself| as well| (?:read|write)[- ]lock)\b")
_PLURAL: Final = r"(?:take|acquire|grab|hold|need|run|are|were|can|may|must|should|both|do|require|nest|protect|sleep)"
_LIST: Final = re.compile(
    r"<(\d{1,2})>((?:, <\d{1,2}>){0,8}(?:,? (?:and|or|as well as|&) (?:also )?<\d{1,2}>|/<\d{1,2}>))"
    r"(?=\s*\Z|[.,;:)]| (?!(?:\w{2,20}s|has|is)\b(?! are))|\s*$)"
)
_DIGITS: Final = re.compile(r"\d{1,2}")


def marked(text: str) -> Marked:
    """Put marks in place of the names of a sentence."""
    names: list[Mention] = []

    def put(match: re.Match[str]) -> str:
        mention = _mention(match)
        if mention is None or len(names) >= MOST:
            return match[0]
        names.append(mention)
        return f"<{len(names) - 1}>"

    result = _NAME.sub(put, text.replace("<", " ").replace(">", ">"))
    result = re.sub(r"\s{1,9}", " ", result.lower())
    result = _KIND_BEFORE.sub("", _BEFORE.sub("", result))
    result = _BEHIND.sub(r"\1", result)
    return Marked(_LIST.sub(_joined, result), tuple(names))


def _mention(match: re.Match[str]) -> Mention | None:
    if match["call"]:
        return Mention(Shape.CALL, match["call"], match["args"].strip())
    if match["path"]:
        if _FILE.search(match["path"]):
            return None
        text = _SEPARATORS.sub("->", match["path"])
        if "->" not in match["path"] and "_" not in text and "::" not in match["path"] and "`" not in match["open"]:
            return None
        return Mention(Shape.CALL if match[0].rstrip("`'\"*").endswith("()") and "->" not in text else Shape.PATH, text)
    word = match["word"]
    quoted = bool(match["open"]) and match["open"][-1:] == match["close"][:1] and match["open"][-1] in "`'\""
    if "_" in word.strip("_") or (quoted and len(word) > 2):
        return Mention(Shape.WORD, word)
    return None


def _joined(match: re.Match[str]) -> str:
    return "<" + "+".join([match[1], *_DIGITS.findall(match[2])]) + ">"


def numbers(group: str) -> tuple[int, ...]:
    """The numbers of a mark: `<3>` or, for a list of names, `<3+4>`."""
    return tuple(int(digits) for digits in _DIGITS.findall(group))
