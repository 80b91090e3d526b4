# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Programs for what the kernel's documents and sources say about locks and interrupts, each with its verdict."""

from __future__ import annotations

from reviewtool.replay.program import Kind, Program
from reviewtool.replay.verdict import Verdict
from tests.oracle.notation import context, program

Case = tuple[Program, Verdict]

ORDERS: list[Case] = [
    (
        program(
            "mutexes in both orders",
            "a b: mutex",
            ("0", "lock:a lock:b unlock:b unlock:a"),
            ("1", "lock:b lock:a unlock:a unlock:b"),
        ),
        Verdict.DEADLOCK,
    ),
    (
        program(
            "mutexes in one order",
            "a b: mutex",
            ("0", "lock:a lock:b unlock:b unlock:a"),
            ("1", "lock:a lock:b unlock:b unlock:a"),
        ),
        Verdict.NONE,
    ),
    (
        program(
            "a chain of three locks",
            "a b c: mutex",
            ("0", "lock:a lock:b unlock:b unlock:a"),
            ("1", "lock:b lock:c unlock:c unlock:b"),
            ("2", "lock:c lock:a unlock:a unlock:c"),
        ),
        Verdict.DEADLOCK,
    ),
    (
        program(
            "a chain of three locks under a gate",
            "a b c gate: mutex",
            ("0", "lock:gate lock:a lock:b unlock:b unlock:a unlock:gate"),
            ("1", "lock:gate lock:b lock:c unlock:c unlock:b unlock:gate"),
            ("2", "lock:gate lock:c lock:a unlock:a unlock:c unlock:gate"),
        ),
        Verdict.NONE,
    ),
    (program("one mutex twice", "a: mutex", ("0", "lock:a lock:a unlock:a unlock:a")), Verdict.SELF_DEADLOCK),
    (
        program(
            "two instances of a class, each first for someone",
            "vcpu0 vcpu1: mutex",
            ("0", "lock:vcpu0 lock:vcpu1 unlock:vcpu1 unlock:vcpu0"),
            ("1", "lock:vcpu1 lock:vcpu0 unlock:vcpu0 unlock:vcpu1"),
        ),
        Verdict.DEADLOCK,
    ),
    (
        program(
            "a trylock against the order",
            "a b: mutex",
            ("0", "lock:a lock:b unlock:b unlock:a"),
            ("1", "lock:b try:a unlock:a unlock:b"),
        ),
        Verdict.NONE,
    ),
    (
        program(
            "trylocks in both orders",
            "a b: mutex",
            ("0", "lock:a try:b unlock:b unlock:a"),
            ("1", "lock:b try:a unlock:a unlock:b"),
        ),
        Verdict.NONE,
    ),
    (
        program(
            "what a trylock got is waited for",
            "a b: mutex",
            ("0", "try:a lock:b unlock:b unlock:a"),
            ("1", "lock:b lock:a unlock:a unlock:b"),
        ),
        Verdict.DEADLOCK,
    ),
]

READERS: list[Case] = [
    (
        program(
            "readers in both orders, no writer",
            "a b: rwsem",
            ("0", "read:a read:b unread:b unread:a"),
            ("1", "read:b read:a unread:a unread:b"),
        ),
        Verdict.NONE,
    ),
    (
        program(
            "readers in both orders, fair queues with writers",
            "a b: rwsem",
            ("0", "read:a read:b unread:b unread:a"),
            ("1", "read:b read:a unread:a unread:b"),
            ("2", "lock:a unlock:a"),
            ("3", "lock:b unlock:b"),
        ),
        Verdict.DEADLOCK,
    ),
    (
        program(
            "readers in both orders, a writer of one only",
            "a b: rwsem",
            ("0", "read:a read:b unread:b unread:a"),
            ("1", "read:b read:a unread:a unread:b"),
            ("2", "lock:a unlock:a"),
        ),
        Verdict.NONE,
    ),
    (
        program(
            "rwsem: a reader comes back while a writer waits",
            "a: rwsem",
            ("0", "read:a read:a unread:a unread:a"),
            ("1", "lock:a unlock:a"),
        ),
        Verdict.DEADLOCK,
    ),
    (program("rwsem: a reader twice", "a: rwsem", ("0", "read:a read:a unread:a unread:a")), Verdict.NONE),
    (
        program("rwsem: from reader to writer", "a: rwsem", ("0", "read:a lock:a unlock:a unread:a")),
        Verdict.SELF_DEADLOCK,
    ),
    (
        program(
            "rwsem: a writer becomes a reader",
            "a: rwsem; b: mutex",
            ("0", "lock:a downgrade:a lock:b unlock:b unread:a"),
            ("1", "lock:b read:a unread:a unlock:b"),
        ),
        Verdict.NONE,
    ),
    (
        program(
            "rwsem: a writer becomes a reader, against a writer",
            "a: rwsem; b: mutex",
            ("0", "lock:a downgrade:a lock:b unlock:b unread:a"),
            ("1", "lock:b lock:a unlock:a unlock:b"),
        ),
        Verdict.DEADLOCK,
    ),
    (
        program(
            "rwsem: two that became readers",
            "a: rwsem",
            ("0", "lock:a downgrade:a unread:a"),
            ("1", "lock:a downgrade:a unread:a"),
        ),
        Verdict.NONE,
    ),
    (
        program(
            "rwlock: a task's reader comes back while a writer waits",
            "a: rwlock",
            ("0", "read:a read:a unread:a unread:a"),
            ("1", "lock:a unlock:a"),
        ),
        Verdict.DEADLOCK,
    ),
    (
        program(
            "rwlock: an interrupt's reader while a writer waits",
            "a: rwlock",
            context("0", "read:a unread:a", cpu=0),
            context("irq", "read:a unread:a", kind=Kind.HARDIRQ, cpu=0),
            context("1", "lock:a unlock:a", cpu=1),
        ),
        Verdict.NONE,
    ),
    (
        program(
            "rwlock: a reader with softirqs off while a writer waits",
            "a: rwlock; bh: softirq",
            context("0", "read:a lock:bh read:a unread:a unlock:bh unread:a", cpu=0),
            context("1", "lock:a unlock:a", cpu=1),
        ),
        Verdict.NONE,
    ),
    (
        program(
            "rwlock: an interrupt's reader on the writer's CPU",
            "a: rwlock",
            context("0", "lock:a unlock:a", cpu=0),
            context("irq", "read:a unread:a", kind=Kind.HARDIRQ, cpu=0),
        ),
        Verdict.INTERRUPT_DEADLOCK,
    ),
    (
        program(
            "hotplug lock: a reader comes back while a writer waits",
            "hotplug: percpu-rwsem",
            ("0", "read:hotplug read:hotplug unread:hotplug unread:hotplug"),
            ("1", "lock:hotplug unlock:hotplug"),
        ),
        Verdict.DEADLOCK,
    ),
    (
        program(
            "hotplug lock: a lock taken inside and outside",
            "hotplug: percpu-rwsem; a: mutex",
            ("0", "lock:a read:hotplug unread:hotplug unlock:a"),
            context("1", "lock:hotplug lock:a unlock:a unlock:hotplug", kind=Kind.HOTPLUG),
        ),
        Verdict.DEADLOCK,
    ),
    (
        program(
            "hotplug lock: readers only, with a lock in both orders",
            "hotplug: percpu-rwsem; a: mutex",
            ("0", "lock:a read:hotplug unread:hotplug unlock:a"),
            ("1", "read:hotplug lock:a unlock:a unread:hotplug"),
        ),
        Verdict.NONE,
    ),
    (
        program(
            "hotplug lock: a third one's wait to write closes the cycle",
            "hotplug: percpu-rwsem; a: mutex",
            ("0", "lock:a read:hotplug unread:hotplug unlock:a"),
            ("1", "read:hotplug lock:a unlock:a unread:hotplug"),
            context("2", "lock:hotplug unlock:hotplug", kind=Kind.HOTPLUG),
        ),
        Verdict.DEADLOCK,
    ),
    (
        program(
            "seqlock: an interrupt's reader on the writer's CPU",
            "s: seqlock",
            context("0", "lock:s unlock:s", cpu=0),
            context("irq", "read:s unread:s", kind=Kind.HARDIRQ, cpu=0),
        ),
        Verdict.INTERRUPT_DEADLOCK,
    ),
    (
        program(
            "seqlock: an interrupt's reader on another CPU",
            "s: seqlock",
            context("0", "lock:s unlock:s", cpu=0),
            context("irq", "read:s unread:s", kind=Kind.HARDIRQ, cpu=1),
        ),
        Verdict.NONE,
    ),
]

INTERRUPTS: list[Case] = [
    (
        program(
            "a spinlock of an interrupt, taken with interrupts on",
            "a: spinlock",
            context("0", "lock:a unlock:a", cpu=0),
            context("irq", "lock:a unlock:a", kind=Kind.HARDIRQ, cpu=0),
        ),
        Verdict.INTERRUPT_DEADLOCK,
    ),
    (
        program(
            "a spinlock of an interrupt, taken with interrupts off",
            "a: spinlock; off: irq",
            context("0", "lock:off lock:a unlock:a unlock:off", cpu=0),
            context("irq", "lock:a unlock:a", kind=Kind.HARDIRQ, cpu=0),
        ),
        Verdict.NONE,
    ),
    (
        program(
            "a spinlock of an interrupt on another CPU",
            "a: spinlock",
            context("0", "lock:a unlock:a", cpu=0),
            context("irq", "lock:a unlock:a", kind=Kind.HARDIRQ, cpu=1),
        ),
        Verdict.NONE,
    ),
    (
        program(
            "interrupt inversion: an unsafe lock inside a safe one",
            "safe unsafe: spinlock; off: irq",
            context("0", "lock:unsafe unlock:unsafe", cpu=0),
            context("1", "lock:off lock:safe lock:unsafe unlock:unsafe unlock:safe unlock:off", cpu=1),
            context("irq", "lock:safe unlock:safe", kind=Kind.HARDIRQ, cpu=0),
        ),
        Verdict.INTERRUPT_DEADLOCK,
    ),
    (
        program(
            "a softirq's lock with softirqs off",
            "a: spinlock; off: softirq",
            context("0", "lock:off lock:a unlock:a unlock:off", cpu=0),
            context("softirq", "lock:a unlock:a", kind=Kind.SOFTIRQ, cpu=0),
        ),
        Verdict.NONE,
    ),
    (
        program(
            "a hardirq's lock with softirqs off only",
            "a: spinlock; off: softirq",
            context("0", "lock:off lock:a unlock:a unlock:off", cpu=0),
            context("irq", "lock:a unlock:a", kind=Kind.HARDIRQ, cpu=0),
        ),
        Verdict.INTERRUPT_DEADLOCK,
    ),
    (
        program(
            "interrupts off do not stop an NMI",
            "a: raw-spinlock; off: irq",
            context("0", "lock:off lock:a unlock:a unlock:off", cpu=0),
            context("nmi", "lock:a unlock:a", kind=Kind.NMI, cpu=0),
        ),
        Verdict.INTERRUPT_DEADLOCK,
    ),
    (
        program(
            "an NMI that only tries",
            "a: raw-spinlock",
            context("0", "lock:a unlock:a", cpu=0),
            context("nmi", "try:a unlock:a", kind=Kind.NMI, cpu=0),
        ),
        Verdict.NONE,
    ),
    (
        program(
            "PREEMPT_RT: a threaded handler and interrupts on",
            "a: spinlock",
            context("0", "lock:a unlock:a", cpu=0),
            context("irq", "lock:a unlock:a", kind=Kind.HARDIRQ, cpu=0),
            preempt_rt=True,
        ),
        Verdict.NONE,
    ),
    (
        program("a mutex under a spinlock", "a: spinlock; b: mutex", ("0", "lock:a lock:b unlock:b unlock:a")),
        Verdict.SLEEP_IN_ATOMIC,
    ),
    (
        program(
            "a trylock of a mutex under a spinlock", "a: spinlock; b: mutex", ("0", "lock:a try:b unlock:b unlock:a")
        ),
        Verdict.NONE,
    ),
    (
        program("a spinlock under a raw one", "a: raw-spinlock; b: spinlock", ("0", "lock:a lock:b unlock:b unlock:a")),
        Verdict.NONE,
    ),
    (
        program(
            "PREEMPT_RT: a spinlock under a raw one",
            "a: raw-spinlock; b: spinlock",
            ("0", "lock:a lock:b unlock:b unlock:a"),
            preempt_rt=True,
        ),
        Verdict.SLEEP_IN_ATOMIC,
    ),
    (
        program(
            "a call to a CPU with interrupts off, both ways",
            "x y: call; off: irq",
            context("0", "lock:off signal:x wait:x unlock:off", cpu=0),
            context("1", "lock:off signal:y wait:y unlock:off", cpu=1),
            context("on 1", "", runs="x", machine="call", cpu=1),
            context("on 0", "", runs="y", machine="call", cpu=0),
        ),
        Verdict.DEADLOCK,
    ),
]
