# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What each context may still do from each of its positions: for the reduction, and for who may end a wait."""

from __future__ import annotations

from dataclasses import dataclass

from reviewtool.replay.code import Instruction
from reviewtool.replay.machines.base import Wait
from reviewtool.replay.program import Action
from reviewtool.replay.system import State, System


@dataclass(frozen=True, slots=True)
class Access:
    """The objects and CPUs that something touches, as bits: `some` of them at all, `strong` other than shared.

    Two touches of one object commute if both are shared.
    """

    some: int = 0
    strong: int = 0

    def __or__(self, other: Access) -> Access:
        return Access(self.some | other.some, self.strong | other.strong)


class Futures:
    """Tables over the positions of a system's contexts."""

    def __init__(self, system: System) -> None:
        self.next = tuple(
            tuple(_access(system, number, made) for made in code) for number, code in enumerate(system.code)
        )
        self.later = tuple(_accumulate(row) for row in self.next)
        """What each context may still touch, from each position on."""
        self.signals = tuple(_signals(code) for code in system.code)
        self.system = system

    def may_signal(self, state: State, slot: int, wait: Wait) -> frozenset[int]:
        """The contexts that may still do one of the wait's signals to the object."""
        wanted = {(slot, action) for action in wait.signals}
        return frozenset(number for number in range(self.system.size) if wanted & self.signals[number][state[number]])


def _access(system: System, number: int, made: Instruction) -> Access:
    """What one instruction touches. A CPU counts as an object where contexts share it.

    Its masks and interrupts change it, every other step on it only has to be allowed by it.
    """
    some = strong = 0
    for part in made.parts:
        bit = 1 << part.slot
        some |= bit
        strong |= 0 if part.semantics.commutes(part.request) else bit
    cpu = system.program.contexts[number].cpu
    if cpu is not None and system.mates[number]:
        bit = 1 << (len(system.semantics) + _cpu_number(system, cpu))
        some |= bit
        changes = made.delta or made.queued_delta or made.guard
        if changes or made.action in (Action.BEGIN, Action.END):
            strong |= bit
    return Access(some, strong)


def _cpu_number(system: System, cpu: int) -> int:
    cpus = sorted({context.cpu for context in system.program.contexts if context.cpu is not None})
    return cpus.index(cpu)


def _accumulate(row: tuple[Access, ...]) -> tuple[Access, ...]:
    total = Access()
    found = [total]
    for access in reversed(row):
        total = total | access
        found.append(total)
    return tuple(reversed(found))


def _signals(code: tuple[Instruction, ...]) -> tuple[frozenset[tuple[int, Action]], ...]:
    total: frozenset[tuple[int, Action]] = frozenset()
    found = [total]
    for made in reversed(code):
        total = total | {(part.slot, part.request.action) for part in made.parts}
        found.append(total)
    return tuple(reversed(found))
