# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What goes to standard error: complaints, notices, and progress where it is a terminal."""

from __future__ import annotations

import shutil
import sys
from types import TracebackType

import click

from reviewtool.report.visible import visible
from reviewtool.review.events import Event, Notice, PatchDone, Progress, SeriesRead

_CLEAR = "\r\x1b[K"


def complain(text: str) -> None:
    """One line that says what is wrong."""
    click.echo(f"reviewtool: {visible(text)}", err=True)


class Narrator:
    """Shows events on one line of the terminal that is overwritten; without a terminal it only passes notices on."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._live = sys.stderr.isatty()
        self._drawn = False

    def __enter__(self) -> Narrator:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clear()

    def tell(self, event: Event) -> None:
        """Show what this event says, if it is for here."""
        match event:
            case Notice():
                self._clear()
                complain(f"{self._label}: {event.text}")
            case SeriesRead():
                self._draw(f"{event.series.subject}: {event.series.expected} patches")
            case PatchDone():
                self._draw(f"{event.result.number} {event.result.subject}")
            case Progress():
                counted = f" {event.done}/{event.total}" if event.total else ""
                self._draw(f"{event.stage.value}{counted} {event.what}".rstrip())
            case _:
                pass

    def _draw(self, text: str) -> None:
        if not self._live:
            return
        width = shutil.get_terminal_size().columns - 1
        line = visible(f"{self._label}: {text}")
        sys.stderr.write(_CLEAR + line[:width])
        sys.stderr.flush()
        self._drawn = True

    def _clear(self) -> None:
        if self._drawn:
            sys.stderr.write(_CLEAR)
            sys.stderr.flush()
            self._drawn = False
