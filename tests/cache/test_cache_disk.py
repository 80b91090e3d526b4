# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The disk cache: what comes back, what is thrown out, and what a bad disk costs."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewtool.cache.disk import Cache
from reviewtool.cache.model import NullCache, default_directory

DAY = 24 * 3600


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def cache(tmp_path: Path, told: list[str]) -> Iterator[Cache]:
    opened = Cache(tmp_path / "cache", version="1", tell=told.append)
    yield opened
    opened.close()


def the_file(cache: Cache) -> Path:
    file = cache.stats().file
    assert file is not None
    return file


def test_only_what_was_put_comes_back(cache: Cache, tmp_path: Path) -> None:
    cache.put_many({b"a": b"1", b"b": b"", b"": b"no key"})
    cache.put_many({b"a": b"2"})
    cache.close()
    again = Cache(tmp_path / "cache", version="1")
    assert again.get_many([b"a", b"b", b"", b"c"]) == {b"a": b"2", b"b": b"", b"": b"no key"}
    again.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.binary(max_size=40), st.binary(max_size=3000), max_size=20))
def test_any_bytes_come_back(cache: Cache, values: dict[bytes, bytes]) -> None:
    cache.put_many(values)
    assert cache.get_many(values) == values


def test_another_version_sees_nothing(cache: Cache, tmp_path: Path) -> None:
    cache.put_many({b"a": b"1"})
    other = Cache(tmp_path / "cache", version="2")
    assert other.get_many([b"a"]) == {}
    other.put_many({b"a": b"2"})
    other.close()
    assert cache.get_many([b"a"]) == {b"a": b"1"}


def test_more_keys_than_one_query_takes(cache: Cache) -> None:
    values = {b"%d" % number: b"v%d" % number for number in range(2500)}
    cache.put_many(values)
    assert cache.get_many(values) == values


def test_size_stays_bounded_and_the_least_recently_used_go(tmp_path: Path) -> None:
    clock = Clock()
    cache = Cache(tmp_path, max_bytes=2_000_000, version="1", clock=clock)
    first = {b"first%d" % number: os.urandom(1000) for number in range(500)}
    second = {b"second%d" % number: os.urandom(1000) for number in range(500)}
    cache.put_many(first)
    clock.now += DAY
    cache.put_many(second)
    clock.now += 2 * DAY
    assert cache.get_many(first) == first
    for batch in range(5):
        cache.put_many({b"third%d-%d" % (batch, number): os.urandom(1000) for number in range(200)})
        assert cache.stats().bytes <= 2_000_000
    assert len(cache.get_many(first)) > 300
    assert len(cache.get_many(second)) < 250
    cache.close()
    assert (tmp_path / "facts-1.sqlite3").stat().st_size < 3_000_000


def test_a_value_that_would_crowd_out_the_rest_is_left_out(tmp_path: Path) -> None:
    cache = Cache(tmp_path, max_bytes=400_000)
    cache.put_many({b"small": b"1", b"large": bytes(200_000)})
    assert cache.get_many([b"small", b"large"]) == {b"small": b"1"}


def test_a_file_that_is_no_database_is_moved_away(tmp_path: Path, told: list[str]) -> None:
    file = tmp_path / "facts-1.sqlite3"
    file.write_bytes(b"this is no database, but long enough to be looked at " * 100)
    cache = Cache(tmp_path, tell=told.append)
    assert cache.get_many([b"a"]) == {}
    cache.put_many({b"a": b"1"})
    assert cache.get_many([b"a"]) == {b"a": b"1"}
    assert len(told) == 1
    assert "damaged" in told[0]
    assert (tmp_path / "facts-1.sqlite3.damaged").read_bytes().startswith(b"this is no database")


def test_a_file_with_damaged_pages_is_moved_away(cache: Cache, told: list[str]) -> None:
    values = {b"%d" % number: os.urandom(500) for number in range(2000)}
    cache.put_many(values)
    cache.close()
    file = the_file(cache)
    cache.close()
    content = bytearray(file.read_bytes())
    for at in range(20_000, len(content), 16384):
        content[at : at + 12000] = b"\xa5" * 12000
    file.write_bytes(content)
    found = cache.get_many(values)
    assert all(values[key] == value for key, value in found.items())
    cache.put_many({b"new": b"1"})
    cache.put_many({b"new": b"1"})
    assert cache.get_many([b"new"]) == {b"new": b"1"}
    assert len(told) == 1


def test_a_damaged_value_is_not_handed_out(cache: Cache) -> None:
    cache.put_many({b"a": b"the right value", b"b": b"another"})
    cache.close()
    connection = sqlite3.connect(the_file(cache))
    (stored,) = connection.execute("SELECT value FROM entries WHERE key = ?", (b"a",)).fetchone()
    assert b"right" in stored
    connection.execute("UPDATE entries SET value = ? WHERE key = ?", (stored.replace(b"right", b"wrong"), b"a"))
    connection.commit()
    connection.close()
    assert cache.get_many([b"a", b"b"]) == {b"b": b"another"}


def test_a_directory_that_cannot_be_made_costs_only_the_cache(tmp_path: Path, told: list[str]) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = Cache(tmp_path / "file" / "cache", tell=told.append)
    cache.put_many({b"a": b"1"})
    cache.put_many({b"b": b"1"})
    assert cache.get_many([b"a"]) == {}
    assert cache.stats().entries == 0
    assert len(told) == 1
    assert "goes on without" in told[0]


def test_a_full_disk_costs_only_the_writing(cache: Cache, told: list[str]) -> None:
    cache.put_many({b"a": b"1"})
    connection = cache._connection()
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    cache.put_many({b"b": bytes(100_000)})
    cache.put_many({b"c": bytes(100_000)})
    assert cache.get_many([b"a", b"b", b"c"]) == {b"a": b"1"}
    assert len(told) == 1
    assert "not kept" in told[0]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_file_is_read(cache: Cache, told: list[str]) -> None:
    cache.put_many({b"a": b"1"})
    cache.close()
    file = the_file(cache)
    cache.close()
    file.chmod(0o400)
    file.parent.chmod(0o500)
    assert cache.get_many([b"a"]) == {b"a": b"1"}
    cache.put_many({b"b": b"1"})
    file.parent.chmod(0o700)
    assert len(told) == 1


def test_a_connection_that_may_not_write_still_reads(cache: Cache, told: list[str]) -> None:
    cache.put_many({b"a": b"1"})
    cache._connection().execute("PRAGMA query_only = ON")
    cache.put_many({b"b": b"1"})
    cache.put_many({b"c": b"1"})
    assert cache.get_many([b"a", b"b"]) == {b"a": b"1"}
    assert len(told) == 1


def test_clear_removes_the_files(cache: Cache) -> None:
    cache.put_many({b"a": b"1"})
    directory = the_file(cache).parent
    (directory / "facts-0.sqlite3").write_text("an older schema")
    (directory / "facts-1.sqlite3.damaged").write_text("damaged")
    (directory / "something else").write_text("not ours")
    cache.clear()
    assert [file.name for file in directory.iterdir()] == ["something else"]
    assert cache.get_many([b"a"]) == {}


def test_stats_make_no_file(cache: Cache, tmp_path: Path) -> None:
    assert cache.stats().file is None
    assert not (tmp_path / "cache").exists()
    cache.put_many({b"a": b"1", b"b": b"2"})
    stats = cache.stats()
    assert stats.entries == 2
    assert 0 < stats.bytes < stats.max_bytes


def _write_much(directory: Path, name: bytes, rounds: int) -> None:
    cache = Cache(directory, version="1")
    for number in range(rounds):
        cache.put_many({name + b"%d-%d" % (number, entry): name * 200 for entry in range(50)})
    cache.close()


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write_much, args=(tmp_path, name, 20)) for name in (b"x", b"y")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    told: list[str] = []
    cache = Cache(tmp_path, version="1", tell=told.append)
    for name in (b"x", b"y"):
        keys = [name + b"%d-%d" % (number, entry) for number in range(20) for entry in range(50)]
        found = cache.get_many(keys)
        assert len(found) == 1000
        assert set(found.values()) == {name * 200}
    assert told == []


def test_a_killed_writer_leaves_a_usable_file(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    told: list[str] = []
    cache = Cache(tmp_path, version="1", tell=told.append)
    cache.put_many({b"before": b"1"})
    cache.close()
    for delay in (0.02, 0.05, 0.09):
        writer = context.Process(target=_write_much, args=(tmp_path, b"k", 10_000))
        writer.start()
        time.sleep(delay)
        assert writer.pid is not None
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        cache.put_many({b"after": b"2"})
        assert cache.get_many([b"before", b"after"]) == {b"before": b"1", b"after": b"2"}
        cache.close()
    assert told == []


def test_a_forked_child_opens_its_own(cache: Cache) -> None:
    cache.put_many({b"a": b"1"})

    def child() -> None:
        cache.put_many({b"b": b"2"})
        os._exit(0 if cache.get_many([b"a", b"b"]) == {b"a": b"1", b"b": b"2"} else 1)

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    process.join()
    assert process.exitcode == 0
    assert cache.get_many([b"b"]) == {b"b": b"2"}


def test_the_null_cache_keeps_nothing() -> None:
    cache = NullCache()
    cache.put_many({b"a": b"1"})
    assert cache.get_many([b"a"]) == {}
    assert cache.stats().entries == 0


def test_the_default_directory_is_below_the_users_cache(isolated_home: Path) -> None:
    assert default_directory() == isolated_home / "cache" / "reviewtool"
