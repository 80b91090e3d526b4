# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Initialisers of globals: which functions they store in which fields, through braces, positions and macros."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from reviewtool.csource.facts import Global, Record
from reviewtool.locking import ctypes
from reviewtool.locking.expr import Invoke, Name, Node, parse, split
from reviewtool.locking.macros import substituted
from reviewtool.locking.signatures import fits
from reviewtool.locking.slots import Slot, Sources
from reviewtool.locking.tables import Site
from reviewtool.locking.typing_ import Place, Typer

_DEEPEST: Final = 8
_STEP: Final = re.compile(r"\.(\w+)|\[([^\]]*)\]")
_DESIGNATED: Final = re.compile(r"((?:\.\w+|\[[^\]]*\])+)\s*=(?!=)\s*(.*)\Z", re.S)
_WORD: Final = re.compile(r"[A-Za-z_]\w*")

Reader = Callable[[Node, Place], Sources]


class Spot(NamedTuple):
    """Where a value goes: the innermost field on the way, and the type there (None if it is not known)."""

    record: str
    field: str
    kind: str | None
    counted: bool = False
    """The field was found by counting, which macros before it can make wrong."""


class Initialisers:
    """Reads initialisers in one world. `names` are all functions, `read` tells what an expression can hold."""

    def __init__(self, typer: Typer, names: frozenset[str], read: Reader) -> None:
        self._typer = typer
        self._symbols = typer.symbols
        self._names = names
        self._read = read
        self._leading: dict[tuple[str, str], bool] = {}

    def stores(self, site: Site[Global]) -> Iterator[tuple[Slot, Sources]]:
        """What one variable's initialiser stores."""
        place = Place(site.path)
        kind = self._typer.settled(site.fact.type, place)
        if kind is None:
            return
        own = Slot("variable", site.path if site.fact.static else "", site.fact.name)
        for entry in site.fact.init:
            text = entry.value
            if self._may_hold(text, place):
                parent = entry.designator[: entry.designator.rfind("[")] if entry.designator.endswith("]") else None
                outer = self._spot(Spot("", "", kind), parent, place) if parent is not None else None
                yield from self._value(
                    self._spot(Spot("", "", kind), entry.designator, place), outer, text, own, place, 0
                )

    def _value(
        self, spot: Spot, outer: Spot | None, text: str, own: Slot, place: Place, depth: int
    ) -> Iterator[tuple[Slot, Sources]]:
        """One value; `outer` is the brace around it, for macros that stand for several designated values."""
        if depth > _DEEPEST:
            return
        if text.startswith("{"):
            yield from self._pieces(spot, split(text[1:-1]), own, place, depth)
            return
        node = parse(text)
        found = self._read(node, place) if node is not None else None
        if found is not None and (found.functions or found.slots):
            yield from self._stored(spot, outer, found, own, place)
            return
        body = self._body(text, node, place)
        if body is None:
            return
        if body.startswith("{"):
            yield from self._value(spot, outer, body, own, place, depth + 1)
        else:
            pieces = split(body)
            inside = any(_DESIGNATED.match(piece) for piece in pieces) and outer is not None
            yield from self._pieces(outer if inside and outer is not None else spot, pieces, own, place, depth, inside)

    def _pieces(
        self, spot: Spot, pieces: Iterable[str], own: Slot, place: Place, depth: int, inside: bool = True
    ) -> Iterator[tuple[Slot, Sources]]:
        """The values between two braces, or those that a macro stands for."""
        for position, piece in enumerate(pieces):
            match = _DESIGNATED.match(piece)
            if match is not None:
                inner, value = self._spot(spot, match.group(1), place), match.group(2).strip()
            else:
                inner, value = (self._spot(spot, f"[{position}]", place) if inside else spot), piece
            if self._may_hold(value, place):
                yield from self._value(inner, spot, value, own, place, depth + 1)

    def _may_hold(self, text: str, place: Place) -> bool:
        """Whether a function's name stands in it, or in a macro that it uses."""
        return any(word in self._names or self._leads(word, place.path) for word in _WORD.findall(text))

    def _leads(self, name: str, path: str) -> bool:
        known = self._leading.get((name, path))
        if known is None:
            self._leading[name, path] = False
            macro = self._symbols.macro(name, path)
            body = macro.body if macro is not None else None
            known = bool(body) and ("##" in (body or "") or self._may_hold(body or "", Place(path)))
            self._leading[name, path] = known
        return known

    def _stored(
        self, spot: Spot, outer: Spot | None, found: Sources, own: Slot, place: Place
    ) -> Iterator[tuple[Slot, Sources]]:
        kind = self._typer.followed(spot.kind, place.path) if spot.kind is not None else None
        misplaced = spot.counted and kind is not None and not any(fits(ref.facts, kind) for ref in found.functions)
        if kind is not None and ctypes.is_function_pointer(kind) and not misplaced:
            yield (Slot("field", spot.record, spot.field) if spot.field else own), found
            return
        if spot.field and kind is None:
            yield Slot("field", spot.record, spot.field), found
            return
        if not found.functions:
            if spot.field:
                yield Slot("field", spot.record, spot.field), found
            return
        for record in {each for each in (kind, outer.kind if outer is not None else None) if each is not None}:
            yield from self._by_signature(self._typer.followed(record, place.path), found, place)

    def _by_signature(self, record: str, found: Sources, place: Place) -> Iterator[tuple[Slot, Sources]]:
        """Those fields of a record whose type a function has, for values whose place is not known."""
        site = self._symbols.record(record, place.path)
        if site is None:
            return
        for ref in found.functions:
            for field in site.fact.fields:
                kind = self._typer.followed(ctypes.normal(field.type), place.path)
                if ctypes.is_function_pointer(kind) and fits(ref.facts, kind):
                    yield Slot("field", record, field.name), Sources(functions=(ref,))

    def _spot(self, spot: Spot, designator: str, place: Place) -> Spot:
        """Follow a designator from a spot."""
        for match in _STEP.finditer(designator):
            name, index = match.groups()
            record = self._typer.followed(spot.kind, place.path) if spot.kind is not None else ""
            if name is not None:
                kind = self._typer.field_type(record, name, place) if record else None
                spot = Spot(record, name, kind)
            elif record.startswith(ctypes.RECORDS) and not record.endswith(("]", "*")):
                spot = self._positional(record, index, place)
            else:
                spot = Spot(spot.record, spot.field, ctypes.deref(record) if record else None)
        return spot

    def _positional(self, record: str, index: str, place: Place) -> Spot:
        site = self._symbols.record(record, place.path)
        if site is None or not index.isdigit() or int(index) >= len(site.fact.fields) or _conditional(site.fact):
            return Spot(record, "", record)
        field = site.fact.fields[int(index)]
        return Spot(record, field.name, self._typer.field_type(record, field.name, place), counted=True)

    def _body(self, text: str, node: Node | None, place: Place) -> str | None:
        """What a macro that stands for values is replaced by."""
        if isinstance(node, Invoke) and isinstance(node.callee, Name):
            macro = self._symbols.macro(node.callee.name, place.path)
            body = substituted(macro, node.args) if macro is not None and macro.params is not None else None
        elif isinstance(node, Name):
            macro = self._symbols.macro(text, place.path)
            body = macro.body if macro is not None and macro.params is None else None
        else:
            return None
        body = body.strip() if body else None
        return body if body and body != text and _WORD.search(body) else None


def _conditional(record: Record) -> bool:
    return any(field.condition for field in record.fields)
