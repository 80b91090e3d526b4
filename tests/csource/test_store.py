# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The store of facts: what is extracted, what is remembered, what comes from the cache."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Mapping

import pytest

from reviewtool.cache.model import CacheStats, NullCache
from reviewtool.csource.cut import cut_file
from reviewtool.csource.extract import extract_file
from reviewtool.csource.facts import Fault, Function
from reviewtool.csource.store import FactStore, Request, StoreCounts
from reviewtool.ruleset import load

SYNTAX = load().syntax
ONE = b"int one(void)\n{\n\treturn 1;\n}\n\nint two(void)\n{\n\treturn 2;\n}\n"
CHANGED = ONE.replace(b"return 2", b"return 3")


class DictCache(NullCache):
    """A cache in memory that counts its questions."""

    def __init__(self) -> None:
        self.values: dict[bytes, bytes] = {}
        self.questions = 0

    def get_many(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        self.questions += 1
        return {key: self.values[key] for key in keys if key in self.values}

    def put_many(self, values: Mapping[bytes, bytes]) -> None:
        self.values.update(values)

    def stats(self) -> CacheStats:
        return CacheStats(file=None, entries=len(self.values), bytes=0, max_bytes=0)


def unreadable() -> bytes:
    raise AssertionError("the source was read")


def giving(source: bytes) -> Callable[[], bytes]:
    return lambda: source


def test_a_known_file_is_not_read_again() -> None:
    store = FactStore(SYNTAX, "digest", NullCache())
    first = store.facts("a.c", "id1", giving(ONE))
    assert store.facts("b.c", "id1", unreadable).cuts == first.cuts
    assert store.facts("b.c", "id1", unreadable).path == "b.c"


def test_facts_are_those_of_the_file() -> None:
    stored = FactStore(SYNTAX, "digest", NullCache()).facts("a.c", "id1", giving(ONE))
    plain = extract_file("a.c", ONE, SYNTAX)
    assert [(place.line, place.cut.declarations) for place in stored.cuts] == [
        (place.line, place.cut.declarations) for place in plain.cuts
    ]


def test_a_change_costs_the_cuts_it_touches() -> None:
    store = FactStore(SYNTAX, "digest", NullCache())
    store.facts("a.c", "id1", giving(ONE))
    before = store.counts.cuts_extracted
    changed = store.facts("a.c", "id2", giving(b"\n" + CHANGED))
    assert store.counts.cuts_extracted == before + 2
    again = store.facts("a.c", "id3", giving(CHANGED))
    assert store.counts.cuts_extracted == before + 2
    assert [place.line for place in again.cuts] == [1, 5]
    assert [place.line for place in changed.cuts] == [1, 6]


def test_the_cache_outlives_the_store() -> None:
    cache = DictCache()
    first = FactStore(SYNTAX, "digest", cache).facts("a.c", "id1", giving(ONE))
    store = FactStore(SYNTAX, "digest", cache)
    assert store.facts("a.c", "id1", unreadable) == first
    assert store.counts == StoreCounts(files_cached=1)
    changed = FactStore(SYNTAX, "digest", cache)
    changed.facts("a.c", "id2", giving(CHANGED))
    assert (changed.counts.cuts_cached, changed.counts.cuts_extracted) == (1, 1)


def test_many_files_are_one_question() -> None:
    cache = DictCache()
    requests = [Request(path=f"{name}.c", identity=name, source=giving(ONE + name.encode() + b";\n")) for name in "abc"]
    FactStore(SYNTAX, "digest", cache).facts_many(requests)
    cache.questions = 0
    found = FactStore(SYNTAX, "digest", cache).facts_many(
        [Request(path=request.path, identity=request.identity, source=unreadable) for request in requests]
    )
    assert sorted(found) == ["a.c", "b.c", "c.c"]
    assert cache.questions == 1


def test_another_digest_finds_nothing_old() -> None:
    cache = DictCache()
    FactStore(SYNTAX, "digest", cache).facts("a.c", "id1", giving(ONE))
    store = FactStore(SYNTAX, "other", cache)
    store.facts("a.c", "id1", giving(ONE))
    assert store.counts.cuts_extracted == 2


def test_damaged_values_are_extracted_again() -> None:
    cache = DictCache()
    first = FactStore(SYNTAX, "digest", cache).facts("a.c", "id1", giving(ONE))
    cache.values = dict.fromkeys(cache.values, b"\xc1damaged")
    assert FactStore(SYNTAX, "digest", cache).facts("a.c", "id1", giving(ONE)) == first


def test_what_the_source_raises_is_passed_on() -> None:
    def missing() -> bytes:
        raise FileNotFoundError("a.c")

    was_on = gc.isenabled()
    with pytest.raises(FileNotFoundError):
        FactStore(SYNTAX, "digest", NullCache()).facts("a.c", "id1", missing)
    assert gc.isenabled() == was_on


def test_the_same_bytes_under_another_condition_are_another_cut() -> None:
    store = FactStore(SYNTAX, "digest", NullCache())
    source = b"#ifdef A\nint f(void)\n{\n}\n#else\nint f(void)\n{\n}\n#endif\n"
    functions = [
        fact
        for place in store.facts("a.c", "id", giving(source)).cuts
        for fact in place.cut.declarations
        if isinstance(fact, Function)
    ]
    assert [function.condition for function in functions] == [("defined(A)",), ("!(defined(A))",)]


def test_one_piece_alone() -> None:
    store = FactStore(SYNTAX, "digest", NullCache())
    piece = cut_file(ONE)[1]
    cut = store.cut(ONE, piece)
    assert [fact.name for fact in cut.declarations if isinstance(fact, Function)] == ["two"]
    assert cut.fault == Fault.CLEAN
    before = store.counts.cuts_extracted
    assert store.facts("a.c", "id", giving(ONE)).cuts[1].cut is cut
    assert store.counts.cuts_extracted == before + 1
