# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The drafts screen: replies as they would be sent. Nothing is ever sent from here."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import ClassVar

from reviewtool.config.settings import ReplyWording
from reviewtool.finding.model import Finding
from reviewtool.mail.model import Patch
from reviewtool.reply.drafts import Choice, Draft, make_drafts
from reviewtool.reply.errors import ReplyError
from reviewtool.reply.identity import find_identity
from reviewtool.reply.letter import Stamp, reply_subject, write_letter
from reviewtool.reply.phrases import Phrases
from reviewtool.reply.place import Spot
from reviewtool.reply.quote import Point
from reviewtool.reply.store import open_store
from reviewtool.report.visible import visible
from reviewtool.tui.base import PageScreen
from reviewtool.tui.comment import EditorError, edited
from reviewtool.tui.desk import Desk
from reviewtool.tui.inspect import block
from reviewtool.tui.lines import Line, LinesView, line
from reviewtool.tui.mailrows import LETTER
from reviewtool.tui.state import Book

_SEND = "git send-email --suppress-cc=self --suppress-cc=body"


class DraftsScreen(PageScreen):
    """Each draft with the findings that it tells."""

    kind: ClassVar[str] = "drafts"
    prose: ClassVar[str] = (
        "The replies that this review amounts to: what the tool found and your own comments, under the quoted lines. "
        "Findings may be left out, and a draft may be edited as a whole; then it is kept as you wrote it."
    )

    def __init__(self, desk: Desk, book: Book, wording: ReplyWording) -> None:
        super().__init__("Drafts")
        self._desk = desk
        self._book = book
        self._wording = wording
        self._drafts: tuple[Draft, ...] = ()

    def fill(self) -> None:
        """Make the drafts and show them."""
        lines: list[Line] = []
        try:
            self._drafts = self._made()
        except ReplyError as error:
            self._drafts = ()
            lines.append(line((visible(str(error)), "error")))
        total = len(self._desk.series.patches) if self._desk.series is not None else 0
        told = {draft.number for draft in self._drafts}
        for number in self._desk.numbers:
            findings = self._desk.findings(number)
            if number not in told and not findings:
                continue
            draft = next((draft for draft in self._drafts if draft.number == number), None)
            patch = self._desk.patch(number)
            subject = visible(reply_subject(patch.mail.subject)) if patch is not None else f"{number}/{total}"
            edit = "  (edited)" if self._book.draft(number) else ""
            lines.append(line((subject, "file"), (edit, "mark"), target=number))
            lines += [self._finding(finding) for finding in findings]
            lines += [line(), *(_quoted(text, number) for text in block(draft.text))] if draft is not None else []
            lines.append(line())
        if not lines:
            lines.append(line(("nothing to say: no finding, and no comment of yours", "faint")))
        self.query_one("#page", LinesView).show(lines)
        self.footer()

    def _finding(self, finding: Finding) -> Line:
        sign = "[ ]" if self._book.left_out(finding.fingerprint) else "[x]"
        return line(
            (f"  {sign} ", "key"),
            (f"{LETTER[finding.severity]} ", finding.severity.value),
            (f"{visible(finding.rule)}: {visible(finding.message)}", "plain"),
            target=finding,
        )

    def _made(self) -> tuple[Draft, ...]:
        review = self._desk.review
        if review is None:
            return ()
        own = {number: points for number in self._desk.numbers if (points := self._own(number))}
        left_out = {f.fingerprint for f in self._desk.findings() if self._book.left_out(f.fingerprint)}
        left_out |= {f.fingerprint for f in self._desk.findings() if self._book.verdict(f.fingerprint) == "disagree"}
        choice = Choice(left_out=frozenset(left_out), own=own, me=_name())
        drafts = make_drafts(review, choice, Phrases(self._wording))
        return tuple(self._edited(draft) for draft in drafts)

    def _own(self, number: int) -> tuple[Point, ...]:
        patch = self._desk.patch(number)
        comments = sorted(self._book.comments(number).items())
        return tuple(_point(patch, at, text) for at, text in comments) if patch is not None else ()

    def _edited(self, draft: Draft) -> Draft:
        text = self._book.draft(draft.number)
        return replace(draft, lines=tuple(text.split("\n"))) if text else draft

    @property
    def _here(self) -> Draft | None:
        """The draft that the cursor is in."""
        for index in range(self.view.cursor, -1, -1):
            target = self.view.line_at(index).target if index < self.view.count else None
            if isinstance(target, int):
                return next((draft for draft in self._drafts if draft.number == target), None)
        return None

    def can(self, action: str) -> bool:
        """What is possible now."""
        if action in ("edit", "discard", "include", "write") and not self.view.count:
            return False
        if action == "edit":
            return self._here is not None
        if action == "discard":
            return self._here is not None and bool(self._book.draft(self._here.number))
        if action == "include":
            return any(isinstance(self.view.line_at(i).target, Finding) for i in range(self.view.count))
        return bool(self._drafts) if action == "write" else True

    def on_lines_view_moved(self) -> None:
        """What can be done may be other things now."""
        self.footer()

    def chosen(self, view: LinesView, index: int) -> None:
        """A finding is left out or taken in, a draft is edited."""
        if isinstance(view.line_at(index).target, Finding):
            self.do_include()
        elif isinstance(view.line_at(index).target, int):
            self.do_edit()

    def do_include(self) -> None:
        """Leave the finding under the cursor out, or take it in."""
        target = self.view.line_at(self.view.cursor).target
        if not isinstance(target, Finding):
            self.tool.say("put the cursor on a finding, a line with [x]")
            return
        self._book.set_left_out(target.fingerprint)
        self.fill()

    def do_edit(self) -> None:
        """Edit the draft in $EDITOR."""
        draft = self._here
        if draft is None:
            return
        try:
            text = edited(self.app, draft.text, ".b4-review.eml")
        except EditorError as error:
            self.notify(visible(str(error)), markup=False, severity="error")
            return
        if text.rstrip("\n") != draft.text.rstrip("\n"):
            self._book.set_draft(draft.number, text)
        self.fill()

    def do_discard(self) -> None:
        """Make the draft anew."""
        draft = self._here
        if draft is not None:
            self._book.set_draft(draft.number, "")
            self.fill()

    def do_write(self) -> None:
        """Write all drafts as files, and say how they would be sent."""
        try:
            me = find_identity(None)
            store = open_store(f"dir:{self._book.folder}")
            paths = [path for draft in self._drafts if (path := store.put(write_letter(draft, me, Stamp())))]
        except ReplyError as error:
            self.notify(visible(str(error)), markup=False, severity="error")
            return
        if not paths:
            self.tool.say("these drafts are written already")
            return
        lines = [line((f"{len(paths)} drafts were written. To send them:", "strong")), line()]
        lines.append(line((f"  {_SEND} {' '.join(shlex.quote(path) for path in paths)}", "plain")))
        lines += [line(), *(line((visible(path), "path")) for path in paths), line()]
        page = self.query_one("#page", LinesView)
        page.show([*lines, *(page.line_at(index) for index in range(page.count))], cursor=0)


def _point(patch: Patch, body_line: int, text: str) -> Point:
    line_count = patch.mail.body.count("\n") + 1
    spot = Spot(first=body_line, last=body_line, exact=True) if 0 < body_line <= line_count else None
    return Point(spot=spot, lines=tuple(text.rstrip("\n").split("\n")))


def _quoted(text: str, number: int) -> Line:
    return line((text, "faint" if text.startswith(">") else "plain"))


def _name() -> str:
    try:
        return find_identity(None).name
    except ReplyError:
        return ""
