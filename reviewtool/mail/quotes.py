# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A follow-up taken apart: what it quotes, what it says there, and which line of the patch that is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reviewtool.mail.anchors import PatchLines, line_key
from reviewtool.mail.lore import find_trailers
from reviewtool.mail.model import Anchor, Comment, Trailer

_QUOTE = re.compile(r"(?: ?>)+ ?")
_ATTRIBUTION = re.compile(r"(?:wrote|writes|schrieb|a écrit|escribió|写道)\s*[:\uff1a]\s*$", re.IGNORECASE)
_OUTLOOK = re.compile(r"-{3,} ?(?:Original|Forwarded) Message ?-{3,}|_{20,}$", re.IGNORECASE)
_SNIP = re.compile(r"[\[<(]?\s*(?:\.\.\.|…|snip|cut|trimmed)\s*[\]>)]?", re.IGNORECASE)
_SAID = 8
"""Characters without white space that a line of a reply must have to be known again."""
_NOWHERE = Anchor(body_line=0, path="", old=0, new=0)
_ATTRIBUTION_LINES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """Quoted lines, and the text under them."""

    quoted: tuple[str, ...]
    text: tuple[str, ...]


def read_reply(
    body: str, patch: PatchLines | None, above: Mapping[str, Anchor] | None = None
) -> tuple[tuple[Comment, ...], tuple[Trailer, ...]]:
    """The comments of a reply, anchored to the lines of the patch that it answers, and the trailers it gives.

    `above` has what earlier replies said, by `line_key`, and where: a quote of that belongs to the same place.
    """
    comments: list[Comment] = []
    said: list[str] = []
    position = 0
    for block in _blocks(body.split("\n")):
        anchor = _NOWHERE
        if block.quoted and patch is not None:
            found, index = patch.find(block.quoted, position)
            position = found or position
            anchor = patch.anchor(found) if found else _NOWHERE
            anchor = _said_before(block.quoted[index + 1 :], above or {}) or anchor
        said.extend(block.text)
        trailers = find_trailers("\n".join(block.text), reply=True)
        text = _without_trailers(block.text, trailers)
        if text and not _SNIP.fullmatch(text.strip()):
            comments.append(Comment(anchor=anchor, quoted=block.quoted, text=text))
    return tuple(comments), find_trailers("\n".join(said), reply=True)


def _blocks(lines: list[str]) -> Iterator[_Block]:
    """The blocks of a reply, in order; the text before the first quote is one without quoted lines."""
    quoted: list[str] = []
    text: list[str] = []
    for line in lines:
        if line == "-- " or _OUTLOOK.match(line):
            break
        mark = _QUOTE.match(line)
        if not mark:
            text.append(line)
            continue
        if any(part.strip() for part in text):
            text = _without_attribution(text)
            if any(part.strip() for part in text):
                yield _Block(quoted=tuple(quoted), text=tuple(text))
                quoted = []
        text = []
        quoted.append(line[mark.end() :])
    if any(part.strip() for part in text):
        yield _Block(quoted=tuple(quoted), text=tuple(text))


def _said_before(quoted: Sequence[str], above: Mapping[str, Anchor]) -> Anchor | None:
    for line in reversed(quoted):
        key = line_key(line)
        if len(key) >= _SAID and key in above:
            return above[key]
    return None


def _without_attribution(text: list[str]) -> list[str]:
    """The text above a quote without the line, perhaps wrapped, that says who wrote it."""
    end = len(text)
    while end and not text[end - 1].strip():
        end -= 1
    if not end or not _ATTRIBUTION.search(text[end - 1]):
        return text
    start = end - 1
    while start and text[start - 1].strip() and end - start < _ATTRIBUTION_LINES:
        start -= 1
    return text[:start]


def _without_trailers(text: tuple[str, ...], trailers: tuple[Trailer, ...]) -> str:
    keys = tuple(f"{trailer.key}:".lower() for trailer in trailers)
    kept = [line.rstrip() for line in text if not (keys and line.strip().lower().startswith(keys))]
    return "\n".join(kept).strip("\n")
