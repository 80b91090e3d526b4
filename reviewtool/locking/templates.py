# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Files that are included as templates: functions whose names a macro makes, once for each inclusion.

A file `paging.h` with `static int FNAME(walk)(...)`, included twice with another `FNAME` each time, gives two sets of
functions. Each inclusion becomes a table of its own, with the macros as they are at that point.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reviewtool.csource.facts import Include, Macro
from reviewtool.locking.conditions import Conditions
from reviewtool.locking.expr import Invoke, Name, parse
from reviewtool.locking.linker import FunctionId, FunctionRef
from reviewtool.locking.macros import substituted
from reviewtool.locking.tables import FileTable, Site

_ROUNDS: Final = 8


class Inclusion:
    """One inclusion: the table of what it defines, and who includes it."""

    __slots__ = ("table", "template", "unit")

    def __init__(self, template: FileTable, unit: FileTable, number: int, macros: Mapping[str, Site[Macro]]) -> None:
        self.template = template.path
        self.unit = unit.path
        self.table = _instance(template, unit.path, number, macros)


def inclusions(tables: Mapping[str, FileTable]) -> list[Inclusion]:
    """All inclusions of templates among the files of a scope, in the order of their includers' paths."""
    templates = {path: table for path, table in tables.items() if any(map(_is_made, table.functions))}
    found: list[Inclusion] = []
    if not templates:
        return found
    for unit in tables.values():
        number = 0
        for site in unit.includes:
            template = templates.get(_resolved(unit.path, site.fact))
            if template is not None and template is not unit:
                number += 1
                found.append(Inclusion(template, unit, number, _macros_at(unit, site.line)))
    return found


def _is_made(name: str) -> bool:
    return not name.isidentifier()


def _resolved(path: str, include: Include) -> str:
    """The path of a local include, relative to the includer's directory."""
    parts = path.split("/")[:-1]
    for piece in include.target.split("/"):
        if piece == "..":
            parts = parts[:-1]
        elif piece != ".":
            parts.append(piece)
    return "/".join(parts)


def _macros_at(unit: FileTable, line: int) -> dict[str, Site[Macro]]:
    """The macros that a file has defined, and not undefined, before a line."""
    found: dict[str, Site[Macro]] = {}
    for name, sites in unit.macros.items():
        before = [site for site in sites if site.line < line]
        if before and before[-1].fact.body is not None:
            found[name] = before[-1]
    return found


def _instance(template: FileTable, unit: str, number: int, outer: Mapping[str, Site[Macro]]) -> FileTable:
    """The table of a template where these macros are defined."""
    macros = dict(outer)
    conditions = Conditions(lambda name: name in macros, lambda name: _text(macros.get(name)))
    inner = sorted((site for sites in template.macros.values() for site in sites), key=lambda site: site.line)
    for site in inner:
        if site.fact.body is not None and conditions.holds(site.fact.condition) is not False:
            macros[site.fact.name] = site
    table = FileTable(f"{template.path}@{unit}#{number}", {})
    table.macros = {name: [site] for name, site in macros.items()}
    for name, refs in template.functions.items():
        made = _made(name, macros)
        for ref in refs:
            if conditions.holds(ref.facts.condition) is False:
                continue
            variant = ref.id.variant if made != name else f"{unit} #{number} {ref.id.variant}".rstrip()
            identity = FunctionId(template.path, made, variant)
            table.functions.setdefault(made, []).append(FunctionRef(identity, ref.base, ref.facts))
    table.records, table.constants, table.globals = template.records, template.constants, template.globals
    table.prototypes, table.typedefs = template.prototypes, template.typedefs
    table.includes, table.invocations = template.includes, template.invocations
    return table


def _text(site: Site[Macro] | None) -> str | None:
    return site.fact.body if site is not None and site.fact.params is None else None


def _made(name: str, macros: Mapping[str, Site[Macro]]) -> str:
    """The name that macros make of a name like `FNAME(walk)`."""
    for _ in range(_ROUNDS):
        node = parse(name)
        if not (isinstance(node, Invoke) and isinstance(node.callee, Name) and node.callee.name in macros):
            break
        made = substituted(macros[node.callee.name].fact, node.args)
        if made is None:
            break
        name = made.strip()
    return name
