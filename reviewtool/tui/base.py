# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What all screens have in common: moving, copying, the footer, and how an action finds its method."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, cast

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.screen import Screen

from reviewtool.tui.keys import Action
from reviewtool.tui.lines import LinesView
from reviewtool.tui.panes import Bar

if TYPE_CHECKING:
    from reviewtool.tui.app import ReviewApp

_SIDEWAYS = 8
_PAIRED = ("next-patch", "next-note")
"""Actions whose opposite stands beside them in the footer."""
_SPARE = ("search", "done", "quit", "comment", "next-pane")
"""What the footer leaves out first where there is little room; the help has it."""


class BaseScreen(Screen[None]):
    """A screen whose keys come from the table. The method of action `next-hunk` is `do_next_hunk`."""

    kind: ClassVar[str] = ""
    """The screen's name in the table."""
    prose: ClassVar[str] = ""
    """What its help says above the keys."""

    def __init__(self) -> None:
        super().__init__()
        self.hint = ""

    @property
    def tool(self) -> ReviewApp:
        """The application."""
        return cast("ReviewApp", self.app)

    @property
    def view(self) -> LinesView:
        """The pane that keys move in."""
        return self.focused if isinstance(self.focused, LinesView) else self.query(LinesView).first()

    def method(self, action: str) -> Callable[[], Any] | None:
        """What does an action; None if it cannot be done here and now."""
        found = getattr(self, f"do_{action.replace('-', '_')}", None)
        return found if callable(found) and self.can(action) else None

    def can(self, action: str) -> bool:
        """Whether an action would do anything now."""
        return True

    def actions(self) -> list[Action]:
        """What can be done here and now."""
        return [action for action in self.tool.keymap.on(self.kind) if self.method(action.id) is not None]

    def footer(self) -> None:
        """Draw the footer anew."""
        if self.hint:
            parts = [(f" {self.hint}", "mark", "")]
        else:
            words = [self._footer_word(action) for action in self.actions() if action.footer]
            for name in _SPARE:
                if sum(cell_len(key + word) for _, key, word in words) > self.size.width > 0:
                    words = [word for word in words if word[0] != name]
            parts = [part for name, key, word in words for part in ((key, "key", name), (word, "plain", name))]
        for bar in self.query("#footer").results(Bar):
            bar.show(parts)

    def _footer_word(self, action: Action) -> tuple[str, str, str]:
        names = (action.id.replace("next-", "previous-"), action.id) if action.id in _PAIRED else (action.id,)
        keys = " ".join(self.tool.keymap.label(name).split(" ")[0] for name in names)
        return action.id, f" {keys}", f" {action.footer} "

    def on_mount(self) -> None:
        """Begin with a footer."""
        self.footer()

    def on_resize(self) -> None:
        """The footer has another width."""
        self.call_after_refresh(self.footer)

    def on_screen_resume(self) -> None:
        """What can be done may have changed."""
        self.footer()

    def on_bar_clicked(self, message: Bar.Clicked) -> None:
        """A word of the footer was clicked."""
        self.tool.perform(message.action)

    def on_lines_view_chosen(self, message: LinesView.Chosen) -> None:
        """A line was clicked, or Enter pressed."""
        self.chosen(message.view, message.index)

    def chosen(self, view: LinesView, index: int) -> None:
        """A line was chosen."""

    def forget_inks(self) -> None:
        """The theme is another."""
        for view in self.query(LinesView):
            view.forget_inks()
        for bar in self.query(Bar):
            bar.forget_inks()

    # Actions.

    def do_down(self) -> None:
        """One line down."""
        self.view.move(1)

    def do_up(self) -> None:
        """One line up."""
        self.view.move(-1)

    def do_page_down(self) -> None:
        """One page down."""
        self.view.page(1)

    def do_page_up(self) -> None:
        """One page up."""
        self.view.page(-1)

    def do_half_down(self) -> None:
        """Half a page down."""
        self.view.page(0.5)

    def do_half_up(self) -> None:
        """Half a page up."""
        self.view.page(-0.5)

    def do_top(self) -> None:
        """To the first line."""
        self.view.to(0)

    def do_bottom(self) -> None:
        """To the last line."""
        self.view.to(self.view.count - 1)

    def do_left(self) -> None:
        """Scroll to the left."""
        self.view.sideways(-_SIDEWAYS)

    def do_right(self) -> None:
        """Scroll to the right."""
        self.view.sideways(_SIDEWAYS)

    def do_choose(self) -> None:
        """Enter."""
        self.view.choose()

    def do_copy(self) -> None:
        """Copy what is marked, else the line."""
        text = self.get_selected_text() or (self.view.copied(self.view.cursor) if self.view.count else "")
        self.app.copy_to_clipboard(text)
        self.tool.say("copied")

    def do_close(self) -> None:
        """Back to the screen before."""
        self.dismiss()

    def do_help(self) -> None:
        """Help for this screen."""
        from reviewtool.tui.help import HelpScreen

        self.app.push_screen(HelpScreen(self))

    def do_theme(self) -> None:
        """The next theme."""
        self.tool.next_theme()

    def do_palette(self) -> None:
        """The command palette."""
        from textual.command import CommandPalette

        from reviewtool.tui.commands import Commands

        if not CommandPalette.is_open(self.app):
            self.app.push_screen(CommandPalette(providers=[Commands], id="--command-palette"))

    def do_quit(self) -> None:
        """Leave."""
        self.tool.leave()


class PageScreen(BaseScreen):
    """A screen of one list of lines under a title."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.head = title

    def compose(self) -> ComposeResult:
        """Title, lines, footer."""
        yield Bar(id="top")
        yield LinesView(id="page")
        yield Bar(id="footer")

    def on_mount(self) -> None:
        """Show the lines."""
        super().on_mount()
        self.query_one("#top", Bar).show([(f" {self.head}", "title", "")])
        self.call_after_refresh(self.fill)

    def on_resize(self) -> None:
        """Texts are wrapped for the width."""
        self.call_after_refresh(self.fill)
        self.call_after_refresh(self.footer)

    def fill(self) -> None:
        """Put the lines into the page."""
