# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Headers outside of the scope, by name: found through the `#include` lines, read when something of them is needed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Final, Literal

import msgspec

from reviewtool.cache.model import KeyValueStore
from reviewtool.csource.cut import Piece, cut_file
from reviewtool.csource.extract import ENGINE
from reviewtool.csource.facts import Cut, Include
from reviewtool.csource.index import Kind, header_index, include_targets
from reviewtool.csource.store import FactStore, Request
from reviewtool.locking.tables import FileTable, file_table
from reviewtool.ruleset.model import Ruleset
from reviewtool.tree.model import Snapshot

Sort = Literal["functions", "prototypes", "macros", "records", "typedefs", "globals", "constants"]
"""What a name is wanted as; the names of the tables of a `FileTable`."""

_SORTS: Final[dict[Kind, Sort]] = {
    Kind.MACRO: "macros",
    Kind.RECORD: "records",
    Kind.TYPEDEF: "typedefs",
    Kind.GLOBAL: "globals",
    Kind.ENUMERATOR: "constants",
}
_MOST_BYTES: Final = 1_000_000
"""Larger headers are tables of registers; they are not read."""


class HeaderPiece(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One top-level piece of a header: its bytes, its first line (from 1), and the `#if` groups around it."""

    start: int
    end: int
    line: int
    outer: tuple[tuple[str, ...], ...] = ()


class HeaderNames(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What one header includes and defines, and in which of its pieces."""

    includes: tuple[Include, ...] = ()
    names: dict[Sort, dict[str, tuple[int, ...]]] = {}
    pieces: tuple[HeaderPiece, ...] = ()


_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(HeaderNames).decode
_unpack_cut = msgspec.msgpack.Decoder(Cut).decode


def header_names(source: bytes) -> HeaderNames:
    """Scan a header without parsing it."""
    found: dict[Sort, dict[str, tuple[int, ...]]] = {}
    pieces = cut_file(source)
    starts = [piece.start for piece in pieces]
    for raw, places in header_index(source).names.items():
        name = raw.decode("ascii", "replace")
        for kind, offset in places:
            sort = _SORTS.get(kind)
            if kind is Kind.FUNCTION:
                sort = "functions" if _has_body(source, offset) else "prototypes"
            if sort is not None:
                number = bisect_right(starts, offset) - 1
                known = found.setdefault(sort, {})
                if number not in known.setdefault(name, ()):
                    known[name] += (number,)
    kept = tuple(HeaderPiece(piece.start, piece.end, piece.line, piece.outer) for piece in pieces)
    return HeaderNames(tuple(include_targets(source)), found, kept)


def _has_body(source: bytes, offset: int) -> bool:
    brace, semicolon = source.find(b"{", offset), source.find(b";", offset)
    return brace >= 0 and (semicolon < 0 or brace < semicolon)


class Library:
    """What is known of files by their content; shared by the worlds and the snapshots of a review.

    Call `save()` at the end, so that the next run finds what this one read of headers.
    """

    def __init__(self, ruleset: Ruleset, store: FactStore, cache: KeyValueStore) -> None:
        self.ruleset = ruleset
        self.store = store
        self._cache = cache
        self._names: dict[str, HeaderNames] = {}
        self._tables: dict[tuple[str, str], FileTable] = {}
        self._partial: dict[tuple[str, str], tuple[FileTable, set[int]]] = {}
        self._fresh: dict[bytes, bytes] = {}

    def tables(self, snapshot: Snapshot, paths: Iterable[str]) -> dict[str, FileTable]:
        """The tables of those files that exist, in the order of `paths`."""
        identities = {path: identity for path in paths if (identity := snapshot.identity(path)) is not None}
        missing = [path for path, identity in identities.items() if (path, identity) not in self._tables]
        facts = self.store.facts_many(
            Request(path=path, identity=identities[path], source=_reader(snapshot, path)) for path in missing
        )
        for path in missing:
            self._tables[path, identities[path]] = file_table(facts[path], self.ruleset.definers)
        return {path: self._tables[path, identity] for path, identity in identities.items()}

    def names(self, snapshot: Snapshot, paths: Iterable[str]) -> dict[str, HeaderNames]:
        """What those headers include and define that exist and are not too large."""
        identities = {path: identity for path in paths if (identity := snapshot.identity(path)) is not None}
        missing = {identity: path for path, identity in identities.items() if identity not in self._names}
        keys = {self._key(b"names", identity): identity for identity in missing}
        for key, value in self._cache.get_many(keys).items():
            with suppress(msgspec.MsgspecError):
                self._names[keys[key]] = _unpack(value)
                del missing[keys[key]]
        contents = snapshot.read_many(missing.values()) if missing else {}
        for identity, path in missing.items():
            source = contents.get(path, b"")
            names = header_names(source) if len(source) <= _MOST_BYTES else HeaderNames()
            self._names[identity] = names
            self._fresh[self._key(b"names", identity)] = _pack(names)
        return {path: self._names[identity] for path, identity in identities.items()}

    def table_for(self, snapshot: Snapshot, path: str, sort: Sort, name: str) -> FileTable | None:
        """The table of a header as far as it was read, with all that it declares under a name."""
        identity = snapshot.identity(path)
        names = self._names.get(identity) if identity is not None else None
        if identity is None or names is None:
            return None
        known = self._partial.get((path, identity))
        if known is None:
            known = self._partial[path, identity] = FileTable(path, self.ruleset.definers), set()
        table, read = known
        numbers = [number for number in names.names.get(sort, {}).get(name, ()) if number not in read]
        for number, cut in self._cuts(snapshot, path, identity, names, numbers).items():
            read.add(number)
            table.add(names.pieces[number].line, cut.declarations)
            table.tell_apart()
        return table

    def save(self) -> None:
        """Hand what was read of headers to the cache."""
        if self._fresh:
            self._cache.put_many(self._fresh)
            self._fresh = {}

    def _cuts(
        self, snapshot: Snapshot, path: str, identity: str, names: HeaderNames, numbers: list[int]
    ) -> dict[int, Cut]:
        keys = {self._key(b"cut", f"{identity}:{number}"): number for number in numbers}
        found: dict[int, Cut] = {}
        for key, value in (self._cache.get_many(keys) if keys else {}).items():
            with suppress(msgspec.MsgspecError):
                found[keys[key]] = _unpack_cut(value)
        source: bytes | None = None
        for key, number in keys.items():
            if number in found:
                continue
            if source is None:
                source = snapshot.read(path) or b""
            at = names.pieces[number]
            cut = self.store.cut(source, Piece(start=at.start, end=at.end, line=at.line, outer=at.outer))
            self._fresh[key] = _pack(cut)
            found[number] = cut
        return dict(sorted(found.items()))

    def _key(self, what: bytes, identity: str) -> bytes:
        return b"\0".join((b"header", what, ENGINE, self.ruleset.syntax_digest.encode(), identity.encode()))


def _reader(snapshot: Snapshot, path: str) -> Callable[[], bytes]:
    return lambda: snapshot.read(path) or b""


class Headers:
    """The headers that the files of one world include, directly or not; nearer ones win."""

    def __init__(self, library: Library, snapshot: Snapshot, tables: Mapping[str, FileTable], world: str) -> None:
        self._library = library
        self._snapshot = snapshot
        self._start = tables
        self._world = world
        self._where: dict[Sort, dict[str, list[str]]] | None = None
        self._found: dict[tuple[str, Sort], FileTable | None] = {}
        self.paths: tuple[str, ...] = ()
        """The headers that were looked through, nearest first; empty before the first question."""

    def table(self, name: str, sort: Sort) -> FileTable | None:
        """The table of the nearest header that declares this name as that; None if none does."""
        key = (name, sort)
        if key not in self._found:
            self._found[key] = self._look(name, sort)
        return self._found[key]

    def whole(self, path: str) -> FileTable | None:
        """The table of one header; None if there is no such file."""
        return self._library.tables(self._snapshot, (path,)).get(path)

    def changed_since(self, earlier: Headers) -> frozenset[str]:
        """The headers whose content differs from what an earlier snapshot has."""
        candidates = (self._snapshot.changed() | earlier._snapshot.changed()) & {*self.paths, *earlier.paths}
        return frozenset(
            path for path in candidates if self._snapshot.identity(path) != earlier._snapshot.identity(path)
        )

    def holds_for(self, touched: frozenset[str], tables: Mapping[str, FileTable]) -> bool:
        """Whether it can serve a snapshot in which these paths changed, and in which the scope has these tables."""
        if not touched.isdisjoint(self.paths):
            return False
        return all(_includes(tables.get(path)) == _includes(self._start.get(path)) for path in touched)

    def _look(self, name: str, sort: Sort) -> FileTable | None:
        where = self._where
        if where is None:
            where = self._where = self._walk()
        wanted = name.partition(" ")[2] if sort == "records" else name
        for path in where.get(sort, {}).get(wanted, ()):
            table = self._library.table_for(self._snapshot, path, sort, wanted)
            if table is not None and name in getattr(table, sort):
                return table
        return None

    def _walk(self) -> dict[Sort, dict[str, list[str]]]:
        """Follow the includes, breadth first."""
        places = _Places(self._snapshot, self._start, self._world)
        seen: dict[str, None] = {}
        where: dict[Sort, dict[str, list[str]]] = {}
        level = places.included((path, (site.fact for site in table.includes)) for path, table in self._start.items())
        while level:
            level = [path for path in level if path not in seen]
            seen.update(dict.fromkeys(level))
            names = self._library.names(self._snapshot, level)
            for path, found in names.items():
                for sort, listed in found.names.items():
                    index = where.setdefault(sort, {})
                    for name in listed:
                        index.setdefault(name, []).append(path)
            level = places.included((path, found.includes) for path, found in names.items())
        self.paths = tuple(seen)
        return where


class _Places:
    """Where an include can be: beside the includer, beside a file of the scope, in the include directories."""

    def __init__(self, snapshot: Snapshot, tables: Mapping[str, FileTable], world: str) -> None:
        self._own = set(tables)
        folders = [f"arch/{world}/include"] if world else []
        self._files = {path for folder in (*folders, "include") for path in snapshot.list(folder)} | self._own
        self._folders = [*(f"{folder}/" for folder in folders), *(f"{folder}/uapi/" for folder in folders)]
        self._folders += ["include/", "include/uapi/", *sorted({path.rpartition("/")[0] + "/" for path in tables})]
        self._resolved: dict[str, str | None] = {}

    def included(self, files: Iterable[tuple[str, Iterable[Include]]]) -> list[str]:
        """The headers outside of the scope that these files include, each once."""
        found: dict[str, None] = {}
        for path, includes in files:
            for include in includes:
                place = self._local(path, include) or self._anywhere(include.target)
                if place is not None and place not in self._own:
                    found[place] = None
        return list(found)

    def _local(self, path: str, include: Include) -> str | None:
        if include.system:
            return None
        place = "/".join(_normal((*path.split("/")[:-1], *include.target.split("/"))))
        return place if place in self._files else None

    def _anywhere(self, target: str) -> str | None:
        if target not in self._resolved:
            generic = "include/asm-generic/" + target[4:] if target.startswith("asm/") else ""
            places = (*(folder + target for folder in self._folders), generic)
            self._resolved[target] = next((place for place in places if place in self._files), None)
        return self._resolved[target]


def _includes(table: FileTable | None) -> tuple[tuple[str, bool], ...]:
    return tuple((site.fact.target, site.fact.system) for site in table.includes) if table is not None else ()


def _normal(parts: Iterable[str]) -> Iterator[str]:
    kept: list[str] = []
    for part in parts:
        if part == ".." and kept:
            kept.pop()
        elif part not in ("", "."):
            kept.append(part)
    return iter(kept)
