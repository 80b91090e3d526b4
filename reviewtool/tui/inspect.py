# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What the inspector says about the thing under the cursor."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.cells import cell_len

from reviewtool.finding.model import Finding, Status
from reviewtool.locking.model import Step
from reviewtool.report.scenario import scenario
from reviewtool.report.visible import visible, visible_block, visible_code
from reviewtool.tui.desk import Desk
from reviewtool.tui.lines import Line, line
from reviewtool.tui.mailrows import LETTER
from reviewtool.tui.railink import Rails
from reviewtool.tui.state import Book


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a snapshot, to go to."""

    snapshot: int
    path: str
    line: int
    function: str = ""


@dataclass(frozen=True, slots=True)
class RulePage:
    """The page of a rule, to open."""

    rule: str


def about_finding(desk: Desk, book: Book, finding: Finding, width: int) -> list[Line]:
    """Everything that a finding carries."""
    lines = [_title(desk, book, finding)]
    lines += _wrapped(f"{visible(finding.function)}(): {visible(finding.message)}", width, "strong")
    if finding.explanation:
        lines += _wrapped(visible(finding.explanation), width)
    lines += _steps(desk, "", finding.witness, finding.snapshot, width)
    lines += _steps(desk, "the other way round:", finding.other, finding.snapshot, width)
    lines += _steps(desk, "the same cause:", finding.places, finding.snapshot, width)
    table = scenario(finding)
    if table:
        lines += [line(), *(line((text, "plain")) for text in table)]
    if finding.replay is not None:
        lines += _wrapped(f"replay: {visible(finding.replay.words)}", width)
    if finding.document is not None:
        place = Place(finding.snapshot, finding.document.path, finding.document.line)
        lines.append(line((f"{visible(place.path)}:{place.line}", "path"), (" says:", "plain"), target=place))
        lines += [line(("│ ", "faint"), (text, "plain")) for text in _block(finding.document.quote)]
    if finding.suggestion:
        lines += [line(), line(("suggested change:", "faint"))]
        lines += [line((text, _diff_ink(text))) for text in _block(finding.suggestion)]
    return lines


def _title(desk: Desk, book: Book, finding: Finding) -> Line:
    total = len(desk.series.patches) if desk.series is not None else 0
    standing = f"new with {finding.patch}/{total}"
    if finding.status is Status.FIXED_LATER and finding.until is not None:
        standing += f", there until {finding.until}/{total}"
    elif finding.status is Status.PRE_EXISTING:
        standing = "the base has it already"
    worlds = f" · {', '.join(map(visible, finding.world))}" if finding.world else ""
    raised = " · raised in the thread already" if finding.raised_by else ""
    verdict = book.verdict(finding.fingerprint)
    return line(
        (f"{LETTER[finding.severity]} ", finding.severity.value),
        (visible(finding.rule), "path"),
        (f" · {finding.certainty.value} · {standing}{worlds}{raised} · {finding.fingerprint[:8]}", "plain"),
        (f"  [{verdict}]" if verdict else "", "mark"),
        target=RulePage(finding.rule),
    )


def _steps(desk: Desk, title: str, steps: Iterable[Step], snapshot: int, width: int) -> Iterator[Line]:
    steps = tuple(steps)
    if steps and title:
        yield line((title, "faint"))
    for number, step in enumerate(steps, 1):
        target = Place(snapshot, step.path, step.line, step.function)
        name = step.path.rpartition("/")[2]
        held = f"  holds {', '.join(map(visible, step.held))}" if step.held else ""
        said = line(
            (f"{number:2} ", "faint"),
            (f"{visible(name)}:{step.line}", "path"),
            (f" {visible(step.function)}()", "strong"),
            (f" {visible(step.event)}", "plain"),
            target=target,
        )
        fits = cell_len(said.text) + cell_len(held) <= width
        yield line(*said.spans, (held if fits else "", "faint"), target=target)
        if held and not fits:
            yield line((f"    {held}", "faint"), target=target)
        piece = desk.excerpt(snapshot, step.path, step.line)
        if piece is not None:
            source = visible_code(piece.lines[step.line - piece.first]).strip()
            yield line((f"      {source}", "tree"), target=target)


def about_code(desk: Desk, number: int, place: tuple[str, int, int], rails: Rails) -> list[Line]:
    """What is known of a line of code: its function, and which locks it has before and after the patch."""
    path, old, new = place
    total = len(desk.series.patches) if desk.series is not None else 0
    lines: list[Line] = []
    for word, at, before in (("after ", new, False), ("before", old, True)):
        rail = rails.rail(path, at, before=before) if at else None
        if rail is not None:
            held = rail.at(at) or ()
            spans = rails.legend(held) if held else [("no lock", "faint")]
            name = f"{visible(rail.function)}()  "
            lines.append(line((f"{word} {number}/{total}  ", "faint"), (name, "strong"), *spans))
    if lines:
        lines.append(line(("held when the line begins, on some path; small letters: shared; ≠ changed", "faint")))
    added = desk.details[number].added if number in desk.details else ()
    lines += [
        line((f"new order: {visible(edge.outer)} → {visible(edge.inner)}", "mark"))
        for edge in added
        if any((step.path, step.line) == (path, new) for step in edge.witness)
    ]
    return lines


def about_patch(desk: Desk, number: int, width: int) -> list[Line]:
    """What is known of a patch as a whole."""
    lines: list[Line] = []
    result = desk.results.get(number)
    if result is not None:
        reason = f": {visible(result.reason)}" if result.reason else ""
        lines += _wrapped(f"applied: {result.applied.value}{reason}", width, "strong")
    detail = desk.details.get(number)
    for word, edges in (("new", detail.added if detail else ()), ("gone", detail.removed if detail else ())):
        for edge in edges:
            target = None
            if edge.witness:
                step = edge.witness[-1]
                target = Place(number, step.path, step.line, step.function)
            text = f"{visible(edge.outer)} → {visible(edge.inner)}"
            lines.append(line((f"{word} order  ", "mark"), (text, "plain"), target=target))
    for finding in desk.resolved(number):
        lines += _wrapped(f"removes {finding.fingerprint[:8]}: {visible(finding.message)}", width, "good")
    if desk.review is not None and number in (0, 1):
        for note in desk.review.notes:
            lines += _wrapped(visible(note), width, "note")
        stats = desk.review.stats
        if stats.pre_existing:
            lines += _wrapped(f"{stats.pre_existing} findings that the base has already are not shown", width, "faint")
        lines += _wrapped(f"{stats.unknown_calls} calls leave what was read", width, "faint")
    return lines or [line(("nothing to say about this patch", "faint"))]


def _wrapped(text: str, width: int, ink: str = "plain") -> list[Line]:
    return [line((part, ink)) for part in textwrap.wrap(text, max(20, width)) or [""]]


def _block(text: str) -> list[str]:
    return visible_block(text.strip("\n")).split("\n")


def _diff_ink(text: str) -> str:
    return {"+": "added", "-": "removed", "@": "hunk"}.get(text[:1], "plain")


wrapped = _wrapped
block = _block
