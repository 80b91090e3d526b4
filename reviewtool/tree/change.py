# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What a tree is asked to apply: plain values, for a tree knows nothing of mail."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """The change of one file, as the patch has it."""

    old_path: str
    """Relative to the tree, "" where the file is created."""
    new_path: str
    """Relative to the tree, "" where the file is deleted."""
    old_blob: str = ""
    """Abbreviated or full object name from the `index` line, "" if there is none."""
    new_blob: str = ""
    text: str
    """The diff of this file from its `diff --git` (or `---`) line, \\n line ends."""

    @property
    def path(self) -> str:
        """The name to report it under."""
        return self.new_path or self.old_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One patch of a series."""

    number: int
    """From 1."""
    files: tuple[FileChange, ...] = ()
    """Empty if the patch has no diff."""
    missing: bool = False
    """True where the series lacks this patch."""
