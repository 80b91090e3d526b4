# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""One file of a patch that did not apply whole: three-way merge, recognition, then hunk by hunk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reviewtool.tree.blobs import is_known, names_blob, says_something
from reviewtool.tree.change import FileChange
from reviewtool.tree.difftext import (
    DiffText,
    TextHunk,
    encoded,
    header_only,
    hunks_only,
    strip_level,
    take_apart,
)
from reviewtool.tree.listing import Entry
from reviewtool.tree.model import Rejection
from reviewtool.tree.private import PrivateRepository

MOST_REJECTIONS = 50
"""Hunks of one file that may fail before the rest of it is given up: each costs a process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileResult:
    """What became of the change of one file."""

    rejections: tuple[Rejection, ...] = ()
    merged: bool = False
    already: bool = False


def apply_file(repository: PrivateRepository, file: FileChange, entries: Mapping[str, Entry]) -> FileResult:
    """Apply the change of one file to the index as far as it goes.

    Args:
        repository: The private repository.
        file: The change; its paths are checked.
        entries: What the index holds.
    """
    level = f"-p{strip_level(file.text, file.old_path, file.new_path)}"
    diff = encoded(file.text if file.text.endswith("\n") else file.text + "\n")
    if file.new_path and names_blob(file.new_blob, entries[file.new_path].name if file.new_path in entries else ""):
        return FileResult(already=True)
    if not file.new_path and file.old_path not in entries:
        return FileResult(already=True)
    done, said = repository.apply(diff, level)
    if done:
        return FileResult(already=repository.entries() == entries)
    before = repository.save()
    if says_something(file.old_blob) and not is_known(file, entries) and repository.have(file.old_blob):
        if repository.apply(diff, level, "--3way")[0]:
            already = repository.entries() == entries
            return FileResult(already=already, merged=not already)
        repository.restore(before)
    if repository.apply(diff, level, "-R", "--check")[0]:
        return FileResult(already=True)
    return _apply_hunks(repository, file, entries, take_apart(file.text), reason_of(said))


def _apply_hunks(
    repository: PrivateRepository, file: FileChange, entries: Mapping[str, Entry], diff: DiffText, reason: str
) -> FileResult:
    whole = FileResult(rejections=(Rejection(path=file.path, hunk=0, reason=reason),))
    if diff.creates or diff.deletes or not diff.hunks or file.old_path not in entries:
        return _named(file, diff, whole)
    path = file.old_path
    if diff.moves:
        done, said = repository.apply(encoded(header_only(diff)), f"-p{strip_level(file.text, *_paths(file))}")
        if not done:
            return FileResult(rejections=(Rejection(path=file.path, hunk=0, reason=reason_of(said)),))
        path = file.new_path
    attempt = _Attempt(repository, path)
    attempt.run(diff.hunks)
    return FileResult(rejections=tuple(attempt.rejections))


def _named(file: FileChange, diff: DiffText, whole: FileResult) -> FileResult:
    """A deletion of a file that has other content: its one hunk is what failed."""
    if diff.deletes and diff.hunks:
        reason = "the file to be deleted has other content in the tree"
        return FileResult(rejections=(Rejection(path=file.path, hunk=1, reason=reason),))
    return whole


def _paths(file: FileChange) -> tuple[str, str]:
    return file.old_path, file.new_path


class _Attempt:
    """Applies hunks in groups that are halved where they fail, so that a few bad ones cost few processes."""

    def __init__(self, repository: PrivateRepository, path: str) -> None:
        self._repository = repository
        self._path = path
        self.rejections: list[Rejection] = []

    def run(self, hunks: tuple[TextHunk, ...]) -> None:
        if len(self.rejections) >= MOST_REJECTIONS:
            self._reject(hunks[0], f"not tried, nor what follows it: {MOST_REJECTIONS} hunks of the file failed")
            return
        diff = encoded(hunks_only(self._path, hunks))
        done, said = self._repository.apply(diff, "-p1")
        if done:
            return
        if len(hunks) > 1:
            middle = len(hunks) // 2
            self.run(hunks[:middle])
            if len(self.rejections) <= MOST_REJECTIONS:
                self.run(hunks[middle:])
        elif not self._repository.apply(diff, "-p1", "-R", "--check")[0]:
            self._reject(hunks[0], reason_of(said))

    def _reject(self, hunk: TextHunk, reason: str) -> None:
        self.rejections.append(Rejection(path=self._path, hunk=hunk.number, reason=reason))


_WORDS = (
    ("does not exist in index", "the tree has no such file"),
    ("already exists in index", "the tree has such a file already, with other content"),
    ("without full index line", "a binary change without its content"),
    ("beyond a symbolic link", "the path leads through a symbolic link"),
    ("invalid path", "git refuses the path"),
    ("corrupt patch", "the diff is damaged"),
    ("patch failed", "the lines that it changes are not in the tree"),
)
"""What git says, and the words of ours for it."""


def reason_of(said: str) -> str:
    """One line for a rejection from what `git apply` wrote."""
    for mark, words in _WORDS:
        if mark in said:
            return words
    for line in said.split("\n"):
        if line.startswith("error: "):
            return line.removeprefix("error: ")
    return "git could not apply it"
