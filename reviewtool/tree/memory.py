# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A snapshot of files held in memory: for tests, for the examples of rule pages."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping

from reviewtool.tree.content import blob_name


class MemorySnapshot:
    """A snapshot with the given files; implements the `Snapshot` protocol.

    Args:
        files: Path to content; text is encoded as UTF-8.
        number: The number of patches applied, 0 for a base.
        base: The snapshot that `changed` compares with; without one, nothing has changed.
    """

    __slots__ = ("_base", "_files", "_number", "_paths")

    def __init__(self, files: Mapping[str, bytes | str], number: int = 0, base: MemorySnapshot | None = None) -> None:
        self._files = {
            path: text.encode("utf-8", "surrogateescape") if isinstance(text, str) else bytes(text)
            for path, text in files.items()
        }
        self._paths = tuple(sorted(self._files))
        self._number = number
        self._base = base

    @property
    def number(self) -> int:
        """0 for the base."""
        return self._number

    def read(self, path: str) -> bytes | None:
        """The file's bytes; None if there is no such file."""
        return self._files.get(path)

    def read_many(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """The bytes of those paths that exist."""
        return {path: self._files[path] for path in paths if path in self._files}

    def identity(self, path: str) -> str | None:
        """The name of the blob that git would make of it (sha1)."""
        content = self._files.get(path)
        return None if content is None else blob_name(content)

    def list(self, prefix: str = "") -> tuple[str, ...]:
        """The files below a directory, sorted; the path itself if `prefix` is a file."""
        return files_below(self._paths, prefix)

    def changed(self) -> frozenset[str]:
        """The paths that differ from the base."""
        if self._base is None:
            return frozenset()
        theirs = self._base._files
        return frozenset(
            path for path in self._files.keys() | theirs.keys() if self._files.get(path) != theirs.get(path)
        )


def files_below(paths: tuple[str, ...] | list[str], prefix: str) -> tuple[str, ...]:
    """Those of the sorted `paths` that lie below directory `prefix`, or are it; all for "" and ".".

    Two binary searches: independent of how many other files there are.
    """
    prefix = prefix.strip("/")
    if prefix in ("", "."):
        return tuple(paths)
    at = bisect_left(paths, prefix)
    if at < len(paths) and paths[at] == prefix:
        return (prefix,)
    after_slash = chr(ord("/") + 1)
    return tuple(paths[bisect_left(paths, prefix + "/", at) : bisect_left(paths, prefix + after_slash, at)])
