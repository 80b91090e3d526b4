# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The abbreviated object names of `index` lines."""

from __future__ import annotations

from collections.abc import Mapping

from reviewtool.tree.change import FileChange
from reviewtool.tree.listing import Entry

SHORTEST = 7
"""Digits below which an abbreviation says nothing; git's own default is at least this."""


def says_something(blob: str) -> bool:
    """True for a name that a blob can be recognised by: long enough, hexadecimal, not the zeros of "no file"."""
    return SHORTEST <= len(blob) <= 64 and not set(blob) - set("0123456789abcdef") and bool(blob.strip("0"))


def names_blob(blob: str, name: str) -> bool:
    """True if `blob` is an abbreviation of the full object name."""
    return says_something(blob) and name.startswith(blob)


def is_known(file: FileChange, entries: Mapping[str, Entry]) -> bool:
    """True if the index has the very blob that the change was made against, or the file is new in both."""
    if not file.old_path:
        return file.new_path not in entries
    entry = entries.get(file.old_path)
    return entry is not None and names_blob(file.old_blob, entry.name)
