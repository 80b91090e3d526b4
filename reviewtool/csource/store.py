# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Facts of files: from memory, from the disk cache, or extracted.

A file that is known by its identity (its blob's name) is one look-up. One that a patch changed is cut again, and only
the cuts whose bytes are new are parsed.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b

import msgspec

from reviewtool.cache.model import KeyValueStore
from reviewtool.csource.cut import Piece, cut_file, read_widened
from reviewtool.csource.extract import ENGINE, cut_key, extract_cut, is_broken
from reviewtool.csource.facts import Cut, FileFacts, Placed
from reviewtool.ruleset.dialect import Syntax

_pack = msgspec.msgpack.Encoder().encode
_unpack_file = msgspec.msgpack.Decoder(tuple[Placed, ...]).decode
_unpack_cut = msgspec.msgpack.Decoder(Cut).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A file whose facts are wanted."""

    path: str
    identity: str
    """Names the content: two files with one identity have the same bytes."""
    source: Callable[[], bytes]
    """Gives the bytes; called only if the facts have to be extracted."""


@dataclass(slots=True)
class StoreCounts:
    """What the store did, for the report and for tests."""

    files_remembered: int = 0
    files_cached: int = 0
    files_extracted: int = 0
    cuts_remembered: int = 0
    cuts_cached: int = 0
    cuts_extracted: int = 0


class FactStore:
    """Gives the facts of files; keeps all of them until it is dropped.

    Args:
        syntax: The words of the dialect.
        digest: Changes whenever the syntax does, or anything else that facts depend on.
        cache: Where facts outlive the process.
    """

    def __init__(self, syntax: Syntax, digest: str, cache: KeyValueStore) -> None:
        self._syntax = syntax
        self._digest = digest
        self._cache = cache
        self._files: dict[str, tuple[Placed, ...]] = {}
        self._cuts: dict[bytes, Cut] = {}
        self.counts = StoreCounts()

    def facts(self, path: str, identity: str, source: Callable[[], bytes]) -> FileFacts:
        """Return the facts of one file. What `source` raises is passed on."""
        return self.facts_many([Request(path=path, identity=identity, source=source)])[path]

    def facts_many(self, requests: Iterable[Request]) -> dict[str, FileFacts]:
        """Return the facts of several files by path, with one question to the cache."""
        wanted = list(requests)
        missing = {request.identity: request for request in wanted if request.identity not in self._files}
        self.counts.files_remembered += len(wanted) - len(missing)
        if missing:
            with collector_off():
                self._load(missing)
                self._extract(missing.values())
        return {request.path: FileFacts(request.path, self._files[request.identity]) for request in wanted}

    def cut(self, original: bytes, piece: Piece) -> Cut:
        """Return the facts of one piece of a file, given the file's bytes."""
        with collector_off():
            return self._cut(self._key(original, piece), original, piece, {})

    def _load(self, missing: dict[str, Request]) -> None:
        keys = {self._file_key(identity): identity for identity in missing}
        for key, value in self._cache.get_many(keys).items():
            try:
                placed = _unpack_file(value)
            except msgspec.MsgspecError:
                continue
            identity = keys[key]
            self._remember(identity, placed)
            del missing[identity]
            self.counts.files_cached += 1

    def _extract(self, requests: Iterable[Request]) -> None:
        fresh: dict[bytes, bytes] = {}
        for request in requests:
            placed = self._extract_file(request.source(), fresh)
            self._remember(request.identity, placed)
            fresh[self._file_key(request.identity)] = _pack(placed)
            self.counts.files_extracted += 1
        if fresh:
            self._cache.put_many(fresh)

    def _extract_file(self, source: bytes, fresh: dict[bytes, bytes]) -> tuple[Placed, ...]:
        keys = {piece: self._key(source, piece) for piece in cut_file(source)}
        cached = self._cache.get_many([key for key in keys.values() if key not in self._cuts])

        def read(piece: Piece) -> Cut:
            key = keys.get(piece) or self._key(source, piece)
            before = self.counts.cuts_extracted
            cut = self._cut(key, source, piece, cached)
            if self.counts.cuts_extracted > before:
                fresh[key] = _pack(cut)
            return cut

        return tuple(Placed(piece.line, cut) for piece, cut in read_widened(source, read, is_broken))

    def _key(self, source: bytes, piece: Piece) -> bytes:
        return cut_key(source[piece.start : piece.end], piece.outer, self._digest)

    def _cut(self, key: bytes, source: bytes, piece: Piece, cached: Mapping[bytes, bytes]) -> Cut:
        known = self._cuts.get(key)
        if known is not None:
            self.counts.cuts_remembered += 1
            return known
        cut = None
        value = cached.get(key)
        if value is not None:
            try:
                cut = _unpack_cut(value)
                self.counts.cuts_cached += 1
            except msgspec.MsgspecError:
                cut = None
        if cut is None:
            cut = extract_cut(source[piece.start : piece.end], self._syntax, piece.outer, key)
            self.counts.cuts_extracted += 1
        self._cuts[key] = cut
        return cut

    def _remember(self, identity: str, placed: tuple[Placed, ...]) -> None:
        self._files[identity] = placed
        for place in placed:
            self._cuts.setdefault(place.cut.key, place.cut)

    def _file_key(self, identity: str) -> bytes:
        state = blake2b(self._digest.encode(), digest_size=16, person=b"file" + ENGINE)
        state.update(b"\0" + identity.encode())
        return state.digest()


@contextmanager
def collector_off() -> Iterator[None]:
    """Keep the cycle collector off: facts have no cycles, and it would look at all of them again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
