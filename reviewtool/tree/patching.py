# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Patches onto the private index, one after the other: what applies is kept, what does not is reported.

A patch is tried whole first, which is one process. Only if that fails its files are tried one by one (see
`reviewtool.tree.pieces`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reviewtool.tree.blobs import is_known, names_blob
from reviewtool.tree.change import Change, FileChange
from reviewtool.tree.difftext import encoded, strip_level
from reviewtool.tree.listing import Entry
from reviewtool.tree.model import Application, Applied, Rejection
from reviewtool.tree.paths import complaint, parents
from reviewtool.tree.pieces import FileResult, apply_file
from reviewtool.tree.private import PrivateRepository

LARGEST_DIFF = 32 * 1024 * 1024
"""Characters of diff that one patch may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """What the base has at the paths that a series names."""

    entries: Mapping[str, Entry]
    """Files, symbolic links and submodules."""
    directories: frozenset[str] = frozenset()
    """Paths of directories: no file can be made there."""
    in_the_way: frozenset[str] = frozenset()
    """Paths above those of new files at which there is no directory."""


class Patcher:
    """Applies a series to a private index that holds what the base has at the touched paths.

    Args:
        repository: The private repository, its index loaded with the entries.
        touched: What the base has.
    """

    def __init__(self, repository: PrivateRepository, touched: Touched) -> None:
        self._repository = repository
        self._directories = touched.directories
        self._in_the_way = touched.in_the_way
        self.entries = repository.entries()
        self._in_the_tree: frozenset[int] | None = None

    def apply(self, change: Change, later: Sequence[Change] = ()) -> Application:
        """Apply one patch; `entries` is what the touched paths have after it.

        Args:
            change: The patch.
            later: Those after it: where the tree has the first few patches of a series, a later one may hide an
                earlier one.
        """
        if change.missing:
            return Application(
                number=change.number, applied=Applied.MISSING, reason="the mail with this patch is not in the thread"
            )
        if not change.files:
            return Application(number=change.number, applied=Applied.SKIPPED, reason="it has no diff")
        if self._is_in_the_tree(change) or all(is_present(file, self.entries) for file in change.files):
            return self._already(change.number)
        application = self._apply_whole(change)
        if application is None:
            if self._in_the_tree is None:
                self._in_the_tree = self._taken_back([change, *later])
            application = self._already(change.number) if self._is_in_the_tree(change) else self._apply_files(change)
        self.entries = self._repository.entries()
        return application

    def _is_in_the_tree(self, change: Change) -> bool:
        return self._in_the_tree is not None and change.number in self._in_the_tree

    def _taken_back(self, changes: Sequence[Change]) -> frozenset[int]:
        """The longest beginning of the series that can be taken back, the last patch first: the tree has it."""
        before = self._repository.save()
        for end in range(len(changes), 1, -1):
            some = [change for change in changes[:end] if change.files]
            if all(self._take_back(change) for change in reversed(some)):
                self._repository.restore(before)
                return frozenset(change.number for change in some)
            self._repository.restore(before)
        return frozenset()

    def _take_back(self, change: Change) -> bool:
        level = self._level(change)
        return level is not None and self._repository.apply(_joined(change.files), level, "-R")[0]

    def _level(self, change: Change) -> str | None:
        """The option that strips prefixes, None if the files differ in that or one of them is not acceptable."""
        levels = {strip_level(file.text, file.old_path, file.new_path) for file in change.files}
        if len(levels) > 1 or any(self._complaint(file) for file in change.files):
            return None
        return f"-p{levels.pop()}"

    def _already(self, number: int) -> Application:
        return Application(number=number, applied=Applied.ALREADY, reason="the tree has this change")

    def _apply_whole(self, change: Change) -> Application | None:
        """The patch in one go; None if it cannot be had that way."""
        level = self._level(change)
        if level is None:
            return None
        diff = _joined(change.files)
        before = self._repository.save()
        done, said = self._repository.apply(diff, level)
        if done:
            after = self._repository.entries()
            if not self._only_declared(change.files, after):
                self._repository.restore(before)
                return None
            if after == self.entries:
                return self._already(change.number)
            if "offset" in said and not all(is_known(file, self.entries) for file in change.files):
                self._repository.restore(before)
                backwards, words = self._repository.apply(diff, level, "-R", "--check")
                if backwards and "offset" not in words:
                    return self._already(change.number)
                self._repository.apply(diff, level)
            return Application(number=change.number, applied=Applied.YES, reason=_remark(change.files, after))
        if self._repository.apply(diff, level, "-R", "--check")[0]:
            return self._already(change.number)
        return None

    def _apply_files(self, change: Change) -> Application:
        results = [self._apply_one(file) for file in change.files]
        rejections = tuple(rejection for result in results for rejection in result.rejections)
        merged = tuple(file.path for file, result in zip(change.files, results, strict=True) if result.merged)
        already = [file.path for file, result in zip(change.files, results, strict=True) if result.already]
        if rejections:
            first = rejections[0]
            place = f"{first.path} hunk {first.hunk}" if first.hunk else first.path
            more = f" (and {len(rejections) - 1} more)" if len(rejections) > 1 else ""
            return Application(
                number=change.number,
                applied=Applied.FAILED,
                rejections=rejections,
                merged=merged,
                reason=f"{place}: {first.reason}{more}",
            )
        if len(already) == len(results):
            return self._already(change.number)
        remark = f"already in the tree: {', '.join(already)}" if already else ""
        return Application(number=change.number, applied=Applied.YES, merged=merged, reason=remark)

    def _apply_one(self, file: FileChange) -> FileResult:
        complaint_ = self._complaint(file)
        if complaint_:
            return FileResult(rejections=(Rejection(path=file.path, hunk=0, reason=complaint_),))
        before = self._repository.save()
        entries = self._repository.entries()
        result = apply_file(self._repository, file, entries)
        if not self._only_declared((file,), self._repository.entries(), entries):
            self._repository.restore(before)
            reason = "its diff names another path than its header"
            return FileResult(rejections=(Rejection(path=file.path, hunk=0, reason=reason),))
        return result

    def _complaint(self, file: FileChange) -> str:
        for path in (file.old_path, file.new_path):
            if path and (reason := complaint(path)):
                return reason
        if not file.path:
            return "the diff names no file"
        if len(file.text) > LARGEST_DIFF:
            return f"the diff is longer than {LARGEST_DIFF} characters"
        if file.new_path in self._directories:
            return "the tree has a directory there"
        if not file.old_path or file.old_path != file.new_path:
            return self._parent_complaint(file.new_path)
        return ""

    def _parent_complaint(self, path: str) -> str:
        for above in parents(path):
            if above in self.entries or above in self._in_the_way:
                return f"{above} is not a directory in the tree"
        return ""

    def _only_declared(
        self,
        files: Sequence[FileChange],
        after: Mapping[str, Entry],
        before: Mapping[str, Entry] | None = None,
    ) -> bool:
        """False if a path changed that none of the files names: the diff's own headers disagree."""
        before = self.entries if before is None else before
        declared = {path for file in files for path in (file.old_path, file.new_path)}
        return all(path in declared for path in before.keys() | after.keys() if before.get(path) != after.get(path))


def is_present(file: FileChange, entries: Mapping[str, Entry]) -> bool:
    """True if the index has what the change leads to, going by the blob that its `index` line names."""
    if file.old_path and file.old_path != file.new_path and file.old_path in entries:
        return False
    if not file.new_path:
        return file.old_path not in entries
    entry = entries.get(file.new_path)
    return entry is not None and names_blob(file.new_blob, entry.name)


def _joined(files: Sequence[FileChange]) -> bytes:
    return b"".join(encoded(file.text if file.text.endswith("\n") else file.text + "\n") for file in files)


def _remark(files: Sequence[FileChange], entries: Mapping[str, Entry]) -> str:
    """Which files of an applied patch are nothing that can be read."""
    odd = [file.new_path for file in files if file.new_path in entries and not entries[file.new_path].regular]
    return f"not read, for it is a symbolic link or a submodule: {', '.join(odd)}" if odd else ""
