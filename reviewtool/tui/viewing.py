# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Actions of the review screen that move about and change what is shown."""

from __future__ import annotations

from textual.widget import Widget

from reviewtool.tui.parts import Parts
from reviewtool.tui.row import Kind

PANES = ("left", "mail", "inspector")
_NOTES = (Kind.FINDING, Kind.COMMENT, Kind.CLAIM, Kind.OWN)
_CONTEXT = 5
"""Lines of the tree that one key press adds."""
_MOST_CONTEXT = 60


class Viewing(Parts):
    """Moving between patches, notes and panes; folding; sizes."""

    # Panes.

    def show_pane(self, name: str) -> None:
        """On a narrow screen, or where one pane is alone: show this one."""
        self.pane = name
        for other in PANES:
            self.set_class(other == name, f"pane-{other}")

    def do_next_pane(self) -> None:
        """To the next pane."""
        self._turn(1)

    def do_previous_pane(self) -> None:
        """To the previous pane."""
        self._turn(-1)

    def _turn(self, by: int) -> None:
        name = PANES[(PANES.index(self.pane) + by) % len(PANES)]
        self.show_pane(name)
        {"left": self.patches, "mail": self.mail, "inspector": self.inspector}[name].focus()

    def on_descendant_focus(self) -> None:
        """A click may have gone to another pane."""
        names = {"patches": "left", "replies": "left", "mail": "mail", "inspector": "inspector"}
        focused = self.focused.id if self.focused is not None else None
        if focused in names:
            self.show_pane(names[focused])

    def do_maximise(self) -> None:
        """The pane alone, or all."""
        self.toggle_class("maximised")

    def _resize(self, name: str, by: int, *, wide: bool) -> None:
        pane: Widget = self.query_one(name)
        size = (pane.size.width if wide else pane.size.height) + by
        room = self.size.width if wide else self.size.height
        size = max(4, min(size, room - 20 if wide else room - 8))
        if wide:
            pane.styles.width = size + 1
        else:
            pane.styles.height = size + 1

    def do_wider(self) -> None:
        """A wider list."""
        self._resize("#left", 4, wide=True)

    def do_narrower(self) -> None:
        """A narrower list."""
        self._resize("#left", -4, wide=True)

    def do_taller(self) -> None:
        """A larger inspector."""
        self._resize("#inspector", 4 if self.has_class("-wide") else 2, wide=self.has_class("-wide"))

    def do_shorter(self) -> None:
        """A smaller inspector."""
        self._resize("#inspector", -4 if self.has_class("-wide") else -2, wide=self.has_class("-wide"))

    # Patches and notes.

    def do_next_patch(self) -> None:
        """The next mail."""
        self._patch(1)

    def do_previous_patch(self) -> None:
        """The mail before."""
        self._patch(-1)

    def _patch(self, by: int) -> None:
        numbers = self.numbers
        ahead = [n for n in numbers if (n > self.mail.number if by > 0 else n < self.mail.number)]
        if ahead:
            self.open(ahead[0] if by > 0 else ahead[-1])
        else:
            self.tool.say("this is the last patch" if by > 0 else "this is the first mail")

    def do_next_note(self) -> None:
        """The next finding or comment, in the next mails too."""
        self._note(1)

    def do_previous_note(self) -> None:
        """The previous one."""
        self._note(-1)

    def _note(self, by: int) -> None:
        if self.mail.jump(_NOTES, by):
            return
        numbers = self.numbers
        ahead = [n for n in numbers if (n > self.mail.number if by > 0 else n < self.mail.number)]
        for number in ahead if by > 0 else reversed(ahead):
            if self.has_notes(number):
                self.open(number)
                self.mail.to(0 if by > 0 else self.mail.count - 1, tell=False)
                if self.mail.row is None or self.mail.row.kind not in _NOTES or not self.mail.row.first:
                    self.mail.jump(_NOTES, by)
                return
        self.tool.say("no more findings or comments")

    def do_next_hunk(self) -> None:
        """The next hunk."""
        self.mail.jump((Kind.HUNK,), 1)

    def do_previous_hunk(self) -> None:
        """The previous hunk."""
        self.mail.jump((Kind.HUNK,), -1)

    def do_back(self) -> None:
        """Where one was before."""
        if self.past:
            number, cursor = self.past.pop()
            if number != self.mail.number:
                self.open(number, remember=False)
            self.mail.to(cursor, centre=True)

    # Folding and context.

    def do_fold(self) -> None:
        """Fold or unfold what is under the cursor."""
        row = self.mail.row
        if row is not None and self.mail.folds.toggle(row):
            self._folded()

    def do_fold_file(self) -> None:
        """Fold or unfold the file."""
        row = self.mail.row
        if row is not None and self.mail.folds.toggle_file(row):
            self._folded()

    def do_fold_all(self) -> None:
        """Fold everything."""
        self.mail.folds.close_all(self.mail.rows)
        self._folded()

    def do_unfold_all(self) -> None:
        """Unfold everything."""
        self.mail.folds.open_all()
        self._folded()

    def _folded(self) -> None:
        self.mail.refold()
        self.overview.update()

    def do_more_context(self) -> None:
        """More of the tree around the hunk."""
        self._more(_CONTEXT)

    def do_less_context(self) -> None:
        """Less of it."""
        self._more(-_CONTEXT)

    def _more(self, by: int) -> None:
        row = self.mail.row
        if row is None or not row.hunk:
            self.tool.say("the cursor is not in a hunk")
            return
        place = (row.file, row.hunk)
        before = len(self.mail.rows)
        self.mail.extra[place] = max(0, min(_MOST_CONTEXT, self.mail.extra.get(place, 0) + by))
        self.mail.rebuild()
        self.overview.update()
        if by > 0 and len(self.mail.rows) == before:
            self.tool.say("no more lines of the tree are at hand here")
