# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What the flow analysis asks of a linked program, and the values of the answers.

`Program` (program.py) is the real one; tests may give a small one of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from reviewtool.csource.facts import Call, Function
from reviewtool.locking.model import Lock, LockClass
from reviewtool.ruleset.model import Ruleset


@dataclass(frozen=True, slots=True, order=True)
class FunctionId:
    """One definition: its file, its name, and what tells it from another of the same name in that file."""

    path: str
    name: str
    variant: str = ""
    """For `#if` alternatives and for functions of a header that is included as a template; else ""."""


@dataclass(frozen=True, slots=True)
class FunctionRef:
    """A definition in its place."""

    id: FunctionId
    base: int
    """The file's line (from 1) of the cut that the facts count from."""
    facts: Function

    def line(self, relative: int) -> int:
        """The file's line of a line in the facts."""
        return self.base + relative


@dataclass(frozen=True, slots=True)
class Targets:
    """Where a call may go."""

    functions: tuple[FunctionId, ...] = ()
    likely: bool = False
    """They were found by type only, or are some of several."""
    external: str = ""
    """The name, if it leaves what is read (primitives included)."""
    parameter: int | None = None
    """The callee is this parameter of the calling function; `functions` is then all that anyone passes there."""


class Linker(Protocol):
    """One world's view of one snapshot."""

    @property
    def ruleset(self) -> Ruleset:
        """The data in force."""
        ...

    def functions(self) -> Mapping[FunctionId, FunctionRef]:
        """All definitions in scope, and those header functions that were needed so far."""
        ...

    def lock_of(self, ref: FunctionRef, text: str) -> Lock | None:
        """The lock that an expression (`&kvm->lock`) names; None if its type is not known."""
        ...

    def handle_of(self, ref: FunctionRef, text: str, family: str) -> Lock | None:
        """What a handle (a number, a pointer to something of another owner) stands for; its class is what keeps it."""
        return None

    def class_named(self, name: str) -> LockClass:
        """The class that data names (`struct kvm.lock`, `kvm_lock`), its family looked up."""
        ...

    def targets(self, ref: FunctionRef, call: Call) -> Targets:
        """The functions that a call may run now."""
        ...

    def expansion(self, ref: FunctionRef, call: Call) -> tuple[Call, ...] | None:
        """The calls that a function-like macro amounts to, arguments put in; None if it is not one."""
        ...

    def named(self, ref: FunctionRef, text: str) -> tuple[FunctionId, ...]:
        """The functions that an argument's text (`handler`, `&handler`) names; empty if it names none."""
        ...

    def configured(self, condition: str) -> bool | None:
        """Whether the configuration makes a condition hold, of an `#if`, or `IS_ENABLED(CONFIG_X)`; None: not known."""
        return None

    def speaks_for(self, worlds: tuple[str, ...]) -> bool:
        """Whether this world is one of those that data names; any is if it names none."""
        ...

    def iterators(self, ref: FunctionRef, macro: str) -> tuple[int, ...]:
        """Which arguments of a loop macro it assigns each time round."""
        ...

    def pure(self, function: FunctionId) -> bool:
        """It only computes an address from its arguments (`to_vmx()`): same arguments, same result."""
        ...
