# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Writing a comment on a line. Every key is saved: a lost terminal costs nothing."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual.app import App, ComposeResult, SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import TextArea

from reviewtool.tui.panes import Bar


class CommentScreen(ModalScreen[None]):
    """A text about one line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+s", "done", "Close"),
        Binding("ctrl+g", "editor", "In the editor"),
    ]

    def __init__(self, title: str, text: str, keep: Callable[[str], None]) -> None:
        super().__init__()
        self._title = title
        self._text = text
        self._keep = keep

    def compose(self) -> ComposeResult:
        """What it is about, the text, the keys."""
        with Vertical():
            yield Bar(id="about")
            yield TextArea(self._text, id="text")
            yield Bar(id="keys")

    def on_mount(self) -> None:
        """Say which keys there are."""
        self.query_one("#about", Bar).show([(f" {self._title}", "title", "")])
        self.query_one("#keys", Bar).show(
            [(" Esc", "key", "done"), (" keep and close ", "plain", "done"), (" ^G", "key", "editor"),
             (" in $EDITOR ", "plain", "editor"), (" an empty comment is taken away", "faint", "")]
        )  # fmt: skip
        area = self.query_one(TextArea)
        area.focus()
        area.move_cursor(area.document.end)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Save each change."""
        if event.text_area.text != self._text:
            self._text = event.text_area.text
            self._keep(self._text)

    def on_bar_clicked(self, message: Bar.Clicked) -> None:
        """The mouse works, too."""
        message.stop()
        if message.action == "editor":
            self.action_editor()
        else:
            self.action_done()

    def action_done(self) -> None:
        """Close; the text is saved already."""
        self.dismiss()

    def action_editor(self) -> None:
        """Write it in $EDITOR."""
        try:
            text = edited(self.app, self.query_one(TextArea).text)
        except EditorError as error:
            self.notify(str(error), markup=False, severity="error")
            return
        self.query_one(TextArea).text = text


class EditorError(Exception):
    """The editor failed; one line, and the text is as it was."""


def edited(app: App[int], text: str, suffix: str = ".txt") -> str:
    """The text after the user's editor. Raises EditorError if that fails; the terminal is given back in any case."""
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    handle, name = tempfile.mkstemp(suffix=suffix, prefix="reviewtool-")
    file = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        with app.suspend():
            done = subprocess.run([*shlex.split(command), name], check=False)
        if done.returncode:
            raise EditorError(f"{command} ended with status {done.returncode}; nothing was changed")
        return file.read_text(encoding="utf-8", errors="replace").rstrip("\n")
    except SuspendNotSupported:
        raise EditorError("this terminal cannot be lent to an editor") from None
    except (OSError, ValueError) as error:
        raise EditorError(f"{command}: {error}; set $EDITOR") from None
    finally:
        file.unlink(missing_ok=True)
