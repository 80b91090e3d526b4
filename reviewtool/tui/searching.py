# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Actions of the review screen that ask for a line of text: search, limit, go to."""

from __future__ import annotations

import re
from collections.abc import Callable

from textual import events
from textual.widgets import Input

from reviewtool.tui.limit import HELP, limited
from reviewtool.tui.parts import Parts


class Searching(Parts):
    """The prompt and what it is for."""

    def __init__(self) -> None:
        super().__init__()
        self.limit = ""
        self._then: Callable[[str], None] | None = None

    @property
    def numbers(self) -> tuple[int, ...]:
        """The mails that the list shows."""
        return limited(self.desk, self.book, self.limit)

    def _ask(self, what: str, then: Callable[[str], None], value: str = "") -> None:
        prompt = self.query_one("#prompt", Input)
        prompt.placeholder = what
        prompt.value = value
        prompt.add_class("asking")
        self._then = then
        prompt.focus()

    def _answered(self) -> None:
        self.query_one("#prompt", Input).remove_class("asking")
        self.mail.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The line is complete."""
        then, self._then = self._then, None
        self._answered()
        if then is not None:
            then(event.value)

    def on_key(self, event: events.Key) -> None:
        """Escape leaves the prompt."""
        if event.key == "escape" and isinstance(self.focused, Input):
            event.stop()
            self._then = None
            self._answered()

    def do_search(self) -> None:
        """Ask for a pattern."""
        self._ask("search: a regular expression; small letters match both", self._search)

    def _search(self, words: str) -> None:
        if not words:
            self.mail.search(None)
            return
        flags = re.IGNORECASE if words == words.lower() else 0
        try:
            pattern = re.compile(words, flags)
        except re.error:
            pattern = re.compile(re.escape(words), flags)
        found = self.mail.search(pattern)
        if found and self.mail.next_match(1):
            self.tool.say(f"{found} lines match")
        else:
            self.tool.say(f"nothing matches {words}")

    def do_next_match(self) -> None:
        """The next match."""
        if not self.mail.next_match(1):
            self.tool.say("nothing was searched for, or nothing matches")

    def do_previous_match(self) -> None:
        """The previous match."""
        if not self.mail.next_match(-1):
            self.tool.say("nothing was searched for, or nothing matches")

    def do_limit(self) -> None:
        """Ask which mails to list."""
        self._ask(f"limit: {HELP}", self._limit, self.limit)

    def _limit(self, words: str) -> None:
        before, self.limit = self.limit, words.strip()
        if not self.numbers:
            self.limit = before
            self.tool.say(f"no mail fits {words}")
        self.list_patches()
        self.status()

    def do_go_to(self) -> None:
        """Ask for the number of a patch."""
        self._ask("go to the patch with this number", self._go_to)

    def _go_to(self, words: str) -> None:
        if words.strip().isdigit() and int(words) in self.desk.numbers:
            self.open(int(words))
        else:
            self.tool.say(f"there is no patch {words}")
