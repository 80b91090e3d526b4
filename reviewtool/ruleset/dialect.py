# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The words of the C dialect, as `rules/syntax.toml` has them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Syntax:
    """The words of the C dialect that the parser has to know; all are names, none is a pattern."""

    attributes: frozenset[str]
    """Blanked and recorded, with or without arguments."""
    loops: frozenset[str]
    """Macros that are the header of a loop."""
    scoped: frozenset[str]
    """Macros that are the header of a block that runs at most once: scoped_guard."""
    transparent: frozenset[str]
    """Wrappers whose value is their first argument: likely, unlikely, WARN_ON."""
    noreturn: frozenset[str]
    """Calls after which nothing runs: BUG, panic."""
    declarers: frozenset[str]
    """Macros that declare a variable: DEFINE_MUTEX, DEFINE_PER_CPU, DECLARE_BITMAP, LIST_HEAD."""
    type_arguments: frozenset[str]
    """Macros that take a type as an argument: container_of, offsetof, va_arg."""
    definers: frozenset[str]
    """Macros that begin a function definition: SYSCALL_DEFINE3, COMPAT_SYSCALL_DEFINE2."""
    remarks: frozenset[str]
    """Words that make a comment worth keeping: lock, held, order, nests."""
    managed: dict[str, str] = field(default_factory=dict)
    """What opens a scope that is left by itself, and its form in `facts.Enter`: `guard`, `scoped_guard`,
    `scoped_cond_guard` (its second argument is the statement for failure), `class` (also `CLASS(name, variable)`),
    `free` (an attribute of a variable)."""
    conditional: frozenset[str] = frozenset()
    """Guard classes for which the block of a `scoped_guard` may be passed over: `mutex_try`."""
    returning: frozenset[str] = frozenset()
    """Macros that are a statement, and return their argument: return_ptr."""
    noted: frozenset[str] = frozenset()
    """Those transparent wrappers of which a Call without a result is left: they demand something."""
    typed: frozenset[str] = frozenset()
    """Those declarers whose first argument is the type and whose second is the name: DEFINE_PER_CPU."""
