# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Paths that strangers name: which of them may be looked at."""

from __future__ import annotations

LONGEST = 4096


def complaint(path: str) -> str:
    """Why a path of a patch is not accepted, "" if it is fine.

    A path is relative to the top of the tree, stays in it, and names nothing of git's own. git itself refuses most of
    these; we do so first, for one clear reason per path.
    """
    if not path:
        return "the path is empty"
    if len(path) > LONGEST:
        return f"the path is longer than {LONGEST} characters"
    if path.startswith("/"):
        return "the path is absolute"
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in path):
        return "the path has a control character"
    for part in path.split("/"):
        if part in ("", ".", ".."):
            return "the path does not stay in the tree" if part == ".." else "the path is not a plain one"
        if part.rstrip(". ").lower() in (".git", "git~1"):
            return "the path names git's own directory"
    return ""


def parents(path: str) -> list[str]:
    """The directories above a path, nearest last: `a/b/c` gives `a`, `a/b`."""
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]
