# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A replay, step by step: a column for each context, the source of the step, who holds what and who waits for whom."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual.timer import Timer

from reviewtool.finding.model import Finding
from reviewtool.replay.program import Action
from reviewtool.replay.trace import Trace, replay
from reviewtool.report.visible import visible, visible_code
from reviewtool.review.staging import Stage, stage_finding
from reviewtool.tui.base import PageScreen
from reviewtool.tui.desk import Desk
from reviewtool.tui.inspect import Place, wrapped
from reviewtool.tui.lines import Line, LinesView, line
from reviewtool.tui.pages import SourceScreen, code_spans
from reviewtool.tui.panes import Bar
from reviewtool.tui.replayrows import beside, heads, standing, step_rows
from reviewtool.tui.steps import StepsScreen

_AROUND = 4
"""Lines of source above and below the step."""
_WIDE = 110
"""From this width on the source stands beside the steps."""
_SPEEDS = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Steps in a second."""
_LOCKS = frozenset({Action.ACQUIRE, Action.RELEASE, Action.DOWNGRADE})


class ReplayScreen(PageScreen):
    """A replay of a finding."""

    kind: ClassVar[str] = "replay"
    prose: ClassVar[str] = (
        "What the finding says, played in a simulator: a column for each context, a line for each step, and the step "
        "that was just taken marked. Its source, what it changed, who holds what and who waits for whom stand beside "
        "or below. Enter on a step goes there, once more it shows more of its source. The other side is the snapshot "
        "before the patch that brings the finding, or after the one that removes it."
    )

    def __init__(self, desk: Desk, finding: Finding, stage: Stage) -> None:
        super().__init__("")
        self._desk = desk
        self._finding = finding
        self._sides: list[Stage | None] = [stage, None]
        self._side = 0
        self._now = 0
        self._speed = 1
        self._timer: Timer | None = None
        self._traces: dict[int, Trace] = {}

    @property
    def trace(self) -> Trace:
        """The run of the side that is shown."""
        if self._side not in self._traces:
            stage = self._sides[self._side]
            assert stage is not None
            self._traces[self._side] = replay(stage.program, stage.schedule)
        return self._traces[self._side]

    @property
    def now(self) -> int:
        """The step that was just taken, from 0."""
        return self._now

    def fill(self) -> None:
        """The columns, the source and the state after the step."""
        page = self.query_one("#page", LinesView)
        width = max(24, page.size.width - 2)
        self.query_one("#top", Bar).show([(self._headline(), "title", "")])
        if width < _WIDE:
            rows, cursor = self._columns(width)
            page.show([*rows, line(), *self._state(width), line(), *self._source(width)], cursor=cursor)
            return
        left = width * 3 // 5
        right = width - left - 3
        rows, cursor = self._columns(left)
        page.show(beside(rows, left, [*self._source(right), line(), *self._state(right)]), cursor=cursor)

    def _headline(self) -> str:
        finding, rows = self._finding, self.trace.rows
        step = f"step {min(self._now + 1, len(rows))} of {len(rows)}"
        playing = f"  playing, {_SPEEDS[self._speed]:g} a second" if self._timer is not None else ""
        return f" {visible(finding.rule)}  {visible(' / '.join(finding.locks))}  {self._when}  {step}{playing}"

    @property
    def _when(self) -> str:
        finding = self._finding
        if not finding.patch:
            return ""
        removed = finding.until == finding.patch
        return f"{'before' if removed != bool(self._side) else 'after'} {finding.patch}"

    @property
    def _snapshot(self) -> int:
        """The snapshot of the side that is shown."""
        finding = self._finding
        if not self._side:
            return finding.snapshot
        return finding.patch if finding.until == finding.patch else finding.patch - 1

    def _columns(self, width: int) -> tuple[list[Line], int]:
        """The heads and the steps, and the line of the step that was just taken."""
        lines = heads(self.trace, width)
        cursor = len(lines)
        for number in range(len(self.trace.rows)):
            if number == self._now:
                cursor = len(lines)
            lines += step_rows(self.trace, number, self._now, width)
        return lines, cursor

    def _state(self, width: int) -> list[Line]:
        stage = self._sides[self._side]
        assert stage is not None
        return [*standing(self.trace, self._now, width), line(), *wrapped(visible(stage.words), width)]

    def _source(self, width: int) -> list[Line]:
        row = self.trace.rows[self._now] if self.trace.rows else None
        event = row.event if row is not None else None
        if event is None or event.source is None:
            drawn = self.trace.program.contexts[row.context].documented if row is not None else ""
            said = f"as {drawn} says" if drawn else "no line of code stands for this step"
            return wrapped(visible(said), width, "faint")
        step = event.source
        calls = "".join(f" \N{LEFTWARDS ARROW} {visible(each.function)}()" for each in reversed(event.stack))
        title = f"{visible(step.path)}:{step.line} {visible(step.function)}(){calls}"
        lines = [replace(each, target=self.place) for each in wrapped(title, width, "hunk")]
        piece = self._desk.excerpt(self._snapshot, step.path, step.line)
        if piece is None:
            return lines
        for number in range(step.line - _AROUND, step.line + _AROUND + 1):
            if piece.first <= number < piece.first + len(piece.lines):
                text = visible_code(piece.lines[number - piece.first])
                mark = "\N{BLACK RIGHT-POINTING SMALL TRIANGLE}" if number == step.line else " "
                lines.append(line((mark, "key"), (f"{number:>6} ", "faint"), *code_spans(text), target=self.place))
        return lines

    @property
    def place(self) -> Place | None:
        """Where the step stands in the code."""
        event = self.trace.rows[self._now].event if self.trace.rows else None
        step = event.source if event is not None else None
        return Place(self._snapshot, step.path, step.line, step.function) if step is not None else None

    def chosen(self, view: LinesView, index: int) -> None:
        """Go to a step, or to its source."""
        target = view.line_at(index).target
        if isinstance(target, int) and target != self._now:
            self._go(target)
        elif target is not None and self.place is not None:
            self.app.push_screen(SourceScreen(self._desk, self.place))

    def can(self, action: str) -> bool:
        """There is another side only where the finding brought one."""
        return action != "other-side" or bool(self._finding.contrast)

    def _go(self, index: int) -> None:
        self._now = max(0, min(index, len(self.trace.rows) - 1))
        self.fill()

    def _is_lock(self, index: int) -> bool:
        event = self.trace.rows[index].event
        return event is not None and event.action in _LOCKS and bool(event.target)

    # Actions.

    def do_step_forward(self) -> None:
        """The next step."""
        self._go(self._now + 1)

    def do_step_back(self) -> None:
        """The previous step."""
        self._go(self._now - 1)

    def do_next_lock(self) -> None:
        """The next step that takes or releases a lock."""
        self._go(next((i for i in range(self._now + 1, len(self.trace.rows)) if self._is_lock(i)), self._now))

    def do_previous_lock(self) -> None:
        """The previous one."""
        self._go(next((i for i in range(self._now - 1, -1, -1) if self._is_lock(i)), self._now))

    def do_first_step(self) -> None:
        """The beginning."""
        self._go(0)

    def do_last_step(self) -> None:
        """The end."""
        self._go(len(self.trace.rows) - 1)

    def do_play(self) -> None:
        """Play, from the beginning if it is at its end, or stop."""
        if self._timer is not None:
            self._stop()
        else:
            if self._now >= len(self.trace.rows) - 1:
                self._now = 0
            self._timer = self.set_interval(1 / _SPEEDS[self._speed], self._tick)
        self.fill()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _tick(self) -> None:
        if self._now + 1 >= len(self.trace.rows) - 1:
            self._stop()
        self._go(self._now + 1)

    def do_faster(self) -> None:
        """More steps in a second."""
        self._at_speed(self._speed + 1)

    def do_slower(self) -> None:
        """Fewer."""
        self._at_speed(self._speed - 1)

    def _at_speed(self, speed: int) -> None:
        self._speed = max(0, min(speed, len(_SPEEDS) - 1))
        if self._timer is not None:
            self._stop()
            self._timer = self.set_interval(1 / _SPEEDS[self._speed], self._tick)
        self.tool.say(f"{_SPEEDS[self._speed]:g} steps a second")
        self.fill()

    def do_other_side(self) -> None:
        """The snapshot beside it, and back."""
        other = 1 - self._side
        if self._sides[other] is None:
            self._sides[other] = stage_finding(self._finding, contrast=True)
        if self._sides[other] is None:
            self.tool.say("nothing of it is there on the other side")
            return
        self._side = other
        self._go(min(self._now, len(self.trace.rows) - 1))

    def do_copy(self) -> None:
        """Copy the schedule."""
        self.app.copy_to_clipboard(self.trace.schedule)
        self.tool.say(f"copied schedule {self.trace.schedule}")


def replay_screen(desk: Desk, finding: Finding) -> PageScreen:
    """The replay of a finding; its bare steps where there is none."""
    stage = stage_finding(finding)
    return ReplayScreen(desk, finding, stage) if stage is not None else StepsScreen(desk, finding)
