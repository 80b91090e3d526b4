# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Rule pages: a TOML head between two lines of `+++`, then Markdown with sections and C examples.

A C example is a fenced block whose info word is `c`. A line of it on which a rule must report something ends in
`/* error: rule-id */` (several ids are separated by commas); the page's own rule, and every other one that the example
names, may report nothing on the other lines. A block `c before`, and the block `c after` that follows it, are one
example: a file before and after a patch. What the rules report is about the second one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from reviewtool.ruleset.decode import DecodeError, decode_toml
from reviewtool.ruleset.entries import HeadEntry
from reviewtool.ruleset.errors import RulesetError
from reviewtool.ruleset.files import PageText
from reviewtool.ruleset.model import Example, Rule

SECTIONS = ("What it does", "Why is this bad", "Known problems", "Example", "Use instead")
"""The sections that every page has, in this order."""

_FENCE = "+++"
_HEADING = re.compile(r"##\s+(.*?)\s*#*\Z")
_BLOCK = re.compile(r"(`{3,}|~{3,})\s*(\w*)[ \t]*(\w*)")
_WANTED = re.compile(r"/\*\s*error:\s*([^*]*?)\s*\*/")
_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A rule page, taken apart."""

    head: HeadEntry
    rule: Rule


def parse_page(text: PageText) -> Page:
    """Take a page apart. Raises RulesetError for a head or a section that is not as it has to be."""
    lines = _lines(text)
    if not lines or lines[0] != _FENCE or _FENCE not in lines[1:]:
        raise RulesetError(text.path, "line 1", "a page begins with a TOML head between two lines of +++")
    end = lines.index(_FENCE, 1)
    try:
        head = decode_toml("\n".join(lines[1:end]).encode(), HeadEntry)
    except DecodeError as error:
        raise RulesetError(text.path, error.place, error.reason) from None
    _check_head(text, head)
    sections = [match[1] for line in lines[end + 1 :] if (match := _HEADING.match(line))]
    if [name for name in sections if name in SECTIONS] != list(SECTIONS):
        raise RulesetError(text.path, "", "a page has these sections, in this order: " + ", ".join(SECTIONS))
    rule = Rule(
        id=head.id,
        group=head.group,
        severity=head.severity,
        summary=head.summary,
        page="\n".join(lines[end + 1 :]).strip("\n") + "\n",
        path=str(text.path),
        examples=tuple(_examples(text, lines, end + 1)),
        check=head.check,
        unproven=head.unproven,
        catalogue=head.catalogue,
    )
    return Page(head=head, rule=rule)


def _lines(text: PageText) -> list[str]:
    try:
        return text.data.decode().splitlines()
    except UnicodeDecodeError as error:
        line = text.data.count(b"\n", 0, error.start) + 1
        raise RulesetError(text.path, f"line {line}", "this is not UTF-8") from None


def _check_head(text: PageText, head: HeadEntry) -> None:
    if not valid_id(head.id):
        raise RulesetError(text.path, "id", f'"{head.id}" is not an id; ids are words joined by -: missing-unlock')
    if text.path.stem != head.id:
        raise RulesetError(text.path, "id", f'the file of rule "{head.id}" has to be named {head.id}.md')


def valid_id(name: str) -> bool:
    """Whether a text can be a rule's id."""
    return _ID.match(name) is not None


def _examples(text: PageText, lines: list[str], start: int) -> Iterator[Example]:
    section = ""
    before: str | None = None
    at = start
    while at < len(lines):
        heading = _HEADING.match(lines[at])
        block = _BLOCK.match(lines[at])
        if heading:
            section = heading[1]
        if block:
            end = _block_end(text, lines, at, block[1])
            if block[2] == "c":
                _check_pair(text, at + 1, block[3], before)
                if block[3] == "before":
                    before = "\n".join(lines[at + 1 : end]) + "\n"
                else:
                    yield replace(_example(text, section, lines[at + 1 : end], at + 2), before=before)
                    before = None
            at = end
        at += 1
    if before is not None:
        raise RulesetError(text.path, "", "behind a block `c before` a block `c after` is missing")


def _check_pair(text: PageText, line: int, word: str, before: str | None) -> None:
    """A pair is a block `c before` and the next C block, `c after`."""
    wanted = ("after",) if before is not None else ("", "before")
    if word not in wanted:
        expected = "`c after`" if before is not None else "`c`, or `c before` and then `c after`"
        raise RulesetError(text.path, f"line {line}", f"a block of C is marked {expected} here")


def _block_end(text: PageText, lines: list[str], at: int, fence: str) -> int:
    for number in range(at + 1, len(lines)):
        if lines[number].startswith(fence):
            return number
    raise RulesetError(text.path, f"line {at + 1}", "this block has no end")


def _example(text: PageText, section: str, code: list[str], line: int) -> Example:
    wanted = []
    for number, content in enumerate(code, 1):
        for match in _WANTED.finditer(content):
            for name in match[1].split(","):
                if not valid_id(name.strip()):
                    raise RulesetError(text.path, f"line {line + number - 1}", f'"{name.strip()}" is not a rule id')
                wanted.append((number, name.strip()))
    return Example(section=section, line=line, code="\n".join(code) + "\n", wanted=tuple(wanted))
