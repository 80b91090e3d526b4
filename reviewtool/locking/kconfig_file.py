# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""One Kconfig file, as far as it says which symbols there are and what they select.

The language is that of Documentation/kbuild/kconfig-language.rst.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_KINDS: Final = frozenset({"bool", "tristate", "int", "hex", "string"})
_HELP: Final = frozenset({"help", "---help---"})
_ATTRIBUTES: Final = frozenset({*_KINDS, *_HELP, "def_bool", "def_tristate", "prompt", "default", "select", "imply",
                                "depends", "visible", "range", "option", "modules", "transitional"})  # fmt: skip
_CONTINUED: Final = re.compile(rb"\\\r?\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One `config` of a symbol; a symbol may have several."""

    name: str
    kind: str = ""
    """`bool`, `tristate` and so on; "" if it is said elsewhere."""
    settable: bool = False
    """It has a prompt or a default: it may be on without being selected."""
    selects: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()
    """What it selects on a condition, or implies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KconfigFile:
    """What one file says."""

    entries: tuple[Entry, ...] = ()
    sources: tuple[str, ...] = ()
    """The files that it includes."""


def parse(source: bytes) -> KconfigFile:
    """The entries of a file, in order, and what it includes. What is not understood is passed over."""
    entries: list[Entry] = []
    sources: list[str] = []
    name, attributes = "", list[str]()
    for line in _lines(source):
        word, _, rest = line.partition(" ")
        if word in _ATTRIBUTES:
            attributes.append(line)
            continue
        if name:
            entries.append(_entry(name, attributes))
        name, attributes = (rest.partition(" ")[0] if word in ("config", "menuconfig") else ""), []
        if word == "source":
            sources.append(rest.strip("\"'"))
    if name:
        entries.append(_entry(name, attributes))
    return KconfigFile(entries=tuple(entries), sources=tuple(sources))


def _lines(source: bytes) -> Iterator[str]:
    """The lines that say something, blanks put in order, without comments and help texts."""
    text = _CONTINUED.sub(b" ", source).decode("utf-8", "replace")
    indent: int | None = None
    helping = False
    for raw in text.split("\n"):
        line = raw.expandtabs()
        words = line.split()
        if not words:
            continue
        depth = len(line) - len(line.lstrip())
        if helping:
            indent = depth if indent is None else indent
            if depth >= indent and depth > 0:
                continue
            helping = False
        if words[0].startswith("#"):
            continue
        helping, indent = words[0] in _HELP, None
        yield " ".join(words)


def _entry(name: str, attributes: list[str]) -> Entry:
    kind, settable = "", False
    selects: list[str] = []
    perhaps: list[str] = []
    for attribute in attributes:
        word, _, rest = attribute.partition(" ")
        rest = rest.partition(" #")[0].strip()
        if word in _KINDS:
            kind = word
            settable |= bool(rest)
        elif word in ("def_bool", "def_tristate"):
            kind, settable = word.removeprefix("def_"), True
        elif word in ("prompt", "default"):
            settable = True
        elif word in ("select", "imply"):
            target, _, condition = rest.partition(" ")
            (perhaps if condition or word == "imply" else selects).append(target)
    return Entry(name=name, kind=kind, settable=settable, selects=tuple(selects), perhaps=tuple(perhaps))
