# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A trace as the table that lockdep prints: print_deadlock_scenario() and its like in kernel/locking/lockdep.c.

Only what matters to the trouble is shown: what each of the contexts in it holds and what it wants, in the order of
the schedule. Releases and what was released again are left out, as lockdep leaves them out.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewtool.replay.program import Action, Event, Machine, Program
from reviewtool.replay.trace import Row, Trace, What
from reviewtool.replay.verdict import Verdict
from reviewtool.replay.words import HEADLINES, MASKS, printable, shown
from reviewtool.ruleset.model import Mode

COLUMN = 24
"""Characters of a column, as lockdep's tabs make them."""
MARGIN = 7


def render_lockdep(trace: Trace) -> str:
    """The scenario; "" for a trace that shows no deadlock, as lockdep has no table for that."""
    if trace.verdict not in (Verdict.DEADLOCK, Verdict.SELF_DEADLOCK, Verdict.INTERRUPT_DEADLOCK):
        return ""
    columns = _columns(trace)
    interrupt = any(trace.program.contexts[row.context].kind.interrupts for row in _rows(trace))
    title = " Possible interrupt unsafe locking scenario:" if interrupt else " Possible unsafe locking scenario:"
    lines = [title, ""]
    count = max(columns.values(), default=0) + 1
    names = [f"CPU{number}" for number in range(count)]
    lines.append(_heads(names))
    lines.append(_heads(["-" * len(name) for name in names]))
    begun: set[int] = set()
    for row in _rows(trace):
        context, column = trace.program.contexts[row.context], columns[row.context]
        indent = 2 if context.kind.interrupts else 0
        if context.kind.interrupts and row.context not in begun:
            begun.add(row.context)
            lines.append(_indent(column) + "<Interrupt>")
        assert row.event is not None
        lines.append(_indent(column) + " " * indent + _statement(trace.program, row.event))
    return "\n".join(printable(line) for line in [*lines, "", f" *** {HEADLINES[trace.verdict]} ***"]) + "\n"


def _heads(texts: list[str]) -> str:
    return " " * MARGIN + "".join(text.ljust(COLUMN) for text in texts).rstrip()


def _indent(column: int) -> str:
    """Statements of the first column stand left of its head, all others under theirs."""
    return " " * (MARGIN + column * COLUMN if column else 2)


def _columns(trace: Trace) -> dict[int, int]:
    """The column of each context that is shown: those of one CPU share it."""
    found: dict[int, int] = {}
    cpus: dict[int, int] = {}
    for row in _rows(trace):
        cpu = trace.program.contexts[row.context].cpu
        if row.context in found:
            continue
        column = cpus.get(cpu, len({*found.values()})) if cpu is not None else len({*found.values()})
        found[row.context] = column
        if cpu is not None:
            cpus[cpu] = column
    return found


def _rows(trace: Trace) -> Iterator[Row]:
    """The rows to show: what is held until the end, what is waited for, and irqs off."""
    part = {waiting.context for waiting in trace.cycle}
    program = trace.program
    for at, row in enumerate(trace.rows):
        event = row.event
        if row.context not in part or event is None:
            continue
        wants = row.what is What.STUCK or (row.what is What.WAITS and not _retried(trace, at))
        machine = next((item.machine for item in program.objects if item.name == event.target), None)
        if row.what is What.STUCK and not _waits_at(trace, row):
            continue
        holds = row.what is What.DONE and event.action is Action.ACQUIRE and _kept(trace, at)
        if wants or (holds and (machine not in MASKS or machine is Machine.IRQ)):
            yield row


def _retried(trace: Trace, at: int) -> bool:
    """What it came to wait for there, it got later."""
    row = trace.rows[at]
    return any(later.context == row.context and later.what is What.DONE for later in trace.rows[at + 1 :])


def _waits_at(trace: Trace, row: Row) -> bool:
    """It waits for its event's object: not for the CPU alone."""
    assert row.event is not None
    return any(waiting.context == row.context and waiting.object != "" for waiting in trace.cycle)


def _kept(trace: Trace, at: int) -> bool:
    """What row `at` acquired is held until the end."""
    row = trace.rows[at]
    assert row.event is not None
    level = sum(held.object == row.event.target for held in row.held[row.context])
    return all(
        sum(held.object == row.event.target for held in later.held[row.context]) >= level
        for later in trace.rows[at + 1 :]
    )


def _statement(program: Program, event: Event) -> str:
    """`lock(A);`, `rlock(A);`, `sync(A);`, with lockdep's remark for a subclass."""
    name = shown(program, event.target)
    machine = next((item.machine for item in program.objects if item.name == event.target), None)
    if machine is Machine.IRQ:
        return "/* interrupts off */"
    verb = "lock"
    if event.action is not Action.ACQUIRE:
        verb = "sync"
    elif event.mode is not Mode.EXCLUSIVE or machine in (Machine.RCU, Machine.SRCU):
        verb = "rlock"
    subclass = f"/{event.nested}" if event.nested else ""
    return f"{verb}({name}{subclass});"
