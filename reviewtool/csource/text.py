# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Texts of expressions and types, normalised as the facts want them (see the docstring of `facts`)."""

from __future__ import annotations

import re
from functools import lru_cache

from tree_sitter import Node

from reviewtool.csource.parsed import Parsed

MAX_TEXT = 1 << 16
"""Longer expressions (generated tables, hostile input) are cut here: no lock path is that long."""

_ROUNDS = 16
"""Parentheses nested deeper than this around one path are left alone, so that time stays linear."""

_PATH = r"\w+(?:\([^()]*\)|\[[^\[\]]*\]|->\w+|\.\w+)*"
_NOT_CALLED = r"(?<![\w)\]])"
_ENDS = r"(?=$|[,);:?=<>|^/%\]\[.}]|->|&&|[!]=)"

_PLAIN = re.compile(rb"[\w.>\-\[\]&]*\Z")
_SPACE_OR_LITERAL = re.compile(r"""("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)|(?:\s|\\\n)+""", re.DOTALL)
_COMMENT = re.compile(
    rb"""/\*[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/)?|//[^\n]*+|"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+'""", re.DOTALL
)
_OVER_POINTER = re.compile(rf"{_NOT_CALLED}\(\*({_PATH})\)\.(?=\w)")
_OVER_ADDRESS = re.compile(rf"{_NOT_CALLED}\(&({_PATH})\)->(?=\w)")
_AROUND_PATH = re.compile(rf"(?:{_NOT_CALLED}|(?<=\*\)))\(({_PATH})\){_ENDS}")
_AROUND_UNARY = re.compile(rf"{_NOT_CALLED}\(([&*]+{_PATH})\)(?=$|[,)])")
_OPENERS = "([{"
_CLOSERS = ")]}"
_MARKS = re.compile(r"""[()\[\]{},]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""", re.DOTALL)


def expression(node: Node, parsed: Parsed) -> str:
    """Return the normalised text of a node, as it was written (not as the normaliser masked it)."""
    return between(node.start_byte, node.end_byte, parsed)


def between(start: int, end: int, parsed: Parsed) -> str:
    """Return the normalised text between two byte offsets."""
    end = min(end, start + MAX_TEXT)
    if parsed.clean:
        return fold(parsed.clean[start:end])
    return fold(without_comments(parsed.original[start:end]))


@lru_cache(maxsize=1 << 14)
def fold(raw: bytes) -> str:
    """Normalise the text of one expression, given without comments."""
    if _PLAIN.match(raw):
        return raw.decode("ascii", "replace")
    text = fold_space(raw)
    if "(" in text:
        text = _bare(text)
    return text


def fold_space(raw: bytes) -> str:
    """Drop all white space but where two words or two operators would join; strings keep theirs."""
    return _SPACE_OR_LITERAL.sub(_keep_apart, raw[:MAX_TEXT].decode("utf-8", "replace").strip())


def squeeze(raw: bytes) -> str:
    """Make every run of white space one blank, outside of strings."""
    text = raw[:MAX_TEXT].decode("utf-8", "replace").strip()
    return _SPACE_OR_LITERAL.sub(lambda match: match[1] or " ", text)


def without_comments(raw: bytes) -> bytes:
    """Replace every comment by a blank."""
    if b"/*" not in raw and b"//" not in raw:
        return raw
    return _COMMENT.sub(lambda match: b" " if match[0][:1] == b"/" else match[0], raw)


def split(text: str) -> tuple[str, ...]:
    """Split the text of an argument list (without its parentheses) at its outermost commas; "" gives no argument."""
    if "," not in text:
        text = text.strip()
        return (text,) if text else ()
    parts = []
    depth = begin = 0
    for match in _MARKS.finditer(text):
        mark = match[0]
        if mark in _OPENERS:
            depth += 1
        elif mark in _CLOSERS:
            depth -= 1
        elif mark == "," and depth == 0:
            parts.append(text[begin : match.start()].strip())
            begin = match.end()
    parts.append(text[begin:].strip())
    return tuple(parts)


def arguments(raw: bytes) -> tuple[str, ...]:
    """Return the normalised texts of the arguments in `raw`, an argument list without parentheses and comments."""
    return tuple(fold(part.encode()) for part in split(raw[:MAX_TEXT].decode("utf-8", "replace")))


def _keep_apart(match: re.Match[str]) -> str:
    if match[1] is not None:
        return match[1]
    text, start, end = match.string, match.start(), match.end()
    if start == 0 or end == len(text):
        return ""
    before, after = text[start - 1], text[end]
    if (before.isalnum() or before == "_") and (after.isalnum() or after == "_"):
        return " "
    return " " if before == after and before in "+-&" else ""


def _bare(text: str) -> str:
    for _ in range(_ROUNDS):
        before = text
        text = _AROUND_PATH.sub(r"\1", text)
        text = _AROUND_UNARY.sub(r"\1", text)
        text = _OVER_POINTER.sub(r"\1->", text)
        text = _OVER_ADDRESS.sub(r"\1.", text)
        if text == before:
            break
    return text
