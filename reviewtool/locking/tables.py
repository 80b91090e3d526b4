# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The declarations of one file by name. Made once for a file's content, shared by worlds and snapshots."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Generic, NamedTuple, TypeVar

import msgspec

from reviewtool.csource.facts import (
    Declaration,
    Enumeration,
    FileFacts,
    Function,
    Global,
    Include,
    Invocation,
    Macro,
    Prototype,
    Record,
    Typedef,
)
from reviewtool.locking.linker import FunctionId, FunctionRef
from reviewtool.ruleset.names import Definer

_WORD: Final = re.compile(r"[A-Za-z_]\w*")
_pack: Final = msgspec.msgpack.Encoder().encode
FactT = TypeVar("FactT", bound=Declaration)


class Site(NamedTuple, Generic[FactT]):
    """A declaration in its place."""

    path: str
    base: int
    """The file's line (from 1) of the cut that the fact's lines count from."""
    fact: FactT

    @property
    def line(self) -> int:
        """The file's line."""
        return self.base + self.fact.line


class FileTable:
    """One file's declarations, by kind and name, in the order of the file."""

    __slots__ = (
        "_definers", "_packed", "_users",
        "constants", "facts", "functions", "globals", "includes", "invocations", "macros", "path",
        "prototypes", "records", "typedefs",
    )  # fmt: skip

    def __init__(self, path: str, definers: Mapping[str, Definer]) -> None:
        self.path = path
        self._definers = definers
        self._packed: bytes | None = None
        self._users: dict[str, tuple[str, ...]] | None = None
        self.facts: FileFacts | None = None
        """What the table was made of; None for one that was put together otherwise."""
        self.functions: dict[str, list[FunctionRef]] = {}
        self.records: dict[str, list[Site[Record]]] = {}
        """By keyword and tag: `struct kvm`."""
        self.constants: dict[str, list[Site[Enumeration]]] = {}
        """By each enumerator's name."""
        self.macros: dict[str, list[Site[Macro]]] = {}
        self.globals: dict[str, list[Site[Global]]] = {}
        self.prototypes: dict[str, list[Site[Prototype]]] = {}
        self.typedefs: dict[str, list[Site[Typedef]]] = {}
        self.invocations: list[Site[Invocation]] = []
        self.includes: list[Site[Include]] = []

    @property
    def is_header(self) -> bool:
        """Other files see its macros, types and static functions."""
        return not self.path.endswith(".c")

    def add(self, base: int, declarations: Iterable[Declaration]) -> None:
        """Enter the declarations of one cut."""
        path = self.path
        for fact in declarations:
            if isinstance(fact, Macro):
                self.macros.setdefault(fact.name, []).append(Site(path, base, fact))
            elif isinstance(fact, Function):
                known = self.functions.setdefault(fact.name, [])
                known.append(FunctionRef(FunctionId(path, fact.name), base, fact))
            elif isinstance(fact, Prototype):
                self.prototypes.setdefault(fact.name, []).append(Site(path, base, fact))
            elif isinstance(fact, Global):
                self.globals.setdefault(fact.name, []).append(Site(path, base, fact))
            elif isinstance(fact, Record):
                self.records.setdefault(f"{fact.keyword} {fact.tag}", []).append(Site(path, base, fact))
            elif isinstance(fact, Include):
                self.includes.append(Site(path, base, fact))
            elif isinstance(fact, Enumeration):
                for name in fact.names:
                    self.constants.setdefault(name, []).append(Site(path, base, fact))
            elif isinstance(fact, Typedef):
                self.typedefs.setdefault(fact.name, []).append(Site(path, base, fact))
            elif isinstance(fact, Invocation):
                self.invocations.append(Site(path, base, fact))
                definer = self._definers.get(fact.name)
                if definer is not None and definer.argument < len(fact.args):
                    self._declare(base, fact, fact.args[definer.argument])

    def has_initialisers(self) -> bool:
        """Whether one of its variables has a value."""
        return any(site.fact.init for sites in self.globals.values() for site in sites)

    def packed(self) -> bytes:
        """All facts as bytes, to search them for names."""
        if self._packed is None:
            self._packed = _pack(self.facts) if self.facts is not None else b""
        return self._packed

    def users(self) -> Mapping[str, tuple[str, ...]]:
        """For each word, the macros and type names of the file that are made of it."""
        if self._users is None:
            users: dict[str, dict[str, None]] = {}
            for name, text in self._made_of():
                for word in _WORD.findall(text):
                    users.setdefault(word, {})[name] = None
            self._users = {word: tuple(names) for word, names in users.items()}
        return self._users

    def _made_of(self) -> Iterator[tuple[str, str]]:
        for macros in self.macros.values():
            for macro in macros:
                if macro.fact.body:
                    yield macro.fact.name, macro.fact.body
        for typedefs in self.typedefs.values():
            for typedef in typedefs:
                yield typedef.fact.name, typedef.fact.type

    def _declare(self, base: int, fact: Invocation, name: str) -> None:
        variable = Global(
            fact.line, name, f"@{fact.name}", static=fact.static, comment=fact.comment, condition=fact.condition
        )
        self.globals.setdefault(name, []).append(Site(self.path, base, variable))

    def tell_apart(self) -> None:
        """Give definitions of one name their `#if` conditions as variant; call it after the last `add`."""
        for name, refs in self.functions.items():
            if len(refs) > 1:
                self.functions[name] = _told_apart(refs)

    def all_functions(self) -> Iterator[FunctionRef]:
        """Every definition."""
        for refs in self.functions.values():
            yield from refs


def file_table(facts: FileFacts, definers: Mapping[str, Definer]) -> FileTable:
    """The table of a whole file. Macros that declare a variable (`definers`) count as its declaration."""
    table = FileTable(facts.path, definers)
    table.facts = facts
    for placed in facts.cuts:
        if placed.cut.declarations:
            table.add(placed.line, placed.cut.declarations)
    table.tell_apart()
    return table


def _told_apart(refs: list[FunctionRef]) -> list[FunctionRef]:
    """The same definitions with ids that differ, by condition and, where that is the same, by number."""
    seen: dict[str, int] = {}
    result: list[FunctionRef] = []
    for ref in refs:
        variant = " && ".join(ref.facts.condition)
        count = seen[variant] = seen.get(variant, 0) + 1
        if count > 1:
            variant = f"{variant} #{count}".strip()
        result.append(FunctionRef(FunctionId(ref.id.path, ref.id.name, variant), ref.base, ref.facts))
    return result
