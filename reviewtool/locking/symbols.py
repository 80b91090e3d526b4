# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What a name means at a place of one world: own file first, then what others show, then headers by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, TypeVar

from reviewtool.csource.facts import Enumeration, Function, Global, Macro, Prototype, Record, Return, Typedef
from reviewtool.locking.conditions import Conditions
from reviewtool.locking.headers import Sort
from reviewtool.locking.kconfig import Configuration
from reviewtool.locking.linker import FunctionId, FunctionRef
from reviewtool.locking.tables import FactT, FileTable, Site
from reviewtool.locking.templates import inclusions

ThingT = TypeVar("ThingT")


class ByName(Protocol):
    """Declarations of headers outside the scope, found by name."""

    def table(self, name: str, sort: Sort) -> FileTable | None:
        """The table of the nearest header that declares this name as that; None if none does."""
        ...


class NoHeaders:
    """A tree whose headers are not looked at."""

    def table(self, name: str, sort: Sort) -> FileTable | None:
        """Nothing."""
        del name, sort
        return None


class Symbols:
    """The names of one world.

    `units` tells, for a file that is included as a template, which files include it: their names are seen there.
    """

    def __init__(
        self, tables: Iterable[FileTable], headers: ByName, configuration: Configuration | None = None
    ) -> None:
        self.tables: dict[str, FileTable] = {table.path: table for table in tables}
        self.headers = headers
        self.units: dict[str, tuple[str, ...]] = {}
        self.homes: dict[FunctionId, str] = {}
        """Where the names of a template's function are looked up."""
        self.conditions = Conditions(self._defined, self._body, configuration)
        self._functions: dict[str, list[FunctionRef]] = {}
        self._macros: dict[str, list[Site[Macro]]] = {}
        self._globals: dict[str, list[Site[Global]]] = {}
        self._records: dict[str, list[Site[Record]]] = {}
        self._constants: dict[str, list[Site[Enumeration]]] = {}
        self._prototypes: dict[str, list[Site[Prototype]]] = {}
        self._typedefs: dict[str, list[Site[Typedef]]] = {}
        self._instantiate()
        for table in self.tables.values():
            self._show(table)
        self._seen_functions: dict[tuple[str, str], list[FunctionRef]] = {}
        self._seen_macros: dict[tuple[str, str], Macro | None] = {}

    def _instantiate(self) -> None:
        """Put the inclusions of templates in place of the templates."""
        for inclusion in inclusions(self.tables):
            self.tables.pop(inclusion.template, None)
            path = inclusion.table.path
            self.tables[path] = inclusion.table
            self.units[path] = (inclusion.unit,)
            self.units[inclusion.unit] = (*self.units.get(inclusion.unit, ()), path)
            for ref in inclusion.table.all_functions():
                self.homes[ref.id] = path

    def _show(self, table: FileTable) -> None:
        """Enter what other files see of a file."""
        header = table.is_header
        for name, refs in table.functions.items():
            for ref in refs:
                if header or not ref.facts.static:
                    self._functions.setdefault(name, []).append(ref)
        for name, found in table.globals.items():
            for each in found:
                if header or not each.fact.static:
                    self._globals.setdefault(name, []).append(each)
        _extend(self._prototypes, table.prototypes)
        if header:
            _extend(self._macros, table.macros)
            _extend(self._records, table.records)
            _extend(self._constants, table.constants)
            _extend(self._typedefs, table.typedefs)

    def functions(self, name: str, path: str) -> list[FunctionRef]:
        """All definitions that a call by this name in a file can mean: `#if` alternatives, but no stub beside them."""
        own = self._own_functions(name, path)
        if own is not None:
            return self._possible(own) if len(own) > 1 else own
        key = (name, "" if len(self._functions.get(name, ())) == 1 else path)
        if key not in self._seen_functions:
            self._seen_functions[key] = self._others(name, path)
        return self._seen_functions[key]

    def _others(self, name: str, path: str) -> list[FunctionRef]:
        """Definitions that a file does not have itself."""
        found = self._functions.get(name)
        if found is None:
            outside = self.headers.table(name, "functions")
            found = outside.functions.get(name, []) if outside is not None else self._of_includers(name, path)
        elif len(found) > 1:
            found = [ref for ref in found if not ref.facts.inline and not ref.id.path.endswith(".h")] or found
            found = _nearest(found, path, lambda ref: ref.id.path)
        return self._possible(found) if len(found) > 1 else found

    def _of_includers(self, name: str, path: str) -> list[FunctionRef]:
        """Static functions of C files, for a header that calls what its includer has to define."""
        table = self.tables.get(path)
        if table is None or not table.is_header or name not in table.prototypes:
            return []
        return [ref for each in self.tables.values() if not each.is_header for ref in each.functions.get(name, ())]

    def _own_functions(self, name: str, path: str) -> list[FunctionRef] | None:
        for place in (path, *self.units.get(path, ())):
            table = self.tables.get(place)
            if table is not None and name in table.functions:
                found = table.functions[name]
                if all(ref.facts.inline for ref in found) and name in self._functions:
                    real = [ref for ref in self._functions[name] if not ref.facts.inline]
                    return real or found
                return found
        return None

    def _possible(self, refs: list[FunctionRef]) -> list[FunctionRef]:
        """Those whose condition can hold, without the ones that do nothing if another one does something."""
        holds = self.conditions.holds
        possible = [ref for ref in refs if holds(ref.facts.condition) is not False] or refs
        certain = [ref for ref in possible if ref.facts.condition and holds(ref.facts.condition)]
        chosen = certain or possible
        return [ref for ref in chosen if not _is_stub(ref.facts)] or chosen

    def macros(self, name: str, path: str) -> list[Site[Macro]]:
        """All definitions of a macro that are seen in a file."""
        return [
            site for site in self._find(name, path, "macros", self._macros)
            if site.fact.body is not None
        ]  # fmt: skip

    def macro(self, name: str, path: str) -> Macro | None:
        """The definition that most likely holds."""
        key = (name, path)
        if key not in self._seen_macros:
            self._seen_macros[key] = self.chosen(self.macros(name, path))
        return self._seen_macros[key]

    def globals(self, name: str, path: str) -> list[Site[Global]]:
        """All declarations of a variable; definitions first."""
        found = self._find(name, path, "globals", self._globals)
        return sorted(found, key=lambda site: site.fact.extern) if len(found) > 1 else found

    def record(self, tag: str, path: str) -> Site[Record] | None:
        """The record behind `struct tag`."""
        found = self._find(tag, path, "records", self._records)
        return self.chosen_site(found)

    def constant(self, name: str, path: str) -> Enumeration | None:
        """The enumeration that a name is a value of."""
        return self.chosen(self._find(name, path, "constants", self._constants))

    def prototype(self, name: str, path: str) -> Prototype | None:
        """A declaration of a function."""
        return self.chosen(self._find(name, path, "prototypes", self._prototypes))

    def typedef(self, name: str, path: str) -> str | None:
        """The type that a typedef name stands for."""
        found = self.chosen(self._find(name, path, "typedefs", self._typedefs))
        return found.type if found is not None else None

    def chosen(self, sites: list[Site[FactT]]) -> FactT | None:
        """The fact whose `#if` condition holds, or may hold, first of all."""
        site = self.chosen_site(sites)
        return site.fact if site is not None else None

    def chosen_site(self, sites: list[Site[FactT]]) -> Site[FactT] | None:
        """The site whose `#if` condition holds, or may hold, first of all."""
        if len(sites) == 1:
            return sites[0]
        best: Site[FactT] | None = None
        for site in sites:
            truth = self.conditions.holds(getattr(site.fact, "condition", ()))
            if truth:
                return site
            if truth is None and best is None:
                best = site
        return best or (sites[0] if sites else None)

    def _find(self, name: str, path: str, sort: Sort, shown: Mapping[str, list[Site[FactT]]]) -> list[Site[FactT]]:
        for place in (path, *self.units.get(path, ())):
            table = self.tables.get(place)
            found: list[Site[FactT]] | None = getattr(table, sort).get(name) if table is not None else None
            if found:
                return found
        found = shown.get(name)
        if found:
            return found if len(found) == 1 else _nearest(found, path, lambda site: site.path)
        outside = self.headers.table(name, sort)
        return getattr(outside, sort).get(name, []) if outside is not None else []

    def _body(self, name: str) -> str | None:
        """The text of a macro without parameters, if all that is seen of it agrees."""
        sites = self._macros.get(name)
        if sites is None:
            outside = self.headers.table(name, "macros")
            sites = outside.macros.get(name, []) if outside is not None else []
        bodies = {site.fact.body for site in sites if site.fact.params is None}
        return bodies.pop() if len(bodies) == 1 else None

    def _defined(self, name: str) -> bool | None:
        """Whether a macro is defined in this world; None if that depends on the configuration."""
        sites = self._macros.get(name)
        if sites is None:
            outside = self.headers.table(name, "macros")
            sites = outside.macros.get(name) if outside is not None else None
        if not sites:
            return False
        if any(self.conditions.holds(site.fact.condition) for site in sites if site.fact.body is not None):
            return True
        return None


def _extend(index: dict[str, list[Site[FactT]]], more: Mapping[str, list[Site[FactT]]]) -> None:
    for name, sites in more.items():
        if name in index:
            index[name].extend(sites)
        else:
            index[name] = list(sites)


def _is_stub(facts: Function) -> bool:
    """It does nothing but return."""
    return facts.inline and not any(not isinstance(event, Return) for block in facts.blocks for event in block.events)


def _nearest(found: list[ThingT], path: str, path_of: Callable[[ThingT], str]) -> list[ThingT]:
    """Those that share the longest beginning of their path with the file, if they come from several files."""
    if len({path_of(thing) for thing in found}) == 1:
        return found
    parts = path.split("/")

    def shared(thing: ThingT) -> int:
        count = 0
        for mine, theirs in zip(parts, path_of(thing).split("/")[:-1], strict=False):
            if mine != theirs:
                break
            count += 1
        return count

    longest = max(map(shared, found))
    return [thing for thing in found if shared(thing) == longest]
