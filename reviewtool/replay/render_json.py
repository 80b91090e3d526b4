# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A trace as JSON, with the program that it is a run of."""

from __future__ import annotations

import msgspec

from reviewtool.replay.trace import Row, Trace, Waiting
from reviewtool.replay.words import row_text, waiting_text


def render_json(trace: Trace) -> bytes:
    """One object: program, schedule, verdict, steps[], cycle[], why[]."""
    value = {
        "version": 1,
        "program": trace.program,
        "schedule": trace.schedule,
        "verdict": trace.verdict,
        "steps": [_row(trace, row) for row in trace.rows],
        "cycle": [_waiting(trace, waiting) for waiting in trace.cycle],
        "why": trace.why,
    }
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def _row(trace: Trace, row: Row) -> dict[str, object]:
    names = [context.name for context in trace.program.contexts]
    return {
        "number": row.number,
        "context": names[row.context],
        "index": row.index,
        "what": row.what,
        "text": row_text(trace, row),
        "source": row.event.source if row.event else None,
        "stack": row.event.stack if row.event else (),
        "held": {names[number]: held for number, held in enumerate(row.held) if held},
        "waiting": [_waiting(trace, waiting) for waiting in row.waiting],
        "changed": row.changed,
    }


def _waiting(trace: Trace, waiting: Waiting) -> dict[str, object]:
    names = [context.name for context in trace.program.contexts]
    return {
        "context": names[waiting.context],
        "object": waiting.object,
        "for": [names[number] for number in waiting.contexts],
        "text": waiting_text(trace.program, waiting),
    }
