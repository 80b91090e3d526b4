# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A schedule run again, step by step, with all that a reader wants to see of each step."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from reviewtool.replay.code import Instruction
from reviewtool.replay.futures import Futures
from reviewtool.replay.machines.mask import reasons as mask_reasons
from reviewtool.replay.program import Action, Event, Object, Program
from reviewtool.replay.schedule import ScheduleError, decode
from reviewtool.replay.system import State, System
from reviewtool.replay.verdict import Verdict
from reviewtool.replay.waiting import CPU, Stuck, find_stuck, reasons
from reviewtool.ruleset.model import Mode


class What(StrEnum):
    """What came of a step."""

    DONE = "done"
    WAITS = "waits"
    """It tried, and waits now."""
    OTHERWISE = "otherwise"
    """A trylock failed, a test was true."""
    STARTS = "starts"
    ENDS = "ends"
    STUCK = "stuck"
    """Not a step: where it stands when nothing goes on."""
    SLEEPS = "sleeps"
    """Not a step: where it would sleep, and must not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One thing that a context holds."""

    object: str
    mode: Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A context that cannot go on."""

    context: int
    object: str
    """"" for the CPU."""
    contexts: tuple[int, ...]
    """Who has to act first; empty: nobody that is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One step, or one line about how it ended."""

    number: int
    """From 1; the lines after the last step have the number that the next step would have."""
    context: int
    index: int
    """The event's place in the context; -1 for its beginning and end."""
    event: Event | None
    what: What
    held: tuple[tuple[Holding, ...], ...]
    """For each context what it holds after the step, in the order of acquisition."""
    waiting: tuple[Waiting, ...]
    """Who waits after the step."""
    changed: tuple[str, ...]
    """In words, what the step changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A run."""

    program: Program
    schedule: str
    rows: tuple[Row, ...]
    verdict: Verdict | None
    """None: it could go on."""
    cycle: tuple[Waiting, ...] = ()
    """Each waits for the next one, the last for the first."""
    why: tuple[str, ...] = ()
    """SLEEP_IN_ATOMIC: what is on."""


@dataclass(slots=True)
class Player:
    """A run as it goes."""

    system: System
    futures: Futures
    state: State
    held: list[list[Holding]]
    rows: list[Row] = field(default_factory=list)

    def name(self, slot: int) -> str:
        """An object's name; "" for the CPU."""
        return "" if slot == CPU else self.system.program.objects[slot].name

    def waiting(self) -> tuple[Waiting, ...]:
        """Who has started and cannot go on."""
        found: list[Waiting] = []
        for context in range(self.system.size):
            if not self.system.active(self.state, context) or self.system.step(self.state, context) is not None:
                continue
            found += [
                Waiting(context=context, object=self.name(reason.slot), contexts=tuple(sorted(reason.contexts)))
                for reason in reasons(self.system, self.futures, self.state, context)
            ]
        return tuple(found)

    def row(self, context: int, made: Instruction, what: What, changed: tuple[str, ...]) -> None:
        """Note a step or a line of the end."""
        events = self.system.program.contexts[context].events
        number = sum(row.what not in (What.STUCK, What.SLEEPS) for row in self.rows) + 1
        self.rows.append(
            Row(
                number=number,
                context=context,
                index=made.index,
                event=events[made.index] if made.index >= 0 else None,
                what=what,
                held=tuple(tuple(items) for items in self.held),
                waiting=self.waiting(),
                changed=changed,
            )
        )

    def step(self, number: int, context: int) -> None:
        """Let `context` take a step. Raises ScheduleError."""
        system = self.system
        if context >= system.size:
            raise ScheduleError(f"step {number}: there is no context {chr(ord('a') + context)}")
        name = system.program.contexts[context].name
        if system.finished(self.state, context):
            raise ScheduleError(f"step {number}: {name} has nothing more to do")
        made = system.instruction(self.state, context)
        after = system.step(self.state, context)
        if after is None:
            raise ScheduleError(f"step {number}: {name} cannot go on there; the schedule is for another program")
        self.state = after
        what = _what(made, after[context])
        changed = self._change(context, made, what)
        self.row(context, made, what, changed)

    def _change(self, context: int, made: Instruction, what: What) -> tuple[str, ...]:
        program = self.system.program
        name = program.contexts[context].name
        if what in (What.STARTS, What.ENDS):
            return (f"{name} {what}",)
        event = program.contexts[context].events[made.index]
        item = program.objects[made.parts[0].slot] if made.parts else None
        if item is None:
            return ()
        if what is What.WAITS:
            return (f"{name} waits at {item.shown}",)
        if what is What.OTHERWISE:
            return (f"{item.shown} is not free" if event.trylock else f"{item.shown} is true already",)
        return self._take(context, event, item)

    def _take(self, context: int, event: Event, item: Object) -> tuple[str, ...]:
        name = self.system.program.contexts[context].name
        mine = self.held[context]
        if event.with_lock and self.system.program.preempt_rt:
            return ()
        if event.action is Action.ACQUIRE:
            mine.append(Holding(object=item.name, mode=event.mode))
            return (f"{name} holds {item.shown}",)
        if event.action in (Action.RELEASE, Action.DOWNGRADE):
            for at in range(len(mine) - 1, -1, -1):
                if mine[at].object == item.name:
                    mine.pop(at)
                    if event.action is Action.DOWNGRADE:
                        mine.insert(at, Holding(object=item.name, mode=Mode.SHARED))
                        return (f"{name} holds {item.shown} shared",)
                    break
            return (f"{name} gives up {item.shown}",)
        return (f"{name}: {event.action} {item.shown}",)


def replay(program: Program, schedule: str) -> Trace:
    """Run `program` as `schedule` says. Raises ProgramError, and ScheduleError if it does not fit."""
    system = System(program)
    player = Player(system, Futures(system), system.initial(), [[] for _ in program.contexts])
    for number, context in enumerate(decode(schedule), 1):
        player.step(number, context)
    for context in range(system.size):
        bits = system.sleeps_in_atomic(player.state, context)
        if bits:
            player.row(context, system.instruction(player.state, context), What.SLEEPS, ())
            why = mask_reasons(player.state[system.size + context], bits)
            return Trace(
                program=program,
                schedule=schedule,
                rows=tuple(player.rows),
                verdict=Verdict.SLEEP_IN_ATOMIC,
                why=why,
            )
    return _ending(player, schedule)


def _ending(player: Player, schedule: str) -> Trace:
    system = player.system
    unfinished = [context for context in range(system.size) if not system.finished(player.state, context)]
    waiting = [context for context in unfinished if system.step(player.state, context) is None]
    stuck = find_stuck(system, player.futures, player.state, waiting) if waiting else None
    if stuck is not None:
        return _stuck(player, schedule, stuck)
    over = not any(system.active(player.state, context) for context in range(system.size))
    over = over and len(waiting) == len(unfinished)
    return Trace(
        program=system.program,
        schedule=schedule,
        rows=tuple(player.rows),
        verdict=Verdict.NONE if over else None,
    )


def _stuck(player: Player, schedule: str, stuck: Stuck) -> Trace:
    system = player.system
    for context in stuck.contexts:
        made = system.instruction(player.state, context)
        last = next((row for row in reversed(player.rows) if row.context == context), None)
        if not (made.retry and last is not None and last.what is What.WAITS):
            player.row(context, made, What.STUCK, ())
    found = []
    for place, (context, slot) in enumerate(stuck.cycle):
        behind = stuck.cycle[(place + 1) % len(stuck.cycle)][0]
        waits = next((w for at, w in system.waits(player.state, context) if at == slot), None)
        alone = len(stuck.cycle) == 1 and (waits is None or context not in waits.contexts)
        found.append(Waiting(context=context, object=player.name(slot), contexts=() if alone else (behind,)))
    return Trace(
        program=system.program,
        schedule=schedule,
        rows=tuple(player.rows),
        verdict=stuck.verdict,
        cycle=tuple(found),
    )


def _what(made: Instruction, after: int) -> What:
    if made.action is Action.BEGIN:
        return What.STARTS
    if made.action is Action.END:
        return What.ENDS
    if after == made.queued:
        return What.WAITS
    if after == made.otherwise and after != made.next:
        return What.OTHERWISE
    return What.DONE
