# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A program as a transition system over small tuples.

A state is one tuple: the position of each context, the masks of each context, the value of each object. Values are
numbered as they are met, and what an attempt does to a value is worked out once, so a step costs a few look-ups.
"""

from __future__ import annotations

from reviewtool.replay.code import Instruction, Part, compile_program, is_thread
from reviewtool.replay.machines.base import Misuse, Status, Value, Wait
from reviewtool.replay.machines.mask import INTERRUPT, IRQ, PREEMPT, SOFTIRQ, SPIN, field
from reviewtool.replay.machines.table import traits
from reviewtool.replay.program import Action, Kind, Program, ProgramError, Start
from reviewtool.replay.validate import validate

State = tuple[int, ...]
RANKS = {Kind.SOFTIRQ: 1, Kind.HARDIRQ: 2, Kind.NMI: 3}


class System:
    """The transitions of one program. Raises ProgramError if the program is not valid.

    A step also raises ProgramError where a context does what its objects do not allow.
    """

    def __init__(self, program: Program) -> None:
        validate(program)
        self.program = program
        self.code = compile_program(program)
        self.size = len(program.contexts)
        self.ends = tuple(len(code) for code in self.code)
        self.semantics = tuple(traits(item.machine, program.preempt_rt).semantics for item in program.objects)
        self.values: list[list[Value]] = [[] for _ in program.objects]
        self._numbers: list[dict[Value, int]] = [{} for _ in program.objects]
        self._results: dict[tuple[Part, int], tuple[Status, int]] = {}
        self.threads = tuple(is_thread(context, program.preempt_rt) for context in program.contexts)
        self.ranks = tuple(
            0 if thread else RANKS[context.kind] for thread, context in zip(self.threads, program.contexts, strict=True)
        )
        self.mates = tuple(self._mates(number) for number in range(self.size))
        self.unpreemptible = field(IRQ, PREEMPT, SPIN, INTERRUPT) | (0 if program.preempt_rt else field(SOFTIRQ))
        self.inactive = tuple(self._inactive(number) for number in range(self.size))
        self.fast = tuple(tuple(self._row(made) for made in code) for code in self.code)

    def _mates(self, number: int) -> tuple[int, ...]:
        """The other contexts of its CPU."""
        cpu = self.program.contexts[number].cpu
        if cpu is None:
            return ()
        return tuple(n for n, other in enumerate(self.program.contexts) if n != number and other.cpu == cpu)

    def _inactive(self, number: int) -> frozenset[int]:
        """The positions at which a context is not there: before it starts and after its end."""
        begins = (at for at, made in enumerate(self.code[number]) if made.action is Action.BEGIN)
        return frozenset((*begins, self.ends[number]))

    def _row(self, made: Instruction) -> tuple[int, dict[int, tuple[Status, int]], Instruction]:
        """The object and its table, for an instruction with one plain part; -1 for others."""
        table: dict[int, tuple[Status, int]] = {}
        plain = len(made.parts) == 1 and not made.needs
        return (2 * self.size + made.parts[0].slot if plain else -1, table, made)

    def initial(self) -> State:
        """The state before anything runs."""
        values = [semantics.initial(item) for semantics, item in zip(self.semantics, self.program.objects, strict=True)]
        slots = {item.name: number for number, item in enumerate(self.program.objects)}
        for number, context in enumerate(self.program.contexts):
            if context.target:
                slot = slots[context.target]
                values[slot] = self.semantics[slot].with_runner(values[slot], number, context.runs)
        return (*[0] * (2 * self.size), *(self._number(slot, value) for slot, value in enumerate(values)))

    def _number(self, slot: int, value: Value) -> int:
        numbers = self._numbers[slot]
        number = numbers.get(value)
        if number is None:
            number = numbers[value] = len(self.values[slot])
            self.values[slot].append(value)
        return number

    def value(self, state: State, slot: int) -> Value:
        """What an object is in `state`."""
        return self.values[slot][state[2 * self.size + slot]]

    def finished(self, state: State, context: int) -> bool:
        """It has nothing more to do."""
        return state[context] == self.ends[context]

    def active(self, state: State, context: int) -> bool:
        """It has started and not ended."""
        return state[context] not in self.inactive[context]

    def instruction(self, state: State, context: int) -> Instruction:
        """What it does next; it is not finished."""
        return self.code[context][state[context]]

    def occupied(self, state: State, context: int) -> frozenset[int]:
        """The contexts that keep it from running, or from starting, on its CPU."""
        guard = self.code[context][state[context]].guard
        found = set()
        for mate in self.mates[context]:
            if state[mate] in self.inactive[mate]:
                continue
            masks = state[self.size + mate]
            rank, other = self.ranks[context], self.ranks[mate]
            if masks & guard or other > rank or (other == rank and masks & self.unpreemptible):
                found.add(mate)
        return frozenset(found)

    def step(self, state: State, context: int) -> State | None:
        """The state after the context's next instruction, or None if it cannot go on. The context is not finished."""
        slot, table, made = self.fast[context][state[context]]
        if self.mates[context] and self.occupied(state, context):
            return None
        if slot < 0:
            return self._step(state, context, made)
        number = state[slot]
        result = table.get(number)
        if result is None:
            result = table[number] = self._attempt(made, made.parts[0], number)
        status, number = result
        if status is Status.BLOCKED:
            return None
        after = list(state)
        after[slot] = number
        if status is Status.DONE:
            after[context] = made.next
            after[self.size + context] += made.delta
        elif status is Status.WAITING:
            after[context] = made.queued
            after[self.size + context] += made.queued_delta
        else:
            after[context] = made.otherwise
        return tuple(after)

    def _step(self, state: State, context: int, made: Instruction) -> State | None:
        """The same for none or several parts."""
        if made.needs and not state[self.size + context] & made.needs:
            raise self._misuse(made, context, "it is not held")
        after = list(state)
        for part in made.parts:
            slot = 2 * self.size + part.slot
            status, after[slot] = self._attempt(made, part, after[slot])
            if status is not Status.DONE:
                return None
        after[context] = made.next
        after[self.size + context] += made.delta
        return tuple(after)

    def _attempt(self, made: Instruction, part: Part, number: int) -> tuple[Status, int]:
        known = self._results.get((part, number))
        if known is not None:
            return known
        try:
            status, value = part.semantics.act(self.values[part.slot][number], part.request)
        except Misuse as error:
            raise self._misuse(made, part.request.context, str(error)) from error
        result = (status, self._number(part.slot, value))
        self._results[part, number] = result
        return result

    def _misuse(self, made: Instruction, context: int, why: str) -> ProgramError:
        name, event = self.program.contexts[context], self.program.contexts[context].events[made.index]
        return ProgramError(f"context {name.name!r}, event {made.index}: cannot {event.action} {event.target!r}: {why}")

    def sleeps_in_atomic(self, state: State, context: int) -> int:
        """The bits of the context's masks that its next instruction must not meet; 0 if it may go on."""
        if state[context] == self.ends[context]:
            return 0
        return self.code[context][state[context]].forbidden & state[self.size + context]

    def waits(self, state: State, context: int) -> list[tuple[int, Wait]]:
        """Why a context that cannot step cannot: for each reason the object's number (-1 the CPU) and the wait."""
        reasons: list[tuple[int, Wait]] = []
        mates = self.occupied(state, context) if self.mates[context] else frozenset()
        if mates:
            reasons.append((-1, Wait(mates)))
        made = self.code[context][state[context]]
        for part in made.parts:
            number = state[2 * self.size + part.slot]
            if self._attempt(made, part, number)[0] is Status.BLOCKED:
                reasons.append((part.slot, part.semantics.wait(self.values[part.slot][number], part.request)))
        return reasons

    def optional(self, context: int) -> bool:
        """It need not start at all."""
        return self.program.contexts[context].start is not Start.RUNNING
