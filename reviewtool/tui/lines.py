# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A scrolled list of lines with a cursor; only the lines on the screen are ever drawn. All panes are made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from reviewtool.tui.inks import Inks, make_inks

Span = tuple[str, str]
"""A text that was cleaned, and the ink it is drawn with."""

_MARGIN = 2
"""Lines kept in sight above and below the cursor."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line, and what it stands for."""

    spans: tuple[Span, ...]
    target: object = None
    """What Enter or a click on the line is about; None: nothing."""

    @property
    def text(self) -> str:
        """All of it as plain text."""
        return "".join(text for text, _ in self.spans)


def line(*spans: Span, target: object = None) -> Line:
    """Short for a line of these spans."""
    return Line(spans, target)


class LinesView(ScrollView, can_focus=True, inherit_bindings=False):
    """Lines with a cursor."""

    DEFAULT_CSS = """
    LinesView { background: $background; color: $foreground; scrollbar-size: 0 1; }
    """

    @dataclass
    class Moved(Message):
        """The cursor is at another line."""

        view: LinesView
        can_bubble = True

        def can_replace(self, message: Message) -> bool:
            """Only the last place counts."""
            return isinstance(message, LinesView.Moved) and message.view is self.view

    @dataclass
    class Chosen(Message):
        """A line was clicked twice, or Enter pressed on it."""

        view: LinesView
        index: int

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes=classes)
        self.cursor = 0
        self._content: Sequence[Line] = ()
        self._strips: dict[int, Strip] = {}
        self._inks: Inks = {}
        self.found: tuple[str, ...] = ()

    # What a subclass may answer otherwise.

    @property
    def count(self) -> int:
        """How many lines there are."""
        return len(self._content)

    def line_at(self, index: int) -> Line:
        """One of them."""
        return self._content[index]

    @property
    def widest(self) -> int:
        """Cells of the widest line, for the horizontal scroll bar."""
        return max((cell_len(item.text) for item in self._content), default=0)

    # What others do with it.

    def show(self, content: Sequence[Line], *, cursor: int | None = None) -> None:
        """Show other lines; the cursor stays where it is or goes to `cursor`."""
        self._content = content
        self.changed()
        self.to(self.cursor if cursor is None else cursor, tell=False)

    def changed(self) -> None:
        """Lines are others now: draw anew."""
        self._strips.clear()
        self.virtual_size = Size(self.widest, self.count)
        self.refresh()

    def to(self, index: int, *, centre: bool = False, tell: bool = True) -> None:
        """Put the cursor on a line and bring that into sight."""
        index = max(0, min(index, self.count - 1))
        moved, self.cursor = index != self.cursor, index
        height = self.scrollable_content_region.height or self.size.height
        top = self.scroll_offset.y
        margin = min(_MARGIN, max(0, (height - 1) // 2))
        if centre:
            top = index - height // 2
        elif index < top + margin:
            top = index - margin
        elif index >= top + height - margin:
            top = index - height + 1 + margin
        self.scroll_to(y=max(0, top), animate=False, force=True, immediate=True)
        self.refresh()
        if tell and moved:
            self.post_message(self.Moved(self))

    def move(self, by: int) -> None:
        """Move the cursor by lines."""
        self.to(self.cursor + by)

    def page(self, pages: float) -> None:
        """Move by parts of the height."""
        self.move(round(pages * max(1, self.scrollable_content_region.height - 1)) or (1 if pages > 0 else -1))

    def sideways(self, by: int) -> None:
        """Scroll horizontally by cells."""
        self.scroll_to(x=max(0, self.scroll_offset.x + by), animate=False, force=True)

    def choose(self) -> None:
        """Enter on the line of the cursor."""
        if self.count:
            self.post_message(self.Chosen(self, self.cursor))

    # Drawing.

    @property
    def inks(self) -> Inks:
        """The inks of the theme."""
        if not self._inks:
            self._inks = make_inks(self.app.theme_variables, ansi=self.app.current_theme.name.endswith("ansi"))
        return self._inks

    def forget_inks(self) -> None:
        """The theme is another."""
        self._inks = {}
        self.changed()

    def render_line(self, y: int) -> Strip:
        """A line of the screen."""
        index = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        if index >= self.count:
            return Strip.blank(width, self.rich_style)
        strip = self._strip(index)
        left = self.scroll_offset.x
        strip = strip.crop_extend(left, left + width, self._fill(index))
        if index == self.cursor:
            ink = "cursor" if self.has_focus else "cursor-away"
            strip = Strip(Segment.apply_style(strip, post_style=self.inks[ink]), strip.cell_length)
        return strip.apply_style(self.rich_style).apply_offsets(left, index)

    def _fill(self, index: int) -> Style | None:
        return None

    def _strip(self, index: int) -> Strip:
        strip = self._strips.get(index)
        if strip is None:
            if len(self._strips) > 2000:
                self._strips.clear()
            inks = self.inks
            strip = Strip([Segment(text, inks[ink]) for text, ink in self.line_at(index).spans if text])
            self._strips[index] = strip
        return strip

    # Events.

    def on_focus(self) -> None:
        """The cursor looks otherwise."""
        self.refresh()

    def on_blur(self) -> None:
        """The cursor looks otherwise."""
        self.refresh()

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self.to(self.cursor, tell=False)

    def on_click(self, event: events.Click) -> None:
        """Go there; twice: choose it."""
        if event.y >= self.scrollable_content_region.height:
            return
        index = event.y + self.scroll_offset.y
        if index >= self.count:
            return
        self.to(index)
        if event.chain == 2 or self.single:
            self.choose()

    single = False
    """Whether one click is enough to choose."""

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The text that was marked with the mouse."""
        text = "\n".join(self.copied(index) for index in range(self.count))
        return selection.extract(text), "\n"

    def copied(self, index: int) -> str:
        """What copying this line gives."""
        return self.line_at(index).text
