# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Where things stand in a mail. Findings and claims stand where a draft would comment on them."""

from __future__ import annotations

from reviewtool.finding.model import Finding
from reviewtool.mail.model import FileDiff, Patch
from reviewtool.reply.place import place_of_finding, place_of_sentence
from reviewtool.review.detail import PatchDetail
from reviewtool.review.lines import LineReader


def shifts_of(detail: PatchDetail | None) -> dict[tuple[str, int], tuple[int, int]]:
    """By path and hunk: how far the old and the new side stand from where the mail says."""
    if detail is None:
        return {}
    return {(place.path, place.hunk): (place.old_shift, place.new_shift) for place in detail.places}


def path_of(file: FileDiff) -> str:
    """The file's name for people."""
    return file.new_path or file.old_path


def line_of(finding: Finding, patch: Patch, read_line: LineReader) -> int:
    """The line of the body that a finding stands under; the changelog's last one if none has to do with it."""
    spot = place_of_finding(finding, patch, read_line)
    return spot.last if spot is not None else log_end(patch)


def log_end(patch: Patch) -> int:
    """The last line of the changelog."""
    return max(1, patch.changelog_line + patch.changelog.rstrip("\n").count("\n"))


def sentence_line(sentence: str, patch: Patch) -> int:
    """The line of the body where a sentence of the changelog ends."""
    spot = place_of_sentence(sentence, patch)
    return spot.last if spot is not None else log_end(patch)
