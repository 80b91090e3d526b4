# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The hunks of one file. unidiff reads them; around it stand the checks that it does not make.

unidiff takes a wrapped line whose rest begins with a space for context and drops the hunk's last line, and takes a
signature's `-- ` for a removed line. So each hunk's extent is counted here, and what follows it is looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from reviewtool.mail.model import DiffLine, Hunk

_HEADER = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
_VERSION = re.compile(r"\d+\.\d+|git |$")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedHunk:
    """A hunk and its lines in the mail: indexes `begin` (its header) to `end`, from 0."""

    hunk: Hunk
    begin: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HunkFault:
    """Why a hunk is not read; hunks count from 1."""

    hunk: int
    reason: str


def read_hunks(lines: list[str], begin: int, end: int) -> tuple[list[PlacedHunk], list[HunkFault]]:
    """The hunks in lines `begin` to `end` of a mail's body; with any fault the file is not to be used."""
    extents: list[tuple[int, int]] = []
    faults: list[HunkFault] = []
    index = begin
    while index < end:
        if not lines[index].startswith("@@"):
            index += 1
            continue
        stop, reason = _extent(lines, index, end)
        extents.append((index, stop))
        if reason:
            faults.append(HunkFault(hunk=len(extents), reason=reason))
        index = max(stop, index + 1)
    if faults or not extents:
        return [], faults
    return _convert(lines, extents)


def _extent(lines: list[str], begin: int, end: int) -> tuple[int, str]:
    """(index after the hunk, what is wrong with it or "")."""
    match = _HEADER.match(lines[begin])
    if not match:
        return begin + 1, f"line {begin + 1} of the mail is a damaged hunk header"
    old, new = (int(count) if count is not None else 1 for count in (match[2], match[4]))
    index = begin + 1
    while old > 0 or new > 0:
        if index >= end:
            return index, f"truncated: {_missing(old, new)} more lines should follow line {index} of the mail"
        mark = lines[index][:1]
        if mark in (" ", "", "\r"):
            old, new = old - 1, new - 1
        elif mark == "-":
            old -= 1
        elif mark == "+":
            new -= 1
        elif mark != "\\":
            return index, _strange(lines, index, old, new)
        if old < 0 or new < 0:
            return index, f"line {index + 1} of the mail does not fit the counts of the hunk's header"
        index += 1
    if index < end and lines[index].startswith("\\ "):
        index += 1
    return index, _after(lines, index, end)


def _missing(old: int, new: int) -> int:
    return max(old, new, 0)


def _strange(lines: list[str], index: int, old: int, new: int) -> str:
    line = lines[index]
    if lines[index - 1] == "-- " and _VERSION.match(line):
        return f"truncated: the signature at line {index} of the mail stands where lines of the hunk are missing"
    if line.startswith(("@@ ", "diff --git ")):
        return f"truncated: {_missing(old, new)} more lines should stand before line {index + 1} of the mail"
    if line.startswith("\xa0"):
        return f"line {index + 1} of the mail begins with a no-break space: the mailer changed the patch"
    if line.startswith(">"):
        return f"line {index + 1} of the mail is quoted"
    return f"line {index + 1} of the mail is no line of a diff: a wrapped line, or text put into the patch"


def _after(lines: list[str], index: int, end: int) -> str:
    """What is wrong with a hunk judging by what follows it, "" if nothing."""
    if lines[index - 1] == "-- " and (index >= end or _VERSION.match(lines[index])):
        return f"truncated: the signature at line {index} of the mail stands where lines of the hunk are missing"
    if index < end and lines[index].startswith((" ", "+", "-")) and lines[index].rstrip() != "--":
        return (
            f"goes on at line {index + 1} of the mail after its last line:"
            " a line was wrapped, or the counts of its header are wrong"
        )
    return ""


def _convert(lines: list[str], extents: list[tuple[int, int]]) -> tuple[list[PlacedHunk], list[HunkFault]]:
    """Let unidiff read the hunks, under made-up names, and give each line its place in the mail."""
    from unidiff.errors import UnidiffParseError
    from unidiff.patch import PatchSet

    places = [0, 0] + [index for begin, stop in extents for index in range(begin, stop)]
    text = "--- a/file\n+++ b/file\n" + "".join(f"{lines[index]}\n" for index in places[2:])
    try:
        patch_set = PatchSet.from_string(text)
    except UnidiffParseError as error:
        return [], [HunkFault(hunk=0, reason=f"its hunks cannot be read ({str(error).strip()[:80]!r})")]
    if len(patch_set) != 1 or len(patch_set[0]) != len(extents):
        return [], [HunkFault(hunk=0, reason="its hunks do not end where their headers say")]
    placed = []
    for number, (hunk, (begin, stop)) in enumerate(zip(patch_set[0], extents, strict=True), 1):
        content: list[DiffLine] = []
        for line in hunk:
            if line.line_type == "":
                continue
            where = places[line.diff_line_no - 1] if line.diff_line_no else begin + 1 + len(content)
            content.append(
                DiffLine(
                    kind=line.line_type,
                    text=line.value.removesuffix("\n"),
                    old=line.source_line_no or 0,
                    new=line.target_line_no or 0,
                    body_line=where + 1,
                )
            )
        value = Hunk(
            number=number,
            old_start=hunk.source_start,
            old_count=hunk.source_length,
            new_start=hunk.target_start,
            new_count=hunk.target_length,
            heading=hunk.section_header,
            lines=tuple(content),
        )
        placed.append(PlacedHunk(hunk=value, begin=begin, end=stop))
    return placed, []
