# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What the parser hands to those who make facts: a syntax tree over normalised bytes, and what normalising hid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tree_sitter import Tree

from reviewtool.csource.facts import Attribute, Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A macro that was turned into `while`: the header of a loop or of a scope.

    In `source` the macro's name is replaced by `while` (padded or cut to the same number of bytes) and its arguments
    by something that parses as an expression; what stood there is kept here.
    """

    name: str
    args: tuple[str, ...]
    scoped: bool
    """The block runs at most once (`scoped_guard`), not in a loop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A macro used at file level."""

    name: str
    args: tuple[str, ...]
    static: bool
    defines: bool = False
    """A function body follows, which it begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """One cut, parsed. Every byte offset means the same place in `original`, in `source` and in the tree."""

    original: bytes
    source: bytes
    """Normalised: comments, attributes and directives blanked, loop macros turned into `while`."""
    tree: Tree
    headers: Mapping[int, Header] = field(default_factory=dict)
    """By the offset of the `while` in `source`."""
    attributes: Mapping[int, Attribute] = field(default_factory=dict)
    """Blanked attributes by the offset where they stood."""
    jumps: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """Labels that an `asm goto` may jump to, by the offset of the statement."""
    fault: Fault = Fault.CLEAN
    dropped: tuple[tuple[int, int], ...] = ()
    """Ranges of lines (from 0, end excluded) of `#if` branches that had to be dropped."""
    clean: bytes = b""
    """`original` with comments, directives and attributes blanked, but strings and most else as written: for texts."""
    attribute_offsets: tuple[int, ...] = ()
    """The keys of `attributes`, in order."""
    conditions: tuple[tuple[int, tuple[str, ...]], ...] = ()
    """Where the conditions of `#if` lines outside of function bodies change: (offset, conditions from there on)."""
    comments: tuple[tuple[int, int], ...] = ()
    """Where the comments stand."""
    directives: tuple[tuple[int, int], ...] = ()
    """Where the other directives stand (`#define`, `#include`, ...), to the end of their last line."""
    invocations: Mapping[int, Use] = field(default_factory=dict)
    """Macros used at file level, by the offset of their name; they are blanked unless a definition follows."""
