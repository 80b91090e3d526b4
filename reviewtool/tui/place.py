# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Under which line of a mail a finding, a claim or a comment stands."""

from __future__ import annotations

from collections.abc import Mapping

from reviewtool.finding.model import Finding
from reviewtool.mail.model import FileDiff, Patch
from reviewtool.review.detail import PatchDetail

NewLines = Mapping[tuple[str, int], tuple[int, str]]
"""From a path and a line of the snapshot to the line of the body and its sign."""


def new_lines(patch: Patch, detail: PatchDetail | None) -> NewLines:
    """Where the lines of the snapshot after the patch stand in its mail."""
    shifts = shifts_of(detail)
    return {
        (file.new_path, line.new + shifts.get((path_of(file), hunk.number), (0, 0))[1]): (line.body_line, line.kind)
        for file in patch.files
        for hunk in file.hunks
        for line in hunk.lines
        if line.new
    }


def shifts_of(detail: PatchDetail | None) -> dict[tuple[str, int], tuple[int, int]]:
    """By path and hunk: how far the old and the new side stand from where the mail says."""
    if detail is None:
        return {}
    return {(place.path, place.hunk): (place.old_shift, place.new_shift) for place in detail.places}


def path_of(file: FileDiff) -> str:
    """The file's name for people."""
    return file.new_path or file.old_path


def line_of(finding: Finding, patch: Patch, lines: NewLines) -> int:
    """The line of the body that a finding stands under: its own place, else the first step of its witness that the
    patch added, else one that the mail shows, else the file, else the changelog's last line; never 0.
    """
    own = lines.get((finding.path, finding.line))
    if own is not None:
        return own[0]
    steps = [lines[place] for step in (*finding.witness, *finding.other) if (place := (step.path, step.line)) in lines]
    for wanted in ("+", " "):
        for body_line, kind in reversed(steps):
            if kind == wanted:
                return body_line
    for file in patch.files:
        if finding.path in (file.new_path, file.old_path) and file.hunks and file.hunks[0].lines:
            return file.hunks[0].lines[0].body_line
    return log_end(patch)


def log_end(patch: Patch) -> int:
    """The last line of the changelog."""
    return max(1, patch.changelog_line + patch.changelog.rstrip("\n").count("\n"))


def sentence_line(sentence: str, patch: Patch) -> int:
    """The line of the body where a sentence of the changelog ends."""
    wanted = "".join(sentence.split())
    joined = ""
    for number, line in enumerate(patch.changelog.split("\n"), patch.changelog_line):
        joined += "".join(line.split())
        if wanted and wanted in joined:
            return max(1, number)
    return log_end(patch)
