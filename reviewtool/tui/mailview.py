# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The mail pane: a patch as it was sent, the rail beside it, what is to be said about it in place."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.style import Style

from reviewtool.mail.model import FileDiff, Patch
from reviewtool.report.visible import visible
from reviewtool.tui.desk import Desk
from reviewtool.tui.folding import Folds
from reviewtool.tui.lines import Line, LinesView, Span
from reviewtool.tui.mailrows import Wanted, mail_rows
from reviewtool.tui.place import path_of, shifts_of
from reviewtool.tui.railink import Rails
from reviewtool.tui.row import Kind, Row
from reviewtool.tui.state import Book
from reviewtool.tui.syntax import tokens
from reviewtool.tui.worddiff import changed_words

_MOST_TEXT = 100
"""Cells beyond which texts are wrapped, however wide the pane is."""

_CODE = (".c", ".h", ".S")
"""Files whose lines get the colours of C."""

_INKS = {
    Kind.HEADER: "faint", Kind.LOG: "plain", Kind.TRAILER: "title", Kind.NOTES: "faint", Kind.FILE: "file",
    Kind.HUNK: "hunk", Kind.TREE: "tree", Kind.COMMENT: "plain", Kind.OWN: "plain",
}  # fmt: skip


class MailView(LinesView):
    """One mail of the series."""

    def __init__(self, desk: Desk, book: Book) -> None:
        super().__init__(id="mail")
        self.desk = desk
        self.book = book
        self.number = -1
        self.rows: list[Row] = []
        self.shown: Sequence[int] = ()
        self.rails = Rails(desk, -1)
        self.folds = Folds()
        self.extra: dict[tuple[int, int], int] = {}
        self._by_body: dict[int, Row] = {}
        self._shifts: dict[tuple[str, int], tuple[int, int]] = {}
        self._pattern: re.Pattern[str] | None = None
        self._digits = 4
        self._wide = 0

    # Content.

    def open(self, number: int) -> None:
        """Show another mail of the series."""
        if number != self.number:
            self.number = number
            self.folds = Folds(self.book.folds(number))
            self.extra = {}
            self.rebuild(keep=False)
            self.to(self.book.cursor(number), tell=False)

    def rebuild(self, *, keep: bool = True) -> None:
        """Make the rows again, because more is known; with `keep` the cursor stays on its line of the mail."""
        here = self.row if keep else None
        self.shown = ()
        width = max(30, min(_MOST_TEXT, self.size.width - self.gutter_cells - 2))
        wanted = Wanted(width, self.book.comments(self.number), self.extra)
        self.rows = mail_rows(self.desk, self.number, wanted)
        self.rails = Rails(self.desk, self.number)
        self._shifts = shifts_of(self.desk.details.get(self.number))
        self._by_body = {row.body_line: row for row in self.rows if row.kind is Kind.CODE}
        last = max((max(row.old, row.new) for row in self._by_body.values()), default=0)
        self._digits = max(3, len(str(last)))
        self._wide = max((len(row.raw) + row.raw.count("\t") * 7 for row in self.rows), default=0)
        self.refold(here)

    def refold(self, here: Row | None = None) -> None:
        """Work out which rows are shown, and keep the cursor on `here` or the nearest row above it."""
        here = here or self.row
        self.shown = self.folds.shown(self.rows)
        self.changed()
        if here is not None:
            self.to(self.index_of(here), tell=False)

    def index_of(self, row: Row) -> int:
        """Where a row (or the one that stands for it) is shown; the nearest above if it is folded away."""
        best = 0
        for index, at in enumerate(self.shown):
            other = self.rows[at]
            if other == row or (row.body_line and other.body_line == row.body_line):
                return index
            if other.body_line and row.body_line and other.body_line <= row.body_line:
                best = index
        return best

    @property
    def patch(self) -> Patch | None:
        """The mail."""
        return self.desk.patch(self.number) if self.number >= 0 else None

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.shown[self.cursor]] if self.cursor < len(self.shown) else None

    def file_of(self, row: Row) -> FileDiff | None:
        """The file that a row belongs to."""
        patch = self.patch
        return patch.files[row.file] if patch is not None and 0 <= row.file < len(patch.files) else None

    def lines_of(self, row: Row) -> tuple[str, int, int]:
        """Path, and the lines of the snapshots before and after the patch; 0 for none."""
        file = self.file_of(row)
        if file is None:
            return "", 0, 0
        old_shift, new_shift = self._shifts.get((path_of(file), row.hunk), (0, 0))
        old = row.old + old_shift if row.old else 0
        return path_of(file), old, row.new + new_shift if row.new else 0

    # Finding things.

    def rows_where(self, wanted: Sequence[Kind], *, first: bool = True) -> list[int]:
        """The indices of shown rows of some kinds."""
        return [
            index
            for index, at in enumerate(self.shown)
            if self.rows[at].kind in wanted and (self.rows[at].first or not first)
        ]

    def jump(self, wanted: Sequence[Kind], direction: int) -> bool:
        """Go to the next or previous row of some kinds; whether there is one."""
        places = self.rows_where(wanted)
        ahead = [place for place in places if (place > self.cursor if direction > 0 else place < self.cursor)]
        if not ahead:
            return False
        self.to(ahead[0] if direction > 0 else ahead[-1], centre=True)
        return True

    def jump_to(self, key: str) -> bool:
        """Go to the finding or comment with this key."""
        return self._jump_row(next((row for row in self.rows if row.key == key), None))

    def jump_line(self, path: str, line: int) -> bool:
        """Go to a line of the snapshot after the patch, if the mail shows it."""
        for row in self._by_body.values():
            if row.new and self.lines_of(row)[::2] == (path, line):
                return self._jump_row(row)
        return False

    def _jump_row(self, row: Row | None) -> bool:
        if row is None:
            return False
        self.folds.open_around(row)
        self.refold()
        self.to(self.index_of(row), centre=True)
        return True

    def search(self, pattern: re.Pattern[str] | None) -> int:
        """Mark what matches; how many rows do."""
        self._pattern = pattern
        self.changed()
        return 0 if pattern is None else sum(1 for at in self.shown if pattern.search(self.rows[at].text))

    def next_match(self, direction: int) -> bool:
        """Go to the next row that matches, round the end; whether there is one."""
        if self._pattern is None or not self.shown:
            return False
        total = len(self.shown)
        for step in range(1, total + 1):
            index = (self.cursor + direction * step) % total
            if self._pattern.search(self.rows[self.shown[index]].text):
                self.to(index, centre=True)
                return True
        return False

    # Drawing.

    @property
    def count(self) -> int:
        """How many rows are shown."""
        return len(self.shown)

    @property
    def widest(self) -> int:
        """Cells of the longest row, roughly."""
        return self._wide + self.gutter_cells

    @property
    def gutter_cells(self) -> int:
        """Cells before the text of code."""
        return self.rails.width + 2 * self._digits + 4

    def _fill(self, index: int) -> Style | None:
        row = self.rows[self.shown[index]]
        if row.kind is Kind.CODE and row.sign in "+-":
            return self.inks["added" if row.sign == "+" else "removed"]
        return self.inks[_INKS[row.kind]] if row.kind in (Kind.FILE, Kind.HUNK) else None

    def line_at(self, index: int) -> Line:
        """A row, drawn."""
        row = self.rows[self.shown[index]]
        if row.kind in (Kind.CODE, Kind.TREE):
            return Line((*self._gutter(row), *self._code(row)), row)
        if row.kind in (Kind.FINDING, Kind.COMMENT, Kind.CLAIM, Kind.OWN):
            return Line(tuple(self._said(row)), row)
        text = row.text
        if row.kind in (Kind.FILE, Kind.HUNK):
            text = f"{self.folds.mark(row)} {text}"
        return Line(tuple(self._searched(text, ((text, _INKS[row.kind]),))), row)

    def _gutter(self, row: Row) -> list[Span]:
        path, old, new = self.lines_of(row)
        sign = row.sign if row.sign in "+- " else " "
        spans = self.rails.spans(path, sign, old, new)
        numbers = f"{row.old or '':>{self._digits}} {row.new or '':>{self._digits}} "
        return [*spans, (numbers, "faint"), ({"+": "+ ", "-": "- "}.get(row.sign, "  "), self._sign_ink(row))]

    @staticmethod
    def _sign_ink(row: Row) -> str:
        return {"+": "sign-added", "-": "sign-removed"}.get(row.sign, "plain")

    def _code(self, row: Row) -> list[Span]:
        text = row.text
        base = {"+": "added", "-": "removed"}.get(row.sign, "tree" if row.kind is Kind.TREE else "plain")
        file = self.file_of(row)
        plain = file is None or not path_of(file).endswith(_CODE)
        spans = list(self._searched(text, [(text, base)] if plain else _coloured(text, base)))
        partner = self._by_body.get(row.partner)
        if partner is None:
            return spans
        old, new = (row.text, partner.text) if row.sign == "-" else (partner.text, row.text)
        words = changed_words(old, new)[0 if row.sign == "-" else 1]
        return _over(spans, words, f"{base}-word")

    def _said(self, row: Row) -> list[Span]:
        margin = " " * (self.gutter_cells - 4)
        text = row.text
        if row.kind is Kind.FINDING:
            finding = self.desk.finding(row.key)
            ink = finding.severity.value if finding is not None else "note"
            verdict = f"  [{self.book.verdict(row.key)}]" if row.first and self.book.verdict(row.key) else ""
            return [(f"{margin}{'╰─ ' if row.first else '   '}", ink), (text, ink if row.first else "plain"),
                    (verdict, "mark")]  # fmt: skip
        if row.kind is Kind.CLAIM:
            ink = "good" if text.startswith("✓") else "note" if text.startswith("?") else "warning"
            return [("  ╰─ " if row.first else "     ", ink), (text, ink if row.first else "faint")]
        ink = f"person{sum(map(ord, row.key.split('#')[0])) % 5}" if row.kind is Kind.COMMENT else "key"
        bar = f"{margin}{'╰─ ' if row.first else '   '}"
        return [(bar, ink), *self._searched(text, ((text, ink if row.first else "plain"),))]

    def _searched(self, text: str, spans: Sequence[Span]) -> Sequence[Span]:
        if self._pattern is None:
            return spans
        return _over(spans, [found.span() for found in self._pattern.finditer(text)], "found")

    def copied(self, index: int) -> str:
        """Copying gives the text without line numbers and signs."""
        return self.rows[self.shown[index]].text

    def on_resize(self) -> None:
        """Texts are wrapped for the width."""
        if self.number >= 0 and self.rows:
            self.rebuild()

    @property
    def sticky(self) -> str:
        """File and function at the top of the pane, for the line above it."""
        top = min(self.scroll_offset.y, len(self.shown) - 1)
        for index in range(max(0, top), min(len(self.shown), max(0, top) + 3)):
            row = self.rows[self.shown[index]]
            path, old, new = self.lines_of(row)
            if path:
                rail = self.rails.rail(path, new, before=False) if new else self.rails.rail(path, old, before=True)
                function = f"  {visible(rail.function)}()" if rail is not None else self._heading(row)
                return f"{visible(path)}{function}"
        return ""

    def _heading(self, row: Row) -> str:
        file = self.file_of(row)
        if file is None or not row.hunk:
            return ""
        return f"  {visible(file.hunks[row.hunk - 1].heading.strip())}"


def _coloured(text: str, base: str) -> list[Span]:
    spans: list[Span] = []
    at = 0
    for start, end, ink in tokens(text):
        spans += [(text[at:start], base), (text[start:end], f"{base}/{ink}" if base in ("added", "removed") else ink)]
        at = end
    return [*spans, (text[at:], base)]


def _over(spans: Sequence[Span], ranges: Sequence[tuple[int, int]], ink: str) -> list[Span]:
    """The spans with another ink at some ranges of characters."""
    result: list[Span] = []
    at = 0
    for text, own in spans:
        cut = at
        for start, end in ranges:
            low, high = max(cut, start), min(at + len(text), end)
            if low < high:
                result += [(text[cut - at : low - at], own), (text[low - at : high - at], ink)]
                cut = high
        result.append((text[cut - at :], own))
        at += len(text)
    return [span for span in result if span[0]]
