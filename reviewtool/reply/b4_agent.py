# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A review as the files that `b4 review` 0.16 imports from an agent: comments that it shows at their lines.

A file per patch: a summary, what is about no line of the diff, and the whole diff of the commit, quoted, with each
comment under its line. b4 reads them when a session starts, and removes them.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from reviewtool.finding.model import Finding
from reviewtool.mail.diff import read_diff
from reviewtool.mail.model import DiffLine, FileDiff, Patch
from reviewtool.reply.errors import ReplyError
from reviewtool.reply.prose import paragraphs, wrap
from reviewtool.reply.quote import Point
from reviewtool.ruleset.model import Severity

IDENTITY = "reviewtool <reviewtool@localhost>"
"""Whose comments they are. Not the user's: b4 would take them for the user's own and send them unasked."""


def patch_file(patch: Patch, points: Sequence[Point], findings: Sequence[Finding], diff: str) -> str:
    """The file for one patch; `diff` is what `git diff` prints for its commit."""
    under: dict[int, list[str]] = {}
    general: list[list[str]] = []
    known = read_diff(diff, 0).files
    for point in points:
        line = _line_in(known, patch, point)
        if line:
            under[line] = paragraphs(under.get(line, []), point.lines)
        else:
            general.append(paragraphs(_sentence(patch, point), point.lines))
    quoted: list[str] = []
    for number, text in enumerate(diff.removesuffix("\n").split("\n"), 1):
        quoted.append(f"> {text}")
        if number in under:
            quoted += ["", *under[number], ""]
    note = paragraphs([counted(findings)], *general)
    return "\n".join(paragraphs([_unquoted(line) for line in note], quoted)) + "\n"


def series_file(points: Sequence[Point], findings: Sequence[Finding]) -> str:
    """The file for the cover letter."""
    return "\n".join(paragraphs([counted(findings)], *(point.lines for point in points))) + "\n"


def counted(findings: Sequence[Finding]) -> str:
    """How many findings of each severity there are."""
    counts = [(sum(finding.severity is level for finding in findings), level.value) for level in Severity]
    said = [f"{count} {name}{'' if count == 1 else 's'}" for count, name in counts if count]
    return f"reviewtool: {', '.join(said) or 'nothing to report'}"


def write_files(directory: Path, files: Mapping[str, str]) -> None:
    """Put the files where b4 looks for them, all at once. Raises ReplyError if some wait there already."""
    if directory.exists():
        raise ReplyError(f"{directory}: b4 has not read what is there; start b4 review, or remove it")
    draft = directory.parent / f".{secrets.token_hex(8)}"
    try:
        draft.mkdir(parents=True)
        for name, text in {"identity.txt": f"{IDENTITY}\n", **files}.items():
            (draft / name).write_text(text, encoding="utf-8", errors="replace")
        draft.rename(directory)
    except OSError as error:
        raise ReplyError(f"{directory}: {error.strerror}") from None


def _line_in(files: Sequence[FileDiff], patch: Patch, point: Point) -> int:
    """The line of the commit's diff that a comment belongs to, from 1; 0 if it has none.

    The commit may stand elsewhere in the file than the mail says. So a line is known by its file and text, and equal
    ones are counted.
    """
    if point.spot is None:
        return 0
    for file in patch.files:
        lines = [line for hunk in file.hunks for line in hunk.lines]
        wanted = next((line for line in lines if line.body_line == point.spot.last), None)
        if wanted is None:
            continue
        order = [line.body_line for line in lines if _same(line, wanted)].index(wanted.body_line)
        found = [
            line.body_line
            for other in files
            if (other.new_path, other.old_path) == (file.new_path, file.old_path)
            for hunk in other.hunks
            for line in hunk.lines
            if _same(line, wanted)
        ]
        return found[order] if order < len(found) else 0
    return 0


def _same(one: DiffLine, other: DiffLine) -> bool:
    return one.kind == other.kind and one.text.rstrip() == other.text.rstrip()


def _sentence(patch: Patch, point: Point) -> list[str]:
    """The words of the mail that a comment is about, where no line of the diff can be quoted."""
    if point.spot is None:
        return []
    lines = patch.mail.body.split("\n")[point.spot.first - 1 : point.spot.last]
    return wrap(f'On "{" ".join(" ".join(lines).split())}":')


def _unquoted(line: str) -> str:
    """A line of a note, which must not look like the diff that follows it."""
    return f" {line}" if line.startswith(">") else line
