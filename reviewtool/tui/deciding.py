# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Actions of the review screen that decide something. Each is saved at once."""

from __future__ import annotations

from reviewtool.report.visible import visible
from reviewtool.tui.comment import CommentScreen
from reviewtool.tui.mailview import MailView
from reviewtool.tui.parts import Parts
from reviewtool.tui.place import log_end
from reviewtool.tui.row import Row


class Deciding(Parts):
    """Marks, verdicts and comments."""

    def has_notes(self, number: int) -> bool:
        """Whether a mail has anything said about it."""
        claims, own = self.desk.claims(number), self.book.comments(number)
        return bool(self.desk.findings(number) or claims or own or tuple(self.desk.comments(number)))

    def do_done(self) -> None:
        """Mark the patch done."""
        self._mark("done")

    def do_skip(self) -> None:
        """Mark the patch skipped."""
        self._mark("skip")

    def _mark(self, mark: str) -> None:
        if self.mail.number >= 0:
            self.book.set_mark(self.mail.number, mark)
            self._kept()
            self.renew()

    def do_agree(self) -> None:
        """The finding is right."""
        self._verdict("agree")

    def do_disagree(self) -> None:
        """The finding is wrong."""
        self._verdict("disagree")

    def do_later(self) -> None:
        """Decide later."""
        self._verdict("later")

    def _verdict(self, verdict: str) -> None:
        finding = self.finding
        if finding is not None:
            self.book.set_verdict(finding.fingerprint, verdict)
            self._kept()
            self.renew()

    def _kept(self) -> None:
        if self.book.trouble:
            self.tool.say(self.book.trouble)

    def do_comment(self) -> None:
        """Write about the line under the cursor."""
        row, patch = self.mail.row, self.mail.patch
        if row is None or patch is None:
            return
        number = self.mail.number
        body_line = _line_of(row, self.mail) or log_end(patch)
        about = next((item.text for item in self.mail.rows if item.body_line == body_line), "")

        def keep(text: str) -> None:
            self.book.set_comment(number, body_line, text)

        screen = CommentScreen(visible(about.strip()), self.book.comments(number).get(body_line, ""), keep)
        self.app.push_screen(screen, lambda _: self._written())

    def _written(self) -> None:
        self._kept()
        self.renew()


def _line_of(row: Row, mail: MailView) -> int:
    """The line of the body that a row is, or that it stands under."""
    index = mail.shown[mail.cursor]
    while index >= 0 and not mail.rows[index].body_line:
        index -= 1
    return mail.rows[index].body_line if index >= 0 else row.body_line
