# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A trace as a plain text table: a column for each context, a row for each step."""

from __future__ import annotations

from collections.abc import Iterator

from reviewtool.replay.program import Context, Program
from reviewtool.replay.trace import Row, Trace, What
from reviewtool.replay.words import ending, holding_text, place, printable, row_text, waiting_text

GAP = "  "


def render_text(trace: Trace) -> str:
    """The table, then who holds and who waits at the end, then how it ended. No line is cut."""
    program = trace.program
    heads = [f"{chr(ord('a') + number)} {_head(context)}" for number, context in enumerate(program.contexts)]
    cells = [_cell(trace, row) for row in trace.rows]
    widths = [
        max([len(head), *(len(cell) for row, cell in zip(trace.rows, cells, strict=True) if row.context == number)])
        for number, head in enumerate(heads)
    ]
    edge = max([4, *(len(str(row.number)) for row in trace.rows)])
    lines = [_join(["step".rjust(edge), *(head.ljust(width) for head, width in zip(heads, widths, strict=True))])]
    lines.append(_join(["-" * edge, *("-" * width for width in widths)]))
    for row, cell in zip(trace.rows, cells, strict=True):
        number = "" if row.what in (What.STUCK, What.SLEEPS) else str(row.number)
        columns = [cell if at == row.context else "" for at in range(len(widths))]
        lines.append(_join([number.rjust(edge), *(c.ljust(w) for c, w in zip(columns, widths, strict=True))]))
    return "\n".join(printable(line) for line in [*lines, "", *_end(trace)]) + "\n"


def _join(columns: list[str]) -> str:
    return GAP.join(columns).rstrip()


def _head(context: Context) -> str:
    cpu = f", CPU {context.cpu}" if context.cpu is not None and f"CPU {context.cpu}" not in context.name else ""
    drawn = f", as {context.documented} says" if context.documented else ""
    return f"{context.name} ({context.kind}{cpu}{drawn})"


def _cell(trace: Trace, row: Row) -> str:
    where = place(row.event)
    return f"{where}  {row_text(trace, row)}" if where else row_text(trace, row)


def _end(trace: Trace) -> list[str]:
    """Holders, waiters, the verdict and the schedule."""
    program, lines = trace.program, []
    if trace.rows:
        last = trace.rows[-1]
        for context, held in zip(program.contexts, last.held, strict=True):
            if held:
                lines.append(f"{context.name} holds {', '.join(holding_text(program, item) for item in held)}")
        cycle = {(waiting.context, waiting.object) for waiting in trace.cycle}
        lines += [
            waiting_text(program, waiting) for waiting in last.waiting if (waiting.context, waiting.object) not in cycle
        ]
    return [*lines, *_choices(program), *ending(trace), f"schedule {trace.schedule or '(no step)'}"]


def _choices(program: Program) -> Iterator[str]:
    """The branches of each context, a line each; those that go the same way together."""
    names: dict[tuple[str, ...], list[str]] = {}
    for context in program.contexts:
        if context.choices:
            names.setdefault(context.choices, []).append(context.name)
    for choices, who in names.items():
        yield f"{' and '.join(who)} {'goes' if len(who) == 1 else 'go'} this way:"
        yield from (f"    {choice}" for choice in choices)
