# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""How events, holders and waits are worded, the same in every rendering."""

from __future__ import annotations

from reviewtool.replay.program import Action, Event, Machine, Program
from reviewtool.replay.trace import Holding, Row, Trace, Waiting, What
from reviewtool.replay.verdict import Verdict
from reviewtool.ruleset.model import Mode

READ_WRITE = frozenset({Machine.RWLOCK, Machine.RWSEM, Machine.PERCPU_RWSEM, Machine.SEQLOCK})
READERS = frozenset({Machine.RCU, Machine.SRCU})
MASKS = frozenset({Machine.IRQ, Machine.SOFTIRQ, Machine.PREEMPT})
VERBS = {
    Action.RELEASE: "unlock",
    Action.DOWNGRADE: "downgrade",
    Action.WAIT: "wait for",
    Action.CANCEL: "cancel",
    Action.SIGNAL: "signal",
    Action.SIGNAL_ALL: "signal all",
    Action.RESET: "set up anew",
    Action.PREPARE: "prepare to wait",
    Action.TEST: "test",
    Action.FINISH: "finish wait",
    Action.SET: "set",
    Action.CLEAR: "clear",
    Action.AWAIT: "wait until",
}
QUEUED = {Machine.WORK: "queue", Machine.TIMER: "arm", Machine.CALL: "call", Machine.COMPLETION: "complete"}
HEADLINES = {
    Verdict.DEADLOCK: "DEADLOCK",
    Verdict.SELF_DEADLOCK: "DEADLOCK",
    Verdict.INTERRUPT_DEADLOCK: "DEADLOCK",
    Verdict.LOST_WAKEUP: "LOST WAKE-UP",
    Verdict.SLEEP_IN_ATOMIC: "SLEEP IN ATOMIC CONTEXT",
    Verdict.NONE: "no deadlock on this schedule",
}


def printable(text: str) -> str:
    """One line of text for a page or a terminal: control characters and direction marks become visible."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def shown(program: Program, name: str) -> str:
    """An object's name for a reader; "" is the CPU."""
    return next((item.shown for item in program.objects if item.name == name), name) or "the CPU"


def event_text(program: Program, event: Event | None, what: What) -> str:
    """`lock(A)`, `read(B)`, `queue(w)`."""
    if event is None:
        return "<starts>" if what is What.STARTS else "<ends>"
    if event.action is Action.SLEEP:
        return "may sleep"
    item = next(item for item in program.objects if item.name == event.target)
    text = f"{_verb(event, item.machine)}({item.shown})"
    if event.nested:
        text += f" /* nested {event.nested} */"
    return text


def _verb(event: Event, machine: Machine) -> str:
    acquires = event.action is Action.ACQUIRE
    if machine in MASKS:
        return "disable" if acquires else "enable"
    if machine in (Machine.COUNT, Machine.LINE) and event.action in (Action.ACQUIRE, Action.RELEASE):
        words = ("begin", "end") if machine is Machine.COUNT else ("disable", "enable")
        return words[0] if acquires else words[1]
    if acquires:
        verb = "lock"
        if machine in READERS:
            verb = "read"
        elif machine in READ_WRITE:
            verb = "write" if event.mode is Mode.EXCLUSIVE else "read"
        return f"try {verb}" if event.trylock else verb
    if machine in READERS and event.action is Action.WAIT:
        return "sync"
    if event.action is Action.SIGNAL:
        return QUEUED.get(machine, "wake")
    return VERBS[event.action]


def row_text(trace: Trace, row: Row) -> str:
    """The event with what came of it."""
    text = event_text(trace.program, row.event, row.what)
    match row.what:
        case What.STUCK if any(w.context == row.context and not w.object for w in row.waiting):
            return f"{text}  [cannot run]"
        case What.WAITS | What.STUCK:
            return f"{text}  [waits]"
        case What.OTHERWISE:
            return f"{text}  [not free]" if row.event is not None and row.event.trylock else f"{text}  [true]"
        case What.SLEEPS:
            return f"{text}  [may sleep here]"
    return f"{text}  [on entry]" if row.event is not None and row.event.entry else text


def holding_text(program: Program, holding: Holding) -> str:
    """`A`, or `A (r)` for a reader."""
    return shown(program, holding.object) + ("" if holding.mode is Mode.EXCLUSIVE else " (r)")


def waiting_text(program: Program, waiting: Waiting) -> str:
    """`CPU 0 waits for CPU 1 (A)`."""
    who = program.contexts[waiting.context].name
    behind = " and ".join(program.contexts[number].name for number in waiting.contexts) or "nobody that is left"
    itself = waiting.contexts == (waiting.context,)
    return f"{who} waits for {'itself' if itself else behind} ({shown(program, waiting.object)})"


def ending(trace: Trace) -> tuple[str, ...]:
    """How it ended, in lines."""
    if trace.verdict is None:
        return ("The schedule ends here; the program could go on.",)
    lines = [f"*** {HEADLINES[trace.verdict]} ***" if trace.verdict.trouble else HEADLINES[trace.verdict]]
    lines += [waiting_text(trace.program, waiting) for waiting in trace.cycle]
    if trace.why:
        lines.append(", ".join(trace.why))
    return tuple(lines)


def place(event: Event | None) -> str:
    """`x.c:12`, "" for none."""
    return f"{event.source.path}:{event.source.line}" if event is not None and event.source is not None else ""
