# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Which files a commit has: path to object name, 80,000 of them in a few megabytes."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from reviewtool.tree.memory import files_below

_REGULAR = re.compile(r"100\d{3} blob ([0-9a-f]+)\t([^\0]+)\0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a tree has at a path: mode as git writes it (0o100644, 0o120000 a symbolic link ...) and object name."""

    mode: int
    name: str

    @property
    def regular(self) -> bool:
        """True for a file proper, False for a symbolic link or a submodule."""
        return self.mode >> 12 == 0o10


class Listing:
    """The regular files of a commit, from the output of `git ls-tree -r -z`.

    The object names stand in one string, for 80,000 strings of 40 characters would take twice the memory.
    """

    __slots__ = ("_names", "_paths", "_width")

    def __init__(self, output: bytes) -> None:
        found = _REGULAR.findall(output.decode("utf-8", "surrogateescape"))
        paths = [path for _, path in found]
        if any(map(str.__gt__, paths, paths[1:])):
            # git sorts by bytes, Python by code points: they differ where a name is not UTF-8.
            found.sort(key=lambda pair: pair[1])
            paths = [path for _, path in found]
        self._paths = paths
        self._names = "".join([name for name, _ in found])
        self._width = len(found[0][0]) if found else 40

    def name(self, path: str) -> str | None:
        """The object name of a regular file, None if there is none."""
        at = bisect_left(self._paths, path)
        if at == len(self._paths) or self._paths[at] != path:
            return None
        return self._names[at * self._width : (at + 1) * self._width]

    def below(self, prefix: str) -> tuple[str, ...]:
        """The paths below a directory, sorted."""
        return files_below(self._paths, prefix)

    def __len__(self) -> int:
        return len(self._paths)


def parse_entries(output: bytes) -> dict[str, Entry]:
    """All entries of `git ls-tree -z`, directories too (mode 0o40000)."""
    entries = {}
    for record in output.split(b"\0"):
        head, _, path = record.partition(b"\t")
        fields = head.split()
        if len(fields) == 3:
            entries[path.decode("utf-8", "surrogateescape")] = Entry(mode=int(fields[0], 8), name=fields[2].decode())
    return entries
