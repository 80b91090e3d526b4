# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Conditional directives: where they stand, and the conditions that hold between them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reviewtool.csource.text import fold_space, without_comments

_GUARD = re.compile(rb"\s*#[ \t]*define[ \t]+(\w+)[ \t]*(?:/[/*][^\n]*)?\n")
_ATOM = re.compile(r"\w+(?:\(\w*\))?\Z")


@dataclass(frozen=True, slots=True)
class Directive:
    """One conditional directive: its bytes from the `#` to the end of its last line (without the newline)."""

    start: int
    end: int
    keyword: str
    text: str
    """Its condition: `defined(X)`, `!(defined(X))`, the text of an `#if`; "" for `#else` and `#endif`."""


def directive_at(source: bytes, start: int, end: int, keyword: str, rest: bytes) -> Directive:
    """Return the conditional directive from `start` to `end`; `rest` is what follows its keyword.

    An include guard (`#ifndef X`, then a bare `#define X`) is no condition: its text is "".
    """
    text = condition_text(keyword, rest)
    if keyword == "ifndef":
        guard = _GUARD.match(source, end)
        if guard is not None and guard[1] == rest.split(b"/")[0].strip():
            text = ""
    return Directive(start, end, keyword, text)


def condition_text(keyword: str, raw: bytes) -> str:
    """Return the condition that a directive tests: `keyword` without the `#`, `raw` the rest of its line."""
    if keyword in ("else", "endif"):
        return ""
    text = fold_space(without_comments(raw))
    if keyword in ("ifdef", "elifdef"):
        return f"defined({text})"
    if keyword in ("ifndef", "elifndef"):
        return f"!(defined({text}))"
    return text


def negated(text: str) -> str:
    """Return the opposite of a condition: `!(X)`."""
    if text.startswith("!(") and text.endswith(")") and _ATOM.match(text[2:-1]):
        return text[2:-1]
    return f"!({text})"


MAX_OPEN = 64
"""Conditions nested deeper, or alternatives after so many, are not told."""

Chains = tuple[tuple[str, ...], ...]
"""Open `#if` groups, outermost first: the conditions that hold in the branch one is in."""


class Nesting:
    """The stack of open conditions, moved on directive by directive."""

    def __init__(self, outer: Chains = ()) -> None:
        """Start inside of `outer`."""
        self._open = list(outer)

    @property
    def chains(self) -> Chains:
        """The open groups."""
        return tuple(self._open[:MAX_OPEN])

    @property
    def conditions(self) -> tuple[str, ...]:
        """All conditions that hold here, outermost first."""
        return tuple(text for chain in self._open[:MAX_OPEN] for text in chain if text)

    def feed(self, directive: Directive) -> None:
        """Go past one directive; an `#else` or `#endif` too many is ignored."""
        if directive.keyword.startswith("if"):
            self._open.append((directive.text,))
        elif self._open:
            *before, last = self._open.pop()
            if directive.keyword != "endif":
                chain = (*before, negated(last))
                chain = (*chain, directive.text) if directive.text else chain
                self._open.append(chain[-MAX_OPEN:])
