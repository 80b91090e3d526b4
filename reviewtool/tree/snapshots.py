# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Snapshots of a commit, and of what patches made of a base."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from reviewtool.tree.listing import Entry, Listing
from reviewtool.tree.memory import files_below
from reviewtool.tree.model import Snapshot
from reviewtool.tree.reader import BlobReader


class CommitSnapshot:
    """The tree of a commit. Its listing is had when it is first needed.

    Args:
        reader: Where the blobs come from.
        load: Gives the listing; may raise TreeError.
    """

    def __init__(self, reader: BlobReader, load: Callable[[], Listing]) -> None:
        self._reader = reader
        self._load = load

    @cached_property
    def _listing(self) -> Listing:
        return self._load()

    @property
    def number(self) -> int:
        """0: it is the base."""
        return 0

    def read(self, path: str) -> bytes | None:
        """The file's bytes; None if there is no such regular file. Raises TreeError if git cannot read it."""
        return self.read_many((path,)).get(path)

    def read_many(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """The bytes of those paths that exist, in one round trip. Raises TreeError if git cannot read one."""
        wanted = {path: name for path in paths if (name := self._listing.name(path)) is not None}
        return dict(zip(wanted, self._reader.read(list(wanted.values()), list(wanted)), strict=True))

    def identity(self, path: str) -> str | None:
        """The blob's object name, without reading it."""
        return self._listing.name(path)

    def list(self, prefix: str = "") -> tuple[str, ...]:
        """The regular files below a directory, sorted; the path itself if `prefix` is a file."""
        return self._listing.below(prefix)

    def changed(self) -> frozenset[str]:
        """Nothing: it is the base."""
        return frozenset()


class OverlaySnapshot:
    """A base and the entries that patches left at the paths they touched; all else is the base's.

    Args:
        number: How many patches were applied.
        base: Snapshot 0.
        reader: Where the blobs of the overlay come from.
        before: What the base has at the touched paths; a path without a file is left out.
        after: The same after the patches.
    """

    def __init__(
        self,
        *,
        number: int,
        base: Snapshot,
        reader: BlobReader,
        before: Mapping[str, Entry],
        after: Mapping[str, Entry],
    ) -> None:
        self._number = number
        self._base = base
        self._reader = reader
        self._overlay = {
            path: entry for path in before.keys() | after.keys() if (entry := after.get(path)) != before.get(path)
        }

    @property
    def number(self) -> int:
        """How many patches were applied."""
        return self._number

    def read(self, path: str) -> bytes | None:
        """The file's bytes; None if there is no such regular file. Raises TreeError if it cannot be read."""
        if path not in self._overlay:
            return self._base.read(path)
        return self.read_many((path,)).get(path)

    def read_many(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """The bytes of those paths that exist, in two round trips. Raises TreeError if one cannot be read."""
        wanted = list(paths)
        ours = {path: name for path in wanted if path in self._overlay and (name := self.identity(path)) is not None}
        theirs = self._base.read_many([path for path in wanted if path not in self._overlay])
        found = dict(zip(ours, self._reader.read(list(ours.values()), list(ours)), strict=True))
        found.update(theirs)
        return found

    def identity(self, path: str) -> str | None:
        """The blob's object name, without reading it where git knows it."""
        if path not in self._overlay:
            return self._base.identity(path)
        entry = self._overlay[path]
        return entry.name if entry is not None and entry.regular else None

    def list(self, prefix: str = "") -> tuple[str, ...]:
        """The regular files below a directory, sorted; the path itself if `prefix` is a file."""
        theirs = self._base.list(prefix)
        touched = files_below(self._touched, prefix)
        present = {path for path in touched if self.identity(path) is not None}
        gone = set(touched) - present
        if gone.isdisjoint(theirs) and present.issubset(theirs):
            return theirs
        return tuple(sorted((set(theirs) - gone) | present))

    @cached_property
    def _touched(self) -> tuple[str, ...]:
        return tuple(sorted(self._overlay))

    def changed(self) -> frozenset[str]:
        """The paths that differ from the base, by content, by mode or by being there."""
        return frozenset(self._overlay)
