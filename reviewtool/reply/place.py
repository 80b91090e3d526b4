# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Which line of a patch mail a finding or a claim is about.

Lines are known by their text, for a patch that was applied with an offset has other numbers than the mail. A finding
need not stand in the diff: it is then told at the step of its witness that the patch adds, else at the nearest change
of the same function.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reviewtool.finding.model import Finding
from reviewtool.mail.model import DiffLine, FileDiff, Hunk, Patch
from reviewtool.review.lines import LineReader

_BLOCK = 4
"""Lines of a block that are quoted together with the condition above it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place in the mail: lines of its body, from 1."""

    first: int
    """Where the quote has to begin: of a sentence its first line."""
    last: int
    """The line under which the comment goes."""
    exact: bool
    """Whether it is the very place, not one near it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    path: str
    hunk: Hunk
    line: DiffLine


def place_of_finding(finding: Finding, patch: Patch, read_line: LineReader) -> Spot | None:
    """Where in the mail; None if no line of it has to do with the finding."""
    if not finding.path:
        return _quoted_in(finding.message, patch)
    known = list(_lines(patch))

    def find(path: str, line: int, kind: str) -> _Line | None:
        return _find(known, path, line, read_line(finding.snapshot, path, line), kind)

    steps = (*finding.witness, *finding.other, *finding.places)
    for kind in ("+", " "):
        own = find(finding.path, finding.line, kind)
        if own is not None:
            return Spot(first=own.line.body_line, last=own.line.body_line, exact=True)
        for step in steps:
            at = find(step.path, step.line, kind)
            if at is not None:
                last = _block_end(at) if step.event.endswith((" is true", " is false")) else at.line.body_line
                return Spot(first=at.line.body_line, last=last, exact=False)
    near = _nearest(known, finding)
    return Spot(first=near.line.body_line, last=near.line.body_line, exact=False) if near is not None else None


def place_of_sentence(text: str, patch: Patch) -> Spot | None:
    """The lines of a changelog or cover letter that a sentence stands on, however it is wrapped there."""
    words = text.split()
    if not words:
        return None
    pattern = r"\s+".join(map(re.escape, words))
    match = re.search(pattern, patch.changelog)
    if match is None:
        return None
    first = patch.changelog_line + patch.changelog.count("\n", 0, match.start())
    last = patch.changelog_line + patch.changelog.count("\n", 0, match.end())
    return Spot(first=first, last=last, exact=True)


def _quoted_in(message: str, patch: Patch) -> Spot | None:
    """The sentence that a message about the changelog has in quotation marks."""
    for said in re.findall(r'"([^"]{8,})"', message):
        spot = place_of_sentence(said, patch)
        if spot is not None:
            return spot
    return None


def _lines(patch: Patch) -> Iterator[_Line]:
    for file in patch.files:
        for hunk in file.hunks:
            for line in hunk.lines:
                yield _Line(path=_path(file), hunk=hunk, line=line)


def _path(file: FileDiff) -> str:
    return file.new_path or file.old_path


def _find(known: list[_Line], path: str, number: int, text: str, kind: str) -> _Line | None:
    """The line of this kind that is meant: of those with the same text the nearest; by number if no text is known."""
    found = [line for line in known if line.path == path and line.line.kind == kind]
    if not text.strip():
        return next((line for line in found if line.line.new == number), None)
    same = [line for line in found if line.line.text.strip() == text.strip()]
    return min(same, key=lambda line: abs(line.line.new - number), default=None)


def _block_end(at: _Line) -> int:
    """The last line of the added block under a condition."""
    own = _indent(at.line.text)
    last = at.line.body_line
    for line in at.hunk.lines:
        if line.body_line <= at.line.body_line:
            continue
        if line.kind != "+" or _indent(line.text) <= own or line.body_line > at.line.body_line + _BLOCK:
            break
        last = line.body_line
    return last


def _indent(text: str) -> int:
    return len(text.expandtabs(8)) - len(text.expandtabs(8).lstrip())


def _nearest(known: list[_Line], finding: Finding) -> _Line | None:
    """The nearest changed line of the same function."""
    if not finding.function:
        return None
    name = re.compile(rf"\b{re.escape(finding.function)}\s*\(")

    def about(hunk: Hunk) -> bool:
        return bool(name.search(hunk.heading)) or any(name.search(line.text) for line in hunk.lines)

    changed = [
        line for line in known if line.path == finding.path and line.line.kind in "+-" and line.line.text.strip()
    ]
    same = [line for line in changed if about(line.hunk)]
    return min(same, key=lambda line: (abs(_number(line) - finding.line), line.line.body_line), default=None)


def _number(line: _Line) -> int:
    """The line's number in the new file; of a removed line that of the line that follows it."""
    if line.line.new:
        return line.line.new
    after = (other.new for other in line.hunk.lines if other.body_line > line.line.body_line and other.new)
    return next(after, line.hunk.new_start + line.hunk.new_count)
