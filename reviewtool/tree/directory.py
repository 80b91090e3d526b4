# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A plain directory of sources as a snapshot. Symbolic links are never followed, so nothing outside it is read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from reviewtool.tree.content import blob_name
from reviewtool.tree.error import TreeError
from reviewtool.tree.paths import complaint
from reviewtool.tree.reader import LARGEST

MOST_FILES = 1_000_000
"""Files that a plain directory may have; a kernel has fewer than 100,000."""

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class DirectorySnapshot:
    """The regular files of a directory, read when asked for.

    A snapshot does not change: a file that is altered after it was first read is an error, not a second truth.

    Raises:
        TreeError: The directory cannot be entered.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.resolve()
        self._seen: dict[str, tuple[str, tuple[int, ...]]] = {}
        self._lists: dict[str, tuple[str, ...]] = {}
        try:
            self._top = os.open(self._path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise TreeError(f"{path}: {error.strerror}; --tree takes a repository or a directory of sources") from None

    def __del__(self) -> None:
        with suppress(OSError, AttributeError):
            os.close(self._top)

    @property
    def number(self) -> int:
        """0: it is the base."""
        return 0

    def read(self, path: str) -> bytes | None:
        """The file's bytes; None if there is no such regular file, or only through a symbolic link.

        Raises:
            TreeError: The file cannot be read, is too large, or was changed since it was first read.
        """
        found = self.read_with_mode(path)
        return None if found is None else found[0]

    def read_with_mode(self, path: str) -> tuple[bytes, int] | None:
        """The file's bytes and its mode as git keeps it: 0o100644 or 0o100755."""
        if complaint(path):
            return None
        try:
            return self._read(path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            if self._is_link_on_the_way(path):
                return None
            raise TreeError(f"{self._path / path}: {error.strerror}; the file cannot be read") from None

    def _read(self, path: str) -> tuple[bytes, int] | None:
        descriptor = self._open(path)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return None
            if status.st_size > LARGEST:
                raise TreeError(f"{self._path / path}: larger than the {LARGEST} bytes that are read of a file")
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                content = file.read(LARGEST + 1)
        finally:
            os.close(descriptor)
        stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
        known = self._seen.get(path)
        if known is None or known[1] != stamp:
            name = blob_name(content)
            if known is not None and known[0] != name:
                raise TreeError(f"{self._path / path}: changed while it was being reviewed; run again")
            self._seen[path] = (name, stamp)
        return content, 0o100755 if status.st_mode & 0o100 else 0o100644

    def _open(self, path: str) -> int:
        """Open step by step from the top, so that no part of the path can be a link, however it is swapped."""
        *directories, name = path.split("/")
        at = self._top
        try:
            for directory in directories:
                below = os.open(directory, _DIRECTORY, dir_fd=at)
                if at != self._top:
                    os.close(at)
                at = below
            return os.open(name, _FILE, dir_fd=at)
        finally:
            if at != self._top:
                os.close(at)

    def _is_link_on_the_way(self, path: str) -> bool:
        parts = path.split("/")
        return any((self._path / "/".join(parts[:end])).is_symlink() for end in range(1, len(parts) + 1))

    def read_many(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """The bytes of those paths that exist. Raises TreeError as `read` does."""
        return {path: content for path in paths if (content := self.read(path)) is not None}

    def identity(self, path: str) -> str | None:
        """The name of the blob that git would make of the file; reads it the first time."""
        if path not in self._seen and self.read(path) is None:
            return None
        return self._seen[path][0]

    def list(self, prefix: str = "") -> tuple[str, ...]:
        """The regular files below a directory, sorted; the path itself if `prefix` is a file.

        Raises:
            TreeError: A directory cannot be read, or there are more than `MOST_FILES` files.
        """
        prefix = "" if prefix.strip("/") in ("", ".") else prefix.strip("/")
        if prefix not in self._lists:
            self._lists[prefix] = self._walk(prefix)
        return self._lists[prefix]

    def _walk(self, prefix: str) -> tuple[str, ...]:
        if prefix and (complaint(prefix) or self._is_link_on_the_way(prefix)):
            return ()
        place = self._path / prefix
        if prefix and place.is_file():
            return (prefix,)
        found: list[str] = []
        pending = [prefix]
        while pending:
            directory = pending.pop()
            try:
                with os.scandir(self._path / directory) as entries:
                    for entry in entries:
                        path = f"{directory}/{entry.name}" if directory else entry.name
                        if entry.is_dir(follow_symlinks=False):
                            if entry.name != ".git":
                                pending.append(path)
                        elif entry.is_file(follow_symlinks=False):
                            found.append(path)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                raise TreeError(f"{self._path / directory}: {error.strerror}; the directory cannot be read") from None
            if len(found) > MOST_FILES:
                raise TreeError(f"{self._path}: more than {MOST_FILES} files; --tree takes a directory of sources")
        return tuple(sorted(found))

    def directories(self, paths: Iterable[str]) -> frozenset[str]:
        """Those of the paths that are directories."""
        return frozenset(path for path in paths if not self._is_link_on_the_way(path) and (self._path / path).is_dir())

    def has_no_directory(self, path: str) -> bool:
        """True if there is something at the path, but no directory that would be looked into."""
        place = self._path / path
        return os.path.lexists(place) and (place.is_symlink() or not place.is_dir())

    def changed(self) -> frozenset[str]:
        """Nothing: it is the base."""
        return frozenset()
