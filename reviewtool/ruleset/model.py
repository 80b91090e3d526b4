# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The typed values that `rules/` is read into. All names of the kernel live there, none here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from reviewtool.ruleset.access import Access, Handling, Pair
from reviewtool.ruleset.allocation import AllocationWords
from reviewtool.ruleset.dialect import Syntax
from reviewtool.ruleset.names import Definer, NamedCall, TypedMacro


class Mode(StrEnum):
    """How a lock is held."""

    EXCLUSIVE = "exclusive"
    SHARED = "shared"
    RECURSIVE = "recursive"
    """Shared, and a reader may come in while a writer waits."""


class WaitType(IntEnum):
    """lockdep's order of what may be taken inside what; include/linux/lockdep_types.h."""

    FREE = 1
    """RCU: does not wait."""
    SPIN = 2
    """Raw spinlocks."""
    CONFIG = 3
    """Spinlocks and rwlocks, which sleep on PREEMPT_RT."""
    SLEEP = 4
    """Mutexes, semaphores, SRCU synchronisation."""


class Effect(StrEnum):
    """What one operation of a primitive does."""

    ACQUIRE = "acquire"
    RELEASE = "release"
    ASSERT_HELD = "assert-held"
    ASSERT_NOT_HELD = "assert-not-held"
    WAIT = "wait"
    """Waits for readers, work, a timer, a completion: a sync edge to its subject."""
    SIGNAL = "signal"
    """Ends such a wait: complete(), wake_up()."""
    INIT = "init"
    DESTROY = "destroy"
    CLASSIFY = "classify"  # gives the lock a lockdep class of its own
    DOWNGRADE = "downgrade"
    """Exclusive becomes shared without a gap."""
    DROP_RETAKE = "drop-retake"
    """Released and taken again in the mode it was held in, so that others run between: cond_resched_lock()."""
    SLEEP = "sleep"
    """May sleep; `subject` may name the argument with allocation flags that decides."""
    FAULT = "fault"
    """May fault on user memory (takes mmap_lock, sleeps)."""


class Success(StrEnum):
    """How the caller learns that an acquisition took place."""

    ALWAYS = "always"
    NONZERO = "nonzero"
    """mutex_trylock(): true is locked."""
    ZERO = "zero"
    """mutex_lock_interruptible(): 0 is locked."""
    NONNEGATIVE = "nonnegative"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One effect of a primitive."""

    effect: Effect
    family: str
    """A key of `Ruleset.families`; "" for effects without one (sleep, fault)."""
    subject: int | str
    """The argument (from 0) that names the lock, or the name of a lock that needs none (`@irq`, `cpu_hotplug_lock`).

    A text with `@` and a digit is an access path in terms of the arguments: `&@0->mmap_lock` is the address of the
    field `mmap_lock` of what argument 0 points to. `@return` in it is the value that the call returns."""
    mode: Mode | None = Mode.EXCLUSIVE
    """None: any (assertions, releases that take what they find)."""
    instance: int | None = None
    """Argument that tells instances apart: the flags variable of irqsave, the SRCU index of a read unlock."""
    success: Success = Success.ALWAYS
    trylock: bool = False
    """Never waits: no incoming edge."""
    nested: int | None = None
    """Argument that is the lockdep subclass."""
    nest_lock: int | None = None
    """Argument that is the lock which makes nesting of this class safe."""
    returns_index: bool = False
    """The result is the SRCU index (or the flags) that the release must get."""
    requires: bool = False
    """It is an error if the lock is not held already (upgrade-like operations)."""
    condition: int | None = None
    """WAIT: the argument that is waited to become true (an expression)."""
    user: int | None = None
    """FAULT: the argument that points to user memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Primitive:
    """A kernel function or macro whose effect on locks is known."""

    name: str
    operations: tuple[Operation, ...]
    source: str = ""
    """Where this is from: a header or a document of the kernel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A kind of lock."""

    name: str
    types: tuple[str, ...]
    """The C types of its lock objects: `struct mutex`, `spinlock_t`."""
    wait_type: WaitType
    """What it must not be taken inside of, seen from outside."""
    inner: WaitType
    """What may be taken while it is held: nothing above."""
    order: bool = True
    """It takes part in the order graph (interrupt and preemption state do not)."""
    reentrant: bool = False
    """The same context may take it again: RCU, interrupts off, preemption off."""
    recursive_read: bool = False
    """Its readers are lockdep's recursive readers (RCU, SRCU, rwlock_t in interrupts)."""
    exclusive: bool = True
    """It has an exclusive mode; false for what is only read and waited for (RCU, SRCU)."""
    implies: tuple[str, ...] = ()
    """States that holding it brings with it: `@preempt` for a spinlock."""
    owned: bool = True
    """Who takes it gives it back: false for semaphores and completions, which another task may release."""
    handle: bool = False
    """It is named by a handle (a number, a pointer to a thread): its class is the place that keeps the handle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A class for guard(), scoped_guard() and CLASS(): what its constructor and its destructor call."""

    name: str
    acquire: str
    """The primitive (or function) that its constructor amounts to; it gets the guard's arguments."""
    release: str
    """The same for its destructor; "" for a class that holds nothing."""
    conditional: bool = False
    """The lock may not be held inside: `mutex_try`, `mutex_intr`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A declared order: `outer` is taken outside of `inner`, with where it is written."""

    outer: str
    """Lock class, as `struct kvm.lock` or a global's name."""
    inner: str
    source: str
    worlds: tuple[str, ...] = ()
    """Empty: all."""
    rule: str = ""
    """The rule that reports a violation; "" for the built-in one for declared orders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForbiddenUnder:
    """Something that must not happen while a lock is held."""

    rule: str
    """The id of the rule that reports it."""
    under: tuple[str, ...]
    """Any of these is enough: a class, with a mode or without (`struct kvm.mmu_lock:exclusive`), or a `<family>`."""
    calls: tuple[str, ...] = ()
    """Functions that must not be called, directly or through others."""
    acquires: tuple[str, ...] = ()
    """Locks that must not be taken: classes, or families in angle brackets."""
    effects: tuple[Effect, ...] = ()
    """SLEEP, FAULT or WAIT."""
    message: str = ""
    source: str = ""
    worlds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredLock:
    """Something that may happen only while one of some locks is held."""

    rule: str
    locks: tuple[str, ...]
    """Any of these is enough, written as in `ForbiddenUnder.under`; `@0->srcu` is a path from the call's arguments."""
    calls: tuple[str, ...] = ()
    """Functions that need it."""
    reads: tuple[str, ...] = ()
    """Fields whose reads need it: `struct kvm.memslots`."""
    writes: tuple[str, ...] = ()
    """Fields whose writes need it."""
    acquires: tuple[str, ...] = ()
    """Locks that may be taken only inside of it."""
    unless: tuple[str, ...] = ()
    """Functions in which it is not asked for: those that build or tear down the object."""
    message: str = ""
    source: str = ""
    worlds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subsystem:
    """A piece of the kernel whose files are read together."""

    name: str
    paths: tuple[str, ...]
    """Path patterns; `*` stands for one path component, a trailing `/` for everything below."""
    headers: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    """Locking documents that speak for these paths."""
    enabled: tuple[str, ...] = ()
    """Kconfig's symbols that are on where these paths are compiled."""


class Registration(StrEnum):
    """How a function reaches the code that calls it from outside."""

    FIELD = "field"
    """It is stored in a field of an operations structure."""
    ARGUMENT = "argument"
    """It is passed to a registration function."""
    MACRO = "macro"
    """A file-level macro names it: module_init(), SYSCALL_DEFINE."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Where code outside the scope calls a root, and what it holds there."""

    name: str
    registration: Registration
    holder: str
    """FIELD: the record and field, `struct file_operations.unlocked_ioctl` (`*` for any field). ARGUMENT: the
    registration function. MACRO: the macro."""
    argument: int = 0
    """ARGUMENT and MACRO: which argument is the function."""
    kind: str = "task"
    """`task`, `softirq`, `hardirq`, `nmi`."""
    thread: str = ""
    """Which task, if always one of its kind: `worker`, `hotplug`, `kthread`, `grace-period`."""
    holds: tuple[str, ...] = ()
    """Locks held on entry: `cpu_hotplug_lock:shared`, `@irq`, `struct rq.__lock` or `virt/lib/irqbypass.c:lock`."""
    when: str = ""
    """A condition on other arguments, "" for always: `0 < @CPUHP_AP_ONLINE and 0 >= @CPUHP_AP_IDLE_DEAD` compares
    argument 0 with enumerators, by their values (`conditions` in when.py takes it apart)."""
    sleeps: bool = True
    """The callback may sleep."""
    source: str = ""
    subject: str = ""
    """What is waited for when somebody waits for this code to end: `@0` is the work item that argument 0 of the
    registration points to, `&@0` one that it names, `@self` the object whose field the function is stored in,
    `irq-line @0` and `task @return` what these handles of a family stand for. While the code runs it counts as held."""
    excludes: bool = False
    """The code never runs twice at a time for one subject (a work item, a timer, one interrupt line)."""
    functions: tuple[str, ...] = ()
    """FIELD with `*`: only these fields; empty for all of them."""
    via: str = ""
    """ARGUMENT: the argument is (a pointer to) an object, and the function is what this field of it holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What a function outside the scope does to its caller, where that matters."""

    name: str
    sleeps: bool = False
    takes: tuple[str, ...] = ()
    """Locks it takes and releases inside."""
    waits: tuple[str, ...] = ()
    calls: tuple[int, ...] = ()
    """Arguments that it calls before it returns (callbacks)."""
    flags: int | None = None
    """The argument with allocation flags, where those decide whether it sleeps."""
    source: str = ""
    drops: str = ""
    """A lock of the caller that it may release: a path in terms of arguments, `&@0->mmap_lock`."""
    drops_flags: tuple[int, ...] = ()
    """The argument that points to a flag which is 0 afterwards if it did; several where versions differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueWords:
    """Names that stand for values, or test them; `rules/values.toml`, table `[values]`."""

    zero: frozenset[str] = frozenset()
    """Constants that are 0: NULL, false."""
    one: frozenset[str] = frozenset()
    """Constants that are 1: true."""
    makes_error: frozenset[str] = frozenset()
    """Calls whose value is an error pointer: ERR_PTR."""
    takes_error: frozenset[str] = frozenset()
    """Calls whose value is negative for an error pointer: PTR_ERR."""
    tests_error: frozenset[str] = frozenset()
    """Calls that are true for error pointers only: IS_ERR."""
    tests_error_or_null: frozenset[str] = frozenset()
    """Calls that are true for error pointers and NULL: IS_ERR_OR_NULL."""
    tests_users: frozenset[str] = frozenset()
    """Calls that are true while an object has users: an assertion under one says nothing about who is alone with it."""
    annotates: frozenset[str] = frozenset()
    """Attributes of a function that say what it does to locks: __acquires, __must_hold."""
    declares: dict[str, str] = field(default_factory=dict, hash=False)
    """What an attribute says of a function: `acquires`, `releases`, `holds`, `holds-shared`, or `off`: no analysis."""
    telling: frozenset[str] = frozenset()
    """Words of a function's name that say so: lock, unlock, enter, exit."""
    builds: frozenset[str] = frozenset()
    """Words of a function's name, and attributes, that say that it makes or takes down what nobody else sees then."""
    guards: frozenset[str] = frozenset()
    """Attributes of a field that name the lock that guards it: __guarded_by."""
    per_cpu: frozenset[str] = frozenset()
    """Calls that mean this CPU, or test that the caller stays on it: smp_processor_id, this_cpu_ptr, preemptible."""
    frees: frozenset[str] = frozenset()
    """Calls that give memory back: kfree."""
    defines_cleanup: frozenset[str] = frozenset()
    """Macros that define what `__free(name)` runs: name first, the expression last."""
    defines_guard: frozenset[str] = frozenset()
    """Macros that define a guard class: name first, what locks and what unlocks last."""
    followed: frozenset[str] = frozenset()
    """Attributes of pointers that only readers' functions may follow: __rcu."""
    barriers: frozenset[str] = frozenset()
    """Calls that wait for what is freed later: srcu_barrier."""
    last_put: frozenset[str] = frozenset()
    """Calls that are true when the last reference was put, or that call something only then: refcount_dec_and_test."""
    tests_pending: frozenset[str] = frozenset()
    """Calls that are true while a callback waits for its turn, not while it runs: timer_pending."""
    tests_atomic: frozenset[str] = frozenset()
    """Calls that are true where nothing may sleep: in_atomic. Where one was false, no such lock is held."""
    made_ready: frozenset[str] = frozenset()
    """Words of a field's name that says whether something was set up already: initialized, ready."""
    copies: frozenset[str] = frozenset()
    """Calls that copy memory: to what argument 0 points to, as many bytes as the last argument says."""
    class_keys: frozenset[str] = frozenset()
    """The types of the keys of lock classes, which lockdep wants static: struct lock_class_key."""
    configures: frozenset[str] = frozenset()
    """What the macros of Kconfig's symbols begin with: CONFIG_."""
    tests_enabled: frozenset[str] = frozenset()
    """Macros that are 1 for a symbol that is on, as a module too: IS_ENABLED."""
    tests_built_in: frozenset[str] = frozenset()
    """Macros that are 1 for a symbol that is built in, and for a module not always: IS_BUILTIN."""


class Group(StrEnum):
    """What a rule is about."""

    BALANCE = "balance"
    ORDER = "order"
    CONTEXT = "context"
    CONTRACT = "contract"
    RCU = "rcu"
    HOTPLUG = "hotplug"
    LIFETIME = "lifetime"
    WAIT = "wait"
    INIT = "init"
    GUARD = "guard"
    DOC = "doc"
    CHANGELOG = "changelog"


class Severity(StrEnum):
    """How much a finding matters; the order of the members is from worst to least."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A C example of a rule page: `wanted` maps line numbers (from 1) to the rule ids that must be reported there."""

    section: str
    line: int
    """Line of the page where the example starts."""
    code: str
    wanted: tuple[tuple[int, str], ...]
    before: str | None = None
    """The file before a patch that makes it `code`; None for an example that stands for itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule page."""

    id: str
    group: Group
    severity: Severity
    summary: str
    page: str
    """The Markdown after the head."""
    path: str
    examples: tuple[Example, ...]
    check: str = ""
    """Name of the engine check that serves it; "" for a declarative rule."""
    unproven: bool = False
    """It has fired on no case, archive or sample yet: only notes."""
    catalogue: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruleset:
    """All of it."""

    digest: str
    """Changes when any data changes that facts or summaries depend on."""
    syntax: Syntax
    families: dict[str, Family]
    primitives: dict[str, Primitive]
    guards: dict[str, Guard]
    definers: dict[str, Definer]
    typed_macros: dict[str, TypedMacro]
    orders: tuple[Order, ...]
    subsystems: tuple[Subsystem, ...]
    contexts: tuple[Context, ...]
    outside: dict[str, Outside]
    rules: Mapping[str, Rule]
    values: ValueWords = ValueWords()
    forbidden: tuple[ForbiddenUnder, ...] = ()
    required: tuple[RequiredLock, ...] = ()
    pairs: tuple[Pair, ...] = ()
    allocation: AllocationWords = field(default_factory=AllocationWords)
    syntax_digest: str = ""
    """Changes when the words of the C dialect change: all of it that facts depend on."""
    named_calls: tuple[NamedCall, ...] = ()
    accesses: Mapping[str, Access] = field(default_factory=dict)
    """How pointers are followed that others change meanwhile, by the macro or function that does it."""
    held_tests: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Functions that are true while one of these is held: `@0` is what argument 0 points to."""
    handlings: Mapping[str, Handling] = field(default_factory=dict)
    """What functions do to objects."""
    catalogue: Mapping[str, str] = field(default_factory=dict)
    """What a reviewer of locking looks for: titles by number. Rules name the numbers that they serve."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """Why no rule serves an item."""
