# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What a context's own state forbids: interrupts, softirqs and preemption off, spinning locks, readers that must not
sleep. Documentation/locking/preempt-locking.rst, include/linux/preempt.h, Documentation/locking/locktypes.rst.

All of it is one number per context, a field of six bits for the nesting depth of each, as in preempt_count.
"""

from __future__ import annotations

from typing import ClassVar

from reviewtool.replay.machines.base import Request, Result, Semantics, Value, done
from reviewtool.replay.program import Action

DEPTH = 6
"""Bits of a field."""
DEEPEST = (1 << DEPTH) - 1

IRQ, SOFTIRQ, PREEMPT, SPIN, RCU, INTERRUPT = (1 << DEPTH * place for place in range(6))
"""One level of each: interrupts off, softirqs off, preemption off, a spinning lock held, a reader that must not
sleep, the context is an interrupt itself."""

NAMES = {
    IRQ: "interrupts off",
    SOFTIRQ: "softirqs off",
    PREEMPT: "preemption off",
    SPIN: "a spinlock held",
    RCU: "inside an RCU reader",
    INTERRUPT: "in an interrupt",
}


def field(*units: int) -> int:
    """The bits of these levels."""
    return sum(unit * DEEPEST for unit in units)


def reasons(state: int, forbidden: int) -> tuple[str, ...]:
    """In words, what of `forbidden` is on in `state`."""
    return tuple(name for unit, name in NAMES.items() if state & forbidden & field(unit))


class Mask(Semantics):
    """Switched off and on again, nested; all of it is in the context's state, nothing in the object."""

    actions: ClassVar[frozenset[Action]] = frozenset({Action.ACQUIRE, Action.RELEASE})
    waiting: ClassVar[frozenset[Action]] = frozenset()
    shares = actions

    def act(self, value: Value, request: Request) -> Result:
        """Nobody else sees it here; the CPU does."""
        return done(value)
