# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""From the evidence of a finding to the program that shows it.

Each actor is a context on a CPU of its own, unless it interrupts another one. What is waited for as for a lock (work,
a timer, an interrupt line, a thread) is run by the actor that holds it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from reviewtool.finding.evidence import Act, Actor, Evidence, Move
from reviewtool.replay.families import machine_of
from reviewtool.replay.partners import helpers, swapped
from reviewtool.replay.program import Action, Context, Event, Kind, Machine, Object, Program, Start

_RUNNERS = {
    "work": Kind.WORKER,
    "timer": Kind.SOFTIRQ,
    "hrtimer": Kind.HARDIRQ,
    "tasklet": Kind.SOFTIRQ,
    "irq-work": Kind.HARDIRQ,
    "irq-line": Kind.HARDIRQ,
    "task": Kind.KTHREAD,
}
"""By the family of what is run: the context that runs it, if the code does not say more."""

_CANCELLED = frozenset({Machine.TIMER})
"""Who waits for one of these takes it back if it has not begun."""

_LABELS = {
    Machine.IRQ: "interrupts",
    Machine.SOFTIRQ: "softirqs",
    Machine.PREEMPT: "preemption",
    Machine.RCU: "RCU",
}
"""What a reader calls the states of a CPU."""

_SIGNALLED = frozenset({Machine.COMPLETION, Machine.WAIT_QUEUE})
"""Who holds one of these is who signals it, in the end."""

_ACTIONS = {
    Act.HOLDS: Action.ACQUIRE,
    Act.TAKES: Action.ACQUIRE,
    Act.RELEASES: Action.RELEASE,
    Act.DOWNGRADES: Action.DOWNGRADE,
}

_SLEEP_ON_RT = frozenset({Machine.SPINLOCK, Machine.RWLOCK, Machine.SEQLOCK, Machine.LOCAL_LOCK})


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A program and what to look for in it."""

    program: Program
    atomic: bool
    """For a sleep where there must be none."""
    deadlocks: bool


def build_program(evidence: Evidence, name: str, *, preempt_rt: bool = False) -> Built | None:
    """The program for a finding's evidence; None if the evidence is empty or nothing simulates a lock of it."""
    evidence = swapped(evidence)
    moves = [move for actor in evidence for move in actor.moves]
    if not moves or any(_missing(move) for move in moves):
        return None
    atomic = len(evidence) == 1 and len({move.cls for move in moves[-2:]}) > 1
    last = machine_of(moves[-1].cls.family)
    if atomic and last in _CANCELLED:
        return None
    sleeps = atomic and moves[-1].act is Act.TAKES and last in _SLEEP_ON_RT
    program = _program(evidence, name, preempt_rt or sleeps)
    return Built(program=program, atomic=atomic, deadlocks=not atomic)


def build_path(evidence: Evidence, name: str, *, preempt_rt: bool = False) -> Built | None:
    """The program for whole paths, in which all kinds of trouble are looked for; None for empty evidence.

    What nothing simulates is left out.
    """
    if not any(move.act is not Act.HOLDS for actor in evidence for move in actor.moves):
        return None
    return Built(program=_program(evidence, name, preempt_rt), atomic=True, deadlocks=True)


def _program(evidence: Evidence, name: str, preempt_rt: bool) -> Program:
    builder = _Builder()
    contexts = [builder.context(number, actor) for number, actor in enumerate(evidence)]
    contexts = helpers(contexts, tuple(builder.objects.values()))
    objects = tuple(_counted(item, contexts) for item in builder.objects.values())
    return Program(name=name, objects=objects, contexts=tuple(contexts), preempt_rt=preempt_rt)


def _counted(item: Object, contexts: list[Context]) -> Object:
    """A semaphore that one may enter; and what is signalled by nobody here was signalled before."""
    if item.machine is Machine.SEMAPHORE:
        return msgspec.structs.replace(item, count=1)
    events = [event for context in contexts for event in context.events if event.target == item.name]
    if item.machine not in _SIGNALLED or any(event.action is Action.SIGNAL for event in events):
        return item
    waits = len(events)
    return msgspec.structs.replace(item, count=waits if item.machine is Machine.COMPLETION else 1)


def _missing(move: Move) -> bool:
    """Nothing simulates it, and it matters."""
    return machine_of(move.cls.family) is None and move.act in (Act.TAKES, Act.WAITS)


@dataclass(slots=True)
class _Builder:
    """The objects of a program, as its contexts name them."""

    objects: dict[str, Object] = field(default_factory=dict)

    def context(self, number: int, actor: Actor) -> Context:
        """The context of an actor."""
        job = next((move for move in actor.moves if self._is_job(move)), None)
        moves = [move for move in actor.moves if move is not job and (move.act is Act.SLEEPS or self._known(move))]
        kind = Kind(actor.kind)
        if kind is Kind.TASK and job is not None:
            kind = _RUNNERS[job.cls.family]
        cpu = 0 if actor.interrupts else number
        context = Context(
            name=f"CPU {cpu}" if kind is Kind.TASK else f"{kind} on CPU {cpu}",
            kind=kind,
            events=tuple(self._events(moves)),
            cpu=cpu,
            start=Start.INTERRUPT if kind.interrupts else Start.RUNNING,
            threaded=job is None,
            documented=actor.documented,
            choices=actor.choices,
        )
        if job is None:
            return context
        item = self._object(job)
        signalled = item.machine in (Machine.WORK, Machine.TIMER, Machine.CALL)
        start = Start.SIGNALLED if signalled else context.start
        return msgspec.structs.replace(context, start=start, target=item.name)

    def _is_job(self, move: Move) -> bool:
        return move.act in (Act.HOLDS, Act.TAKES) and move.cls.family in _RUNNERS

    def _known(self, move: Move) -> bool:
        return machine_of(move.cls.family) is not None

    def _object(self, move: Move) -> Object:
        machine = machine_of(move.cls.family)
        assert machine is not None
        place = f" ({move.instance})" if move.instance else ""
        item = Object(name=move.cls.name + place, machine=machine, label=_LABELS.get(machine, move.cls.label) + place)
        return self.objects.setdefault(item.name, item)

    def _events(self, moves: list[Move]) -> list[Event]:
        events: list[Event] = []
        held: list[Event] = []
        signals: list[Event] = []
        for move in moves:
            event = self._event(move)
            if event.action is Action.ACQUIRE and self.objects[event.target].machine in _SIGNALLED:
                signals += self._signals(event)
                continue
            if event.action is Action.RELEASE:
                last = max((n for n, other in enumerate(held) if other.target == event.target), default=len(held))
                held = held[:last] + held[last + 1 :]
            elif event.action is Action.ACQUIRE:
                held.append(event)
            events.append(event)
        rest = (Event(action=Action.RELEASE, target=event.target, mode=event.mode) for event in reversed(held))
        return [*events, *signals, *rest]

    def _signals(self, held: Event) -> list[Event]:
        """A condition is made true before its queue is woken."""
        waits = self.objects[held.target].machine is Machine.WAIT_QUEUE
        actions = (Action.SET, Action.SIGNAL) if waits else (Action.SIGNAL,)
        return [Event(action=each, target=held.target, source=held.source, stack=held.stack) for each in actions]

    def _event(self, move: Move) -> Event:
        source = move.steps[-1] if move.steps else None
        stack = move.steps[:-1]
        if move.act is Act.SLEEPS:
            return Event(action=Action.SLEEP, source=source, stack=stack)
        item = self._object(move)
        action = _ACTIONS.get(move.act)
        if action is None:
            action = Action.CANCEL if item.machine in _CANCELLED else Action.WAIT
            if item.machine is Machine.WAIT_QUEUE:
                action = Action.AWAIT
        return Event(
            action=action,
            target=item.name,
            mode=move.mode,
            trylock=move.trylock and action is Action.ACQUIRE,
            with_lock=move.with_lock,
            nested=int(move.nested),
            entry=move.act is Act.HOLDS,
            source=source,
            stack=stack,
        )
