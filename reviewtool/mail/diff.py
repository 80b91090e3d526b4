# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The diff of a mail, cut into files. What cannot be read without doubt is left out and reported, file by file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reviewtool.mail.fileheader import FileHeader, read_header
from reviewtool.mail.hunks import HunkFault, read_hunks
from reviewtool.mail.model import FileDiff
from reviewtool.mail.paths import path_fault, shown

_FILE_START = re.compile(r"diff --(?:git|cc|combined) \S")
_RESEND = "ask for the patch again through git send-email or b4 send"
_WITHOUT_LINES = "deleted, but its lines are not in the mail (git format-patch -D); git am would refuse it"


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffFault:
    """A file or hunk that was not read."""

    path: str
    hunk: int
    reason: str
    fatal: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDiff:
    """The files of a diff that could be read, and what could not."""

    files: tuple[FileDiff, ...]
    faults: tuple[DiffFault, ...]


def read_diff(body: str, start: int) -> ReadDiff:
    """Read the diff that begins at offset `start` of a mail's body. Never raises for what is in the body."""
    first = body.count("\n", 0, start)
    lines = body.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    files: list[FileDiff] = []
    faults: list[DiffFault] = []
    for begin, end in _cut(lines, first):
        header = read_header(lines[begin:end])
        fault = _header_fault(header)
        if fault is not None:
            faults.append(fault)
            continue
        if header.rewritten:
            faults.append(DiffFault(path=header.path, hunk=0, reason=header.rewritten, fatal=False))
        if header.without_lines:
            faults.append(DiffFault(path=header.path, hunk=0, reason=_WITHOUT_LINES, fatal=False))
        hunks, hunk_faults = read_hunks(lines, begin + header.length, end)
        if hunk_faults:
            faults.extend(_hunk_fault(header, fault) for fault in hunk_faults)
            continue
        if not hunks and not header.complete:
            faults.append(DiffFault(path=header.path, hunk=0, reason=f"its diff has no hunk; {_RESEND}"))
            continue
        text = "\n".join([*header.lines, *(line for hunk in hunks for line in lines[hunk.begin : hunk.end])]) + "\n"
        files.append(
            FileDiff(
                old_path=header.old_path,
                new_path=header.new_path,
                old_blob=header.old_blob,
                new_blob=header.new_blob,
                binary=header.binary,
                hunks=tuple(hunk.hunk for hunk in hunks),
                text=text,
            )
        )
    return ReadDiff(files=tuple(files), faults=tuple(faults))


def _cut(lines: list[str], first: int) -> Iterator[tuple[int, int]]:
    """(begin, end) line indexes of each file: at git's lines, and where a plain diff has its pair of names."""
    starts: list[int] = []
    header_open = False
    for index in range(first, len(lines)):
        line = lines[index]
        if _FILE_START.match(line):
            starts.append(index)
            header_open = True
        elif line.startswith("@@"):
            header_open = False
        elif not header_open and line.startswith("--- ") and _is_plain_header(lines, index):
            starts.append(index)
            header_open = True
    for position, start in enumerate(starts):
        yield start, starts[position + 1] if position + 1 < len(starts) else len(lines)


def _is_plain_header(lines: list[str], index: int) -> bool:
    return index + 2 < len(lines) and lines[index + 1].startswith("+++ ") and lines[index + 2].startswith("@@ -")


def _header_fault(header: FileHeader) -> DiffFault | None:
    if header.combined:
        return DiffFault(
            path=header.path, hunk=0, reason="a combined diff of a merge, which cannot be applied; send one patch each"
        )
    if header.damage:
        return DiffFault(path=shown(header.path), hunk=0, reason=f"{header.damage}; {_RESEND}")
    names = [name for name in (header.old_path, header.new_path) if name] or [""]
    for name in (*names, *header.other_names):
        if reason := path_fault(name):
            return DiffFault(path=shown(name), hunk=0, reason=f"{reason}; refused, treat the mail with care")
    return None


def _hunk_fault(header: FileHeader, fault: HunkFault) -> DiffFault:
    return DiffFault(path=header.path, hunk=fault.hunk, reason=f"{fault.reason}; {_RESEND}")
