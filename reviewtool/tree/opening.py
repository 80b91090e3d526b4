# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Opening what --tree names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from reviewtool.tree.base import choose_base
from reviewtool.tree.change import Change
from reviewtool.tree.difftext import encoded
from reviewtool.tree.directory import DirectorySnapshot
from reviewtool.tree.error import TreeError
from reviewtool.tree.git import complaint_of
from reviewtool.tree.gitdir import GitDirectory, find_repository
from reviewtool.tree.listing import Entry, Listing, parse_entries
from reviewtool.tree.model import Application, Applied, Base, Snapshot, Stack
from reviewtool.tree.patching import Patcher, Touched
from reviewtool.tree.paths import complaint, parents
from reviewtool.tree.private import PrivateRepository
from reviewtool.tree.snapshots import CommitSnapshot, OverlaySnapshot

_DIRECTORY = 0o40000
_WORDS_AT_ONCE = 1000
"""Paths given to one git command, well below the limit on arguments."""


def open_tree(path: str | os.PathLike[str]) -> Tree:
    """The tree at a path: a git repository (bare, with worktrees, or usual), else a plain directory.

    A directory inside a repository that is not its top level is a plain directory. Close the tree, or use it in a
    `with` statement; its snapshots can be read until then.

    Raises:
        TreeError: There is no such directory, git is missing, or git will not use the repository.
    """
    place = Path(path).expanduser()
    if not place.is_dir():
        what = "not a directory" if place.exists() else "no such directory"
        raise TreeError(f"{place}: {what}; --tree takes a kernel repository or a directory of sources")
    place = place.resolve()
    return Tree(place, find_repository(place))


def standing_in(directory: str | os.PathLike[str] = ".") -> Path:
    """The top level of the repository that a directory lies in; what --tree is by default.

    Raises:
        TreeError: It lies in none, or git will not use it.
    """
    place = Path(directory).resolve()
    for candidate in (place, *place.parents):
        if find_repository(candidate) is not None:
            return candidate
    raise TreeError(f"{place} is not in a git repository; name the kernel tree with --tree")


class Tree:
    """An open tree: gives a base, a snapshot of it, and the stack of snapshots of a series."""

    def __init__(self, path: Path, git: GitDirectory | None) -> None:
        self._path = path
        self._git = git
        self._private = PrivateRepository(git.objects, git.algorithm) if git else PrivateRepository()

    @property
    def path(self) -> Path:
        """Where it is."""
        return self._path

    @property
    def is_repository(self) -> bool:
        """False for a plain directory."""
        return self._git is not None

    def base(self, wanted: str = "", thread_base: str = "", changes: Sequence[Change] = ()) -> Base:
        """The commit to look at, and why: see `choose_base`. Raises TreeError as that does."""
        if self._git is None:
            if wanted:
                raise TreeError(f"{self._path} is a plain directory, which has no commits: leave out --base")
            return Base(revision="", label=str(self._path), reason="a plain directory, as it is")
        return choose_base(self._git, self._private, wanted, thread_base, changes)

    def snapshot(self, base: Base) -> Snapshot:
        """The tree at a base, without any patch."""
        if self._git is None:
            return DirectorySnapshot(self._path)
        return CommitSnapshot(self._private.reader, lambda: self._listing(base))

    def stack(self, changes: Sequence[Change], *, wanted: str = "", thread_base: str = "") -> Stack:
        """Snapshots 0..N of a series, and what became of each patch.

        Args:
            changes: The patches, in order.
            wanted: The base that the user asks for, "" for none.
            thread_base: The base-commit that the thread names, "" for none.

        Raises:
            TreeError: The base cannot be had or read. A patch that does not apply is no error: see `applications`.
        """
        base = self.base(wanted, thread_base, changes)
        snapshot = self.snapshot(base)
        touched = self._touched(base, snapshot, _touched_paths(changes))
        self._private.load(touched.entries)
        patcher = Patcher(self._private, touched)
        snapshots = [snapshot]
        applications = []
        for number, change in enumerate(changes):
            applications.append(patcher.apply(change, changes[number + 1 :]))
            snapshots.append(
                OverlaySnapshot(
                    number=len(snapshots),
                    base=snapshot,
                    reader=self._private.reader,
                    before=touched.entries,
                    after=patcher.entries,
                )
            )
        return Stack(
            base=base, snapshots=tuple(snapshots), applications=tuple(applications), notes=_notes(applications)
        )

    def _listing(self, base: Base) -> Listing:
        return Listing(self._list_tree(base, ["-r"], []))

    def _list_tree(self, base: Base, options: list[str], paths: list[str]) -> bytes:
        result = self._private.ask(["ls-tree", "-z", "--full-tree", *options, base.revision, "--", *paths])
        if result.returncode:
            raise TreeError(
                f"{self._path}: the files of {base.label} cannot be listed: {complaint_of(result.stderr)}; "
                "in a partial clone, check that commit out first, else try git fsck"
            )
        return result.stdout

    def _touched(self, base: Base, snapshot: Snapshot, paths: list[str]) -> Touched:
        if isinstance(snapshot, DirectorySnapshot):
            return self._touched_in_directory(snapshot, paths)
        found: dict[str, Entry] = {}
        for start in range(0, len(paths), _WORDS_AT_ONCE):
            found.update(parse_entries(self._list_tree(base, [], paths[start : start + _WORDS_AT_ONCE])))
        # Where a directory and something below it are asked for, git lists the directory's content, too.
        found = {path: found[path] for path in paths if path in found}
        directories = frozenset(path for path, entry in found.items() if entry.mode == _DIRECTORY)
        above = {above for path in paths if path not in found for above in parents(path)}.difference(found)
        return Touched(
            entries={path: entry for path, entry in found.items() if path not in directories},
            directories=directories,
            in_the_way=self._no_directories(base, sorted(path for path in above if "\n" not in path)),
        )

    def _no_directories(self, base: Base, paths: list[str]) -> frozenset[str]:
        """Those of the paths at which the base has something other than a directory."""
        if not paths:
            return frozenset()
        questions = "".join(f"{base.revision}:{path}\n" for path in paths)
        asked = self._private.ask(["cat-file", "--batch-check=%(objecttype)"], encoded(questions))
        answers = asked.stdout.decode("utf-8", "surrogateescape").split("\n")
        return frozenset(path for path, kind in zip(paths, answers, strict=False) if kind in ("blob", "commit"))

    def _touched_in_directory(self, snapshot: DirectorySnapshot, paths: list[str]) -> Touched:
        entries = {}
        for path in paths:
            if (found := snapshot.read_with_mode(path)) is not None:
                entries[path] = Entry(mode=found[1], name=self._private.store(found[0]))
        above = {above for path in paths for above in parents(path)}.difference(entries)
        return Touched(
            entries=entries,
            directories=snapshot.directories(paths),
            in_the_way=frozenset(path for path in above if snapshot.has_no_directory(path)),
        )

    def close(self) -> None:
        """End git, and remove the private directory. Snapshots cannot be read any more."""
        self._private.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _touched_paths(changes: Iterable[Change]) -> list[str]:
    paths = {path for change in changes for file in change.files for path in (file.old_path, file.new_path)}
    return sorted(path for path in paths if path and not complaint(path))


def _notes(applications: Sequence[Application]) -> tuple[str, ...]:
    """One line if answers are missing because patches are."""
    lost: Mapping[Applied, str] = {
        Applied.FAILED: "did not apply in full",
        Applied.MISSING: "is not in the thread",
    }
    return tuple(
        f"patch {item.number} {lost[item.applied]}: what it changes is missing from here on"
        for item in applications
        if item.applied in lost
    )
