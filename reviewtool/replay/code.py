# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Programs made ready to run: each context becomes a list of instructions with numbers in place of names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from reviewtool.replay.machines.base import Request, Semantics
from reviewtool.replay.machines.mask import DEEPEST, INTERRUPT, IRQ, SOFTIRQ, Mask
from reviewtool.replay.machines.table import ATOMIC, Traits, traits
from reviewtool.replay.program import Action, Context, Event, Kind, Machine, Object, Program, ProgramError, Start
from reviewtool.ruleset.model import Mode


@dataclass(frozen=True, slots=True)
class Part:
    """What an instruction does to one object: all parts succeed together or not at all."""

    slot: int
    """Number of the object."""
    request: Request
    semantics: Semantics


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """One step of a context."""

    action: Action
    index: int = -1
    """Of the event; -1 for the beginning and the end of the context."""
    run: int = 0
    parts: tuple[Part, ...] = ()
    delta: int = 0
    """What the context's state gains when it is done."""
    queued_delta: int = 0
    """The same when it comes to wait."""
    needs: int = 0
    """Bits of the state of which some must be on: masking that is not there cannot be ended."""
    forbidden: int = 0
    """Bits of the state of which none may be on: it may sleep."""
    guard: int = 0
    """Bits that no other context of the CPU may have on."""
    next: int
    queued: int = -1
    """Where it goes on when it comes to wait."""
    otherwise: int = -1
    """Where it goes on when a trylock fails or a test is true."""
    retry: bool = False
    """The second half of an instruction that came to wait."""


@dataclass(slots=True)
class Builder:
    """The instructions of one context, as they are made."""

    program: Program
    number: int
    slots: Mapping[str, int]
    members: Mapping[str, tuple[str, ...]]
    """Workqueue: its works."""
    made: list[Instruction] = field(default_factory=list)

    @property
    def context(self) -> Context:
        """The context that is built."""
        return self.program.contexts[self.number]

    def build(self) -> tuple[Instruction, ...]:
        """All runs, one after the other."""
        for run in range(self.context.runs):
            places = self._lay_out(len(self.made))
            if self.context.start is not Start.RUNNING:
                self.made.append(self._border(Action.BEGIN, run))
            softirqs_off = int(self.context.kind.interrupts)
            for index, event in enumerate(self.context.events):
                item = self._object(event)
                if item is not None and item.machine is Machine.SOFTIRQ and not self._unmasked(event):
                    softirqs_off += 1 if event.action is Action.ACQUIRE else -1
                for made in self._event(index, event, places, softirqs_off > 0):
                    self.made.append(replace(made, run=run))
            if self.context.start is not Start.RUNNING or self.context.target:
                self.made.append(self._border(Action.END, run))
        return tuple(self.made)

    def _lay_out(self, start: int) -> list[int]:
        """Where the instructions of each event, and what comes after the last, will stand."""
        at = start + (self.context.start is not Start.RUNNING)
        places = []
        for event in self.context.events:
            places.append(at)
            at += 2 if self._queues(event) else 1
        return [*places, at]

    def _object(self, event: Event) -> Object | None:
        return self.program.objects[self.slots[event.target]] if event.target else None

    def _traits(self, item: Object) -> Traits:
        return traits(item.machine, self.program.preempt_rt)

    def _queues(self, event: Event) -> bool:
        item = self._object(event)
        return item is not None and not event.trylock and event.action in self._traits(item).semantics.queueing

    def _unmasked(self, event: Event) -> bool:
        """Masking that PREEMPT_RT does not do."""
        return event.with_lock and self.program.preempt_rt

    def _event(self, index: int, event: Event, places: list[int], in_interrupt: bool) -> Iterator[Instruction]:
        here, after = places[index], places[index + 1]
        item = self._object(event)
        if item is None:
            yield Instruction(action=event.action, index=index, forbidden=ATOMIC, next=after)
            return
        kind = self._traits(item)
        waits = event.action in kind.semantics.waiting and not event.trylock
        delta, needs = (0, 0) if self._unmasked(event) else self._delta(kind, event)
        made = Instruction(
            action=event.action,
            index=index,
            parts=tuple(self._parts(item, event, in_interrupt)),
            delta=delta,
            needs=needs,
            forbidden=kind.forbidden if waits else 0,
            guard=self._guard(item, event),
            next=after,
            otherwise=self._otherwise(index, event, places),
        )
        if not self._queues(event):
            yield made
            return
        early = 0 if kind.semantics.sleeps else delta
        yield replace(made, queued=here + 1, queued_delta=early)
        yield replace(made, delta=delta - early, queued=here + 1, retry=True)

    def _delta(self, kind: Traits, event: Event) -> tuple[int, int]:
        """What the state gains, and what it must have."""
        unit = kind.holding if event.mode is Mode.EXCLUSIVE else kind.reading
        if event.action is Action.ACQUIRE:
            return unit, 0
        if event.action is Action.RELEASE:
            return -unit, unit * DEEPEST if isinstance(kind.semantics, Mask) else 0
        return 0, 0

    def _guard(self, item: Object, event: Event) -> int:
        """On PREEMPT_RT softirqs off is a lock of the CPU: kernel/softirq.c."""
        locks = item.machine is Machine.SOFTIRQ and event.action is Action.ACQUIRE and not self._unmasked(event)
        return SOFTIRQ * DEEPEST if self.program.preempt_rt and locks else 0

    def _parts(self, item: Object, event: Event, in_interrupt: bool) -> Iterator[Part]:
        recursive = event.mode is Mode.RECURSIVE or (event.mode is Mode.SHARED and in_interrupt)
        request = Request(self.number, event.action, event.mode, event.trylock, recursive)
        names = (item.name, *self.members.get(item.name, ()))
        for name in names:
            slot = self.slots[name]
            yield Part(slot, request, self._traits(self.program.objects[slot]).semantics)

    def _otherwise(self, index: int, event: Event, places: list[int]) -> int:
        if not event.trylock and event.action is not Action.TEST:
            return -1
        if event.otherwise is not None:
            return places[event.otherwise]
        if event.action is Action.TEST:
            return places[index + 1]
        if event.action is not Action.ACQUIRE:
            return places[index + 1]
        return places[self._behind_release(index, event)]

    def _behind_release(self, index: int, event: Event) -> int:
        depth = 0
        for at in range(index, len(self.context.events)):
            other = self.context.events[at]
            if other.target == event.target:
                depth += (other.action is Action.ACQUIRE) - (other.action is Action.RELEASE)
            if depth == 0:
                return at + 1
        raise ProgramError(
            f"context {self.context.name!r}, event {index}: no release matches this trylock; say where it goes on"
        )

    def _border(self, action: Action, run: int) -> Instruction:
        """The beginning or the end of a run."""
        context, names = self.context, []
        if context.target:
            item = self.program.objects[self.slots[context.target]]
            names = [context.target, *([item.group] if item.group else [])]
        parts = []
        for name in names:
            slot = self.slots[name]
            semantics = self._traits(self.program.objects[slot]).semantics
            parts.append(Part(slot, Request(self.number, action), semantics))
        state, guard = self._interrupting()
        begins = action is Action.BEGIN
        return Instruction(
            action=action,
            run=run,
            parts=tuple(parts),
            delta=state if begins else -state,
            guard=guard if begins else 0,
            next=len(self.made) + 1,
        )

    def _interrupting(self) -> tuple[int, int]:
        """What an interrupt's state begins with, and what masks it."""
        context, rt = self.context, self.program.preempt_rt
        if context.kind is Kind.SOFTIRQ:
            return (SOFTIRQ, SOFTIRQ * DEEPEST) if rt else (SOFTIRQ + INTERRUPT, (IRQ + SOFTIRQ) * DEEPEST)
        if context.kind is Kind.HARDIRQ:
            return (SOFTIRQ, (IRQ + SOFTIRQ) * DEEPEST) if is_thread(context, rt) else (IRQ + INTERRUPT, IRQ * DEEPEST)
        return (INTERRUPT, 0) if context.kind is Kind.NMI else (0, 0)


def is_thread(context: Context, preempt_rt: bool) -> bool:
    """It runs as a task does."""
    if not context.kind.interrupts:
        return True
    return preempt_rt and (context.kind is Kind.SOFTIRQ or (context.kind is Kind.HARDIRQ and context.threaded))


def compile_program(program: Program) -> tuple[tuple[Instruction, ...], ...]:
    """The instructions of each context. `program` is valid. Raises ProgramError for a trylock without a release."""
    slots = {item.name: number for number, item in enumerate(program.objects)}
    members: dict[str, tuple[str, ...]] = {}
    for item in program.objects:
        if item.group:
            members[item.group] = (*members.get(item.group, ()), item.name)
    return tuple(Builder(program, number, slots, members).build() for number in range(len(program.contexts)))
