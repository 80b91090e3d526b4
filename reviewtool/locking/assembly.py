# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Programs out of snapshots: the first one, and the next one with what did not change taken over."""

from __future__ import annotations

from collections.abc import Iterable

from reviewtool.cache.model import KeyValueStore, NullCache
from reviewtool.csource.store import FactStore, collector_off
from reviewtool.locking.changes import difference, through_pointers
from reviewtool.locking.headers import Headers, Library
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.program import Program
from reviewtool.locking.scope import Scope, in_scope
from reviewtool.locking.worlds import in_world
from reviewtool.ruleset.model import Ruleset
from reviewtool.tree.model import Snapshot

_SUFFIXES = (".c", ".h")


def make_library(ruleset: Ruleset, store: FactStore, cache: KeyValueStore | None = None) -> Library:
    """What the worlds and snapshots of one review share. Make one for a review and hand it to `build_program`."""
    return Library(ruleset, store, cache if cache is not None else NullCache())


def build_program(library: Library, snapshot: Snapshot, scope: Scope, world: str) -> Program:
    """One world of a snapshot."""
    with collector_off():
        paths = [path for path in scope.files if in_world(path, world)]
        tables = library.tables(snapshot, paths)
        headers = Headers(library, snapshot, tables, world)
        return Program(library.ruleset, scope, world, tables.values(), headers)


def advance(library: Library, program: Program, snapshot: Snapshot, changed: Iterable[str]) -> Program:
    """The same world in another snapshot; `changed` are the paths whose content differs from the program's.

    Everything unchanged is shared, and answers about functions that the change cannot affect are taken over.
    """
    with collector_off():
        touched = frozenset(path for path in changed if path.endswith(_SUFFIXES) and in_world(path, program.world))
        if not touched:
            return program
        own = program.tables
        mine = {path for path in touched if path in own or in_scope(path, program.scope)}
        fresh = library.tables(snapshot, sorted(mine))
        tables = {path: fresh.get(path, table) for path, table in own.items() if path not in mine or path in fresh}
        tables |= fresh
        headers = program.headers
        if not isinstance(headers, Headers) or not headers.holds_for(touched, tables):
            headers = Headers(library, snapshot, tables, program.world)
        result = Program(program.ruleset, program.scope, program.world, tables.values(), headers)
        result.take_over(program, difference(program, result))
        return result


def changed_functions(old: Program, new: Program) -> set[FunctionId]:
    """The functions that mean something else in `new`: facts differ, added, removed, or what they depend on changed.

    A function that only moved is not among them.
    """
    found = new.since(old) or difference(old, new)
    return {*found.functions, *through_pointers(old, new, found)}
