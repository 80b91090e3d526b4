# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""How a document writes its records and its names, so that a suggestion looks like its neighbours."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from typing import Final

from reviewtool.lockdoc.model import Document, Kind, Record, Statement

_FIELD: Final = re.compile(r":([\w ]{1,40}):([ \t]*)")
_WIDTH: Final = 80
_TAB: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordStyle:
    """Heading and fields of a record, as the document's last one has them."""

    quote: str = "``"
    underline: str = "^"
    gap: bool = True
    """An empty line between heading and fields."""
    column: int = 16
    """Where values begin."""
    tabs: bool = True

    def lines(self, name: str, fields: tuple[tuple[str, tuple[str, ...]], ...]) -> list[str]:
        """A record; each field with its lines, empty fields left out."""
        heading = f"{self.quote}{name}{self.quote}"
        result = [heading, self.underline * len(heading), *([""] if self.gap else [])]
        for field, values in fields:
            for number, value in enumerate(values):
                result.append(self._indented(f":{field}:" if number == 0 else "") + value)
        return result

    def wrapped(self, text: str) -> tuple[str, ...]:
        """A text in lines that fit beside the field names."""
        return tuple(textwrap.wrap(text, _WIDTH - self.column, break_long_words=False, break_on_hyphens=False))

    def _indented(self, label: str) -> str:
        missing = self.column - len(label)
        if missing <= 0:
            return label + " "
        return label + ("\t" * -(-missing // _TAB) if self.tabs else " " * missing)


def record_style(document: Document) -> RecordStyle:
    """The style of the document's last record that has fields; the usual one if there is none."""
    lines = document.text.split("\n")
    record = next((each for each in reversed(document.records) if each.entries), None)
    if record is None or record.line >= len(lines):
        return RecordStyle()
    heading, underline = lines[record.line - 1], lines[record.line]
    first = next((_FIELD.match(line) for line in lines[record.line : record.end] if _FIELD.match(line)), None)
    gap = first[2] if first is not None else "\t\t"
    label = len(first[0].rstrip()) if first is not None else 6
    return RecordStyle(
        quote="``" if heading.startswith("``") else "",
        underline=underline[:1] or "^",
        gap=record.line + 1 < len(lines) and not lines[record.line + 1].strip(),
        column=len((" " * label + gap).expandtabs(_TAB)),
        tabs="\t" in gap,
    )


def last_record(document: Document) -> Record | None:
    """The record behind which a new one goes."""
    return document.records[-1] if document.records else None


def last_order(document: Document, worlds: tuple[str, ...]) -> Statement | None:
    """The order behind which a new bullet for these architectures goes; a generic one if they have no list."""
    orders = [each for each in document.statements if each.kind is Kind.ORDER and _is_bullet(document, each)]
    own = [each for each in orders if each.worlds == worlds]
    generic = [each for each in orders if not each.worlds]
    chosen = own or generic or orders
    return max(chosen, key=lambda each: each.line) if chosen else None


def _is_bullet(document: Document, statement: Statement) -> bool:
    lines = document.text.split("\n")
    return statement.line <= len(lines) and lines[statement.line - 1].lstrip().startswith(("- ", "* "))
