# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Screens of one page: a rule, a piece of source, the thread, the order graph."""

from __future__ import annotations

from typing import ClassVar

from reviewtool.report.visible import visible, visible_code
from reviewtool.ruleset.model import Rule
from reviewtool.tui.base import PageScreen
from reviewtool.tui.desk import Desk
from reviewtool.tui.inspect import Place, block
from reviewtool.tui.lines import Line, LinesView, line
from reviewtool.tui.syntax import tokens


class RuleScreen(PageScreen):
    """The page of a rule."""

    kind: ClassVar[str] = "rule"
    prose: ClassVar[str] = "The page of a rule: what it finds, why that is bad, and what is known to go wrong."

    def __init__(self, rule: Rule) -> None:
        super().__init__(f"{visible(rule.id)} · {rule.group.value} · {rule.severity.value} · {visible(rule.summary)}")
        self._rule = rule

    def fill(self) -> None:
        """The page as it was written."""
        lines: list[Line] = []
        code = False
        for text in block(self._rule.page):
            if text.startswith("```"):
                code = not code
                lines.append(line())
            elif code:
                lines.append(line(("    ", "plain"), *code_spans(text)))
            else:
                lines.append(line((text.lstrip("# "), "title")) if text.startswith("#") else line((text, "plain")))
        self.query_one("#page", LinesView).show(lines)


def code_spans(text: str) -> list[tuple[str, str]]:
    """A cleaned line of C with its inks."""
    spans, at = [], 0
    for start, end, ink in tokens(text):
        spans += [(text[at:start], "plain"), (text[start:end], ink)]
        at = end
    return [*spans, (text[at:], "plain")]


class SourceScreen(PageScreen):
    """The source around a place."""

    kind: ClassVar[str] = "source"
    prose: ClassVar[str] = "The source around a step, as it is after the patch that the finding belongs to."

    def __init__(self, desk: Desk, place: Place) -> None:
        total = len(desk.series.patches) if desk.series is not None else 0
        name = f"{visible(place.path)}:{place.line}"
        super().__init__(f"{name} {visible(place.function)}() after {place.snapshot}/{total}")
        self._desk = desk
        self._place = place

    def fill(self) -> None:
        """The excerpt that travelled with the review."""
        place = self._place
        piece = self._desk.excerpt(place.snapshot, place.path, place.line)
        view = self.query_one("#page", LinesView)
        if piece is None:
            view.show([line(("this piece of source did not come with the review", "faint"))])
            return
        lines = []
        for number, text in enumerate(piece.lines, piece.first):
            here = number == place.line
            lines.append(
                line(
                    ("▸" if here else " ", "key"),
                    (f"{number:>6} ", "strong" if here else "faint"),
                    *code_spans(visible_code(text)),
                )
            )
        view.show(lines)
        view.to(place.line - piece.first, centre=True)


class ThreadScreen(PageScreen):
    """All mails of the series, quotes folded."""

    kind: ClassVar[str] = "thread"
    prose: ClassVar[str] = "All mails of this revision and their replies. Runs of quoted lines are folded to one line."

    def __init__(self, desk: Desk) -> None:
        super().__init__("Thread")
        self._desk = desk

    def fill(self) -> None:
        """Each mail with its replies under it."""
        lines: list[Line] = []
        for number in self._desk.numbers:
            patch = self._desk.patch(number)
            if patch is None:
                lines.append(line((f"{number}: not in the thread", "error")))
                continue
            lines.append(line((visible(patch.mail.subject), "file"), target=number))
            who = visible(patch.mail.author.name or patch.mail.author.email)
            log = patch.changelog.rstrip("\n")
            lines += [line((who, "strong"), target=number), *(line((text, "plain")) for text in block(log)), line()]
            for reply in self._desk.follow_ups(number):
                who = visible(reply.mail.author.name or reply.mail.author.email)
                date = f"{reply.mail.date:%d %b %H:%M}" if reply.mail.date is not None else ""
                head = (("╰─ ✉ ", "note"), (who, "strong"), (f"  {date}", "faint"))
                lines.append(line(*head, target=(number, reply.mail.message_id)))
                lines += _folded(reply.mail.body)
                lines.append(line())
        self.query_one("#page", LinesView).show(lines)

    def chosen(self, view: LinesView, index: int) -> None:
        """Go to the mail in the review."""
        target = view.line_at(index).target
        number = target[0] if isinstance(target, tuple) else target
        if isinstance(number, int):
            self.dismiss()
            self.tool.review_screen.open(number)


def _folded(body: str) -> list[Line]:
    lines: list[Line] = []
    quoted = 0
    for text in [*block(body), ""]:
        if text.startswith(">"):
            quoted += 1
            continue
        if quoted:
            lines.append(line((f"     > {quoted} quoted lines", "faint")))
            quoted = 0
        lines.append(line((f"     {text}", "plain")))
    return lines


class GraphScreen(PageScreen):
    """The order graph: what each patch adds and removes, then all edges of the scope."""

    kind: ClassVar[str] = "graph"
    prose: ClassVar[str] = (
        "Which lock is taken while which is held: first what this series adds and removes, then everything that the "
        "scope has after the last patch. Enter on an edge shows its steps, Enter on a step its source."
    )

    def __init__(self, desk: Desk) -> None:
        super().__init__("Order graph")
        self._desk = desk
        self._open: set[tuple[int, str, str, str]] = set()

    def fill(self) -> None:
        """The edges, and the steps of those that are open."""
        lines: list[Line] = [line(("This series", "title"))]
        new: set[tuple[str, str, str]] = set()
        for number, detail in sorted(self._desk.details.items()):
            for sign, edges in (("+", detail.added), ("-", detail.removed)):
                for edge in edges:
                    key = (number if sign == "+" else -number, edge.outer, edge.inner, edge.kind)
                    lines += self._edge(key, f"{sign} {number:>2}  ", edge.worlds)
                    lines += self._steps(key, number if sign == "+" else number - 1, edge.witness)
                    new.add((edge.outer, edge.inner, edge.kind))
        if len(lines) == 1:
            lines.append(line(("  no order is new, none is gone", "faint")))
        last = max(self._desk.details, default=0)
        lines += [line(), line((f"All orders after {last}", "title"), (f"  {len(self._desk.order)} edges", "faint"))]
        for edge in self._desk.order:
            name = (edge.outer, edge.inner, edge.kind)
            key = (0, *name)
            lines += self._edge(key, "new   " if name in new else "      ", edge.worlds)
            lines += self._steps(key, last, edge.witness)
        self.query_one("#page", LinesView).show(lines)

    def _edge(self, key: tuple[int, str, str, str], mark: str, worlds: tuple[str, ...]) -> list[Line]:
        where = f"  {' '.join(map(visible, worlds))}" if worlds else ""
        ink = {"+": "good", "-": "error", "n": "mark"}.get(mark[0], "faint")
        return [
            line(
                (f"{'▾' if key in self._open else '▸'} ", "faint"),
                (mark, ink),
                (f"{visible(key[1])} → {visible(key[2])}", "plain"),
                (f"  {key[3]}{where}", "faint"),
                target=key,
            )
        ]

    def _steps(self, key: tuple[int, str, str, str], snapshot: int, steps: tuple[object, ...]) -> list[Line]:
        if key not in self._open:
            return []
        from reviewtool.locking.model import Step

        return [
            line(
                (f"          {visible(step.path)}:{step.line}", "path"),
                (f" {visible(step.function)}()", "strong"),
                (f" {visible(step.event)}", "plain"),
                target=Place(snapshot, step.path, step.line, step.function),
            )
            for step in steps
            if isinstance(step, Step)
        ]

    def chosen(self, view: LinesView, index: int) -> None:
        """Open an edge, or go to a step."""
        target = view.line_at(index).target
        if isinstance(target, Place):
            self.app.push_screen(SourceScreen(self._desk, target))
        elif isinstance(target, tuple):
            self._open ^= {target}
            self.fill()
