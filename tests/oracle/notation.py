# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Programs in a line each: `program("ABBA", "a b: mutex", ("CPU 0", "lock:a lock:b unlock:b unlock:a"), ...)`."""

from __future__ import annotations

from reviewtool.locking.model import Step
from reviewtool.replay.program import Action, Context, Event, Kind, Machine, Object, Program, Start
from reviewtool.ruleset.model import Mode

WORDS = {
    "lock": (Action.ACQUIRE, Mode.EXCLUSIVE, False),
    "read": (Action.ACQUIRE, Mode.SHARED, False),
    "recursive": (Action.ACQUIRE, Mode.RECURSIVE, False),
    "try": (Action.ACQUIRE, Mode.EXCLUSIVE, True),
    "tryread": (Action.ACQUIRE, Mode.SHARED, True),
    "unlock": (Action.RELEASE, Mode.EXCLUSIVE, False),
    "unread": (Action.RELEASE, Mode.SHARED, False),
}
STARTS = {
    Machine.WORK: (Kind.WORKER, Start.SIGNALLED),
    Machine.TIMER: (Kind.SOFTIRQ, Start.SIGNALLED),
    Machine.CALL: (Kind.HARDIRQ, Start.SIGNALLED),
    Machine.LINE: (Kind.HARDIRQ, Start.INTERRUPT),
    Machine.KTHREAD: (Kind.KTHREAD, Start.RUNNING),
}


def events(text: str) -> tuple[Event, ...]:
    """`lock:a unlock:a sleep test:q>5`: a word of WORDS or an action, its object, and where else to go on."""
    found = []
    for number, word in enumerate(text.split(), 1):
        verb, _, rest = word.partition(":")
        target, _, other = rest.partition(">")
        action, mode, tries = WORDS[verb] if verb in WORDS else (Action(verb), Mode.EXCLUSIVE, False)
        found.append(
            Event(
                action=action,
                target=target,
                mode=mode,
                trylock=tries,
                otherwise=int(other) if other else None,
                source=Step(path="x.c", line=number, function="f", event=word),
            )
        )
    return tuple(found)


def context(
    name: str, text: str, *, runs: str = "", kind: Kind | None = None, cpu: int | None = None, machine: str = ""
) -> Context:
    """`runs` names the object that it runs for, `machine` what that is; `kind` makes an interrupt or another task."""
    start = Start.INTERRUPT if kind is not None and kind.interrupts else Start.RUNNING
    if runs:
        usual, start = STARTS[Machine(machine)]
        kind = kind or usual
    return Context(name=name, kind=kind or Kind.TASK, events=events(text), cpu=cpu, start=start, target=runs)


def program(name: str, objects: str, *contexts: Context | tuple[str, str], preempt_rt: bool = False) -> Program:
    """`objects` is `a b: mutex; c: rwsem; w@q: work; q: workqueue=1`."""
    made = []
    for group in objects.split(";"):
        names, _, machine = group.partition(":")
        kind, _, count = machine.strip().partition("=")
        for item in names.split():
            own, _, queue = item.partition("@")
            made.append(Object(name=own, machine=Machine(kind), group=queue, count=int(count or 0)))
    return Program(
        name=name,
        objects=tuple(made),
        contexts=tuple(c if isinstance(c, Context) else context(*c) for c in contexts),
        preempt_rt=preempt_rt,
    )
