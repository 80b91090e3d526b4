# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The document screen: what findings and hunks say about locking documents, with the change that is suggested."""

from __future__ import annotations

from typing import ClassVar

from reviewtool.finding.model import Finding
from reviewtool.report.visible import visible
from reviewtool.tui.base import PageScreen
from reviewtool.tui.desk import Desk
from reviewtool.tui.inspect import Place, block, wrapped
from reviewtool.tui.lines import Line, LinesView, line
from reviewtool.tui.mailrows import LETTER
from reviewtool.tui.pages import SourceScreen


class DocumentScreen(PageScreen):
    """What is stale, missing or contradicted."""

    kind: ClassVar[str] = "document"
    prose: ClassVar[str] = "What findings say about the locking documents: the paragraph, and the change for it."

    def __init__(self, desk: Desk) -> None:
        super().__init__("Locking documents")
        self._desk = desk

    def fill(self) -> None:
        """Finding after finding."""
        page = self.query_one("#page", LinesView)
        width = page.size.width - 2
        lines: list[Line] = []
        for finding in self._desk.documents():
            head = f"{finding.patch}  {visible(finding.rule)} · {finding.certainty.value}"
            letter = (f"{LETTER[finding.severity]} ", finding.severity.value)
            lines.append(line(letter, (head, "strong"), target=finding))
            lines += wrapped(visible(finding.message), width)
            if finding.document is not None:
                place = Place(finding.snapshot, finding.document.path, finding.document.line)
                lines.append(line((f"{visible(place.path)}:{place.line}", "path"), (" says:", "plain"), target=place))
                lines += [line(("│ ", "faint"), (text, "plain")) for text in block(finding.document.quote)]
            if finding.suggestion:
                lines.append(line(("suggested change:", "faint")))
                lines += [line((text, _ink(text))) for text in block(finding.suggestion)]
            lines.append(line())
        page.show(lines)

    def chosen(self, view: LinesView, index: int) -> None:
        """Go to the finding in the mail, or to the paragraph."""
        target = view.line_at(index).target
        if isinstance(target, Place):
            self.app.push_screen(SourceScreen(self._desk, target))
        elif isinstance(target, Finding):
            self.dismiss()
            self.tool.review_screen.open_finding(target.fingerprint)


def _ink(text: str) -> str:
    return {"+": "added", "-": "removed", "@": "hunk"}.get(text[:1], "plain")
