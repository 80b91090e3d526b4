# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Which machine simulates a family of the ruleset: several families may behave alike."""

from __future__ import annotations

from reviewtool.replay.program import Machine

MACHINES = {
    "mutex": Machine.MUTEX,
    "rt-mutex": Machine.MUTEX,
    "ww-mutex": Machine.MUTEX,
    "owner": Machine.MUTEX,
    "rwsem": Machine.RWSEM,
    "percpu-rwsem": Machine.PERCPU_RWSEM,
    "semaphore": Machine.SEMAPHORE,
    "raw-spinlock": Machine.RAW_SPINLOCK,
    "spinlock": Machine.SPINLOCK,
    "bit-spinlock": Machine.RAW_SPINLOCK,
    "rwlock": Machine.RWLOCK,
    "local-lock": Machine.LOCAL_LOCK,
    "seqlock": Machine.SEQLOCK,
    "seqcount": Machine.SEQLOCK,
    "@rcu": Machine.RCU,
    "@rcu-bh": Machine.RCU,
    "@rcu-sched": Machine.RCU,
    "@rcu-tasks-trace": Machine.SRCU,
    "srcu": Machine.SRCU,
    "@irq": Machine.IRQ,
    "@bh": Machine.SOFTIRQ,
    "@preempt": Machine.PREEMPT,
    "completion": Machine.COMPLETION,
    "wait-queue": Machine.WAIT_QUEUE,
    "work": Machine.WORK,
    "workqueue": Machine.WORKQUEUE,
    "timer": Machine.TIMER,
    "hrtimer": Machine.TIMER,
    "tasklet": Machine.TIMER,
    "irq-work": Machine.CALL,
    "irq-line": Machine.LINE,
    "task": Machine.KTHREAD,
}
"""Families that are not here cannot be waited for and exclude nobody: they have no part in a program."""


def machine_of(family: str) -> Machine | None:
    """The machine for a family's name; None for one that has no part in a program."""
    return MACHINES.get(family)
