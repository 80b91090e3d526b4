# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What an interactive front end shows beside the findings: held locks per line, edges of the order graph, source."""

from __future__ import annotations

from dataclasses import dataclass

from reviewtool.locking.model import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A lock that is held at a line on some path."""

    label: str
    shared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionRail:
    """Which locks each line of a function has."""

    path: str
    function: str
    first: int
    """The function's first line in its snapshot, from 1."""
    lines: tuple[tuple[Held, ...], ...]
    """`lines[n]` is held when line `first + n` begins, on some path."""

    def at(self, line: int) -> tuple[Held, ...] | None:
        """What is held at a line of the file; None outside of the function."""
        place = line - self.first
        return self.lines[place] if 0 <= place < len(self.lines) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class HunkPlace:
    """Where a hunk stands in the tree: added to its own line numbers this gives the lines of the snapshots."""

    path: str
    hunk: int
    """From 1, in its file."""
    old_shift: int
    new_shift: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """A piece of a file of a snapshot; not yet cleaned for a terminal."""

    snapshot: int
    path: str
    first: int
    """Its first line, from 1."""
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEdge:
    """`inner` is acquired or waited for while `outer` is held."""

    outer: str
    inner: str
    kind: str
    """lockdep's: EN, ER, SN or SR."""
    worlds: tuple[str, ...] = ()
    witness: tuple[Step, ...] = ()
    sync: bool = False
    """`inner` is waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchDetail:
    """An event: what there is to show of a patch. It follows the patch's PatchDone."""

    number: int
    before: tuple[FunctionRail, ...] = ()
    """The changed functions in the snapshot before the patch."""
    after: tuple[FunctionRail, ...] = ()
    places: tuple[HunkPlace, ...] = ()
    added: tuple[OrderEdge, ...] = ()
    removed: tuple[OrderEdge, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()
    """Of snapshot `number`: around the hunks and around the steps of the findings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDone:
    """An event: the order graph of the last snapshot. It stands before ReviewDone."""

    edges: tuple[OrderEdge, ...]
