# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Records of the reference section: a heading that is a lock, and a field list under it."""

from __future__ import annotations

from collections.abc import Iterator

from docutils import nodes

from reviewtool.lockdoc.model import Entry, Mention, Record, Sentence
from reviewtool.lockdoc.tokens import is_name, names
from reviewtool.lockdoc.where import Lines


def record_of(section: nodes.section, lines: Lines) -> Record | None:
    """The record that a section is; None if it is another section.

    It is one if its title is one literal (or reads as one name) and a field list follows.
    """
    title = next((child for child in section.children if isinstance(child, nodes.title)), None)
    fields = [child for child in section.children if isinstance(child, nodes.field_list)]
    if title is None or not fields:
        return None
    text = title.astext().strip()
    literal = len(title.children) == 1 and isinstance(title.children[0], nodes.literal)
    if not text or " " in text or not (literal or is_name(text)):
        return None
    line = lines.of(title)
    entries = dict(_entries(fields, lines))
    end = max((entry.line + entry.text.count("\n") for entry in entries.values()), default=line)
    return Record(name=Mention(text=text, line=line), line=line, end=end, entries=entries)


def _entries(lists: list[nodes.field_list], lines: Lines) -> Iterator[tuple[str, Entry]]:
    for each in lists:
        for field in each.children:
            if not isinstance(field, nodes.field) or len(field.children) != 2:
                continue
            name, body = field.children
            if isinstance(name, nodes.field_name) and isinstance(body, nodes.field_body):
                yield name.astext().strip().lower(), _entry(name, body, lines)


def _entry(name: nodes.field_name, body: nodes.field_body, lines: Lines) -> Entry:
    """The lines of the field as they stand, from `:Name:` to the last line of its body."""
    line = lines.of(name)
    last = line
    block = next((at for at in range(line, len(lines.lines)) if _ends(lines.lines[at])), len(lines.lines))
    last = max(last, block)
    text = "\n".join(lines.lines[line - 1 : last])
    text = text.partition(f":{name.rawsource or name.astext()}:")[2]
    value = "\n".join(part.strip() for part in text.split("\n")).strip()
    if not value:
        return Entry(text="", line=line)
    return Entry(text=value, line=line, mentions=_mentions(value, line))


def _ends(line: str) -> bool:
    return not line.strip() or line.startswith(":")


def _mentions(value: str, line: int) -> tuple[Mention, ...]:
    return tuple(names(Sentence(text=value, line=line)))
