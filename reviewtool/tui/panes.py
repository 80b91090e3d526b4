# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The small widgets of the review screen: patch list, replies, footer, overview strip, bars."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from reviewtool.mail.model import Patch
from reviewtool.report.visible import visible
from reviewtool.ruleset.model import Severity
from reviewtool.tree.model import Applied
from reviewtool.tui.desk import Desk
from reviewtool.tui.inks import Inks, make_inks
from reviewtool.tui.lines import Line, LinesView, Span, line
from reviewtool.tui.mailrows import LETTER
from reviewtool.tui.mailview import MailView
from reviewtool.tui.row import Kind
from reviewtool.tui.state import Book

_APPLIED = {Applied.FAILED: "!", Applied.MISSING: "?", Applied.ALREADY: "=", Applied.SKIPPED: " ", Applied.YES: " "}


class PatchList(LinesView):
    """The mails of the series with their states, as b4 marks them."""

    single = True

    def __init__(self, desk: Desk, book: Book) -> None:
        super().__init__(id="patches")
        self.desk = desk
        self.book = book
        self.numbers: tuple[int, ...] = ()
        self.current = -1

    def update(self, numbers: tuple[int, ...], current: int) -> None:
        """Show these mails, one of them open."""
        moved = (current != self.current) or (numbers != self.numbers)
        self.numbers, self.current = numbers, current
        self.show([self._line(number) for number in numbers])
        if moved and current in numbers:
            self.to(numbers.index(current), tell=False)

    @property
    def widest(self) -> int:
        """Lines are cut to the pane."""
        return 0

    def _line(self, number: int) -> Line:
        patch = self.desk.patch(number)
        total = len(self.desk.series.patches) if self.desk.series is not None else 0
        result = self.desk.results.get(number)
        spans: list[Span] = [("▸" if number == self.current else " ", "key"), self._glyph(number)]
        spans.append((_APPLIED[result.applied] if result is not None else " ", "error"))
        title = f"{number:>{len(str(total))}}/{total} "
        counts = self._counts(number)
        room = self.size.width - 3 - len(title) - sum(cell_len(text) for text, _ in counts)
        subject = ("cover" if number == 0 else _short(patch)) if patch is not None else "(missing)"
        spans += [(title, "faint"), (set_cell_size(visible(subject), max(0, room)), "plain"), *counts]
        return Line(tuple(spans), number)

    def _glyph(self, number: int) -> Span:
        mark = self.book.mark(number)
        if mark == "done":
            return ("✓", "good")
        if mark == "skip":
            return ("✕", "faint")
        if self.book.comments(number) or self.book.draft(number):
            return ("✎", "key")
        return ("±", "note") if self.desk.follow_ups(number) else (" ", "plain")

    def _counts(self, number: int) -> list[Span]:
        spans: list[Span] = []
        for severity in Severity:
            found = self.desk.count(severity, number)
            if found:
                spans.append((f" {LETTER[severity]}{found}", severity.value))
        replies = len(self.desk.follow_ups(number))
        return [*spans, (f" ✉{replies}", "note")] if replies else spans

    def on_resize(self) -> None:
        """Subjects are cut for the width."""
        self.update(self.numbers, self.current)


def _short(patch: Patch) -> str:
    return patch.subject


class Replies(LinesView):
    """What was answered to the open mail."""

    single = True

    def __init__(self) -> None:
        super().__init__(id="replies")

    @property
    def widest(self) -> int:
        """Lines are cut to the pane."""
        return 0

    def update(self, desk: Desk, number: int) -> None:
        """Show the replies to a mail."""
        lines = []
        for key, reply, comment in desk.comments(number):
            who = visible(reply.mail.author.name or reply.mail.author.email)
            words = " ".join(visible(text) for text in comment.text.split("\n") if text.strip())
            where = f" {visible(comment.anchor.path.rpartition('/')[2])}:{comment.anchor.new or comment.anchor.old}"
            at = where if comment.anchor.path else " on log"
            lines.append(line(("✉ ", "note"), (who, "strong"), (f"{at} ", "faint"), (words, "plain"), target=key))
        for reply in desk.follow_ups(number):
            lines += [
                line(("✓ ", "good"), (f"{visible(trailer.key)}: {visible(trailer.value)}", "plain"))
                for trailer in reply.trailers
            ]
        self.show(lines)


class Bar(Widget):
    """One line of spans that is not scrolled; parts of it may be clicked."""

    DEFAULT_CSS = "Bar { height: 1; background: $panel; color: $foreground; }"

    class Clicked(Message):
        """A part that names an action was clicked."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._parts: Sequence[tuple[str, str, str]] = ()
        self._inks: Inks = {}

    def show(self, parts: Sequence[tuple[str, str, str]]) -> None:
        """Show texts, each with its ink and the action that a click on it does ("" for none)."""
        if parts != self._parts:
            self._parts = parts
            self.refresh()

    @property
    def text(self) -> str:
        """What it says."""
        return "".join(part[0] for part in self._parts)

    def forget_inks(self) -> None:
        """The theme is another."""
        self._inks = {}
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """The line."""
        if not self._inks:
            self._inks = make_inks(self.app.theme_variables, ansi=self.app.current_theme.name.endswith("ansi"))
        segments = [Segment(text, self._inks[ink]) for text, ink, _ in self._parts if text]
        return Strip(segments).crop_extend(0, self.size.width, None).apply_style(self.rich_style)

    def on_click(self, event: events.Click) -> None:
        """Do what the part is for."""
        at = 0
        for text, _, action in self._parts:
            at += cell_len(text)
            if event.x < at:
                if action:
                    self.post_message(self.Clicked(action))
                return


class Overview(Widget):
    """A column beside the mail that shows where in it something is."""

    DEFAULT_CSS = "Overview { width: 1; background: $background; }"

    def __init__(self, mail: MailView) -> None:
        super().__init__(id="overview")
        self._mail = mail
        self._cells: list[tuple[str, str]] = []
        self._of: tuple[int, int] = (-1, -1)

    def update(self) -> None:
        """The mail shows other rows."""
        self._of = (-1, -1)
        self.refresh()

    def _fill(self) -> None:
        height, count = self.size.height, self._mail.count
        if self._of == (height, count):
            return
        self._of = (height, count)
        weight = [0] * max(1, height)
        self._cells = [("│", "faint")] * max(1, height)
        for index, at in enumerate(self._mail.shown):
            row = self._mail.rows[at]
            place = index * height // max(count, height, 1)
            rank, cell = _cell(row.kind, row.sign, row.text[:1] if row.kind is Kind.FINDING and row.first else "")
            if rank > weight[place]:
                weight[place], self._cells[place] = rank, cell

    def render_line(self, y: int) -> Strip:
        """A cell."""
        self._fill()
        text, ink = self._cells[y] if y < len(self._cells) else (" ", "plain")
        return Strip([Segment(text, self._mail.inks[ink])]).apply_style(self.rich_style)

    def on_click(self, event: events.Click) -> None:
        """Go there."""
        self._mail.to(event.y * max(self._mail.count, self.size.height) // max(1, self.size.height), centre=True)
        self._mail.focus()


def _cell(kind: Kind, sign: str, letter: str) -> tuple[int, tuple[str, str]]:
    if letter:
        return 9, (letter, {"E": "error", "W": "warning"}.get(letter, "note"))
    if kind is Kind.COMMENT:
        return 7, ("✉", "note")
    if kind is Kind.OWN:
        return 8, ("✎", "key")
    if kind is Kind.CLAIM:
        return 6, ("?", "mark")
    if kind is Kind.FILE:
        return 3, ("─", "faint")
    if sign == "+":
        return 2, ("▌", "sign-added")
    if sign == "-":
        return 1, ("▌", "sign-removed")
    return 0, ("│", "faint")
