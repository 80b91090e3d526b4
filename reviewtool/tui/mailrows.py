# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A mail as rows: as it was sent, with findings, claims and comments under the lines that they are about."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from reviewtool.finding.model import Finding, Status
from reviewtool.mail.model import DiffLine, FileDiff, Patch
from reviewtool.report.visible import visible, visible_block
from reviewtool.review.model import Claim, Verdict
from reviewtool.ruleset.model import Severity
from reviewtool.tui.desk import Desk
from reviewtool.tui.place import line_of, log_end, path_of, sentence_line, shifts_of
from reviewtool.tui.row import Kind, Row
from reviewtool.tui.worddiff import partners

LETTER = {Severity.ERROR: "E", Severity.WARNING: "W", Severity.NOTE: "N"}
"""How a severity is marked."""

_VERDICTS = {
    Verdict.HOLDS: "✓ holds",
    Verdict.NOT_YET: "✕ not yet",
    Verdict.NO_LONGER: "✕ no longer",
    Verdict.CONTRADICTED: "✕ contradicted",
    Verdict.NO_EVIDENCE: "? no evidence",
}

_SWALLOWED = ("index ", "--- ", "+++ ")
"""Lines between `diff --git` and the first hunk that the row of the file stands for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the rows depend on beside the review."""

    width: int
    """Cells for texts that are wrapped."""
    own: Mapping[int, str]
    """The user's comments by the line of the body that they stand under."""
    extra: Mapping[tuple[int, int], int]
    """By file and hunk: how many lines of the tree to show above and below."""


def mail_rows(desk: Desk, number: int, wanted: Wanted) -> list[Row]:
    """The rows of a mail of the series; one row that says so where it is missing."""
    patch = desk.patch(number)
    if patch is None:
        return [Row(Kind.HEADER, f"{number} is not in the thread")]
    rows = list(_head(desk, number, patch))
    attached = _attached(desk, number, patch, wanted)
    for row in _body(desk, number, patch, wanted):
        rows.append(row)
        if row.body_line:
            rows += [replace(more, file=row.file, hunk=row.hunk) for more in attached.pop(row.body_line, ())]
    for left in attached.values():
        rows += left
    return rows


def _head(desk: Desk, number: int, patch: Patch) -> Iterator[Row]:
    mail = patch.mail
    yield Row(Kind.HEADER, f"From: {mail.author.name} <{mail.author.email}>")
    if mail.date is not None:
        yield Row(Kind.HEADER, f"Date: {mail.date:%a, %d %b %Y %H:%M %z}")
    yield Row(Kind.HEADER, f"Subject: {mail.subject}")
    result = desk.results.get(number)
    if result is not None:
        reason = f": {result.reason}" if result.reason else ""
        yield Row(Kind.HEADER, f"Applied: {result.applied.value}{reason}")
    yield Row(Kind.LOG, "")


def _body(desk: Desk, number: int, patch: Patch, wanted: Wanted) -> Iterator[Row]:
    lines = patch.mail.body.rstrip("\n").split("\n")
    places = {
        line.body_line: (index, hunk.number, line)
        for index, file in enumerate(patch.files)
        for hunk in file.hunks
        for line in hunk.lines
    }
    opposite: dict[int, int] = {}
    for file in patch.files:
        for hunk in file.hunks:
            opposite.update(partners(hunk.lines))
    names = {file.text.split("\n", 1)[0]: index for index, file in enumerate(patch.files)}
    end = log_end(patch)
    in_file, hunk_seen, in_hunk = -1, 0, False
    for number_of_line, text in enumerate(lines, 1):
        place = places.get(number_of_line)
        if place is not None:
            in_hunk = True
            yield _code(place, text, opposite.get(number_of_line, -1))
            continue
        if in_hunk:
            in_hunk = False
            yield from _below(desk, number, patch, in_file, hunk_seen, wanted)
        if text.startswith("diff --git ") and text.rstrip() in names:
            in_file, hunk_seen = names[text.rstrip()], 0
            yield Row(Kind.FILE, _file_title(patch.files[in_file]), number_of_line, file=in_file)
        elif text.startswith("@@ ") and in_file >= 0 and hunk_seen < len(patch.files[in_file].hunks):
            hunk_seen += 1
            yield from _above(desk, number, patch, in_file, hunk_seen, wanted)
            yield Row(Kind.HUNK, text, number_of_line, file=in_file, hunk=hunk_seen)
        elif in_file >= 0 and text.startswith(_SWALLOWED) and not hunk_seen:
            continue
        elif number_of_line <= end:
            trailer = any(text.startswith(f"{trailer.key}:") for trailer in patch.trailers)
            yield Row(Kind.TRAILER if trailer else Kind.LOG, text, number_of_line)
        else:
            yield Row(Kind.NOTES, text, number_of_line)
    if in_hunk:
        yield from _below(desk, number, patch, in_file, hunk_seen, wanted)


def _code(place: tuple[int, int, DiffLine], text: str, partner: int) -> Row:
    file, hunk, line = place
    # A mailer that strips trailing blanks leaves an empty line of context without its sign.
    raw = text[1:] if text[:1] == line.kind else text
    return Row(Kind.CODE, raw, line.body_line, line.kind, line.old, line.new, file, hunk, partner=partner)


def _file_title(file: FileDiff) -> str:
    signs = [line.kind for hunk in file.hunks for line in hunk.lines]
    name = path_of(file)
    if file.old_path and file.new_path and file.old_path != file.new_path:
        name = f"{file.old_path} → {file.new_path}"
    what = " (new)" if not file.old_path else " (deleted)" if not file.new_path else ""
    return f"{name}{what}  +{signs.count('+')} −{signs.count('-')}{' binary' if file.binary else ''}"


def _above(desk: Desk, number: int, patch: Patch, file: int, hunk: int, wanted: Wanted) -> Iterator[Row]:
    lines = wanted.extra.get((file, hunk), 0)
    of_hunk = patch.files[file].hunks[hunk - 1]
    yield from _tree_rows(desk, number, patch, (file, hunk), range(of_hunk.new_start - lines, of_hunk.new_start))


def _below(desk: Desk, number: int, patch: Patch, file: int, hunk: int, wanted: Wanted) -> Iterator[Row]:
    if file < 0 or not hunk:
        return
    lines = wanted.extra.get((file, hunk), 0)
    of_hunk = patch.files[file].hunks[hunk - 1]
    end = of_hunk.new_start + of_hunk.new_count
    yield from _tree_rows(desk, number, patch, (file, hunk), range(end, end + lines))


def _tree_rows(desk: Desk, number: int, patch: Patch, place: tuple[int, int], lines: range) -> Iterator[Row]:
    file, hunk = place
    path = patch.files[file].new_path
    _, shift = shifts_of(desk.details.get(number)).get((path, hunk), (0, 0))
    of_hunk = patch.files[file].hunks[hunk - 1]
    before = lines.stop <= of_hunk.new_start
    apart = (of_hunk.old_start - of_hunk.new_start) if before else 0
    if not before:
        apart = (of_hunk.old_start + of_hunk.old_count) - (of_hunk.new_start + of_hunk.new_count)
    shown = {line.new for other in patch.files[file].hunks for line in other.lines if line.new}
    for line in lines:
        piece = desk.excerpt(number, path, line + shift)
        if piece is not None and line not in shown:
            text = piece.lines[line + shift - piece.first]
            yield Row(Kind.TREE, text, 0, " ", line + apart, line, file, hunk)


def _attached(desk: Desk, number: int, patch: Patch, wanted: Wanted) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for claim in desk.claims(number):
        found.setdefault(sentence_line(claim.sentence, patch), []).extend(_claim_rows(claim, wanted.width))
    for finding in desk.findings(number):
        rows = _finding_rows(desk, finding, wanted.width)
        found.setdefault(line_of(finding, patch, desk.read_line), []).extend(rows)
    for key, reply, comment in desk.comments(number):
        body_line = comment.anchor.body_line or log_end(patch)
        who = reply.mail.author.name or reply.mail.author.email
        rows = _note_rows(Kind.COMMENT, key, f"✉ {who}", comment.text, wanted.width)
        found.setdefault(body_line, []).extend(rows)
    for body_line, text in sorted(wanted.own.items()):
        rows = _note_rows(Kind.OWN, f"own#{body_line}", "✎ you", text, wanted.width)
        found.setdefault(body_line, []).extend(rows)
    return found


def _finding_rows(desk: Desk, finding: Finding, width: int) -> list[Row]:
    total = len(desk.series.patches) if desk.series is not None else 0
    until = f" · until {finding.until}/{total}" if finding.status is Status.FIXED_LATER and finding.until else ""
    title = f"{LETTER[finding.severity]} {visible(finding.rule)} · {finding.certainty.value}{until}"
    elsewhere = f"{visible(finding.function)}(): " if finding.function else ""
    body = textwrap.wrap(f"{elsewhere}{visible(finding.message)}", max(20, width - 4))
    return _rows(Kind.FINDING, finding.fingerprint, [title, *body])


def _claim_rows(claim: Claim, width: int) -> list[Row]:
    when = f", first after patch {claim.since}" if claim.since is not None else ""
    when += f", until patch {claim.until}" if claim.until is not None else ""
    lines = textwrap.wrap(f"{_VERDICTS[claim.verdict]}{when}: “{visible(claim.sentence)}”", max(20, width - 4))
    for step in claim.evidence[:3]:
        lines.append(f"{visible(step.path)}:{step.line} {visible(step.function)}() {visible(step.event)}")
    return _rows(Kind.CLAIM, f"claim#{claim.patch}#{claim.sentence}", lines)


def _note_rows(kind: Kind, key: str, title: str, text: str, width: int) -> list[Row]:
    lines: list[str] = []
    for line in visible_block(text.strip("\n")).split("\n"):
        lines += textwrap.wrap(line, max(20, width - 4), drop_whitespace=False, replace_whitespace=False) or [""]
    return _rows(kind, key, [title, *lines])


def _rows(kind: Kind, key: str, lines: list[str]) -> list[Row]:
    return [Row(kind, line, key=key, first=index == 0) for index, line in enumerate(lines)]
