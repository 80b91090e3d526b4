# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What a function does to locks, seen from a caller.

Lines are relative to the function's cut, so that a summary serves every snapshot in which the function is the same.
Access paths are in terms of its parameters and of globals; what it alone can name is opaque (see paths.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from reviewtool.locking.linker import FunctionId
from reviewtool.locking.model import LockClass
from reviewtool.locking.values import Value
from reviewtool.ruleset.model import Mode

SLEEP: Final = LockClass("@sleep", "")
"""Stands for a point that may sleep, as if a lock were taken there."""
RECLAIM: Final = LockClass("@reclaim", "")
"""A sleep that is an allocation, and may call shrinkers."""
FAULT: Final = LockClass("@fault", "")
"""Stands for a point that may fault on user memory."""

SLEEPER: Final = "@sleeper"
"""A mask: the way leads through a section under a sleeping lock."""

Dropped = tuple[tuple[LockClass, str], ...]
"""Locks, by class and instance, that were held on entry and are released for a while."""

Condition = tuple[tuple[str, Value], ...]
"""What is known of the parameters: access paths in terms of them, and their values; sorted."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where something comes from: a line of the function, or what a callee does that is called there."""

    line: int
    callee: FunctionId | None = None
    key: object = None
    """The callee's record, to be looked up in its summary."""
    depth: int = 0
    """Calls to the place itself, along the shortest way that was found."""
    chosen: bool = False
    """`key` leads on by its own origin, not by the one that the callee's summary has for it (see ways.py)."""


@dataclass(frozen=True, slots=True)
class HeldLock:
    """A lock that is held, or that was held on entry and has been released (`owed`)."""

    cls: LockClass
    instance: str
    mode: Mode
    many: bool = False
    """Locks of this class, taken by a loop."""
    drained: bool = False
    """They are being released by a loop."""
    nested: bool = False
    trylock: bool = False
    scope: int = -1
    """The managed scope that releases it, or -1."""
    token: str = ""
    """The flags variable or SRCU index that its release must get."""
    origin: Origin = field(default=Origin(0), compare=False)

    def __hash__(self) -> int:
        """Of what differs most; states are looked up very often."""
        return hash((self.cls.name, self.instance, self.mode, self.many, self.drained))


class Kind(StrEnum):
    """What an inner event is."""

    LOCK = "lock"
    SYNC = "sync"
    SLEEP = "sleep"
    FAULT = "fault"
    CALL = "call"
    """A call that the ruleset has something against; see `called`."""


@dataclass(frozen=True, slots=True)
class Inner:
    """A lock acquired, a wait, or a sleep, somewhere inside a function."""

    kind: Kind
    cls: LockClass
    instance: str
    mode: Mode
    nested: bool = False
    dropped: Dropped = ()
    """Locks held on entry that are released at that moment."""
    flags: str = ""
    """SLEEP: the text (in terms of parameters) of the allocation flags that decide; "" if it always may."""
    likely: bool = False
    """The way to it goes through a pointer that was resolved by type only."""
    final: bool = False
    """It happens only if the last reference to something was just put."""
    masked: frozenset[str] = frozenset()
    """Names of the states (interrupts off, ...) that hold on the way to it; SLEEPER if a sleeping lock does."""
    when: Condition = ()
    """What the parameters must be for it."""
    origin: Origin = field(default=Origin(0), compare=False)

    def __hash__(self) -> int:
        """Of what differs most; records are looked up very often."""
        return hash((self.cls.name, self.instance, self.kind, self.dropped, self.masked, self.when))


@dataclass(frozen=True, slots=True)
class Requirement:
    """A lock that must be held on entry."""

    cls: LockClass
    instance: str
    mode: Mode | None
    negative: bool = False
    """It must not be held."""
    likely: bool = False
    others: tuple[LockClass, ...] = ()
    """Locks that do as well."""
    rule: str = ""
    """The rule that asks for it; "" for an assertion in the code."""
    message: str = ""
    unless: tuple[str, ...] = ()
    """Functions (by name) from whose callers it is not asked."""
    access: str = ""
    """What names the place, where a shared pointer is followed; "" for other demands."""
    when: Condition = ()
    origin: Origin = field(default=Origin(0), compare=False)


@dataclass(frozen=True, slots=True)
class Deferred:
    """A function that was passed as a parameter is called, with these locks held."""

    parameter: int
    held: tuple[HeldLock, ...]
    dropped: Dropped
    origin: Origin = field(default=Origin(0), compare=False)


def called(name: str) -> LockClass:
    """Stands for a call of a function, as if a lock were taken there."""
    return LockClass(f"@call {name}", "")


INTERRUPTS: Final = "@irq"
"""The state of having interrupts off. It is not counted: whoever switches them on ends it for all."""
ENABLED: Final = called(INTERRUPTS)
"""Stands for the end of a section that switches interrupts on, however they were when it began."""


def below(line: int, callee: FunctionId, record: Inner | Requirement | HeldLock | Deferred) -> Origin:
    """The origin of something that a callee's record says."""
    return Origin(line, callee, record, record.origin.depth + 1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way of returning."""

    value: Value
    held: tuple[HeldLock, ...]
    owed: tuple[HeldLock, ...]
    condition: Condition = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Relation:
    """`outer` was held when `inner` happened, within one function (by itself or in a callee)."""

    outer: HeldLock
    inner: Inner


class Trouble(StrEnum):
    """What the flow itself stumbles over."""

    DOUBLE_ACQUIRE = "double-acquire"
    DOUBLE_RELEASE = "double-release"
    MODE_MISMATCH = "mode-mismatch"
    TOKEN_MISMATCH = "token-mismatch"  # noqa: S105 (no password: a flags variable or an SRCU index)
    TOKEN_REUSED = "token-reused"  # noqa: S105 (as above)
    """The variable that a release must get is overwritten by a second acquisition."""
    RESULT_IGNORED = "result-ignored"
    OTHER_OBJECT = "other-object"
    """The lock is released through a pointer that went on to another object since."""
    STALE = "stale"
    """A field is written from what was read of it before its lock was dropped and taken again."""
    NOT_HELD = "not-held"
    """A callee's requirement is not met, and this function itself released the lock or holds it in another mode."""
    HELD = "held"
    """A callee requires that the lock is not held."""
    LOOSE_USE = "loose-use"
    """An object is used that was found under a lock which was released since."""
    LATE_GET = "late-get"
    """A reference to such an object is taken."""
    BARE_GET = "bare-get"
    """A reference is taken to an object that only a reader keeps alive, without a look at whether it is about to go."""
    WALK_ON = "walk-on"
    """A walk goes on from an object that nothing kept alive for a while."""
    FREED_USE = "freed-use"
    FREED_EARLY = "freed-early"
    """An object is freed at which readers may still look."""
    FREED_HELD = "freed-held"
    """An object is freed while a lock is held that is a part of it."""
    PUT_HELD = "put-held"
    """A reference to it is dropped meanwhile, which may be the last one."""
    LATE_INIT = "late-init"
    """A lock is made ready when others can find its object already."""
    DESTROYED_HELD = "destroyed-held"
    """A lock is done away with while it is held here."""
    USED_BEFORE_INIT = "used-before-init"
    INIT_HELD = "init-held"
    INIT_AGAIN = "init-again"
    USED_GONE = "used-gone"
    """Acquired after it was destroyed."""
    GONE_AGAIN = "gone-again"
    """Destroyed twice."""
    NEVER_MADE = "never-made"
    """Destroyed where its initialisation failed."""
    NOT_UNMADE = "not-unmade"
    """A way out with an error does not destroy what the function initialised, and destroys on other ways."""
    CLASSED_LATE = "classed-late"
    """It gets a lockdep class after it was used."""
    OTHER_TYPE = "other-type"
    """A function for another kind of lock is called with it."""


BY_HAND: Final = "by hand"
"""The detail of a double release: a guard's scope ends, and its lock was released by hand before."""

UPGRADE: Final = "upgrade"
"""The detail of a double acquisition by a reader that wants to write."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A place where the flow found something wrong."""

    trouble: Trouble
    cls: LockClass
    instance: str
    line: int
    other: Origin | None = None
    """The acquisition that it conflicts with."""
    via: Origin | None = None
    """The callee in which it happens."""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Leaving:
    """A way out of the function, for those who judge balance: where, with what result, what is held, and the way."""

    line: int
    value: Value
    held: tuple[HeldLock, ...]
    owed: tuple[HeldLock, ...]
    choices: tuple[tuple[int, str, bool], ...]
    """The branches taken on one such path: line, condition, and whether it was true."""
    condition: Condition = ()
    released: frozenset[str] = frozenset()
    """The classes (by name) of locks that this way surely took and released again."""


@dataclass(frozen=True, slots=True)
class Leak:
    """A lock that is lost on the way `leaving`; `free` is a comparable way out without it."""

    lock: HeldLock
    leaving: Leaving
    free: Leaving
    sure: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """All of it. `inner`, `relations` and `requirements` are in order of first discovery."""

    outcomes: tuple[Outcome, ...] = ()
    inner: tuple[tuple[Inner, Condition], ...] = ()
    requirements: tuple[tuple[Requirement, Condition], ...] = ()
    deferred: tuple[Deferred, ...] = ()
    relations: tuple[tuple[Relation, Condition], ...] = ()
    problems: tuple[Problem, ...] = ()
    leavings: tuple[Leaving, ...] = ()
    leaks: tuple[Leak, ...] = ()
    """What is lost here is not seen by callers: one cause, one finding."""
    bounded: bool = False
    """The analysis gave up some precision: nothing is concluded from what did not happen."""
    destroyed: frozenset[str] = frozenset()
    """The classes, by name, of the locks that it destroys, or that its callees do."""
    unknown_locks: int = 0
    unknown_calls: int = 0

    @property
    def neutral(self) -> bool:
        """No lock is held or owed at any way out."""
        return not any(outcome.held or outcome.owed for outcome in self.outcomes)


EMPTY: Final = Summary()
