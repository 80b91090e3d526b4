# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The lines of the replay screen: columns of steps, and what is so after one of them."""

from __future__ import annotations

import textwrap
from itertools import zip_longest

from rich.cells import cell_len, set_cell_size

from reviewtool.replay.trace import Row, Trace, What
from reviewtool.replay.words import ending, holding_text, place, row_text, waiting_text
from reviewtool.report.visible import visible
from reviewtool.tui.inspect import wrapped
from reviewtool.tui.lines import Line, Span, line

_EDGE = 6
"""Cells of the mark and the number in front of the columns."""
_LEAST = 14
"""Cells of a column, at least."""
_TROUBLE = frozenset({What.STUCK, What.WAITS, What.SLEEPS})
_MARKS = {0: "\N{BLACK RIGHT-POINTING SMALL TRIANGLE}", -1: "\N{CHECK MARK}", 1: " "}
"""By where a step stands: the one just taken, those before, those to come."""


def _column(trace: Trace, width: int) -> int:
    return max(_LEAST, (width - _EDGE) // len(trace.program.contexts))


def _cells(texts: list[list[str]], inks: list[str], edge: list[str], width: int, target: object) -> list[Line]:
    """Texts in columns, each wrapped in its own."""
    made = []
    for number, parts in enumerate(zip_longest(*texts, fillvalue="")):
        spans: list[Span] = [(set_cell_size(edge[number] if number < len(edge) else "", _EDGE), "key")]
        spans += [(set_cell_size(part, width), ink) for part, ink in zip(parts, inks, strict=True)]
        made.append(Line(tuple(spans), target))
    return made


def _wrap(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width - 1, subsequent_indent="  ") or [""]


def heads(trace: Trace, width: int) -> list[Line]:
    """The names of the contexts, and what each of them is."""
    column = _column(trace, width)
    names, kinds = [], []
    for context in trace.program.contexts:
        names.append(_wrap(visible(context.name), column))
        drawn = f", as {context.documented} says" if context.documented else ""
        kinds.append(_wrap(visible(f"{context.kind}{drawn}"), column))
    many = len(names)
    return [*_cells(names, ["title"] * many, [], column, None), *_cells(kinds, ["faint"] * many, [], column, None)]


def step_rows(trace: Trace, number: int, now: int, width: int) -> list[Line]:
    """The lines of one step."""
    row, column = trace.rows[number], _column(trace, width)
    standing_at = (number > now) - (number < now)
    ink = ("strong", "faint", "plain")[standing_at]
    if row.what in _TROUBLE and standing_at <= 0:
        ink = "error" if standing_at == 0 else "warning"
    where = place(row.event)
    text = f"{row_text(trace, row)}  {where.rpartition('/')[2]}" if where else row_text(trace, row)
    texts = [[""] for _ in trace.program.contexts]
    texts[row.context] = _wrap(visible(text), column)
    step = "" if row.what in (What.STUCK, What.SLEEPS) else str(row.number)
    edge = f"{_MARKS[standing_at]} {step:>3}"
    return _cells(texts, [ink] * len(texts), [edge], column, number)


def standing(trace: Trace, now: int, width: int) -> list[Line]:
    """What the step changed, who holds what after it, who waits for whom, and at the end how it ended."""
    if not trace.rows:
        return []
    row = trace.rows[now]
    lines = [text for change in row.changed for text in wrapped(f"now: {visible(change)}", width, "key")]
    lines += _held(trace, row, width)
    at_end = now == len(trace.rows) - 1
    cycle = {(waiting.context, waiting.object) for waiting in trace.cycle} if at_end else set()
    for waiting in row.waiting:
        if (waiting.context, waiting.object) not in cycle:
            lines += wrapped(visible(waiting_text(trace.program, waiting)), width, "warning")
    if at_end:
        ink = "error" if trace.verdict is not None and trace.verdict.trouble else "good"
        lines += [text for each in ending(trace) for text in wrapped(visible(each), width, ink)]
    return lines


def _held(trace: Trace, row: Row, width: int) -> list[Line]:
    lines = []
    for context, held in zip(trace.program.contexts, row.held, strict=True):
        if held:
            text = f"{context.name} holds {', '.join(holding_text(trace.program, item) for item in held)}"
            lines += wrapped(visible(text), width)
    return lines or [line(("nothing is held", "faint"))]


def beside(left: list[Line], width: int, right: list[Line]) -> list[Line]:
    """Two lists of lines side by side; a line stands for what its left half does, if that is anything."""
    empty = line()
    made = []
    for one, other in zip_longest(left, right, fillvalue=empty):
        gap = (" " * max(0, width - cell_len(one.text)), "plain")
        target = one.target if one.target is not None else other.target
        made.append(Line((*one.spans, gap, (" \N{BOX DRAWINGS LIGHT VERTICAL} ", "faint"), *other.spans), target))
    return made
