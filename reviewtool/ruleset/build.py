# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""From the entries of the data files to the values of the model, with the references between them checked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from reviewtool.ruleset import declared
from reviewtool.ruleset.access import Access, Handling, Pair
from reviewtool.ruleset.entries import (
    ContextEntry,
    DataFile,
    ForbiddenEntry,
    HeadEntry,
    OrderEntry,
    RequiredEntry,
)
from reviewtool.ruleset.errors import RulesetError, unknown
from reviewtool.ruleset.model import (
    Context,
    Family,
    ForbiddenUnder,
    Guard,
    Order,
    Outside,
    Primitive,
    RequiredLock,
    Subsystem,
    WaitType,
)
from reviewtool.ruleset.names import Definer, NamedCall, TypedMacro
from reviewtool.ruleset.shelf import Shelf
from reviewtool.ruleset.when import conditions
from reviewtool.ruleset.words import operations

_ITEM = re.compile(r"[A-Z]+\d+\Z")
"""The number of an item of the catalogue."""


@dataclass(slots=True, kw_only=True)
class Collection:
    """What was read so far; a later file replaces an earlier one's entry of the same name."""

    families: dict[str, Family] = field(default_factory=dict)
    primitives: dict[str, Primitive] = field(default_factory=dict)
    guards: dict[str, Guard] = field(default_factory=dict)
    definers: dict[str, Definer] = field(default_factory=dict)
    typed_macros: dict[str, TypedMacro] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    subsystems: dict[str, Subsystem] = field(default_factory=dict)
    named_calls: dict[str, NamedCall] = field(default_factory=dict)
    contexts: dict[str, list[Context]] = field(default_factory=dict)
    outside: dict[str, Outside] = field(default_factory=dict)
    accesses: dict[str, Access] = field(default_factory=dict)
    handlings: dict[str, Handling] = field(default_factory=dict)
    held_tests: dict[str, tuple[str, ...]] = field(default_factory=dict)
    forbidden: list[ForbiddenUnder] = field(default_factory=list)
    required: list[RequiredLock] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    syntax: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    allocation: dict[str, Any] = field(default_factory=dict)
    rules: Shelf = field(default_factory=Shelf)
    catalogue: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    needed_items: dict[str, tuple[Path, str]] = field(default_factory=dict)
    """Items of the catalogue that something refers to, with the place of one such reference."""
    needed_families: dict[str, tuple[Path, str]] = field(default_factory=dict)
    """Families that something refers to, with the place of one such reference."""
    needed_rules: dict[str, tuple[Path, str]] = field(default_factory=dict)
    """The same for rules."""

    def add_file(self, path: Path, entries: DataFile) -> None:
        """Take in a data file. Raises RulesetError."""
        self._add_locks(path, entries)
        self._add_names(entries)
        for name, context in entries.context.items():
            self.contexts[name] = _contexts(path, name, context)
        for name, subsystem in entries.subsystem.items():
            self.subsystems[name] = Subsystem(
                name=name,
                paths=subsystem.paths,
                headers=subsystem.headers,
                documents=subsystem.documents,
                enabled=subsystem.enabled,
            )
        for name, call in entries.named_call.items():
            self.named_calls[name] = NamedCall(
                name=name, macros=call.macros, updates=call.updates, prefix=call.prefix, record=call.record
            )
        self.orders += declared.orders(path, entries.order)
        self.forbidden += declared.forbidden(path, entries.forbidden_under)
        self.required += declared.required(path, entries.required_lock)
        self.pairs += declared.pairs(path, entries.pair)
        for name, rule in entries.rule.items():
            self.rules.put(path, name, declared.pageless(path, name, rule))
        self._add_items(path, entries)
        self._need_rules(path, entries)
        _join_words(self.syntax, entries.syntax)
        _join_words(self.values, entries.values)
        _join_words(self.allocation, entries.allocation)

    def add_head(self, path: Path, head: HeadEntry) -> None:
        """Take in what a rule page's head declares. Raises RulesetError."""
        self.orders += declared.orders(path, head.order, head.id)
        self.forbidden += declared.forbidden(path, head.forbidden_under, head.id)
        self.required += declared.required(path, head.required_lock, head.id)
        self.pairs += declared.pairs(path, head.pair, head.id)
        self._need_rules(path, head)
        for item in head.catalogue:
            self.needed_items.setdefault(item, (path, "catalogue"))

    def _add_items(self, path: Path, entries: DataFile) -> None:
        for table, items in (("catalogue", entries.catalogue), ("missing", entries.missing)):
            for item, text in items.items():
                if not text.strip():
                    raise RulesetError(path, f"{table}.{item}", "this needs a few words")
        for item in entries.catalogue:
            if not _ITEM.match(item):
                raise RulesetError(path, f"catalogue.{item}", "numbers are capital letters and digits: B01")
        self.catalogue.update(entries.catalogue)
        self.missing.update(entries.missing)
        for item in entries.missing:
            self.needed_items.setdefault(item, (path, "missing"))

    def _need_rules(self, path: Path, entries: DataFile | HeadEntry) -> None:
        tables: dict[str, tuple[OrderEntry | ForbiddenEntry | RequiredEntry | Pair, ...]] = {
            "order": entries.order,
            "forbidden-under": entries.forbidden_under,
            "required-lock": entries.required_lock,
            "pair": entries.pair,
        }
        for table, declarations in tables.items():
            for number, declaration in enumerate(declarations, 1):
                if declaration.rule:
                    self.needed_rules.setdefault(declaration.rule, (path, f"{table}[{number}].rule"))

    def check(self) -> None:
        """Raise RulesetError if something refers to a family, a rule or an item that does not exist."""
        for family, (path, place) in self.needed_families.items():
            if family not in self.families:
                raise RulesetError(path, place, unknown("family", family, self.families))
        for rule, (path, place) in self.needed_rules.items():
            if rule not in self.rules:
                raise RulesetError(path, place, unknown("rule", rule, self.rules))
        for item, (path, place) in self.needed_items.items():
            if item not in self.catalogue:
                raise RulesetError(path, place, unknown("item of the catalogue", item, self.catalogue))

    def _add_locks(self, path: Path, entries: DataFile) -> None:
        for name, family in entries.family.items():
            self.families[name] = Family(
                name=name,
                types=family.types,
                wait_type=WaitType[family.wait_type.upper()],
                inner=WaitType[family.inner.upper()],
                order=family.order,
                reentrant=family.reentrant,
                recursive_read=family.recursive_read,
                exclusive=family.exclusive,
                owned=family.owned,
                handle=family.handle,
                implies=family.implies,
            )
        for source, primitives in entries.primitive.items():
            for name, text in primitives.items():
                place = f'primitive."{source}".{name}'
                try:
                    found = operations(text)
                except ValueError as error:
                    raise RulesetError(path, place, str(error)) from None
                self.primitives[name] = Primitive(name=name, operations=found, source=source)
                for operation in found:
                    if operation.family:
                        self.needed_families.setdefault(operation.family, (path, place))
        for source, definers in entries.definer.items():
            for name, definer in definers.items():
                self.definers[name] = Definer(
                    name=name, family=definer.family, argument=definer.argument, type=definer.type
                )
                self.needed_families.setdefault(definer.family, (path, f'definer."{source}".{name}'))

    def _add_names(self, entries: DataFile) -> None:
        for guards in entries.guard.values():
            for name, guard in guards.items():
                self.guards[name] = Guard(
                    name=name, acquire=guard.acquire, release=guard.release, conditional=guard.conditional
                )
        for macros in entries.type.values():
            for name, result in macros.items():
                self.typed_macros[name] = TypedMacro(name=name, type=result)
        for accesses in entries.access.values():
            self.accesses.update(accesses)
        for handlings in entries.object.values():
            self.handlings.update(handlings)
        for tests in entries.held_test.values():
            self.held_tests.update(tests)
        for source, functions in entries.outside.items():
            for name, effect in functions.items():
                self.outside[name] = Outside(
                    name=name,
                    sleeps=effect.sleeps,
                    takes=effect.takes,
                    waits=effect.waits,
                    calls=effect.calls,
                    flags=effect.flags,
                    drops=effect.drops,
                    drops_flags=effect.drops_flags,
                    source=source,
                )


def _join_words(words: dict[str, Any], entry: msgspec.Struct) -> None:
    """Words add up over the files: a user's directory can only add some."""
    for name in entry.__struct_fields__:
        more = getattr(entry, name)
        words[name] = words[name] | more if name in words else more


def _contexts(path: Path, name: str, entry: ContextEntry) -> list[Context]:
    ways = entry.registrations()
    if not ways:
        raise RulesetError(path, f"context.{name}", "how does code get there? give it field, call or macro")
    try:
        conditions(entry.when)
    except ValueError as error:
        raise RulesetError(path, f"context.{name}.when", str(error)) from None
    return [
        Context(
            name=name,
            registration=way,
            holder=holder,
            argument=argument,
            kind=entry.kind,
            thread=entry.thread,
            holds=entry.holds,
            when=entry.when,
            sleeps=entry.sleeps,
            source=entry.source,
            subject=entry.subject,
            excludes=entry.excludes,
            functions=entry.functions,
            via=entry.via,
        )
        for way, holder in ways
        for argument in entry.arguments()
    ]


def flatten(groups: Iterable[list[Context]]) -> tuple[Context, ...]:
    """All contexts of all names."""
    return tuple(context for group in groups for context in group)
