# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Help: what a screen is for, and the keys that work on it now."""

from __future__ import annotations

from typing import ClassVar

from reviewtool.tui.base import BaseScreen, PageScreen
from reviewtool.tui.inspect import wrapped
from reviewtool.tui.lines import Line, LinesView, line


class HelpScreen(PageScreen):
    """The keys of another screen."""

    kind: ClassVar[str] = "help"

    def __init__(self, about: BaseScreen) -> None:
        super().__init__("Help")
        self._about = about

    def fill(self) -> None:
        """Prose, then the keys by group."""
        page = self.query_one("#page", LinesView)
        lines: list[Line] = []
        if self._about.prose:
            lines += wrapped(self._about.prose, page.size.width - 2)
        group = ""
        keymap = self.tool.keymap
        for action in sorted(self._about.actions(), key=lambda action: action.group):
            if action.group != group:
                group = action.group
                lines += [line(), line((group, "title"))]
            lines.append(
                line(
                    (f"  {keymap.label(action.id):<16} ", "key"),
                    (f"{action.text:<46} ", "plain"),
                    (action.id, "faint"),
                    target=action.id,
                )
            )
        lines += [line(), *wrapped("The last column is the name of the action: [keys] in the configuration gives it "
                                   "other keys, and Enter here does it.", page.size.width - 2, "faint")]  # fmt: skip
        page.show(lines)

    def chosen(self, view: LinesView, index: int) -> None:
        """Do the action of a line."""
        action = view.line_at(index).target
        if isinstance(action, str):
            self.dismiss()
            self.app.call_later(self.tool.perform, action)
