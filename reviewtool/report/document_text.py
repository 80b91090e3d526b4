# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Documents as they were understood, for a terminal or a pager: what each line is taken to say, and what to nothing."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from reviewtool.lockdoc.model import Document, Kind, Mention, Record, Statement
from reviewtool.report.paint import Ink, Paint
from reviewtool.report.visible import visible
from reviewtool.review.model import ReadDocument

_TITLES = {
    Kind.ORDER: "Orders",
    Kind.NEEDED: "Taken only inside another",
    Kind.ALLOWED: "Allowed",
    Kind.FORBIDDEN: "Forbidden",
    Kind.RELEASED: "Released before",
    Kind.TOP: "Outermost",
}


def render_documents(documents: Iterable[ReadDocument], paint: Paint, width: int) -> Iterator[str]:
    """The text in pieces, a document each; `width`: the columns in which sentences are wrapped."""
    for number, each in enumerate(documents):
        lines = [] if number == 0 else [""]
        lines += _document(each, paint, width)
        yield "".join(f"{line}\n" for line in lines)


def _document(read: ReadDocument, paint: Paint, width: int) -> Iterator[str]:
    document = read.document
    where = f"{visible(document.path)}:{document.line}" if read.comment else visible(document.path)
    yield paint(Ink.TITLE, f"{where} ({_counts(document)})")
    if document.trouble:
        yield f"  {visible(document.trouble)}"
    for kind, title in _TITLES.items():
        said = [(each.line, _said(each)) for each in document.statements if each.kind is kind]
        yield from _section(title, said, paint, width)
    if document.leaf is not None:
        yield from _section("All others are leaves", [(document.leaf.line, document.leaf.text)], paint, width)
    yield from _section("Records", [(each.line, _record(each)) for each in document.records], paint, width)
    examples = [(each.line, _example(each.text, each.broken)) for each in document.examples]
    yield from _section("Examples, which are not read as truth", examples, paint, width)
    yield from _names(read, paint, width)
    unread = [(each.line, each.text) for each in document.unread]
    yield from _section("Not understood, though locks are spoken of", unread, paint, width)


def _counts(document: Document) -> str:
    counts = (
        (len(document.statements), "statement"), (len(document.records), "record"), (len(document.unread), "sentence"),
    )  # fmt: skip
    words = [f"{number} {word}{'' if number == 1 else 's'}" for number, word in counts]
    return f"{words[0]}, {words[1]}, {words[2]} not understood"


def _section(title: str, entries: Iterable[tuple[int, str]], paint: Paint, width: int) -> Iterator[str]:
    listed = list(entries)
    if listed:
        yield f"  {paint(Ink.NOTE, title)}"
    for line, text in listed:
        yield from _wrapped(f"  {line:>5}  ", visible(text), width)


def _wrapped(lead: str, text: str, width: int) -> list[str]:
    indent = " " * len(lead)
    return textwrap.wrap(
        text, width, initial_indent=lead, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _said(statement: Statement) -> str:
    worlds = f" (on {', '.join(statement.worlds)})" if statement.worlds else ""
    outer, inner = _name(statement.outer), _name(statement.inner)
    match statement.kind:
        case Kind.FORBIDDEN:
            return f"{f'{statement.where}: {inner}' if statement.where else f'{inner} inside {outer}'}{worlds}"
        case Kind.RELEASED:
            return f"{outer} before {inner}{worlds}"
        case Kind.TOP:
            return f"{outer}{worlds}"
        case _:
            return f"{outer} outside {inner}{worlds}"


def _name(mention: Mention | None) -> str:
    return mention.text if mention is not None else ""


def _record(record: Record) -> str:
    fields = (f"{name} {' '.join(entry.text.split())}" for name, entry in record.entries.items() if entry.text)
    return f"{record.name.text}: {'; '.join(fields)}"


def _example(text: str, broken: bool) -> str:
    lines = text.count("\n") + 1
    return f"{lines} line{'' if lines == 1 else 's'}{', of something that is wrong' if broken else ''}"


def _names(read: ReadDocument, paint: Paint, width: int) -> Iterator[str]:
    """The names, each at its first line: those of locks with what they stand for, then all others."""
    firsts: dict[str, int] = {}
    for mention in read.document.mentions:
        firsts.setdefault(mention.text + ("*" if mention.open else ""), mention.line)
    locks = [
        (line, f"{name} is {' or '.join(read.locks[name])}") for name, line in firsts.items() if name in read.locks
    ]
    yield from _section("Locks", locks, paint, width)
    gone = [(line, _gone(name, read.missing[name])) for name, line in firsts.items() if name in read.missing]
    yield from _section("Fields that do not exist", gone, paint, width)
    known = {*read.locks, *read.missing}
    others = [f"{visible(name)}:{line}" for name, line in firsts.items() if name not in known]
    if others:
        title = "Other names" if read.looked_up else "Names, not looked up: the code they are about was not read"
        yield f"  {paint(Ink.NOTE, title)}"
        yield from _wrapped("         ", ", ".join(others), width)


def _gone(name: str, meant: str) -> str:
    return f"{name}; it may be {meant} today" if meant else name
