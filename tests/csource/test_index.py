# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Finding names in headers without parsing them."""

from __future__ import annotations

import time

import pytest

from reviewtool.cache.model import NullCache
from reviewtool.csource.facts import Include, Record
from reviewtool.csource.index import Index, Kind, header_index, include_targets
from reviewtool.csource.store import FactStore
from reviewtool.ruleset import load

HEADER = b"""\
#ifndef H
#define H
#include <linux/a.h>
# include "b.h"

struct thing {
	int a;
	struct inner {
		int b;
	} i;
	struct other *next;
};

union both
{
	int a;
};

enum __packed state { ON, OFF };
#define CALL(x) \\
	call(x)
typedef unsigned long word_t;
typedef int (*handler_t)(struct thing *thing,
	int a);
typedef struct {
	int counter;
} __aligned(8) count_t;
typedef u64 pair_t[2];

extern struct thing things[4], *first;
static inline int get(struct thing *t) { return t->a; }
__printf(1, 2) void warn(const char *fmt, ...);
struct thing *
find(int a);
int value __read_mostly = 3;
DECLARE_PER_CPU(struct thing *, current_thing);
static DEFINE_MUTEX(thing_lock);
#endif
"""

NAMES = {
    "thing": Kind.RECORD,
    "inner": Kind.RECORD,
    "both": Kind.RECORD,
    "H": Kind.MACRO,
    "CALL": Kind.MACRO,
    "word_t": Kind.TYPEDEF,
    "handler_t": Kind.TYPEDEF,
    "count_t": Kind.TYPEDEF,
    "pair_t": Kind.TYPEDEF,
    "get": Kind.FUNCTION,
    "warn": Kind.FUNCTION,
    "find": Kind.FUNCTION,
    "value": Kind.GLOBAL,
    "things": Kind.GLOBAL,
    "current_thing": Kind.GLOBAL,
    "thing_lock": Kind.GLOBAL,
}


@pytest.fixture(scope="module")
def index() -> Index:
    return header_index(HEADER)


@pytest.mark.parametrize("name", NAMES)
def test_names_are_found(index: Index, name: str) -> None:
    assert index.has(name, NAMES[name])
    pieces = index.pieces(name, NAMES[name])
    assert any(name.encode() in HEADER[piece.start : piece.end] for piece in pieces)


@pytest.mark.parametrize("name", ["other", "next", "a", "absent", "fmt"])
def test_what_is_only_used_is_not_found(index: Index, name: str) -> None:
    assert not index.has(name, Kind.RECORD, Kind.ENUM, Kind.TYPEDEF, Kind.MACRO, Kind.FUNCTION)
    assert index.pieces(name, Kind.RECORD) == []


def test_only_the_piece_is_parsed(index: Index) -> None:
    store = FactStore(load().syntax, "digest", NullCache())
    (piece,) = index.pieces("thing", Kind.RECORD)
    cut = store.cut(HEADER, piece)
    assert [fact.tag for fact in cut.declarations if isinstance(fact, Record)] == ["thing", "inner"]
    assert store.counts.cuts_extracted == 1
    assert piece.line <= HEADER[: HEADER.index(b"struct thing {")].count(b"\n") + 1


def test_includes() -> None:
    assert include_targets(HEADER) == [
        Include(line=2, target="linux/a.h", system=True),
        Include(line=3, target="b.h", system=False),
    ]


@pytest.mark.parametrize(
    "source",
    [b"", b"\n", b"typedef", b"typedef struct {\n", b"struct a", b"int f(", b"(((", b"\n" * 100_000, b"a" * 1_000_000,
     b"typedef struct {\n" * 3000, b"enum a " * 50_000, b"int f(a,\n" * 50_000, b"#define " * 50_000],
)  # fmt: skip
def test_odd_text_takes_no_time(source: bytes) -> None:
    begun = time.process_time()
    header_index(source).pieces("f")
    assert time.process_time() - begun < 2
