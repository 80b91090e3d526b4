# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What a change affects: the functions that it touches, and those that use a name whose meaning it changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import msgspec

from reviewtool.csource.facts import (
    Declaration,
    Enumeration,
    Function,
    Global,
    Invocation,
    Macro,
    Prototype,
    Record,
    Typedef,
)
from reviewtool.locking.headers import Headers
from reviewtool.locking.linker import FunctionId, FunctionRef
from reviewtool.locking.slots import Sources
from reviewtool.locking.stores import EMPTY
from reviewtool.locking.tables import FileTable

if TYPE_CHECKING:
    from reviewtool.locking.program import Program

_pack: Final = msgspec.msgpack.Encoder().encode
_WORD: Final = re.compile(r"[A-Za-z_]\w*")
_FIELD: Final = re.compile(r"\.(\w+)")


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two snapshots of a world."""

    functions: frozenset[FunctionId]
    """Changed, added, removed, or using a name that means something else."""
    names: frozenset[str]
    """Names that mean something else."""

    def mentioned_in(self, facts: Function | FileTable) -> bool:
        """Whether one of the names stands in these facts."""
        if not self.names:
            return False
        packed = facts.packed() if isinstance(facts, FileTable) else _pack(facts)
        return _pattern(self.names).search(packed) is not None


def difference(old: Program, new: Program) -> Difference:
    """Compare two snapshots of one world, function pointers aside."""
    before, after = old.functions(), new.functions()
    found = {identity for identity in before.keys() ^ after.keys() if _in_scope(identity, old, new)}
    names: set[str] = {identity.name for identity in found}
    for path in old.tables.keys() | new.tables.keys():
        one, other = old.tables.get(path), new.tables.get(path)
        if one is not other:
            names.update(_changed_names(one, other))
    for path, (one, other) in _header_changes(old, new).items():
        found.update(identity for identity in before if identity.path == path)
        names.update(_changed_names(one, other))
    found.update(_differing(before, after))
    whole = Difference(frozenset(found), frozenset(_with_users(names, new.tables.values(), new)))
    return replace(whole, functions=whole.functions.union(_mentioning(whole, new)))


def through_pointers(old: Program, new: Program, found: Difference) -> frozenset[FunctionId]:
    """The functions for which a pointer leads elsewhere because a changed function stores or passes something else."""
    names: set[str] = set()
    functions: set[FunctionId] = set()
    before, after = old.pointers.contributions, new.pointers.contributions
    for key in found.functions:
        one, other = before.get(key, EMPTY), after.get(key, EMPTY)
        stored = {(slot, _ids(sources)): slot for slot, sources in (*one.stored, *other.stored)}
        shared = {(slot, _ids(sources)) for slot, sources in one.stored} & {
            (slot, _ids(sources)) for slot, sources in other.stored
        }
        for store, slot in stored.items():
            if store not in shared:
                names.add(slot.name)
                if isinstance(slot.holder, FunctionId):
                    functions.add(slot.holder)
    further = Difference(frozenset(), frozenset(_with_users(names, (), new)))
    return frozenset(functions).union(_mentioning(further, new))


def _ids(sources: Sources) -> tuple[object, ...]:
    return (*(ref.id for ref in sources.functions), *sources.slots)


@lru_cache(maxsize=64)
def _pattern(names: frozenset[str]) -> re.Pattern[bytes]:
    return re.compile(rb"\b(?:" + b"|".join(re.escape(name.encode()) for name in sorted(names)) + rb")\b")


def _in_scope(identity: FunctionId, old: Program, new: Program) -> bool:
    """Header functions come and go as they are asked for; that is no change."""
    return identity.path in old.tables or identity.path in new.tables


def _differing(
    before: Mapping[FunctionId, FunctionRef], after: Mapping[FunctionId, FunctionRef]
) -> Iterator[FunctionId]:
    for identity, ref in before.items():
        other = after.get(identity)
        if other is not None and other.facts is not ref.facts and other.facts != ref.facts:
            yield identity


def _header_changes(old: Program, new: Program) -> dict[str, tuple[FileTable | None, FileTable | None]]:
    """The headers outside of the scope that the two see differently."""
    one, other = old.headers, new.headers
    if one is other or not isinstance(one, Headers) or not isinstance(other, Headers):
        return {}
    return {path: (one.whole(path), other.whole(path)) for path in other.changed_since(one)}


def _changed_names(one: FileTable | None, other: FileTable | None) -> Iterator[str]:
    """The names of a file that mean something else, functions' bodies aside."""
    before, after = dict(_meanings(one)), dict(_meanings(other))
    for key in before.keys() ^ after.keys():
        yield before.get(key) or after[key]


def _meanings(table: FileTable | None) -> Iterator[tuple[object, str]]:
    """What a file says about each name: anything that differs if the name's meaning does, and the name."""
    if table is None or table.facts is None:
        return
    for placed in table.facts.cuts:
        for fact in placed.cut.declarations:
            yield from _meaning(fact)


def _meaning(fact: Declaration) -> Iterator[tuple[object, str]]:
    match fact:
        case Function():
            params = tuple(param.type for param in fact.params)
            meaning = (fact.name, fact.returns, params, fact.static, fact.inline, fact.condition)
            yield from (((*meaning, name), name) for name in _called(fact.name))
        case Prototype():
            yield (fact.name, fact.returns, tuple(param.type for param in fact.params), fact.condition), fact.name
        case Record():
            for field in fact.fields:
                yield (fact.keyword, fact.tag, field.name, field.type, field.condition, fact.condition), field.name
        case Enumeration():
            for name, value in zip(fact.names, fact.values, strict=False):
                yield (fact.tag, name, value, fact.condition), name
        case Global():
            yield (fact.name, fact.type, fact.static, fact.condition, fact.attributes), fact.name
            for entry in fact.init:
                fields = _FIELD.findall(entry.designator)
                yield (fact.name, entry.designator, entry.value), fields[-1] if fields else fact.name
        case Macro() | Typedef():
            yield msgspec.structs.replace(fact, line=0), fact.name
        case Invocation():
            for arg in (fact.name, *fact.args):
                if arg.isidentifier():
                    yield (fact.name, fact.args, fact.static, fact.condition, arg), arg


def _called(name: str) -> tuple[str, ...]:
    """The words by which others call a function: of `FNAME(walk)` only the second."""
    return (name,) if name.isidentifier() else tuple(_WORD.findall(name)[1:])


def _with_users(names: set[str], tables: Iterable[FileTable], new: Program) -> set[str]:
    """Add macros, types and named calls that are made of these names, and those that are made of them."""
    names.discard("")
    if not names:
        return names
    for named in new.ruleset.named_calls:
        if named.prefix:
            names.update({named.prefix + name for name in names})
    tables = tuple(tables)
    while True:
        more = {user for table in tables for name in table.users().keys() & names for user in table.users()[name]}
        if more <= names:
            return names
        names |= more


def _mentioning(found: Difference, program: Program) -> Iterator[FunctionId]:
    """The functions in whose facts one of the names stands."""
    if not found.names:
        return
    for table in program.tables.values():
        if table.facts is not None and found.mentioned_in(table):
            for ref in program.functions_of(table):
                if found.mentioned_in(ref.facts):
                    yield ref.id
