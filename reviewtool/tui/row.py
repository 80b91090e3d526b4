# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The rows of a mail on the screen. Foreign text leaves a row only cleaned."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from reviewtool.report.visible import visible_code


class Kind(Enum):
    """What a row shows."""

    HEADER = auto()
    """A header of the mail, or the outcome of applying it."""
    LOG = auto()
    """The changelog."""
    TRAILER = auto()
    NOTES = auto()
    """Below `---`, and what stands behind the diff."""
    FILE = auto()
    HUNK = auto()
    CODE = auto()
    """A line of a hunk."""
    TREE = auto()
    """A line that the mail does not have, from the snapshot."""
    FINDING = auto()
    COMMENT = auto()
    CLAIM = auto()
    OWN = auto()
    """A comment of the user."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `raw` is as it came; `text` is what may be shown."""

    kind: Kind
    raw: str
    body_line: int = 0
    """Line of the mail's body, from 1; 0 for a row that the mail does not have."""
    sign: str = ""
    """Of code: `+`, `-`, a blank or a backslash."""
    old: int = 0
    new: int = 0
    file: int = -1
    """Index among the mail's files."""
    hunk: int = 0
    """From 1; 0 outside of hunks."""
    key: str = ""
    """The fingerprint of a finding, or the key of a comment."""
    first: bool = True
    """Of several rows about one finding or comment, the first."""
    partner: int = -1
    """Of a changed line: the `body_line` of the line that it replaces or that replaces it."""

    @property
    def text(self) -> str:
        """The text, fit for a terminal, in one line."""
        return visible_code(self.raw)
