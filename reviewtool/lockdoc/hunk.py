# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Suggested hunks for a document: a record for a new lock with its orders, and a renamed name."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from reviewtool.lockdoc.model import Document
from reviewtool.lockdoc.style import last_order, last_record, record_style


@dataclass(frozen=True, slots=True, kw_only=True)
class LockFacts:
    """What a record says of a lock."""

    name: str
    """As the document writes it."""
    type: str
    arch: str
    protects: tuple[str, ...] = ()
    comment: str = ""
    """The author's reason, or ""."""
    orders: tuple[tuple[str, str], ...] = ()
    """Outer and inner names of the orders that the document lacks."""
    worlds: tuple[str, ...] = ()
    """The architectures that the orders hold for; empty for all."""


def record_hunk(document: Document, lock: LockFacts) -> str:
    """A unified diff that adds the record (and the orders) to the document, against its text; "" if it has no place.

    It applies with `git apply` where the document is as it was read.
    """
    lines = document.text.split("\n")
    additions: list[tuple[int, list[str]]] = []
    order = last_order(document, lock.worlds)
    if order is not None:
        end = _block_end(lines, order.line)
        indent = lines[order.line - 1][: len(lines[order.line - 1]) - len(lines[order.line - 1].lstrip())]
        mark = lines[order.line - 1].lstrip()[:1]
        bullets = [f"{indent}{mark} {outer} is taken outside {inner}" for outer, inner in lock.orders]
        additions.append((end, [line for bullet in bullets for line in ("", bullet)]))
    record = last_record(document)
    if record is not None:
        additions.append((_record_end(lines, record.end), ["", *_record(document, lock)]))
    result = list(lines)
    for at, added in sorted(additions, reverse=True):
        result[at:at] = added
    return unified(document.path, document.text, "\n".join(result))


def rename_hunk(document: Document, old: str, new: str) -> str:
    """A unified diff that writes `new` for every `old` of the document; headings keep their underlines as long."""
    word = re.compile(rf"(?<![\w]){re.escape(old)}(?![\w])")
    lines = document.text.split("\n")
    result: list[str] = []
    for number, line in enumerate(lines):
        changed = word.sub(lambda _: new, line)
        before = lines[number - 1] if number else ""
        if word.search(before) and _is_underline(line, before):
            changed = line[0] * max(len(line) + len(word.sub(lambda _: new, before)) - len(before), 1)
        result.append(changed)
    return unified(document.path, document.text, "\n".join(result))


def unified(path: str, before: str, after: str) -> str:
    """A diff as git writes it; "" if nothing differs. A missing newline at the end is marked."""
    if before == after:
        return ""
    diff = difflib.unified_diff(_lines(before), _lines(after), f"a/{path}", f"b/{path}")
    return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in diff)


def _lines(text: str) -> list[str]:
    """Lines with their ends; only newlines end a line, as for git."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _record(document: Document, lock: LockFacts) -> list[str]:
    style = record_style(document)
    protects = tuple(f"- {each}" for each in lock.protects)
    fields = (
        ("Type", (lock.type,)),
        ("Arch", (lock.arch,)),
        ("Protects", protects),
        ("Comment", style.wrapped(lock.comment) if lock.comment else ()),
    )
    return style.lines(lock.name, fields)


def _block_end(lines: list[str], line: int) -> int:
    """The index behind the last line of the block that begins at a line (from 1)."""
    at = line
    while at < len(lines) and lines[at].strip() and not lines[at].lstrip().startswith(("- ", "* ")):
        at += 1
    return at


def _record_end(lines: list[str], line: int) -> int:
    at = line
    while at < len(lines) and lines[at].strip():
        at += 1
    return at


def _is_underline(line: str, before: str) -> bool:
    return len(line) >= 3 and len(set(line)) == 1 and not line[0].isalnum() and abs(len(line) - len(before)) <= 2
