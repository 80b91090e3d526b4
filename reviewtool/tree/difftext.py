# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The text of one file's diff, taken apart as far as is needed to apply a part of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HUNK = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
_NAME = re.compile(r"(?:---|\+\+\+) ([^\t\n]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextHunk:
    """One hunk as text."""

    number: int
    """From 1."""
    line: int
    """Where it starts in the old file."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffText:
    """A file's diff: its header lines, then its hunks."""

    header: tuple[str, ...]
    hunks: tuple[TextHunk, ...]

    @property
    def creates(self) -> bool:
        """True where the diff makes a new file."""
        return any(line.startswith(("new file mode", "--- /dev/null")) for line in self.header)

    @property
    def deletes(self) -> bool:
        """True where the diff removes the file."""
        return any(line.startswith(("deleted file mode", "+++ /dev/null")) for line in self.header)

    @property
    def moves(self) -> bool:
        """True where it renames, copies, or changes the mode."""
        return any(line.startswith(("rename ", "copy ", "old mode", "new mode")) for line in self.header)


def take_apart(text: str) -> DiffText:
    """Header and hunks of one file's diff; what follows the last line that a hunk counts is dropped."""
    lines = text.split("\n")
    at = next((number for number, line in enumerate(lines) if _HUNK.match(line)), len(lines))
    header = tuple(line for line in lines[:at] if line)
    hunks: list[TextHunk] = []
    while at < len(lines):
        match = _HUNK.match(lines[at])
        if not match:
            break
        end = _end_of_hunk(lines, at + 1, int(match[2] or 1), int(match[4] or 1))
        body = "\n".join(lines[at:end]) + "\n"
        hunks.append(TextHunk(number=len(hunks) + 1, line=int(match[1]), text=body))
        at = end
    return DiffText(header=header, hunks=tuple(hunks))


def _end_of_hunk(lines: list[str], at: int, old: int, new: int) -> int:
    while at < len(lines) and (old > 0 or new > 0 or lines[at].startswith("\\")):
        kind = lines[at][:1]
        old -= kind in (" ", "-", "")
        new -= kind in (" ", "+", "")
        at += 1
    return at


def strip_level(text: str, old_path: str, new_path: str) -> int:
    """How many leading parts of the paths in a diff are prefixes: 1 for `a/x`, 0 after `--no-prefix`."""
    for line in text.split("\n"):
        if line.startswith("@@ "):
            break
        match = _NAME.match(line)
        if not match:
            continue
        name = match[1].rstrip()
        path = old_path if line.startswith("-") else new_path
        if path and name == path:
            return 0
        if path and name.endswith("/" + path):
            return name[: -len(path)].count("/")
    return 1


def header_only(diff: DiffText) -> str:
    """The part of a diff that renames, copies or changes modes, without any hunk; needs a `diff --git` line."""
    kept = [line for line in diff.header if not line.startswith(("index ", "--- ", "+++ "))]
    return "\n".join(kept) + "\n"


def hunks_only(path: str, hunks: tuple[TextHunk, ...]) -> str:
    """A diff of the given hunks for a file that exists as `path`."""
    names = f"--- {quoted('a/' + path)}\n+++ {quoted('b/' + path)}\n"
    return names + "".join(hunk.text for hunk in hunks)


def quoted(path: str) -> str:
    """A path as git writes it in a diff: in C style if it has unusual bytes."""
    if all(32 < ord(letter) < 127 and letter not in '"\\' for letter in path):
        return path
    raw = encoded(path)
    return '"' + "".join(chr(c) if 32 <= c < 127 and c not in b'"\\' else f"\\{c:03o}" for c in raw) + '"'


def encoded(text: str) -> bytes:
    """The bytes that git gets: undecodable ones as they were sent."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")
