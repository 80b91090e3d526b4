# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The cache on disk: an SQLite file.

It uses SQLite's rollback journal, not its write-ahead log: the log needs memory that all processes share, so it does
not work where the home directory is on a network file system, and it cannot be read in a directory that may not be
written (https://www.sqlite.org/wal.html, "Overview"). What the log is better at, many small writes, is not done here: a
run writes a few large batches. A process that is killed in the middle of one leaves a journal, which the next process
rolls back; readers and a writer in other processes wait for each other a moment.

Values carry a checksum, for SQLite has none and a damaged value would be a wrong finding.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from reviewtool.cache.model import CacheStats

DEFAULT_MAX_BYTES = 512 * 1024 * 1024
_SCHEMA = 1
_FILE = f"facts-{_SCHEMA}.sqlite3"
_PATTERN = "facts-*.sqlite3*"
_WAIT = 2.0
"""Seconds to wait for another process before going on without the cache."""
_AT_ONCE = 1000
"""Keys in one query; SQLite allows 32,766 parameters, but older builds only 999 and a bit."""
_CHUNK_BYTES = 8 * 1024 * 1024
_REFRESH = 24 * 3600
"""Seconds after which a use is noted again: reading seldom writes."""
_PAGE = 16384
_PAGES_KIB = 20_000
"""SQLite's page cache, of which it takes what it needs."""
_KEEP = 0.8
"""Share of the allowed size that is left after throwing out."""

_TABLES = """
CREATE TABLE IF NOT EXISTS entries (
    row INTEGER PRIMARY KEY, id INTEGER NOT NULL UNIQUE, used INTEGER NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS entries_by_use ON entries (used);
"""
"""Rows lie in the order in which they were put, and what was put together is asked for together: a third less time to
read than with the key as the primary key. `id` is a hash of version and key."""


_Row = tuple[int, int, bytes, bytes]


class Cache:
    """Bytes by key, in a file of bounded size, for several processes at once.

    It never raises for what the disk does: a damaged file is moved away and begun anew, one that cannot be written is
    read only, one that cannot be opened is done without; each is told once.

    Args:
        directory: Where the file is; made if it does not exist.
        max_bytes: How large the file may become, roughly; what was not used for longest goes first.
        version: Values of another version are not seen; they age out.
        tell: Gets one line when something is wrong.
        clock: The time in seconds.
    """

    def __init__(
        self,
        directory: Path,
        max_bytes: int = DEFAULT_MAX_BYTES,
        version: str = "",
        *,
        tell: Callable[[str], None] = lambda line: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._file = directory / _FILE
        self._max_bytes = max_bytes
        self._version = hashlib.blake2b(version.encode(), digest_size=16).digest()
        self._tell = tell
        self._clock = clock
        self._lock = threading.RLock()
        self._open: sqlite3.Connection | None = None
        self._owner = 0
        self._readable = True
        self._writable = True
        self._rebuilt = False

    def get_many(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """Those of the keys that are there, with their values; notes that they were used."""
        found: dict[bytes, bytes] = {}
        with self._lock:
            wanted = {self._id(key): key for key in keys}
            if wanted and self._readable:
                self._guarded(lambda connection: self._read(connection, wanted, found))
        return found

    def _read(self, connection: sqlite3.Connection, wanted: Mapping[int, bytes], found: dict[bytes, bytes]) -> None:
        now = int(self._clock())
        ids = sorted(wanted)
        old: list[int] = []
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            marks = ",".join("?" * len(some))
            query = f"SELECT id, used, key, value FROM entries WHERE id IN ({marks})"  # noqa: S608 - only question marks
            for id_, used, key, stored in connection.execute(query, some):
                value = stored[4:]
                if key == wanted[id_] and stored[:4] == _checksum(key, value):
                    found[key] = value
                    if now - used > _REFRESH:
                        old.append(id_)
        if old and self._writable:
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany("UPDATE entries SET used = ? WHERE id = ?", [(now, id_) for id_ in old])

    def put_many(self, values: Mapping[bytes, bytes]) -> None:
        """Keep these values; one that would fill more than a quarter of the cache is left out."""
        with self._lock:
            now = int(self._clock())
            rows = (
                (self._id(key), now, key, _checksum(key, value) + value)
                for key, value in values.items()
                if len(value) <= self._max_bytes // 4
            )
            while self._readable and self._writable and (some := _some(rows)):
                self._guarded(partial(self._write, rows=some))

    def _id(self, key: bytes) -> int:
        return int.from_bytes(hashlib.blake2b(self._version + key, digest_size=8).digest(), "little", signed=True)

    def _write(self, connection: sqlite3.Connection, rows: list[_Row]) -> None:
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT OR REPLACE INTO entries (id, used, key, value) VALUES (?, ?, ?, ?)", rows)
            if _bytes_used(connection) > self._max_bytes:
                self._throw_out(connection)

    def _throw_out(self, connection: sqlite3.Connection) -> None:
        """Delete what was not used for longest, a tenth at a time: the size is known in pages, not in entries."""
        while _bytes_used(connection) > self._max_bytes * _KEEP:
            (count,) = connection.execute("SELECT count(*) FROM entries").fetchone()
            if not count:
                return
            connection.execute(
                "DELETE FROM entries WHERE row IN (SELECT row FROM entries ORDER BY used LIMIT ?)", (count // 10 + 1,)
            )

    def stats(self) -> CacheStats:
        """How large it is; zeros if it cannot be opened. Makes no file."""
        sizes = [0, 0]

        def measure(connection: sqlite3.Connection) -> None:
            sizes[0] = connection.execute("SELECT count(*) FROM entries").fetchone()[0]
            sizes[1] = _bytes_used(connection)

        with self._lock:
            exists = self._file.is_file()
            if exists and self._readable:
                self._guarded(measure)
        return CacheStats(
            file=self._file if exists else None, entries=sizes[0], bytes=sizes[1], max_bytes=self._max_bytes
        )

    def clear(self) -> None:
        """Remove the file, those of other schemas and damaged ones. Tells if one cannot be removed."""
        with self._lock:
            self.close()
            self._readable = self._writable = True
            for file in sorted(self._file.parent.glob(_PATTERN)):
                try:
                    file.unlink(missing_ok=True)
                except OSError as error:
                    self._tell(f"{file}: cannot be removed ({error.strerror})")

    def close(self) -> None:
        """Let go of the file; the next use opens it again."""
        with self._lock:
            if self._open is not None and self._owner == os.getpid():
                with suppress(sqlite3.Error):
                    self._open.close()
            self._open = None

    def _guarded(self, work: Callable[[sqlite3.Connection], None]) -> None:
        """Do something with the file; whatever is wrong with it costs the cache, not the run."""
        try:
            work(self._connection())
        except (sqlite3.OperationalError, OSError) as error:
            self._do_without(error)
        except sqlite3.DatabaseError as error:
            self._rebuild(error)

    def _connection(self) -> sqlite3.Connection:
        """The open file. A forked child opens its own: SQLite's locks do not survive a fork."""
        if self._open is not None and self._owner == os.getpid():
            return self._open
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        connection = sqlite3.connect(self._file, timeout=_WAIT, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA cache_size = -{_PAGES_KIB}")
            present = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'entries'").fetchone()[0]
            if not present:
                connection.execute(f"PRAGMA page_size = {_PAGE}")
                connection.executescript(_TABLES)
            connection.execute("PRAGMA journal_mode = TRUNCATE")
        except BaseException:
            connection.close()
            raise
        self._open, self._owner = connection, os.getpid()
        return connection

    def _do_without(self, error: Exception) -> None:
        """Go on without writing where only that fails, else without the cache; say so once."""
        reason = str(error)
        if self._writable and ("readonly" in reason or "full" in reason):
            self._writable = False
            self._tell(f"the cache {self._file} cannot be written ({reason}): results of this run are not kept")
        elif self._readable:
            self._readable = False
            self._tell(f"the cache {self._file} cannot be used ({reason}): this run goes on without it")
        if not self._readable:
            self.close()

    def _rebuild(self, error: Exception) -> None:
        """Move a damaged file away, once; if the new one is damaged too, go on without."""
        self.close()
        if self._rebuilt:
            self._readable = False
            return
        self._rebuilt = True
        aside = self._file.with_name(self._file.name + ".damaged")
        try:
            # A journal that stayed would be rolled back into the new file.
            self._file.with_name(self._file.name + "-journal").unlink(missing_ok=True)
            self._file.replace(aside)
        except OSError as failure:
            self._readable = False
            self._tell(f"the cache {self._file} is damaged and cannot be moved away ({failure.strerror})")
            return
        self._tell(f"the cache {self._file} was damaged ({error}): begun anew, the old one is {aside.name}")


def _checksum(key: bytes, value: bytes) -> bytes:
    return zlib.crc32(value, zlib.crc32(key)).to_bytes(4, "little")


def _some(rows: Iterable[_Row]) -> list[_Row]:
    """The next rows of a generator, about eight megabytes of them."""
    some: list[_Row] = []
    size = 0
    for row in rows:
        some.append(row)
        size += len(row[3])
        if size >= _CHUNK_BYTES:
            break
    return some


def _bytes_used(connection: sqlite3.Connection) -> int:
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)
