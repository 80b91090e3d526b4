# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What a report of lockdep, or of one of its neighbours, says: the values that `lockdep_parse` makes of a mail's text.

The kinds are those of kernel/locking/lockdep.c of 6.12; the neighbours come from kernel/sched, lib, kernel/rcu.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise


class ReportKind(StrEnum):
    """What is reported."""

    CIRCULAR = "circular-dependency"
    RECURSIVE = "recursive-locking"
    INCONSISTENT = "inconsistent-state"
    SAFE_UNSAFE = "safe-to-unsafe-order"
    INVERSION = "irq-lock-inversion"
    WAIT_CONTEXT = "invalid-wait-context"
    NOT_NESTED = "nested-lock-not-taken"
    BAD_UNLOCK = "bad-unlock-balance"
    BAD_CONTENTION = "bad-contention"
    FREED = "held-lock-freed"
    HELD_AT_EXIT = "locks-held-at-exit"
    HELD_TO_USER = "lock-held-to-user-space"
    RCU = "suspicious-rcu-usage"
    NON_STATIC = "non-static-key"
    PIN = "pinned-lock"
    ASSERTION = "assertion"
    LIMIT = "limit-reached"
    SLEEPING = "sleeping-in-atomic"
    SCHEDULING = "scheduling-while-atomic"
    ATOMIC = "assuming-atomic"
    SPINLOCK = "spinlock-bug"
    WORKQUEUE = "workqueue-leak"
    HUNG = "task-blocked"
    RACE = "data-race"
    PREEMPTIBLE = "per-cpu-in-preemptible"
    STALL = "rcu-stall"
    OBJECT = "debug-object"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One line of a stack."""

    function: str
    offset: int = 0
    reliable: bool = True
    """False behind a `?`."""
    module: str = ""
    place: str = ""
    """`file:line`, where the stack was decoded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLock:
    """A lock class as a report names it."""

    name: str
    """The text of the argument of its initialisation: `&kvm->lock`, without subclass and number."""
    subclass: int = 0
    number: int = 0
    """`#2`: of several classes with this name."""
    usage: str = ""
    """Four characters of `.+-?` (more in old reports)."""
    outer: int | None = None
    """Wait types; None in reports of kernels before 5.8."""
    inner: int | None = None
    address: str = ""
    at: Frame | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainEntry:
    """`-> #N lock: stack`."""

    number: int
    lock: ReportLock
    stack: tuple[Frame, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One cell of the scenario's table."""

    cpu: int
    """0 or 1; -1 in the interrupt that hits CPU 0."""
    what: str
    """`lock`, `rlock`, `sync`."""
    lock: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report; what it does not have, or what was trimmed away, is empty."""

    kind: ReportKind
    line: int
    """Of the text, from 1."""
    end_line: int
    title: str
    """As it stands there; "" where it was cut off."""
    kernel: str = ""
    task: str = ""
    pid: int = 0
    wanted: ReportLock | None = None
    """What is being acquired, released, or has changed its state."""
    holding: ReportLock | None = None
    others: tuple[ReportLock, ...] = ()
    """The safe and the unsafe class, the class that was taken in the past, the new dependency's ends."""
    states: tuple[str, ...] = ()
    """`IN-HARDIRQ-W`, `HARDIRQ-ON-W`."""
    chain: tuple[ChainEntry, ...] = ()
    """From the highest number to 0."""
    exists: tuple[str, ...] = ()
    """The classes of `Chain exists of:`, outermost first."""
    scenario: tuple[Act, ...] = ()
    held: tuple[ReportLock, ...] = ()
    """What the task held."""
    stack: tuple[Frame, ...] = ()
    detail: tuple[str, ...] = ()
    """Further lines of the kind: the file and line, the preempt count, the expression."""

    def edges(self) -> tuple[tuple[ReportLock, ReportLock, tuple[Frame, ...]], ...]:
        """(outer, inner, where the inner one was taken) of a circular report, the new edge last; as the chain says:
        #k was taken with #(k+1) held, the highest one with #0, and #0 is the acquisition that was not made. Of a
        recursive one the class inside itself. Other kinds are about states and contexts, edges do not tell them.
        """
        if self.kind is ReportKind.RECURSIVE and self.wanted is not None and self.holding is not None:
            return ((self.holding, self.wanted, self.stack),)
        if self.kind is not ReportKind.CIRCULAR:
            return ()
        entries = self.chain
        descending = all(one.number == two.number + 1 for one, two in pairwise(entries))
        if len(entries) >= 2 and descending and entries[-1].number == 0:
            befores = (entries[-1], *entries[:-1])
            return tuple((outer.lock, inner.lock, inner.stack) for outer, inner in zip(befores, entries, strict=True))
        if self.wanted is not None and self.holding is not None and not entries:
            return ((self.wanted, self.holding, ()), (self.holding, self.wanted, self.stack))
        return ()
