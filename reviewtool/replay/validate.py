# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Whether a program makes sense, before it is run."""

from __future__ import annotations

from collections import Counter

from reviewtool.replay.machines.mask import DEEPEST
from reviewtool.replay.machines.table import traits
from reviewtool.replay.program import Action, Context, Event, Machine, Object, Program, ProgramError, Start

MOST_CONTEXTS = 26
"""A schedule has one letter for each."""
MOST_EVENTS = 1000
RUNNERS = {
    Machine.WORK: Start.SIGNALLED,
    Machine.TIMER: Start.SIGNALLED,
    Machine.CALL: Start.SIGNALLED,
    Machine.LINE: Start.INTERRUPT,
    Machine.KTHREAD: Start.RUNNING,
}
"""What a context can be the runner of, and how it starts then."""


def validate(program: Program) -> None:
    """Raise ProgramError for the first thing that is wrong."""
    objects = {item.name: item for item in program.objects}
    for what, names in (("object", [*(o.name for o in program.objects)]), ("context", _names(program))):
        twice = [name for name, number in Counter(names).items() if number > 1]
        if twice:
            raise ProgramError(f"two {what}s are named {twice[0]!r}")
    if not 1 <= len(program.contexts) <= MOST_CONTEXTS:
        raise ProgramError(f"{len(program.contexts)} contexts: a program has 1 to {MOST_CONTEXTS}")
    for item in program.objects:
        _check_object(item, objects)
    taken: set[str] = set()
    for context in program.contexts:
        _check_context(context, objects)
        if context.target and context.target in taken:
            raise ProgramError(f"{context.name}: {context.target!r} has a context already")
        taken.add(context.target)
        for number, event in enumerate(context.events):
            _check_event(f"{context.name}, event {number}", number, event, context, program, objects)


def _names(program: Program) -> list[str]:
    return [context.name for context in program.contexts]


def _check_object(item: Object, objects: dict[str, Object]) -> None:
    group = objects.get(item.group)
    if item.group and (item.machine is not Machine.WORK or group is None or group.machine is not Machine.WORKQUEUE):
        raise ProgramError(f"object {item.name!r}: {item.group!r} is no workqueue that it could run on")
    if item.count < 0:
        raise ProgramError(f"object {item.name!r}: its count is below zero")


def _check_context(context: Context, objects: dict[str, Object]) -> None:
    where = f"context {context.name!r}"
    if len(context.events) > MOST_EVENTS:
        raise ProgramError(f"{where}: {len(context.events)} events, the most is {MOST_EVENTS}")
    if context.runs < 1:
        raise ProgramError(f"{where}: it runs {context.runs} times")
    if context.runs > 1 and context.start is Start.RUNNING:
        raise ProgramError(f"{where}: only what is started can run more than once")
    if context.kind.interrupts and context.start is Start.RUNNING:
        raise ProgramError(f"{where}: an interrupt is never running from the beginning")
    if context.kind.interrupts and context.cpu is None:
        raise ProgramError(f"{where}: an interrupt needs a CPU")
    if not context.kind.interrupts and context.start is Start.INTERRUPT:
        raise ProgramError(f"{where}: only an interrupt may start at any point")
    if context.target:
        item = objects.get(context.target)
        if item is None or RUNNERS.get(item.machine) is not context.start:
            raise ProgramError(f"{where}: {context.target!r} is nothing that it could run for")
    elif context.start is Start.SIGNALLED:
        raise ProgramError(f"{where}: it is started by a target, and has none")
    _check_depth(where, context, objects)


def _check_depth(where: str, context: Context, objects: dict[str, Object]) -> None:
    """The fields of a context's state must not overflow, however its trylocks end."""
    depth: Counter[Machine] = Counter()
    for event in context.events:
        item = objects.get(event.target)
        if item is not None and event.action is Action.ACQUIRE:
            depth[item.machine] += 1
        elif item is not None and event.action is Action.RELEASE:
            depth[item.machine] -= 1
        if depth.total() >= DEEPEST:
            raise ProgramError(f"{where}: more than {DEEPEST - 1} locks are held at once")


def _check_event(
    where: str, number: int, event: Event, context: Context, program: Program, objects: dict[str, Object]
) -> None:
    if event.action in (Action.BEGIN, Action.END):
        raise ProgramError(f"{where}: {event.action} is not for programs")
    if event.action is Action.SLEEP:
        return
    item = objects.get(event.target)
    if item is None:
        raise ProgramError(f"{where}: there is no object {event.target!r}")
    if event.action not in traits(item.machine, program.preempt_rt).semantics.actions:
        raise ProgramError(f"{where}: nothing can {event.action} a {item.machine}")
    if event.otherwise is not None and not number < event.otherwise <= len(context.events):
        raise ProgramError(f"{where}: it may go on only further down, not at event {event.otherwise}")
    looks = item.machine is Machine.KTHREAD and event.action in (Action.TEST, Action.AWAIT)
    if looks and context.target != item.name:
        raise ProgramError(f"{where}: only the thread itself looks whether {item.name!r} should stop")
