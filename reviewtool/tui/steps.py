# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The steps of a finding side by side: a column for its witness, one for the opposite path, one step at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import set_cell_size

from reviewtool.finding.model import Finding
from reviewtool.locking.model import Step
from reviewtool.report.scenario import scenario
from reviewtool.report.visible import visible, visible_code
from reviewtool.tui.base import PageScreen
from reviewtool.tui.desk import Desk
from reviewtool.tui.inspect import Place, wrapped
from reviewtool.tui.lines import Line, LinesView, line
from reviewtool.tui.pages import SourceScreen, code_spans

_AROUND = 4
"""Lines of source above and below the step."""


@dataclass(frozen=True, slots=True)
class _At:
    column: int
    step: Step
    locks: bool
    """Whether it takes or releases something: its event is no call."""


class StepsScreen(PageScreen):
    """The steps of a finding that has no replay."""

    kind: ClassVar[str] = "replay"
    prose: ClassVar[str] = (
        "The steps of the finding in columns: left its own path, right the opposite one. Beside each step stands what "
        "is held before it. Below is the source of the step; Enter shows more of it. Nothing of it was simulated."
    )

    def __init__(self, desk: Desk, finding: Finding) -> None:
        super().__init__(f"{visible(finding.rule)}  after {finding.patch}  {visible(' / '.join(finding.locks))}")
        self._desk = desk
        self._finding = finding
        self._steps = _ordered(finding)
        self._now = 0

    def fill(self) -> None:
        """The columns up to the step, the source, and what was simulated."""
        page = self.query_one("#page", LinesView)
        width = max(30, (page.size.width - 4) // 2 if self._finding.other else page.size.width - 4)
        heads = ["path of the finding", "the other way round"][: 2 if self._finding.other else 1]
        lines = [line(("  ", "plain"), *((set_cell_size(head, width), "title") for head in heads)), line()]
        for index, at in enumerate(self._steps):
            lines.append(self._row(index, at, width))
        lines += [line(), *self._source(), line()]
        lines += self._summary(page.size.width - 2)
        page.show(lines, cursor=self._now + 2)

    def _row(self, index: int, at: _At, width: int) -> Line:
        step = at.step
        sign = "▸" if index == self._now else "✓" if index < self._now else " "
        name = step.path.rpartition("/")[2]
        held = f"  [{', '.join(map(visible, step.held))}]" if step.held else ""
        text = f"{sign} {visible(name)}:{step.line} {visible(step.function)}() {visible(step.event)}{held}"
        ink = "strong" if index == self._now else "plain" if index < self._now else "faint"
        blank = (" " * width, "plain")
        cells = [(set_cell_size(text, width), ink)]
        return line(("  ", "plain"), *([blank] * at.column), *cells, target=index)

    def _source(self) -> list[Line]:
        step = self._steps[self._now].step
        piece = self._desk.excerpt(self._finding.snapshot, step.path, step.line)
        if piece is None:
            return []
        lines = [line((f"{visible(step.path)}:{step.line} {visible(step.function)}()", "hunk"), target=self._place)]
        for number in range(step.line - _AROUND, step.line + _AROUND + 1):
            if piece.first <= number < piece.first + len(piece.lines):
                text = visible_code(piece.lines[number - piece.first])
                mark = "▸" if number == step.line else " "
                lines.append(line((mark, "key"), (f"{number:>6} ", "faint"), *code_spans(text), target=self._place))
        return lines

    def _summary(self, width: int) -> list[Line]:
        lines = wrapped(visible(self._finding.message), width, "strong")
        return [*lines, *(line((text, "plain")) for text in scenario(self._finding))]

    @property
    def _place(self) -> Place:
        step = self._steps[self._now].step
        return Place(self._finding.snapshot, step.path, step.line, step.function)

    def chosen(self, view: LinesView, index: int) -> None:
        """Go to a step, or to its source."""
        target = view.line_at(index).target
        if isinstance(target, int) and target != self._now:
            self._go(target)
        elif target is not None:
            self.app.push_screen(SourceScreen(self._desk, self._place))

    def _go(self, index: int) -> None:
        self._now = max(0, min(index, len(self._steps) - 1))
        self.fill()

    def do_step_forward(self) -> None:
        """The next step."""
        self._go(self._now + 1)

    def do_step_back(self) -> None:
        """The previous step."""
        self._go(self._now - 1)

    def do_next_lock(self) -> None:
        """The next step that is no call."""
        self._go(next((i for i in range(self._now + 1, len(self._steps)) if self._steps[i].locks), self._now))

    def do_previous_lock(self) -> None:
        """The previous step that is no call."""
        self._go(next((i for i in range(self._now - 1, -1, -1) if self._steps[i].locks), self._now))

    def do_first_step(self) -> None:
        """The beginning."""
        self._go(0)

    def do_copy(self) -> None:
        """Copy the steps."""
        rows = (f"{at.step.path}:{at.step.line} {at.step.function}() {at.step.event}" for at in self._steps)
        self.app.copy_to_clipboard("\n".join(rows))
        self.tool.say("copied")


def _ordered(finding: Finding) -> list[_At]:
    """All steps: of a cycle each side up to its last step, then both last steps, which wait for each other."""
    sides = [[_at(column, step) for step in steps] for column, steps in enumerate((finding.witness, finding.other))]
    one, other = sides
    if not other:
        return one
    return [*one[:-1], *other[:-1], *other[-1:], *one[-1:]]


def _at(column: int, step: Step) -> _At:
    return _At(column, step, not step.event.startswith("calls "))
