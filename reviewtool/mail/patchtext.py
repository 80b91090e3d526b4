# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The text of a patch mail before its diff: in-body headers, changelog, notes. As git mailinfo cuts it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reviewtool.mail.lore import find_trailers
from reviewtool.mail.model import Trailer

_IN_BODY = re.compile(r">?(From|Subject|Date|Message-ID|MIME-Version|Content-[A-Za-z-]+): ?(.*)", re.IGNORECASE)
_FORMAT_PATCH = re.compile(r"From [0-9a-f]{40,64} Mon Sep 17 00:00:00 2001\s*$")
_SCISSORS = re.compile(r"\s*(?=.*-.*-)[-\s]*(?:>8|8<|>%|%<)[-\s]*(?:cut here)?[-\s]*(?:(?:>8|8<|>%|%<)[-\s]*)?$")
_BASE = re.compile(r"^base-commit:[^\n]*?\b([0-9a-f]{12,64})\b", re.MULTILINE | re.IGNORECASE)
_CHANGE_ID = re.compile(r"^change-id:[ \t]+(\S+)", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchText:
    """What stands before the diff."""

    subject: str
    """The subject of the in-body headers, "" if they have none."""
    changelog: str
    changelog_line: int
    notes: str
    trailers: tuple[Trailer, ...]


def read_patch_text(body: str, diff_start: int) -> PatchText:
    """Cut the text before offset `diff_start`; with -1 (no diff) up to the signature, with no notes."""
    has_diff = diff_start >= 0
    lines = (body[:diff_start] if has_diff else body).split("\n")
    if not has_diff:
        lines = _before_signature(lines)
    first = _after_preface(lines)
    first, subject = _skip_headers(lines, first)
    last, notes = len(lines), ""
    if has_diff:
        for index in range(first, len(lines)):
            if lines[index].rstrip() == "---" or lines[index].startswith(("Index: ", "diff -")):
                last = index
                notes = "\n".join(lines[index + 1 :]).strip("\n")
                break
    while last > first and not lines[last - 1].strip():
        last -= 1
    changelog = "\n".join(lines[first:last])
    return PatchText(
        subject=subject,
        changelog=changelog,
        changelog_line=first + 1,
        notes=notes,
        trailers=_last_trailers(changelog) if has_diff else (),
    )


def base_commit(body: str) -> str:
    """The object name of a `base-commit:` line, "" if there is none."""
    match = _BASE.search(body)
    return match[1].lower() if match else ""


def change_id(body: str) -> str:
    """The value of a `change-id:` line, as b4 writes it; "" if there is none."""
    match = _CHANGE_ID.search(body)
    return match[1] if match else ""


def _before_signature(lines: list[str]) -> list[str]:
    return lines[: lines.index("-- ")] if "-- " in lines else lines


def _after_preface(lines: list[str]) -> int:
    """The line after a scissors line, or of the `From` line of an attached patch; else 0."""
    for index, line in enumerate(lines):
        if _FORMAT_PATCH.match(line):
            return index + 1
        if line.rstrip() == "---":
            return 0
        if len(line) < 200 and _SCISSORS.match(line):
            return index + 1
    return 0


def _skip_headers(lines: list[str], first: int) -> tuple[int, str]:
    """(first line of the changelog, subject of the headers before it)."""
    subject = ""
    index = _skip_blank(lines, first)
    start = index
    last_name = ""
    while index < len(lines):
        match = _IN_BODY.match(lines[index])
        if match:
            last_name = match[1].lower()
            subject = match[2].strip() if last_name == "subject" else subject
        elif last_name and lines[index].startswith((" ", "\t")) and lines[index].strip():
            subject = f"{subject} {lines[index].strip()}" if last_name == "subject" else subject
        else:
            break
        index += 1
    return (_skip_blank(lines, index) if index > start else start), subject


def _skip_blank(lines: list[str], index: int) -> int:
    while index < len(lines) - 1 and not lines[index].strip():
        index += 1
    return index


def _last_trailers(changelog: str) -> tuple[Trailer, ...]:
    """The trailers at the end of a changelog: its last paragraph, and those above that are nothing but trailers."""
    trailers: tuple[Trailer, ...] = ()
    for position, paragraph in enumerate(reversed(re.split(r"\n[ \t]*\n", changelog.rstrip()))):
        found = find_trailers(paragraph, reply=False)
        lines = [line for line in paragraph.split("\n") if line.strip()]
        if not found or (position and len(found) < len(lines)):
            break
        trailers = found + trailers
    return trailers
