# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Limiting the patch list: words that all must fit, in the manner of mutt and b4.

`s:error` severity, `c:proved` certainty, `p:3` patch, `f:mmu.c` a changed file or one a finding names, `r:unlock` a
rule, `l:irq_lock` a lock, `v:later` a verdict, `m:done` a mark; anything else: in the subject.
"""

from __future__ import annotations

from collections.abc import Callable

from reviewtool.finding.model import Finding
from reviewtool.tui.desk import Desk
from reviewtool.tui.state import Book

_OF_FINDING: dict[str, Callable[[Finding, str], bool]] = {
    "s": lambda finding, word: finding.severity.value.startswith(word),
    "c": lambda finding, word: finding.certainty.value.startswith(word),
    "r": lambda finding, word: word in finding.rule or word == finding.group.value,
    "l": lambda finding, word: any(word in lock.lower() for lock in finding.locks),
}

HELP = "s:error  c:proved  p:3  f:mmu.c  r:unlock  l:lock  v:later  m:done  or words of the subject"
"""Shown beside the prompt."""


def limited(desk: Desk, book: Book, words: str) -> tuple[int, ...]:
    """The numbers of the mails that fit; all where there are no words."""
    wanted = words.lower().split()
    return tuple(number for number in desk.numbers if all(_fits(desk, book, number, word) for word in wanted))


def _fits(desk: Desk, book: Book, number: int, word: str) -> bool:
    key, colon, value = word.partition(":")
    findings = desk.findings(number)
    if colon and key in _OF_FINDING:
        return any(_OF_FINDING[key](finding, value) for finding in findings)
    if colon and key == "p":
        return value == str(number)
    if colon and key == "m":
        return book.mark(number).startswith(value or "-")
    if colon and key == "v":
        return any(book.verdict(finding.fingerprint).startswith(value or "-") for finding in findings)
    patch = desk.patch(number)
    if colon and key == "f":
        paths = [path for file in patch.files for path in (file.old_path, file.new_path)] if patch is not None else []
        return any(value in path.lower() for path in (*paths, *(finding.path for finding in findings)))
    return patch is not None and word in patch.subject.lower()
