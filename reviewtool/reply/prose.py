# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Texts as lines of a mail: prose is wrapped, code and quotes are not, and nothing in them can deceive a reader."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable

from reviewtool.report.visible import visible

WIDTH = 72
"""Columns of prose, as kernel mailing lists have it (Documentation/process/email-clients.rst)."""

MAX_LINE = 900
"""Bytes of a line: a mail server may refuse more than 998 (RFC 5322, 2.1.1)."""

_CUT = " [...]"
_VERB = re.compile(r"[a-z]{3,}s (?!is |are |was |were |has |have |must |may |can )")


def wrap(text: str) -> list[str]:
    """Paragraphs, which empty lines part, as lines; no line can be taken for a quote."""
    lines: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        found = textwrap.wrap(
            visible(paragraph.replace("\n", " ")), WIDTH, break_long_words=False, break_on_hyphens=False
        )
        if lines and found:
            lines.append("")
        lines += (f" {line}" if line.startswith(">") else line for line in found)
    return lines


def verbatim(line: str) -> str:
    """A line of code or of a quote: as it is with its tabs, what is hidden made visible, never too long to send."""
    shown = "\t".join(visible(part) for part in line.rstrip("\r").split("\t"))
    data = shown.encode()
    if len(data) <= MAX_LINE:
        return shown
    return data[:MAX_LINE].decode("utf-8", "ignore") + _CUT


def table(rows: Iterable[tuple[str, str]]) -> list[str]:
    """Two columns, indented by two."""
    known = [(visible(left), visible(right)) for left, right in rows]
    column = max((len(left) for left, _ in known), default=0)
    return [verbatim(f"  {left:<{column}}  {right}".rstrip()) for left, right in known]


def is_predicate(text: str) -> bool:
    """Whether a text begins with a verb: `acquires x`."""
    return bool(_VERB.match(f"{text} "))


def predicate(function: str, message: str, *, front: bool = True) -> str:
    """A finding's message as a clause: `f() returns with x held`; `in f() x is taken twice`, or f at its end."""
    said = message.strip().removesuffix(".")
    if not function:
        return said
    if is_predicate(said):
        return f"{function}() {said}"
    return f"in {function}() {said}" if front else f"{said} in {function}()"


def sentence(text: str) -> str:
    """With a capital letter, unless it begins with a name of the code."""
    first = text.split(" ", 1)[0].rstrip(",.:;")
    return text[:1].upper() + text[1:] if first.isalpha() and first.islower() else text


def paragraphs(*parts: Iterable[str]) -> list[str]:
    """Blocks of lines with an empty line between; empty blocks are left out."""
    lines: list[str] = []
    for part in parts:
        block = list(part)
        if not block:
            continue
        if lines:
            lines.append("")
        lines += block
    return lines
