# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""One finding as text: the line that compilers write, the steps of its witness with their source, and the scenario."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from reviewtool.finding.model import Finding, Status
from reviewtool.locking.model import Step
from reviewtool.report.paint import Ink, Paint
from reviewtool.report.scenario import scenario
from reviewtool.report.visible import visible, visible_block, visible_code
from reviewtool.review.lines import LineReader, other_snapshot
from reviewtool.ruleset.model import Group, Severity

SEVERITY_INK = {Severity.ERROR: Ink.ERROR, Severity.WARNING: Ink.WARNING, Severity.NOTE: Ink.NOTE}
"""How each severity is painted."""

ID_LENGTH = 8
"""So many characters of the fingerprint are a finding's ID."""


def render_finding(finding: Finding, *, patches: int, read_line: LineReader, paint: Paint, width: int) -> Iterator[str]:
    """The lines of a finding. `patches` is how many the series has (0: an audit), `width` where prose is wrapped."""
    yield headline(finding, paint)
    for paragraph in filter(None, (_standing(finding, patches), visible(finding.explanation))):
        yield from textwrap.wrap(paragraph, width, initial_indent="  ", subsequent_indent="  ")
    yield from _steps("", finding.witness, finding.snapshot, read_line, paint)
    later = finding.group is Group.CHANGELOG and finding.other_snapshot is not None
    title = "later in the series:" if later else "the other way round:"
    yield from _steps(title, finding.other, other_snapshot(finding), read_line, paint)
    yield from _steps("the same cause:", finding.places, finding.snapshot, read_line, paint)
    if finding.document is not None:
        place = f"{visible(finding.document.path)}:{finding.document.line}"
        yield f"    {paint(Ink.FAINT, place)} says:"
        yield from textwrap.indent(visible_block(finding.document.quote.strip("\n")), "      | ").split("\n")
    table = scenario(finding)
    if table:
        yield ""
        yield from (f"    {line}" if line else "" for line in table)
    if finding.replay is not None:
        yield f"    replay: {visible(finding.replay.words)}"
    if finding.suggestion:
        yield "    suggested change:"
        yield from textwrap.indent(visible_block(finding.suggestion.rstrip("\n")), "      ", lambda _: True).split("\n")


def headline(finding: Finding, paint: Paint) -> str:
    """`path:line: severity: function(): message [rule, certainty, ID]`."""
    place = f"{visible(finding.path)}:{finding.line}:" if finding.path else "changelog:"
    where = f" {visible(finding.function)}():" if finding.function else ""
    severity = paint(SEVERITY_INK[finding.severity], f"{finding.severity.value}:")
    tail = f"[{visible(finding.rule)}, {finding.certainty.value}, {visible(finding.fingerprint[:ID_LENGTH])}]"
    return f"{paint(Ink.TITLE, place)} {severity}{where} {visible(finding.message)} {paint(Ink.FAINT, tail)}"


def _standing(finding: Finding, patches: int) -> str:
    """What the series makes of it, in a sentence."""
    worlds = f"Only on {', '.join(map(visible, finding.world))}. " if finding.world else ""
    raised = f"Raised in <{visible(finding.raised_by)}> already. " if finding.raised_by else ""
    if finding.status is Status.FIXED_LATER and finding.until is not None:
        return f"{worlds}{raised}There until {finding.until}/{patches}, which removes it."
    if finding.status is Status.PRE_EXISTING:
        return f"{worlds}{raised}The base has it already."
    return f"{worlds}{raised}".strip()


def _steps(title: str, steps: tuple[Step, ...], snapshot: int, read_line: LineReader, paint: Paint) -> Iterator[str]:
    if steps and title:
        yield f"    {title}"
    for number, step in enumerate(steps, 1):
        held = f"  (holds {', '.join(map(visible, step.held))})" if step.held else ""
        function = f" {visible(step.function)}():" if step.function else ""
        event = f"{visible(step.event)}{paint(Ink.FAINT, held)}"
        yield f"    {number:2} {visible(step.path)}:{step.line}{function} {event}"
        source = visible_code(read_line(snapshot, step.path, step.line)).strip()
        if source:
            yield f"         {paint(Ink.CODE, source)}"
