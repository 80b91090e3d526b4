# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Which rows of a mail are folded away: files, hunks, and what stands under lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reviewtool.tui.row import Kind, Row

_SAID = (Kind.FINDING, Kind.COMMENT, Kind.CLAIM, Kind.OWN)


class Folds:
    """The closed folds of one mail, by name: `f2`, `h2.1`, `n<key>`."""

    def __init__(self, closed: Iterable[str] = ()) -> None:
        self.closed = set(closed)

    def shown(self, rows: Sequence[Row]) -> Sequence[int]:
        """The indices of the rows that are shown."""
        if not self.closed:
            return range(len(rows))
        return [index for index, row in enumerate(rows) if not self._hidden(row)]

    def _hidden(self, row: Row) -> bool:
        if row.kind in _SAID and not row.first and f"n{row.key}" in self.closed:
            return True
        if row.file < 0 or row.kind is Kind.FILE:
            return False
        if f"f{row.file}" in self.closed:
            return row.kind not in _SAID or not row.first
        if row.kind is Kind.HUNK:
            return False
        return f"h{row.file}.{row.hunk}" in self.closed and (row.kind not in _SAID or not row.first)

    def mark(self, row: Row) -> str:
        """The sign before a file or hunk."""
        return "▸" if self._name(row) in self.closed else "▾"

    @staticmethod
    def _name(row: Row) -> str:
        if row.kind in _SAID:
            return f"n{row.key}"
        if row.kind is Kind.FILE:
            return f"f{row.file}"
        return f"h{row.file}.{row.hunk}" if row.hunk else ""

    def toggle(self, row: Row) -> bool:
        """Open or close the innermost fold of a row; whether it has one."""
        name = self._name(row)
        if name:
            self.closed ^= {name}
        return bool(name)

    def toggle_file(self, row: Row) -> bool:
        """Open or close the row's file."""
        if row.file >= 0:
            self.closed ^= {f"f{row.file}"}
        return row.file >= 0

    def close_all(self, rows: Iterable[Row]) -> None:
        """Fold all hunks and all that was said."""
        self.closed = {name for row in rows if row.kind in (Kind.HUNK, *_SAID) and (name := self._name(row))}

    def open_all(self) -> None:
        """Fold nothing."""
        self.closed.clear()

    def open_around(self, row: Row) -> None:
        """Open what hides a row."""
        self.closed -= {f"f{row.file}", f"h{row.file}.{row.hunk}", f"n{row.key}"}
