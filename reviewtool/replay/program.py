# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The small concurrent program that a replay runs: objects, contexts and their events. JSON in and out.

A program has no loops and no conditions but the outcome of a trylock and of a test: branches are chosen when it is
built, and listed in `Context.choices`.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from reviewtool.locking.model import Step
from reviewtool.ruleset.model import Mode


class ProgramError(ValueError):
    """A program that cannot be run; the text names the context, the event or the object."""


class Machine(StrEnum):
    """The state machine that simulates an object; `reviewtool.replay.machines` has one module for each kind."""

    MUTEX = "mutex"
    SEMAPHORE = "semaphore"
    RAW_SPINLOCK = "raw-spinlock"
    SPINLOCK = "spinlock"
    LOCAL_LOCK = "local-lock"
    RWLOCK = "rwlock"
    RWSEM = "rwsem"
    PERCPU_RWSEM = "percpu-rwsem"
    RCU = "rcu"
    SRCU = "srcu"
    SEQLOCK = "seqlock"
    COUNT = "count"
    """Begun and ended by some, waited for until it is zero by others."""
    COMPLETION = "completion"
    WAIT_QUEUE = "wait-queue"
    WORK = "work"
    WORKQUEUE = "workqueue"
    TIMER = "timer"
    CALL = "call"
    """A function that another CPU is asked to run in its interrupt, and waited for by spinning."""
    KTHREAD = "kthread"
    LINE = "line"
    """An interrupt line."""
    IRQ = "irq"
    SOFTIRQ = "softirq"
    PREEMPT = "preempt"


class Kind(StrEnum):
    """What a context is."""

    TASK = "task"
    KTHREAD = "kthread"
    WORKER = "worker"
    HOTPLUG = "hotplug"
    GRACE_PERIOD = "grace-period"
    SOFTIRQ = "softirq"
    HARDIRQ = "hardirq"
    NMI = "nmi"

    @property
    def interrupts(self) -> bool:
        """It comes on top of what its CPU runs."""
        return self in (Kind.SOFTIRQ, Kind.HARDIRQ, Kind.NMI)


class Start(StrEnum):
    """When a context may start."""

    RUNNING = "running"
    """At once: it runs from the beginning."""
    INTERRUPT = "interrupt"
    """At any point of its CPU at which it is not masked, or never."""
    SIGNALLED = "signalled"
    """Once its target was queued, armed or called."""


class Action(StrEnum):
    """What an event does to its target."""

    ACQUIRE = "acquire"
    RELEASE = "release"
    DOWNGRADE = "downgrade"
    WAIT = "wait"
    """For a grace period, work, a completion, a thread's end, a count of zero, a wake-up."""
    CANCEL = "cancel"
    """Take it back if it has not begun, else wait for its end: work, timer."""
    SIGNAL = "signal"
    """Complete, wake up, queue, arm, call."""
    SIGNAL_ALL = "signal-all"
    RESET = "reset"
    """A completion that is set up anew: what was signalled before is gone."""
    PREPARE = "prepare"
    """Go onto the wait queue; a wake-up from here on counts."""
    TEST = "test"
    """Go to `otherwise` if the condition of the wait queue (or the stop request of the thread) is true."""
    FINISH = "finish"
    """Leave the wait queue."""
    SET = "set"
    """Make the condition of the wait queue true."""
    CLEAR = "clear"
    AWAIT = "await"
    """Prepare, test and wait as often as it takes, in the right order."""
    SLEEP = "sleep"
    """May sleep, for no object's sake."""
    BEGIN = "begin"
    """The context starts. Made when the program is compiled, as is END."""
    END = "end"


class Object(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One lock or other thing that contexts meet at: lockdep's instance."""

    name: str
    machine: Machine
    label: str = ""
    """Its class, as a maintainer writes it (`kvm->lock`); "" for the name itself."""
    group: str = ""
    """WORK: the name of the WORKQUEUE that it runs on."""
    count: int = 0
    """SEMAPHORE: how many may enter. WORKQUEUE: how many may run at once, 0 for any number. WAIT_QUEUE: 1 if its
    condition is true from the beginning. COMPLETION: how often it was signalled already."""

    @property
    def shown(self) -> str:
        """The name for a reader."""
        return self.label or self.name


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that a context does."""

    action: Action
    target: str = ""
    """Name of the object; "" for SLEEP."""
    mode: Mode = Mode.EXCLUSIVE
    """ACQUIRE: how."""
    trylock: bool = False
    otherwise: int | None = None
    """Trylock that fails, TEST that is true: the index of the event to go on with, further down. None: behind the
    matching release, or the next event for TEST."""
    nested: int = 0
    """lockdep's subclass, for show: instances are told apart by their objects."""
    entry: bool = False
    """Held by a caller on entry; acquired first."""
    with_lock: bool = False
    """Masking that is part of a spinlock's operation: on PREEMPT_RT there is none."""
    source: Step | None = None
    stack: tuple[Step, ...] = ()
    """The calls that lead to it, outermost first."""
    note: str = ""


class Context(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that runs."""

    name: str
    kind: Kind = Kind.TASK
    events: tuple[Event, ...] = ()
    cpu: int | None = None
    """None: a CPU of its own."""
    start: Start = Start.RUNNING
    target: str = ""
    """The WORK, TIMER or CALL that starts it, the LINE that it handles, the KTHREAD that it is."""
    runs: int = 1
    """How often it may run, if it is started that often."""
    threaded: bool = True
    """HARDIRQ on PREEMPT_RT: its handler runs in a thread."""
    documented: str = ""
    """Where a document says that this context exists, if no code that was read does: `locking.rst:31`."""
    choices: tuple[str, ...] = ()
    """The branches taken: `r == 0 at x.c:12`."""


class Program(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that runs and all that it meets at."""

    name: str
    objects: tuple[Object, ...]
    contexts: tuple[Context, ...]
    preempt_rt: bool = False
    """Spinlocks and rwlocks sleep, interrupts and softirqs run in threads."""
    version: int = 1


def to_json(program: Program) -> bytes:
    """`program` as JSON, two spaces deep."""
    return msgspec.json.format(msgspec.json.encode(program), indent=2)


def from_json(text: bytes | str) -> Program:
    """The program that `to_json` wrote. Raises ProgramError for anything else, with the path of what is wrong."""
    try:
        program = msgspec.json.decode(text, type=Program)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ProgramError(f"not a program: {error}") from error
    if program.version != 1:
        raise ProgramError(f"program version {program.version}: only version 1 can be read")
    return program
