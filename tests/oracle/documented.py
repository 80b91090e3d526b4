# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Programs for what the kernel's documents and sources say about locks and waits, each with its verdict."""

from __future__ import annotations

from reviewtool.replay.program import Kind
from reviewtool.replay.verdict import Verdict
from tests.oracle.documented_locks import INTERRUPTS, ORDERS, READERS, Case
from tests.oracle.notation import context, program

GRACE_PERIODS: list[Case] = [
    (program("SRCU: a wait in its own reader", "s: srcu", ("0", "recursive:s wait:s unlock:s")), Verdict.SELF_DEADLOCK),
    (
        program("SRCU: a wait in another domain's reader", "s t: srcu", ("0", "recursive:s wait:t unlock:s")),
        Verdict.NONE,
    ),
    (
        program(
            "SRCU: two domains, each waited for in the other's reader",
            "s t: srcu",
            ("0", "recursive:s wait:t unlock:s"),
            ("1", "recursive:t wait:s unlock:t"),
        ),
        Verdict.DEADLOCK,
    ),
    (
        program(
            "SRCU: a wait under a lock that readers take",
            "s: srcu; a: mutex",
            ("0", "lock:a wait:s unlock:a"),
            ("1", "recursive:s lock:a unlock:a unlock:s"),
        ),
        Verdict.DEADLOCK,
    ),
    (
        program(
            "SRCU: a wait outside of the lock that readers take",
            "s: srcu; a: mutex",
            ("0", "lock:a unlock:a wait:s"),
            ("1", "recursive:s lock:a unlock:a unlock:s"),
        ),
        Verdict.NONE,
    ),
    (
        program(
            "SRCU: a nested reader is waited for to its outer end",
            "s: srcu; c: completion",
            ("0", "recursive:s recursive:s unlock:s wait:c unlock:s"),
            ("1", "wait:s signal:c"),
        ),
        Verdict.DEADLOCK,
    ),
    (
        program(
            "SRCU: a reader that came later is not waited for",
            "s: srcu; c d: completion",
            ("0", "wait:s signal:c"),
            ("1", "wait:c recursive:s unlock:s"),
        ),
        Verdict.NONE,
    ),
    (
        program("RCU: a reader sleeps", "r: rcu; a: mutex", ("0", "recursive:r lock:a unlock:a unlock:r")),
        Verdict.SLEEP_IN_ATOMIC,
    ),
    (
        program("SRCU: a reader sleeps", "s: srcu; a: mutex", ("0", "recursive:s lock:a unlock:a unlock:s")),
        Verdict.NONE,
    ),
]

WAITS: list[Case] = [
    (
        program(
            "flush of work under a lock that it takes",
            "a: mutex; w: work",
            ("0", "signal:w lock:a wait:w unlock:a"),
            context("w", "lock:a unlock:a", runs="w", machine="work"),
        ),
        Verdict.DEADLOCK,
    ),
    (
        program(
            "cancel of work under a lock that it takes",
            "a: mutex; w: work",
            ("0", "signal:w lock:a cancel:w unlock:a"),
            context("w", "lock:a unlock:a", runs="w", machine="work"),
        ),
        Verdict.DEADLOCK,
    ),
    (
        program(
            "flush of work after the lock",
            "a: mutex; w: work",
            ("0", "signal:w lock:a unlock:a wait:w"),
            context("w", "lock:a unlock:a", runs="w", machine="work"),
        ),
        Verdict.NONE,
    ),
    (
        program("work flushes itself", "w: work", ("0", "signal:w"), context("w", "wait:w", runs="w", machine="work")),
        Verdict.SELF_DEADLOCK,
    ),
    (
        program(
            "work flushes other work of an ordered queue",
            "v@q w@q: work; q: workqueue=1",
            ("0", "signal:v signal:w"),
            context("v", "wait:w", runs="v", machine="work"),
            context("w", "", runs="w", machine="work"),
        ),
        Verdict.DEADLOCK,
    ),
    (
        program(
            "work flushes other work of an unbounded queue",
            "v@q w@q: work; q: workqueue",
            ("0", "signal:v signal:w"),
            context("v", "wait:w", runs="v", machine="work"),
            context("w", "", runs="w", machine="work"),
        ),
        Verdict.NONE,
    ),
    (
        program(
            "flush of a whole queue under a lock of one of its works",
            "a: mutex; v@q w@q: work; q: workqueue",
            ("0", "signal:v signal:w lock:a wait:q unlock:a"),
            context("v", "", runs="v", machine="work"),
            context("w", "lock:a unlock:a", runs="w", machine="work"),
        ),
        Verdict.DEADLOCK,
    ),
    (
        program(
            "delete of a timer under its handler's lock",
            "a: spinlock; off: softirq; t: timer",
            context("0", "signal:t lock:off lock:a cancel:t unlock:a unlock:off", cpu=0),
            context("t", "lock:a unlock:a", runs="t", machine="timer", cpu=1),
        ),
        Verdict.DEADLOCK,
    ),
    (
        program(
            "delete of a timer by its handler",
            "t: timer",
            context("0", "signal:t", cpu=0),
            context("t", "cancel:t", runs="t", machine="timer", cpu=0),
        ),
        Verdict.SELF_DEADLOCK,
    ),
    (
        program(
            "delete of a timer from a hardirq above it",
            "t: timer",
            context("0", "signal:t", cpu=0),
            context("t", "", runs="t", machine="timer", cpu=0),
            context("irq", "cancel:t", kind=Kind.HARDIRQ, cpu=0),
        ),
        Verdict.INTERRUPT_DEADLOCK,
    ),
    (
        program(
            "a handler waited for under its lock",
            "a: spinlock; off: irq; l: line; b: mutex",
            context("0", "lock:b wait:l unlock:b", cpu=0),
            context("l", "lock:a unlock:a", runs="l", machine="line", cpu=1),
        ),
        Verdict.NONE,
    ),
    (
        program(
            "stop of a thread under a lock that it takes",
            "a: mutex; k: kthread",
            ("0", "lock:a wait:k unlock:a"),
            context("k", "lock:a unlock:a await:k", runs="k", machine="kthread"),
        ),
        Verdict.DEADLOCK,
    ),
    (
        program(
            "stop of a thread that looks",
            "a: mutex; k: kthread",
            ("0", "wait:k"),
            context("k", "test:k>3 lock:a unlock:a", runs="k", machine="kthread"),
        ),
        Verdict.NONE,
    ),
    (
        program(
            "a completion under a lock that the completer takes",
            "a: mutex; c: completion",
            ("0", "lock:a wait:c unlock:a"),
            ("1", "lock:a signal:c unlock:a"),
        ),
        Verdict.DEADLOCK,
    ),
    (program("a completion that nobody completes", "c: completion", ("0", "wait:c")), Verdict.DEADLOCK),
    (
        program("a completion set up anew too late", "c: completion", ("0", "reset:c wait:c"), ("1", "signal:c")),
        Verdict.LOST_WAKEUP,
    ),
    (
        program("one signal for two waiters", "c: completion", ("0", "wait:c"), ("1", "wait:c"), ("2", "signal:c")),
        Verdict.DEADLOCK,
    ),
    (
        program("a signal for all waiters", "c: completion", ("0", "wait:c"), ("1", "wait:c"), ("2", "signal-all:c")),
        Verdict.NONE,
    ),
    (
        program(
            "the condition is looked at before the queue",
            "q: wait-queue",
            ("0", "test:q>4 prepare:q wait:q finish:q"),
            ("1", "set:q signal:q"),
        ),
        Verdict.LOST_WAKEUP,
    ),
    (
        program(
            "the condition is looked at on the queue",
            "q: wait-queue",
            ("0", "prepare:q test:q>3 wait:q finish:q"),
            ("1", "set:q signal:q"),
        ),
        Verdict.NONE,
    ),
    (program("waiting for a condition", "q: wait-queue", ("0", "await:q"), ("1", "set:q signal:q")), Verdict.NONE),
    (
        program("a wake-up before the condition", "q: wait-queue", ("0", "await:q"), ("1", "signal:q set:q")),
        Verdict.LOST_WAKEUP,
    ),
    (
        program(
            "a count waited for under a lock that its holder takes",
            "n: count; a: mutex",
            ("0", "lock:a wait:n unlock:a"),
            ("1", "lock:n lock:a unlock:a unlock:n"),
        ),
        Verdict.DEADLOCK,
    ),
    (
        program(
            "a count waited for outside of the lock",
            "n: count; a: mutex",
            ("0", "lock:a unlock:a wait:n"),
            ("1", "lock:n lock:a unlock:a unlock:n"),
        ),
        Verdict.NONE,
    ),
    (
        program(
            "a semaphore with room for two",
            "s: semaphore=2; a: mutex",
            ("0", "lock:s lock:a unlock:a unlock:s"),
            ("1", "lock:a lock:s unlock:s unlock:a"),
        ),
        Verdict.NONE,
    ),
]

CASES = [*ORDERS, *READERS, *GRACE_PERIODS, *INTERRUPTS, *WAITS]
