# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The application: gets events from the engine's process, hands keys to screens, knows themes and the user's keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from textual import events
from textual.app import App
from textual.message import Message
from textual.widgets import Input, TextArea

from reviewtool.config.settings import ReplyWording
from reviewtool.report.visible import visible
from reviewtool.review.events import Event, Fault
from reviewtool.tui.base import BaseScreen
from reviewtool.tui.desk import Desk
from reviewtool.tui.keys import Keymap, key_name, shown
from reviewtool.tui.review import ReviewScreen
from reviewtool.tui.rulebook import RuleBook
from reviewtool.tui.state import Book


class Engine(Protocol):
    """Where events come from."""

    def events(self) -> Iterator[Event]:
        """The events as they come; may block."""
        ...

    def cancel(self) -> None:
        """Stop."""
        ...


class ReviewApp(App[int], inherit_bindings=False):
    """The terminal UI of one review."""

    TITLE = "reviewtool"
    CSS_PATH = "reviewtool.tcss"
    ENABLE_COMMAND_PALETTE = False
    """Textual's own key for it could not be changed; `do_palette` opens it."""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-medium"), (170, "-wide")]  # noqa: RUF012 - as Textual declares it

    class Arrived(Message):
        """The engine told something."""

        def __init__(self, event: Event) -> None:
            super().__init__()
            self.event = event

    def __init__(
        self,
        engine: Engine,
        source: str,
        *,
        keymap: Keymap | None = None,
        theme: str | None = None,
        rules: RuleBook | None = None,
        book: Book | None = None,
        wording: ReplyWording | None = None,
    ) -> None:
        super().__init__()
        self.engine = engine
        self.keymap = keymap or Keymap()
        self.desk = Desk(source)
        self.book = book or Book()
        self.rules = rules or RuleBook()
        self.wording = wording or ReplyWording()
        self.animation_level = "none"
        self._wanted_theme = theme
        self._keys: tuple[str, ...] = ()
        self.review_screen = ReviewScreen(self.desk, self.book)

    def on_mount(self) -> None:
        """Show the review and begin to listen."""
        if self._wanted_theme:
            if self._wanted_theme in self.available_themes:
                self.theme = self._wanted_theme
            else:
                self.say(f"there is no theme {self._wanted_theme}; T goes through those that there are")
        for clash in self.keymap.clashes:
            self.say(clash)
        self.push_screen(self.review_screen)
        self.run_worker(self._listen, thread=True, exit_on_error=False)

    def _listen(self) -> None:
        for event in self.engine.events():
            if not self.is_running:
                return
            self.post_message(self.Arrived(event))

    def on_review_app_arrived(self, message: Arrived) -> None:
        """Note it and show it."""
        self.desk.take(message.event)
        self.review_screen.arrived(message.event)

    # Keys.

    def on_key(self, event: events.Key) -> None:
        """Find the action of a key; the first key of two waits for the second."""
        screen = self.screen
        if not isinstance(screen, BaseScreen) or isinstance(self.focused, (Input, TextArea)):
            return
        keys = (*self._keys, key_name(event.key, event.character))
        self._keys = ()
        action = self.keymap.find(screen.kind, keys)
        following = self.keymap.continues(screen.kind, keys)
        if action or following or len(keys) > 1:
            event.stop()
            event.prevent_default()
        if action:
            self._hint(screen, "")
            self.perform(action)
        elif following:
            self._keys = keys
            choices = "  ".join(f"{shown((key,))} {self.keymap.actions[name].text}" for key, name in following.items())
            self._hint(screen, f"{shown(keys)} … {choices}")
        else:
            self._hint(screen, "")

    @staticmethod
    def _hint(screen: BaseScreen, text: str) -> None:
        if screen.hint != text:
            screen.hint = text
            screen.footer()

    def perform(self, action: str) -> bool:
        """Do an action on the screen that is open; whether it could be done."""
        screen = self.screen
        method = screen.method(action) if isinstance(screen, BaseScreen) else None
        if method is None:
            return False
        method()
        if self.screen is screen and isinstance(screen, BaseScreen):
            screen.footer()
        return True

    def say(self, text: str) -> None:
        """Show a short message."""
        self.notify(visible(text), markup=False, timeout=4)

    def next_theme(self) -> None:
        """The next of all themes."""
        names = sorted(self.available_themes)
        self.theme = names[(names.index(self.theme) + 1) % len(names)]
        self.say(f"theme {self.theme}")

    def _watch_theme(self, theme_name: str) -> None:
        super()._watch_theme(theme_name)
        self.call_later(self._forget_inks)

    def _forget_inks(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, BaseScreen):
                screen.forget_inks()

    def leave(self) -> None:
        """Keep how things were left, stop the engine, and end."""
        self.review_screen.keep()
        self.engine.cancel()
        self.exit(self.status)

    @property
    def status(self) -> int:
        """The exit status: of a review that could not be had, else 0."""
        refused = self.desk.refused
        if refused is None:
            return 0
        return {Fault.USAGE: 2, Fault.INPUT: 3, Fault.INTERNAL: 4}[refused.fault]
