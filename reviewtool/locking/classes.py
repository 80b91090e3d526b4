# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Lock classes: which declaration an expression that names a lock leads to."""

from __future__ import annotations

import re
from typing import Final

from reviewtool.csource.facts import Return
from reviewtool.locking import ctypes
from reviewtool.locking.expr import (
    Binary,
    Block,
    Cast,
    Conditional,
    Index,
    Invoke,
    Member,
    Name,
    Node,
    Unary,
    parse,
    plain,
    render,
)
from reviewtool.locking.macros import bind, substituted
from reviewtool.locking.model import Lock, LockClass
from reviewtool.locking.symbols import Symbols
from reviewtool.locking.typing_ import Place, Typer
from reviewtool.ruleset.model import Ruleset

OPEN: Final = "*"
"""Starts the name of a class of which only the type is known: a lock behind a pointer parameter or local. What it is
depends on the caller (`*struct mutex`)."""

_DEEPEST: Final = 12
_SAME: Final = re.compile(r"@(\d)\Z")


def is_open(cls: LockClass) -> bool:
    """Whether the expression alone does not tell the class (see `OPEN`)."""
    return cls.name.startswith(OPEN)


class Classes:
    """Lock classes of one world."""

    def __init__(self, typer: Typer, ruleset: Ruleset) -> None:
        self.typer = typer
        self.symbols: Symbols = typer.symbols
        self.ruleset = ruleset
        self._families = {
            ctypes.normal(kind): family.name for family in ruleset.families.values() for kind in family.types
        }
        self._shared = self._shared_names()
        self._known: dict[str, LockClass] = {}

    def lock_of(self, text: str, place: Place) -> Lock | None:
        """The lock that an expression (a pointer to it, as primitives get it) names; None if it can't be typed."""
        node = parse(text)
        if node is None:
            return None
        cls = self._pointed(node, place, 0)
        return Lock(cls, render(plain(node))) if cls is not None else None

    def handle_of(self, text: str, place: Place, family: str) -> Lock | None:
        """What a handle (a number, a pointer) stands for: its class is the field or variable that keeps the handle."""
        node = parse(text)
        kept = self._object(plain(node), place, 0) if node is not None else None
        return (
            Lock(LockClass(kept.name, family), render(plain(node))) if kept is not None and node is not None else None
        )

    def named(self, name: str) -> LockClass:
        """The class that data names: `struct kvm.lock`, `kvm_lock`, `@irq`; its family looked up."""
        path, _, bare = name.rpartition(":")
        place = Place(path)
        record, dot, field = bare.rpartition(".")
        if dot and record.startswith(ctypes.RECORDS):
            kind = self.typer.field_type(record, field, place)
            if kind is None and not path:
                path = self._home(record)
                kind = self.typer.field_type(record, field, Place(path))
            return self._class(name, self.family_of(kind, path) if kind is not None else "")
        if bare.startswith("@") or not bare.isidentifier():
            return self._class(name, self._subjects().get(name, ""))
        found = self._global(bare, Place(path or self._holder(bare)), 0)
        return self._class(name, found.family if found is not None else self._subjects().get(name, ""))

    def _holder(self, name: str) -> str:
        """A file that has a static variable of that name; "" if none has."""
        holders = (table.path for table in self.symbols.tables.values() if name in table.globals)
        return next(holders, "")

    def _home(self, record: str) -> str:
        """A file that declares a record for itself; "" if none does."""
        return next((table.path for table in self.symbols.tables.values() if record in table.records), "")

    def _subjects(self) -> dict[str, str]:
        """The families of locks that primitives name themselves."""
        return {
            operation.subject: operation.family
            for primitive in self.ruleset.primitives.values()
            for operation in primitive.operations
            if isinstance(operation.subject, str)
        }

    def family_of(self, kind: str, path: str) -> str:
        """The family of a type; "" if it is no lock."""
        kind = ctypes.without_arrays(kind)
        found = self._families.get(kind)
        return found if found is not None else self._families.get(self.typer.followed(kind, path), "")

    def _pointed(self, node: Node, place: Place, depth: int) -> LockClass | None:
        """The class of what a pointer points to."""
        if depth > _DEEPEST:
            return None
        node = plain(node)
        match node:
            case Unary("&", operand):
                return self._object(operand, place, depth + 1)
            case Name(name) if name not in place.variables:
                return self._pointed_global(name, place, depth)
            case Member(_, _, _):
                return self._array(node, place) or self._open(node, place)
            case Binary("+" | "-" | ",", left, right):
                return self._pointed(right if node.op == "," else left, place, depth + 1)
            case Conditional(_, then, other):
                one, two = self._pointed(then, place, depth + 1), self._pointed(other, place, depth + 1)
                return one if one == two else None
            case Invoke(Name(_), _):
                return self._handed(node, place, depth, pointer=True) or self._open(node, place)
            case Block(statements) if statements:
                last = parse(statements[-1])
                return self._pointed(last, place, depth + 1) if last is not None else None
        return self._array(node, place) or self._open(node, place)

    def _object(self, node: Node, place: Place, depth: int) -> LockClass | None:
        """The class of a lock object."""
        if depth > _DEEPEST:
            return None
        match node:
            case Unary("*", operand):
                return self._pointed(operand, place, depth + 1)
            case Member(base, field, arrow):
                return self._inside(node, place, depth) or self._member(base, field, arrow, place)
            case Index(base, _):
                kind = self.typer.of(base, place)
                if kind is not None and ctypes.is_pointer(self.typer.followed(kind, place.path)):
                    return self._pointed(base, place, depth + 1)
                return self._object(base, place, depth + 1)
            case Name(name):
                return self._local(name, place) if name in place.variables else self._global(name, place, depth)
            case Invoke(Name(_), _):
                return self._handed(node, place, depth, pointer=False)
            case Cast(_, operand):
                return self._object(operand, place, depth + 1)
        return None

    def _inside(self, node: Member, place: Place, depth: int) -> LockClass | None:
        """A part of a lock (`mmu_lock.rlock.raw_lock`) is the lock."""
        if node.arrow:
            return None
        kind = self.typer.of(node.base, place)
        if kind is None:
            return self._inside(node.base, place, depth) if isinstance(node.base, Member) else None
        return self._object(node.base, place, depth + 1) if self.family_of(kind, place.path) else None

    def _member(self, base: Node, field: str, arrow: bool, place: Place) -> LockClass | None:
        record = self.typer.record_of(base, arrow, place)
        if record is None:
            return None
        kind = self.typer.field_type(record, field, place)
        if kind is None:
            return None
        return self._class(f"{self._record_name(record, place)}.{field}", self.family_of(kind, place.path))

    def _record_name(self, record: str, place: Place) -> str:
        """The record's name; with the file where several files have a record of that name of their own."""
        if record not in self._shared:
            return record
        site = self.symbols.record(record, place.path)
        return f"{site.path}:{record}" if site is not None and site.path.endswith(".c") else record

    def _array(self, node: Node, place: Place) -> LockClass | None:
        """An array of locks used as a pointer to its first one."""
        kind = self.typer.of(node, place)
        if kind is None or not kind.endswith("[]") or not self.family_of(kind, place.path):
            return None
        return self._object(node, place, 1)

    def _open(self, node: Node, place: Place) -> LockClass | None:
        kind = self.typer.of(node, place)
        target = self.typer.deref(kind, place.path) if kind is not None else None
        if target is None:
            return None
        return self._class(f"{OPEN}{target}", self.family_of(target, place.path))

    def _pointed_global(self, name: str, place: Place, depth: int) -> LockClass | None:
        if self.symbols.globals(name, place.path):
            return self._array(Name(name), place) or self._open(Name(name), place)
        macro = self.symbols.macro(name, place.path)
        body = parse(macro.body) if macro is not None and macro.params is None and macro.body else None
        return self._pointed(body, place, depth + 1) if body is not None else None

    def _global(self, name: str, place: Place, depth: int) -> LockClass | None:
        for site in self.symbols.globals(name, place.path):
            definer = self.ruleset.definers.get(site.fact.type[1:]) if site.fact.type[:1] == "@" else None
            kind = self.typer.settled(site.fact.type, place)
            family = definer.family if definer else self.family_of(kind, place.path) if kind is not None else ""
            return self._class(self._global_name(name, site.path, site.fact.static), family)
        macro = self.symbols.macro(name, place.path)
        body = parse(macro.body) if macro is not None and macro.params is None and macro.body else None
        return self._object(body, place, depth + 1) if body is not None else None

    def _global_name(self, name: str, path: str, static: bool) -> str:
        return f"{path}:{name}" if static and name in self._shared else name

    def _local(self, name: str, place: Place) -> LockClass | None:
        kind = self.typer.of_name(name, place)
        function = place.facts.name if place.facts is not None else ""
        family = self.family_of(kind, place.path) if kind is not None else ""
        return self._class(f"{place.path}:{function}.{name}", family)

    def _handed(self, node: Invoke, place: Place, depth: int, *, pointer: bool) -> LockClass | None:
        """A macro or a small function that gives the lock: what it is given, or what its body says."""
        assert isinstance(node.callee, Name)
        name = node.callee.name
        typed = self.ruleset.typed_macros.get(name)
        if typed is not None:
            same = _SAME.match(typed.type)
            inner = parse(node.args[int(same.group(1))]) if same and int(same.group(1)) < len(node.args) else None
            if inner is None:
                return None
            return (self._pointed if pointer else self._object)(inner, place, depth + 1)
        if pointer:
            found = self._returned(name, node.args, place, depth)
            if found is not None:
                return found
        macro = self.symbols.macro(name, place.path)
        body = substituted(macro, node.args) if macro is not None and macro.params is not None else None
        inner = parse(body) if body is not None else None
        if inner is None:
            return None
        return (self._pointed if pointer else self._object)(inner, place, depth + 1)

    def _returned(self, name: str, args: tuple[str, ...], place: Place, depth: int) -> LockClass | None:
        """The one class of all locks that a function returns the address of."""
        found: set[LockClass] = set()
        for ref in self.symbols.functions(name, place.path):
            facts = ref.facts
            if bind(tuple(param.name for param in facts.params), args) is None:
                return None
            inside = Place(ref.id.path, facts)
            for block in facts.blocks:
                for event in block.events:
                    if isinstance(event, Return) and event.value:
                        value = parse(event.value)
                        cls = self._pointed(value, inside, depth + 1) if value is not None else None
                        if cls is None or is_open(cls):
                            return None
                        found.add(cls)
        return found.pop() if len(found) == 1 else None

    def _class(self, name: str, family: str) -> LockClass:
        known = self._known.get(name)
        if known is None or known.family != family:
            known = self._known[name] = LockClass(name, family)
        return known

    def _shared_names(self) -> frozenset[str]:
        """Names of static variables, and of records of C files, that more than one file has."""
        once: set[str] = set()
        more: set[str] = set()
        for table in self.symbols.tables.values():
            names = {name for name, sites in table.globals.items() if any(site.fact.static for site in sites)}
            if not table.is_header:
                names.update(table.records)
            more |= once & names
            once |= names
        return frozenset(more)
