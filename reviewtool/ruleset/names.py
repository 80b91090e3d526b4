# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What the data says of single names: macros that declare locks, types, calls that are patched in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Definer:
    """A macro that declares a lock at file level: DEFINE_MUTEX(name)."""

    name: str
    family: str
    argument: int = 0
    type: str = ""
    """C type of the variable it declares."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedMacro:
    """The type of a macro or of a function that is not read: result type as C text.

    `@0` is the type of argument 0, `*@0` what it points to, `&@0` a pointer to it, `=1` the type that argument 1
    spells out (`container_of(p, struct kvm, x)` is `=1 *`).
    """

    name: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCall:
    """Calls that are patched in by name: `static_call(kvm_x86_run)(vcpu)`."""

    name: str
    macros: tuple[str, ...] = ()
    """They take the name and give something to be called."""
    updates: tuple[str, ...] = ()
    """Functions and file-level macros that give a name (argument 0) its function (argument 1)."""
    prefix: str = ""
    """Names that begin so are filled from the field of `record` that is named like the rest."""
    record: str = ""
