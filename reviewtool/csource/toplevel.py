# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Macros used at file level, where a line begins with a name and a parenthesis.

`NAME(args);` and `NAME(args)` alone become facts and are blanked; `NAME(type, name) = ...` of a declaring macro becomes
a plain variable; `NAME(args) {` gets a type and so becomes a function.
"""

from __future__ import annotations

import re

from reviewtool.csource.draft import Draft
from reviewtool.csource.facts import Attribute
from reviewtool.csource.parsed import Use
from reviewtool.csource.text import arguments
from reviewtool.ruleset.dialect import Syntax

_USE = re.compile(rb"\n((?:static[ \t]+|extern[ \t]+|inline[ \t]+)*)([A-Za-z_]\w*+)[ \t]*+(?=\()")
_NOT_MACROS = frozenset(b"typeof __typeof__ __typeof if while switch for return sizeof".split())
_FIRST_USE = re.compile(_USE.pattern.removeprefix(rb"\n"))
_RETURNS = b"int "
"""Written over the first bytes of a macro that begins a function, so that it has a type."""
PER_CPU = "per-cpu"
"""The attribute of a variable that each CPU has one of."""


def take_toplevel(draft: Draft, syntax: Syntax) -> None:
    """Turn the file-level macros of a cut into something that parses."""
    done = 0
    match = _FIRST_USE.match(draft.source) or _USE.search(draft.source)
    while match is not None:
        start, end = match.span(2)
        offset = end
        if start >= done and match[2] not in _NOT_MACROS and _begins_item(draft, match.start(1), done):
            opens = match.end()
            close = draft.closing(opens)
            if close >= 0:
                done = _take(draft, match, opens, close, syntax)
                offset = max(end, done - 1)
        match = _USE.search(draft.source, offset)


def _begins_item(draft: Draft, start: int, done: int) -> bool:
    """Say whether nothing before it belongs to it: `static int` on the line before makes it a function's name."""
    if done and not draft.source[done:start].strip():
        return True
    last = draft.before(start)
    return last < 0 or chr(draft.source[last]) in ";})#" or _is_directive_line(draft, last)


def _is_directive_line(draft: Draft, last: int) -> bool:
    return draft.source[draft.line_start(last) : last + 1].lstrip().startswith(b"#")


def _take(draft: Draft, use: re.Match[bytes], opens: int, close: int, syntax: Syntax) -> int:
    """Handle one use, whose arguments are between `opens` and `close`; return how far it was handled."""
    source = draft.source
    start = use.start(2)
    name = use[2].decode("utf-8", "replace")
    static = b"static" in use[1]
    args = arguments(bytes(draft.clean[opens + 1 : close - 1]))
    following = draft.after(close)
    mark = source[following : following + 1]
    if name in syntax.typed and len(args) > 1:
        _declare(draft, start, opens, close, name)
        return close
    if mark == b"{":
        draft.invocations[start] = Use(name=name, args=args, static=static, defines=True)
        if len(name) > len(_RETURNS):
            draft.put(start, _RETURNS)
        return close
    if mark == b"(" or mark == b"[":
        return close
    if mark == b"=" or mark == b",":
        draft.attributes[start] = Attribute("@" + name, args)
        _make_variable(draft, start, opens, close)
        return close
    draft.invocations[start] = Use(name=name, args=args, static=static)
    stop = following + 1 if mark == b";" else close
    draft.mask(use.start(1), stop)
    return stop


def _declare(draft: Draft, start: int, opens: int, close: int, name: str) -> None:
    """`NAME(type, name)` becomes `type name`."""
    source = draft.source
    draft.attributes[start] = Attribute(PER_CPU, (name,))
    comma = source.rfind(b",", opens, close)
    third = _first_comma(draft, opens + 1, close)
    if third != comma:
        draft.blank(source.find(b",", third + 1, close), close)
        comma = third
    dimension = source.find(b"[", opens, comma)
    if dimension >= 0:
        draft.blank(dimension, comma)
    draft.blank(start, opens + 1)
    draft.blank(comma, comma + 1)
    draft.blank(close - 1, close)


def _first_comma(draft: Draft, start: int, end: int) -> int:
    depth = 0
    for match in re.finditer(rb"[(),\[\]]", bytes(draft.source[start:end])):
        if match[0] in b"([":
            depth += 1
        elif match[0] in b")]":
            depth -= 1
        elif depth == 0:
            return start + match.start()
    return end - 1


def _make_variable(draft: Draft, start: int, opens: int, close: int) -> None:
    """`NAME(variable, ...) = ` becomes `long variable = `."""
    comma = _first_comma(draft, opens + 1, close)
    draft.blank(start, opens + 1)
    draft.put(start, b"long"[: max(1, opens - start)])
    draft.blank(comma, close)
