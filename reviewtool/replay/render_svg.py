# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A trace as a sequence picture in SVG: a lane for each context, time downwards, a bar for each lock while it is held.

Written for light and dark pages: it has its own background. All text is escaped, and nothing in it is active.
"""

from __future__ import annotations

from itertools import takewhile
from xml.sax.saxutils import escape

from reviewtool.replay.program import Context
from reviewtool.replay.trace import Row, Trace, What
from reviewtool.replay.words import ending, place, printable, row_text, shown

LANE, TOP, STEP, LEFT = 340, 104, 42, 56
LEGEND = 46
"""Where the names of the locks stand, with their colours."""
BAR, SLOT = 8, 11
"""Width of a lock's bar, and from one bar to the next."""
PALETTE = ("#3b6fb6", "#c2722a", "#4a8c3f", "#8a4fa3", "#b23a48", "#2a8c8c", "#8c7a2a", "#6b6b6b")
CHARACTER = 6.7
"""Width of one, in the monospaced font at 11 px."""
STYLE = (
    "<style>text{font:11px ui-monospace,monospace;fill:#222}.h{font-weight:bold;font-size:12px}"
    ".s{fill:#767676}.w{fill:#b00020;font-weight:bold}</style>"
)
TROUBLE = frozenset({What.STUCK, What.WAITS, What.SLEEPS})


def render_svg(trace: Trace) -> str:
    """A whole SVG document, as wide as its contexts and as high as its steps."""
    lane = _lane(trace)
    lines = ending(trace)
    longest = max(map(len, (trace.program.name, *lines)))
    legend, right = _legend(trace)
    width = max(LEFT + lane * len(trace.program.contexts) + 20, 40 + int(longest * 7.3), right)
    bottom = TOP + STEP * (len(trace.rows) + 1)
    height = bottom + 20 * (len(lines) + 2)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        f"<title>{escape(printable(trace.program.name))}</title>",
        STYLE,
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        _text(16, 24, trace.program.name, "h"),
        *legend,
        *_lanes(trace, lane, bottom),
        *_bars(trace, lane, bottom),
    ]
    for at, row in enumerate(trace.rows):
        out += _step(trace, row, at, lane)
    out += _waits(trace, lane)
    for number, line in enumerate(lines):
        out.append(_text(16, bottom + 20 * (number + 1), line, "w" if trace.verdict and trace.verdict.trouble else ""))
    out.append(_text(16, bottom + 20 * (len(lines) + 1), f"schedule {trace.schedule}", "s"))
    return "\n".join([*out, "</svg>"]) + "\n"


def _lane(trace: Trace) -> int:
    """Wide enough for the longest text of a step."""
    longest = max((max(len(row_text(trace, row)), len(_where(row))) for row in trace.rows), default=0)
    bars = max((len(held) for row in trace.rows for held in row.held), default=0)
    return max(LANE // 2, 40 + bars * SLOT + int(longest * CHARACTER))


def _colours(trace: Trace) -> dict[str, str]:
    return {item.name: PALETTE[n % len(PALETTE)] for n, item in enumerate(trace.program.objects)}


def _where(row: Row) -> str:
    """`x.c:12 f()`, "" for none."""
    source = row.event.source if row.event is not None else None
    return f"{place(row.event)} {source.function}()" if source is not None else ""


def _legend(trace: Trace) -> tuple[list[str], int]:
    """A square and the name for each thing that is held at some time, and where they end."""
    held = {item.object for row in trace.rows for items in row.held for item in items}
    out, x = [], 16
    for name, colour in _colours(trace).items():
        if name in held:
            out.append(f'<rect x="{x}" y="{LEGEND - 9}" width="9" height="9" rx="2" fill="{colour}"/>')
            out.append(_text(x + 14, LEGEND, shown(trace.program, name)))
            x += 14 + int(len(shown(trace.program, name)) * CHARACTER) + 22
    return out, x


def _waits(trace: Trace, lane: int) -> list[str]:
    """An arrow from each context that waits in the end to the one that it waits for."""
    out = []
    for waiting in trace.cycle:
        at = max((n for n, row in enumerate(trace.rows) if row.context == waiting.context), default=None)
        if at is None or waiting.contexts in ((), (waiting.context,)):
            continue
        y = TOP + STEP * at + 38
        start, end = LEFT + lane * waiting.context, LEFT + lane * waiting.contexts[0]
        tip = 6 if end < start else -6
        out.append(f'<path d="M{start} {y}H{end + tip}" stroke="#b00020" stroke-dasharray="4 3" fill="none"/>')
        out.append(f'<path d="M{end} {y}l{tip} -4v8z" fill="#b00020"/>')
    return out


def _text(x: float, y: float, text: str, style: str = "") -> str:
    kind = f' class="{style}"' if style else ""
    return f'<text x="{x:g}" y="{y:g}"{kind}>{escape(printable(text))}</text>'


def _lanes(trace: Trace, lane: int, bottom: int) -> list[str]:
    out = []
    for number, context in enumerate(trace.program.contexts):
        x = LEFT + lane * number
        out.append(_text(x, TOP - 26, context.name, "h"))
        out.append(_text(x, TOP - 12, _subtitle(context), "s"))
        out.append(f'<line x1="{x}" y1="{TOP}" x2="{x}" y2="{bottom}" stroke="#bbb"/>')
    return out


def _subtitle(context: Context) -> str:
    cpu = f", CPU {context.cpu}" if context.cpu is not None else ""
    return f"{context.kind}{cpu}" + (f", as {context.documented} says" if context.documented else "")


def _bars(trace: Trace, lane: int, bottom: int) -> list[str]:
    """A bar for each time that a lock is held, from its step to the next one at which it is not."""
    colours = _colours(trace)
    out = []
    for number in range(len(trace.program.contexts)):
        left = LEFT + lane * number + 4
        for name, place_, start, end in _spans(trace, number, (bottom - TOP) // STEP):
            title = escape(printable(shown(trace.program, name)))
            top = TOP + STEP * start + 14
            height = min(TOP + STEP * end + 14, bottom) - top
            out.append(
                f'<rect x="{left + place_ * SLOT}" y="{top}" width="{BAR}" height="{height}" rx="2" '
                f'fill="{colours[name]}" fill-opacity="0.75"><title>{title}</title></rect>'
            )
    return out


def _spans(trace: Trace, context: int, last: int) -> list[tuple[str, int, int, int]]:
    """What a context held: the object, its place among what was held then, the first row and the row after."""
    spans = []
    since: list[tuple[str, int]] = []
    held = [*(tuple(item.object for item in row.held[context]) for row in trace.rows)]
    for at, names in [*enumerate(held), (last, ())]:
        common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1][0], zip(names, since, strict=False)))
        spans += [(name, place_, start, at) for place_, (name, start) in enumerate(since) if place_ >= common]
        since = since[:common] + [(name, at) for name in names[common:]]
    return spans


def _step(trace: Trace, row: Row, at: int, lane: int) -> list[str]:
    bars = max((len(r.held[row.context]) for r in trace.rows), default=0)
    x, y = LEFT + lane * row.context, TOP + STEP * at + 18
    wrong = row.what in TROUBLE
    number = "" if row.what in (What.STUCK, What.SLEEPS) else str(row.number)
    out = [
        _text(16, y, number, "s"),
        f'<circle cx="{x}" cy="{y - 4}" r="4" fill="{"#b00020" if wrong else "#222"}"/>',
        _text(x + 10 + bars * SLOT, y, row_text(trace, row), "w" if wrong else ""),
    ]
    where = _where(row)
    if where:
        out.append(_text(x + 10 + bars * SLOT, y + 13, where, "s"))
    return out
