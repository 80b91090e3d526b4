# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Facts out of directives: macros and includes."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from operator import itemgetter

from reviewtool.csource.facts import Include, Macro
from reviewtool.csource.parsed import Parsed
from reviewtool.csource.text import split, squeeze, without_comments

_DEFINE = re.compile(rb"#\s*define\s+(\w+)(?:\(([^)]*)\))?(.*)\Z", re.DOTALL)
_UNDEF = re.compile(rb"#\s*undef\s+(\w+)")
_INCLUDE = re.compile(rb'#\s*include\s*(?:"([^"\n]+)"|<([^>\n]+)>)')
_FOLDED = re.compile(rb"\\\r?\n")


def directive_facts(parsed: Parsed) -> Iterator[Macro | Include]:
    """Yield the macros and includes of a cut, in order."""
    original = parsed.original
    line = counted = 0
    for start, end in parsed.directives:
        line += original.count(b"\n", counted, start)
        counted = start
        raw = original[start:end]
        if b"\\" in raw:
            raw = _FOLDED.sub(b" ", raw)
        fact = _fact(raw, line, conditions_at(start, parsed))
        if fact is not None:
            yield fact


def conditions_at(offset: int, parsed: Parsed) -> tuple[str, ...]:
    """Return the conditions of the `#if` lines around an offset."""
    changes = parsed.conditions
    if len(changes) == 1:
        return changes[0][1]
    return changes[bisect_right(changes, offset, key=itemgetter(0)) - 1][1]


def _fact(raw: bytes, line: int, condition: tuple[str, ...]) -> Macro | Include | None:
    match = _DEFINE.match(raw)
    if match is not None:
        params = None if match[2] is None else split(squeeze(match[2]))
        body = squeeze(without_comments(match[3]))
        return Macro(line=line, name=_name(match[1]), params=params, body=body, condition=condition)
    match = _INCLUDE.match(raw)
    if match is not None:
        system = match[1] is None
        return Include(line=line, target=_name(match[2] if system else match[1]), system=system, condition=condition)
    match = _UNDEF.match(raw)
    if match is not None:
        return Macro(line=line, name=_name(match[1]), params=None, body=None, condition=condition)
    return None


def _name(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
