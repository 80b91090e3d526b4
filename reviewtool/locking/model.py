# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The values of the lock model: classes, what is held, witnesses, edges."""

from __future__ import annotations

from dataclasses import dataclass, field

from reviewtool.ruleset.model import Mode


@dataclass(frozen=True, slots=True)
class LockClass:
    """All locks of one declaration: lockdep's class.

    `name` is `struct kvm.lock` for a field, `kvm_lock` for a global, `virt/kvm/eventfd.c:lock` for a static one whose
    name another file uses too, `@irq` and its like for states that behave as locks.
    """

    name: str
    family: str = field(compare=False)
    """A key of the ruleset's families. The name alone tells classes apart."""

    def __hash__(self) -> int:
        """Of the name alone, which tells classes apart: they are looked up very often."""
        return hash(self.name)

    @property
    def label(self) -> str:
        """As a maintainer writes it: `kvm->lock`, `kvm_lock`."""
        record, dot, field = self.name.rpartition(".")
        if not dot or not record.startswith(("struct ", "union ")):
            path, _, name = self.name.rpartition(":")
            return f"{name} ({path.rpartition('/')[2]})" if path else name
        return f"{record.split(' ', 1)[1]}->{field}"


@dataclass(frozen=True, slots=True)
class Lock:
    """One lock as code names it: its class and the access path, in terms of parameters, globals and opaque values."""

    cls: LockClass
    instance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a witness."""

    path: str
    line: int
    """From 1."""
    function: str
    event: str
    """What happens: `acquires kvm->lock`, `calls kvm_get_msr`."""
    held: tuple[str, ...] = ()
    """Labels of the locks held before this step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """`inner` was acquired (or waited for, `sync`) while `outer` was held."""

    outer: LockClass
    inner: LockClass
    outer_mode: Mode
    inner_mode: Mode
    sync: bool = False
    nested: bool = False
    """A subclass or a nest lock says that it is meant, for locks of one class."""
    world: str = ""
    witness: tuple[Step, ...] = ()
    """From the function that holds `outer` to the acquisition of `inner`."""
