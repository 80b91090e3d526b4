# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What the three halves of the review screen's actions (viewing, searching, deciding) use of it and of each other."""

from __future__ import annotations

from abc import abstractmethod

from reviewtool.finding.model import Finding
from reviewtool.tui.base import BaseScreen
from reviewtool.tui.desk import Desk
from reviewtool.tui.lines import LinesView
from reviewtool.tui.mailview import MailView
from reviewtool.tui.panes import Overview, PatchList
from reviewtool.tui.state import Book


class Parts(BaseScreen):
    """The review screen, as its actions see it."""

    desk: Desk
    book: Book
    mail: MailView
    patches: PatchList
    inspector: LinesView
    overview: Overview
    pane: str
    past: list[tuple[int, int]]

    @property
    @abstractmethod
    def numbers(self) -> tuple[int, ...]:
        """The mails that the list shows."""

    @property
    @abstractmethod
    def finding(self) -> Finding | None:
        """The finding under the cursor of the mail."""

    @abstractmethod
    def open(self, number: int, *, remember: bool = True) -> None:
        """Show a mail of the series."""

    @abstractmethod
    def has_notes(self, number: int) -> bool:
        """Whether a mail has anything said about it."""

    @abstractmethod
    def renew(self) -> None:
        """Show the open mail anew."""

    @abstractmethod
    def list_patches(self) -> None:
        """Draw the patch list anew."""

    @abstractmethod
    def status(self) -> None:
        """Draw the top line anew."""
