# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Which machine serves which object, what holding it adds to a context's state, and what its waits must not meet.

PREEMPT_RT: Documentation/locking/locktypes.rst. There spinlock and rwlock sleep, count as an RCU reader for what may
be done under them, and may be taken in such readers and with softirqs off.
"""

from __future__ import annotations

from dataclasses import dataclass

from reviewtool.replay.machines.base import Semantics
from reviewtool.replay.machines.completion import Completion
from reviewtool.replay.machines.count import Count
from reviewtool.replay.machines.kthread import Kthread
from reviewtool.replay.machines.mask import INTERRUPT, IRQ, PREEMPT, RCU, SOFTIRQ, SPIN, Mask, field
from reviewtool.replay.machines.mutex import Mutex, Spinlock
from reviewtool.replay.machines.percpu_rwsem import PercpuRwsem
from reviewtool.replay.machines.rcu import Rcu, Srcu
from reviewtool.replay.machines.rwlock import Rwlock
from reviewtool.replay.machines.rwsem import Rwsem
from reviewtool.replay.machines.semaphore import Semaphore
from reviewtool.replay.machines.seqlock import Seqlock, SleepingSeqlock
from reviewtool.replay.machines.wait_queue import WaitQueue
from reviewtool.replay.machines.work import Line, Spun, Work, Workqueue
from reviewtool.replay.program import Machine

ATOMIC = field(IRQ, SOFTIRQ, PREEMPT, SPIN, RCU, INTERRUPT)
"""No sleep in any of these."""
HARD = field(IRQ, PREEMPT, SPIN, INTERRUPT)
"""No sleeping spinlock in any of these: PREEMPT_RT."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """How one kind of object behaves in one configuration."""

    semantics: Semantics
    holding: int = 0
    """What an exclusive holder's state gains."""
    reading: int = 0
    """The same for a shared holder."""
    forbidden: int = 0
    """What the state must not contain when it may have to be waited for."""


def sleeping(semantics: Semantics) -> Traits:
    """Waits give up the CPU, holding forbids nothing."""
    return Traits(semantics=semantics, forbidden=ATOMIC if semantics.sleeps else 0)


def masking(unit: int) -> Traits:
    """Only the context's own state changes."""
    return Traits(semantics=Mask(), holding=unit, reading=unit)


COMMON = {
    Machine.MUTEX: sleeping(Mutex()),
    Machine.SEMAPHORE: sleeping(Semaphore()),
    Machine.RAW_SPINLOCK: Traits(semantics=Spinlock(), holding=SPIN),
    Machine.RWSEM: sleeping(Rwsem()),
    Machine.PERCPU_RWSEM: sleeping(PercpuRwsem()),
    Machine.RCU: Traits(semantics=Rcu(), holding=RCU, reading=RCU, forbidden=ATOMIC),
    Machine.SRCU: sleeping(Srcu()),
    Machine.COUNT: sleeping(Count()),
    Machine.COMPLETION: sleeping(Completion()),
    Machine.WAIT_QUEUE: sleeping(WaitQueue()),
    Machine.WORK: sleeping(Work()),
    Machine.WORKQUEUE: sleeping(Workqueue()),
    Machine.TIMER: sleeping(Spun()),
    Machine.CALL: sleeping(Spun()),
    Machine.KTHREAD: sleeping(Kthread()),
    Machine.LINE: sleeping(Line()),
    Machine.IRQ: masking(IRQ),
    Machine.SOFTIRQ: masking(SOFTIRQ),
    Machine.PREEMPT: masking(PREEMPT),
}

PLAIN = COMMON | {
    Machine.SPINLOCK: Traits(semantics=Spinlock(), holding=SPIN),
    Machine.RWLOCK: Traits(semantics=Rwlock(), holding=SPIN, reading=SPIN),
    Machine.SEQLOCK: Traits(semantics=Seqlock(), holding=SPIN),
    Machine.LOCAL_LOCK: masking(PREEMPT),
}

RT = COMMON | {
    Machine.SPINLOCK: Traits(semantics=Mutex(), holding=RCU, forbidden=HARD),
    Machine.RWLOCK: Traits(semantics=Rwsem(), holding=RCU, reading=RCU, forbidden=HARD),
    Machine.SEQLOCK: Traits(semantics=SleepingSeqlock(), holding=RCU, forbidden=HARD),
    Machine.LOCAL_LOCK: Traits(semantics=Mutex(), forbidden=HARD),
}


def traits(machine: Machine, preempt_rt: bool) -> Traits:
    """What `machine` is in a kernel with or without PREEMPT_RT."""
    return (RT if preempt_rt else PLAIN)[machine]
