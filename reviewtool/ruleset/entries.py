# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The shape of the data files: what may stand in a TOML file of a rules directory.

Every file has the same shape, so that a user's one file may hold a primitive, a context and a rule together. Tables
whose entries come from the kernel's source are keyed by the file they were read from:
`[primitive."include/linux/mutex.h"]`.
"""

from __future__ import annotations

from typing import Any, Literal, get_origin, get_type_hints

import msgspec

from reviewtool.ruleset.access import Access, Handling, Pair
from reviewtool.ruleset.allocation import AllocationWords
from reviewtool.ruleset.dialect import Syntax
from reviewtool.ruleset.model import (
    Effect,
    Group,
    Registration,
    Severity,
    Success,
    ValueWords,
)

Wait = Literal["free", "spin", "config", "sleep"]
"""A wait type, by the name of the member of `WaitType`."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Base of all: a key that is not known is an error."""


class FamilyEntry(Entry, frozen=True):
    """`[family.mutex]`: see `Family`."""

    wait_type: Wait
    inner: Wait
    types: tuple[str, ...] = ()
    order: bool = True
    reentrant: bool = False
    recursive_read: bool = False
    exclusive: bool = True
    owned: bool = True
    handle: bool = False
    implies: tuple[str, ...] = ()


class OperationEntry(Entry, frozen=True):
    """The words after the effect and the family, in `mutex_lock_nested = "acquire mutex nested=1"`."""

    effect: Effect
    family: str = ""
    at: int | str = 0
    mode: Literal["exclusive", "shared", "recursive", "any"] = "exclusive"
    instance: int | None = None
    success: Success = Success.ALWAYS
    nested: int | None = None
    nest_lock: int | None = None
    condition: int | None = None
    user: int | None = None
    trylock: bool = False
    returns_index: bool = False
    requires: bool = False


class GuardEntry(Entry, frozen=True):
    """`mutex_intr = { acquire = "mutex_lock_interruptible", release = "mutex_unlock", conditional = true }`."""

    acquire: str
    release: str
    conditional: bool = False


class DefinerEntry(Entry, frozen=True):
    """`DEFINE_MUTEX = { family = "mutex", type = "struct mutex" }`."""

    family: str
    type: str
    argument: int = 0


class OrderEntry(Entry, frozen=True):
    """`[[order]]`: see `Order`."""

    outer: str
    inner: str
    source: str
    worlds: tuple[str, ...] = ()
    rule: str = ""


class ForbiddenEntry(Entry, frozen=True):
    """`[[forbidden-under]]`: see `ForbiddenUnder`."""

    under: tuple[str, ...]
    rule: str = ""
    calls: tuple[str, ...] = ()
    acquires: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    message: str = ""
    source: str = ""
    worlds: tuple[str, ...] = ()


class RequiredEntry(Entry, frozen=True):
    """`[[required-lock]]`: see `RequiredLock`."""

    locks: tuple[str, ...]
    rule: str = ""
    calls: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    acquires: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    message: str = ""
    source: str = ""
    worlds: tuple[str, ...] = ()


class SubsystemEntry(Entry, frozen=True):
    """`[subsystem.kvm]`: see `Subsystem`."""

    paths: tuple[str, ...]
    headers: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    enabled: tuple[str, ...] = ()


class ContextEntry(Entry, frozen=True):
    """`[context.work-item]`: see `Context`; one of field, call and macro says how code gets there."""

    source: str
    field: tuple[str, ...] = ()
    call: tuple[str, ...] = ()
    macro: tuple[str, ...] = ()
    argument: int | tuple[int, ...] = 0
    kind: Literal["task", "softirq", "hardirq", "nmi"] = "task"
    thread: Literal["", "worker", "hotplug", "kthread", "grace-period"] = ""
    holds: tuple[str, ...] = ()
    when: str = ""
    sleeps: bool = True
    subject: str = ""
    excludes: bool = False
    functions: tuple[str, ...] = ()
    via: str = ""

    def arguments(self) -> tuple[int, ...]:
        """All arguments that are functions."""
        return (self.argument,) if isinstance(self.argument, int) else self.argument

    def registrations(self) -> list[tuple[Registration, str]]:
        """The ways in, each with the name of its holder."""
        ways = (
            (Registration.FIELD, self.field),
            (Registration.ARGUMENT, self.call),
            (Registration.MACRO, self.macro),
        )
        return [(way, name) for way, names in ways for name in names]


class NamedCallEntry(Entry, frozen=True):
    """`[named-call.static-call]`: see `NamedCall`."""

    macros: tuple[str, ...] = ()
    updates: tuple[str, ...] = ()
    prefix: str = ""
    record: str = ""


class OutsideEntry(Entry, frozen=True):
    """What one function does, in `[outside."mm/gup.c"]`: see `Outside`."""

    sleeps: bool = False
    takes: tuple[str, ...] = ()
    waits: tuple[str, ...] = ()
    calls: tuple[int, ...] = ()
    flags: int | None = None
    drops: str = ""
    drops_flags: tuple[int, ...] = ()


def _words(name: str, words: type[Syntax] | type[ValueWords] | type[AllocationWords]) -> type[msgspec.Struct]:
    """The entry for a value of the model that has words only (sets and dicts of them); what is not given is empty."""
    return msgspec.defstruct(
        name,
        [
            (field, shape, msgspec.field(default_factory=get_origin(shape)))
            for field, shape in get_type_hints(words).items()
        ],
        bases=(Entry,),
        namespace={"__doc__": words.__doc__},
        kw_only=True,
        frozen=True,
        forbid_unknown_fields=True,
    )


SyntaxEntry: Any = _words("SyntaxEntry", Syntax)
"""`[syntax]`."""
ValuesEntry: Any = _words("ValuesEntry", ValueWords)
"""`[values]`."""
AllocationEntry: Any = _words("AllocationEntry", AllocationWords)
"""`[allocation]`."""


class RuleEntry(Entry, frozen=True):
    """`[rule.my-rule]`: a rule without a page, for a declaration of the same file."""

    summary: str
    group: Group = Group.ORDER
    severity: Severity = Severity.WARNING
    why: str = ""


class HeadEntry(Entry, frozen=True):
    """The TOML head of a rule page, between two lines of `+++`."""

    id: str
    group: Group
    severity: Severity
    summary: str
    check: str = ""
    catalogue: tuple[str, ...] = ()
    unproven: bool = False
    order: tuple[OrderEntry, ...] = ()
    forbidden_under: tuple[ForbiddenEntry, ...] = msgspec.field(default=(), name="forbidden-under")
    required_lock: tuple[RequiredEntry, ...] = msgspec.field(default=(), name="required-lock")
    pair: tuple[Pair, ...] = ()


class DataFile(Entry, frozen=True):
    """A whole TOML file."""

    family: dict[str, FamilyEntry] = {}
    primitive: dict[str, dict[str, str]] = {}
    guard: dict[str, dict[str, GuardEntry]] = {}
    definer: dict[str, dict[str, DefinerEntry]] = {}
    type: dict[str, dict[str, str]] = {}
    order: tuple[OrderEntry, ...] = ()
    forbidden_under: tuple[ForbiddenEntry, ...] = msgspec.field(default=(), name="forbidden-under")
    required_lock: tuple[RequiredEntry, ...] = msgspec.field(default=(), name="required-lock")
    pair: tuple[Pair, ...] = ()
    subsystem: dict[str, SubsystemEntry] = {}
    named_call: dict[str, NamedCallEntry] = msgspec.field(default={}, name="named-call")
    context: dict[str, ContextEntry] = {}
    outside: dict[str, dict[str, OutsideEntry]] = {}
    access: dict[str, dict[str, Access]] = {}
    object: dict[str, dict[str, Handling]] = {}
    held_test: dict[str, dict[str, tuple[str, ...]]] = msgspec.field(default={}, name="held-test")
    syntax: SyntaxEntry = SyntaxEntry()
    values: ValuesEntry = ValuesEntry()
    allocation: AllocationEntry = AllocationEntry()
    rule: dict[str, RuleEntry] = {}
    catalogue: dict[str, str] = {}
    missing: dict[str, str] = {}
