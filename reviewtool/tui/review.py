# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The review screen: patches, the mail with locks beside the code, the inspector."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input

from reviewtool.finding.model import Finding
from reviewtool.mail.model import Patch
from reviewtool.report.visible import visible, visible_block
from reviewtool.review.detail import OrderDone, PatchDetail
from reviewtool.review.events import Event, PatchDone, Progress, ReviewDone, SeriesRead
from reviewtool.tui.deciding import Deciding
from reviewtool.tui.desk import Desk
from reviewtool.tui.inspect import Place, RulePage, about_code, about_finding, about_patch, wrapped
from reviewtool.tui.lines import Line, LinesView, line
from reviewtool.tui.mailview import MailView
from reviewtool.tui.panes import Bar, Overview, PatchList, Replies
from reviewtool.tui.row import Kind
from reviewtool.tui.searching import Searching
from reviewtool.tui.state import Book
from reviewtool.tui.status import status_parts
from reviewtool.tui.viewing import Viewing

_PANES = ("left", "mail", "inspector")


class ReviewScreen(Viewing, Searching, Deciding):
    """Where a review is spent."""

    kind: ClassVar[str] = "review"
    prose: ClassVar[str] = (
        "The mail as it was sent, with what the tool found and what reviewers said under the lines that it is about. "
        "Left of the code is the rail: a letter for each lock that is held when the line begins, small if shared, · "
        "for none, ≠ where the patch changes it. The inspector explains the line under the cursor; Enter on a step "
        "goes there. Marks: ✓ done, ✕ skipped, ✎ your comment, ± others' comments; ! does not apply, ? missing."
    )

    def __init__(self, desk: Desk, book: Book) -> None:
        super().__init__()
        self.desk = desk
        self.book = book
        self.mail = MailView(desk, book)
        self.patches = PatchList(desk, book)
        self.replies = Replies()
        self.inspector = LinesView(id="inspector")
        self.overview = Overview(self.mail)
        self.pane = "mail"
        self.past: list[tuple[int, int]] = []

    def compose(self) -> ComposeResult:
        """The panes."""
        yield Bar(id="top")
        with Horizontal(id="main"):
            with Vertical(id="left"):
                yield self.patches
                yield self.replies
            with Vertical(id="work"):
                with Vertical(id="mailbox"):
                    yield Bar(id="sticky")
                    with Horizontal(id="mailpane"):
                        yield self.mail
                        yield self.overview
                yield self.inspector
        yield Input(id="prompt", compact=True)
        yield Bar(id="footer")

    def on_mount(self) -> None:
        """Begin in the mail."""
        super().on_mount()
        self.show_pane("mail")
        self.mail.focus()
        self.watch(self.mail, "scroll_y", self._scrolled, init=False)
        self.status()

    def _scrolled(self) -> None:
        self.query_one("#sticky", Bar).show([(f" {self.mail.sticky}", "faint", "")])

    # What comes from the engine.

    def arrived(self, event: Event) -> None:
        """More is known."""
        if not self.is_mounted:
            return
        if isinstance(event, SeriesRead):
            self.book.open(event.series)
            if self.book.trouble:
                self.tool.say(self.book.trouble)
            known = self.book.at in self.desk.numbers
            self.call_after_refresh(self.open, self.book.at if known else self.desk.numbers[0])
        elif isinstance(event, (PatchDone, PatchDetail)):
            number = event.result.number if isinstance(event, PatchDone) else event.number
            if number == self.mail.number:
                self.renew()
            self.list_patches()
        elif isinstance(event, (ReviewDone, OrderDone)):
            self.renew()
        self.status()
        if not isinstance(event, Progress):
            self.footer()

    def renew(self) -> None:
        """The open mail has more to say."""
        if self.mail.number >= 0:
            self.mail.rebuild()
            self.overview.update()
            self.list_patches()
            self.inspect()
            self._scrolled()

    def status(self) -> None:
        """Draw the top line."""
        self.query_one("#top", Bar).show(status_parts(self.desk, self.limit, self.size.width))

    # Opening things.

    def open(self, number: int, *, remember: bool = True) -> None:
        """Show a mail of the series."""
        if self.mail.number >= 0:
            if remember:
                self.past.append((self.mail.number, self.mail.cursor))
            self.keep()
        self.mail.open(number)
        self.book.at = number
        self.overview.update()
        self.list_patches()
        self.replies.update(self.desk, number)
        self.inspect()
        self._scrolled()
        self.footer()

    def keep(self) -> None:
        """Remember how the open mail was left."""
        if self.mail.number >= 0:
            self.book.leave(self.mail.number, self.mail.cursor, self.mail.folds.closed)

    def list_patches(self) -> None:
        """Draw the patch list anew."""
        self.patches.update(self.numbers, self.mail.number)

    def open_finding(self, fingerprint: str) -> None:
        """Go to a finding, in whichever mail it is."""
        finding = self.desk.finding(fingerprint)
        if finding is not None:
            if finding.patch != self.mail.number:
                self.open(finding.patch)
            self.mail.jump_to(fingerprint)

    def open_rule(self, rule: str) -> None:
        """The page of a rule."""
        page = self.tool.rules.rules.get(rule)
        if page is None:
            self.tool.say(f"there is no page of {rule}")
        else:
            from reviewtool.tui.pages import RuleScreen

            self.app.push_screen(RuleScreen(page))

    def go_to_place(self, place: Place) -> None:
        """Go to a line of the source: in the mail if it shows it, else in the source of its snapshot."""
        self.past.append((self.mail.number, self.mail.cursor))
        if place.snapshot == self.mail.number and self.mail.jump_line(place.path, place.line):
            self.show_pane("mail")
            self.mail.focus()
        else:
            from reviewtool.tui.pages import SourceScreen

            self.app.push_screen(SourceScreen(self.desk, place))

    # The inspector.

    @property
    def finding(self) -> Finding | None:
        """The finding under the cursor of the mail."""
        row = self.mail.row
        return self.desk.finding(row.key) if row is not None and row.kind is Kind.FINDING else None

    def inspect(self) -> None:
        """Explain what is under the cursor."""
        self.inspector.show(self._explained(max(30, self.inspector.size.width - 2)), cursor=0)

    def _explained(self, width: int) -> list[Line]:
        row, number = self.mail.row, self.mail.number
        if row is None:
            return []
        finding = self.finding
        if finding is not None:
            return about_finding(self.desk, self.book, finding, width)
        if row.kind is Kind.COMMENT:
            return self._comment_lines(row.key, width)
        if row.kind in (Kind.CODE, Kind.TREE):
            known = about_code(self.desk, number, self.mail.lines_of(row), self.mail.rails)
            return known or about_patch(self.desk, number, width)
        return about_patch(self.desk, number, width)

    def _comment_lines(self, key: str, width: int) -> list[Line]:
        for own, reply, comment in self.desk.comments(self.mail.number):
            if own == key:
                date = f"  {reply.mail.date:%a, %d %b %Y %H:%M %z}" if reply.mail.date is not None else ""
                who = f"{visible(reply.mail.author.name)} <{visible(reply.mail.author.email)}>"
                lines = [line((who, "strong"), (date, "faint"))]
                lines += [line((f"> {visible(text)}", "faint")) for text in comment.quoted[-6:]]
                for text in visible_block(comment.text.strip("\n")).split("\n"):
                    lines += wrapped(text, width)
                return lines
        return []

    def on_lines_view_moved(self, message: LinesView.Moved) -> None:
        """The cursor of the mail moved."""
        if message.view is self.mail:
            self.inspect()
            self._scrolled()
            self.footer()

    def chosen(self, view: LinesView, index: int) -> None:
        """A line was chosen."""
        target = view.line_at(index).target
        if view is self.patches and isinstance(target, int):
            self.open(target)
            self.show_pane("mail")
            self.mail.focus()
        elif view is self.replies and isinstance(target, str):
            self.mail.jump_to(target)
            self.show_pane("mail")
            self.mail.focus()
        elif view is self.mail:
            self._choose_row()
        elif isinstance(target, Place):
            self.go_to_place(target)
        elif isinstance(target, RulePage):
            self.open_rule(target.rule)

    def _choose_row(self) -> None:
        row = self.mail.row
        if row is None:
            return
        if row.kind in (Kind.FILE, Kind.HUNK):
            self.do_fold()
        elif row.kind is Kind.OWN:
            self.do_comment()
        elif row.kind is Kind.FINDING:
            self.show_pane("inspector")
            self.inspector.focus()

    def on_resize(self) -> None:
        """Texts are wrapped for the width."""
        self.call_after_refresh(self._resized)

    def _resized(self) -> None:
        self.status()
        self.footer()
        self.list_patches()
        self.inspect()

    # Other screens.

    def do_rule(self) -> None:
        """The page of the rule of the finding under the cursor."""
        finding = self.finding
        if finding is not None:
            self.open_rule(finding.rule)

    def do_thread(self) -> None:
        """All mails."""
        from reviewtool.tui.pages import ThreadScreen

        self.app.push_screen(ThreadScreen(self.desk))

    def do_graph(self) -> None:
        """The order graph."""
        from reviewtool.tui.pages import GraphScreen

        self.app.push_screen(GraphScreen(self.desk))

    def do_document(self) -> None:
        """The locking document."""
        from reviewtool.tui.document import DocumentScreen

        self.app.push_screen(DocumentScreen(self.desk))

    def do_replay(self) -> None:
        """The finding step by step."""
        finding = self.finding
        if finding is not None:
            from reviewtool.tui.replay import replay_screen

            self.app.push_screen(replay_screen(self.desk, finding))

    def do_drafts(self) -> None:
        """The drafts."""
        from reviewtool.tui.drafts import DraftsScreen

        screen = DraftsScreen(self.desk, self.book, self.tool.wording)
        self.app.push_screen(screen, lambda _: self.renew())

    def do_cancel(self) -> None:
        """Stop the analysis; what is there stays."""
        self.desk.cancelled = True
        self.tool.engine.cancel()
        self.tool.say("the analysis was stopped; what it found so far stays")
        self.status()

    def do_hint_quit(self) -> None:
        """A `q` that was meant for another view must not cost the review."""
        self.tool.say(f"{self.tool.keymap.label('quit').split(' ')[0]} quits; everything is saved")

    def can(self, action: str) -> bool:
        """What is possible now."""
        needs = {
            "rule": lambda: self.finding is not None and self.finding.rule in self.tool.rules.rules,
            "agree": lambda: self.finding is not None,
            "disagree": lambda: self.finding is not None,
            "later": lambda: self.finding is not None,
            "thread": lambda: self.desk.series is not None,
            "replay": lambda: self.finding is not None and bool(self.finding.witness),
            "drafts": lambda: self.desk.review is not None,
            "document": lambda: bool(self.desk.documents()),
            "graph": lambda: bool(self.desk.details),
            "cancel": lambda: not self.desk.finished,
            "comment": lambda: self.mail.row is not None,
            "back": lambda: bool(self.past),
        }
        return needs[action]() if action in needs else True

    @property
    def patch(self) -> Patch | None:
        """The open mail."""
        return self.mail.patch
