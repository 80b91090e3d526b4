# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Cutting files into top-level pieces."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reviewtool.csource.cut import cut_file, read_widened

FILE = b"""\
#include "thing.h"

static int counter;

/* Says one. */
static int one(void)
{
	if (counter) {
		return 1;
	}

	return 0;
}

struct pair {
	int left;

	int right;
};

static const struct pair pairs[] = { {
	1, 2
}, {
	3, 4
} };

int two(int a)

{
	return 2;
}
"""


def texts(source: bytes) -> list[bytes]:
    return [source[piece.start : piece.end].strip() for piece in cut_file(source)]


def test_each_item_is_a_piece() -> None:
    found = texts(FILE)
    assert [text.split(b"\n")[0] for text in found] == [
        b'#include "thing.h"',
        b"/* Says one. */",
        b"struct pair {",
        b"static const struct pair pairs[] = { {",
        b"int two(int a)",
    ]
    assert found[1].endswith(b"return 0;\n}")


def test_lines_are_those_of_the_file() -> None:
    lines = FILE.split(b"\n")
    for piece in cut_file(FILE):
        assert FILE[piece.start :].split(b"\n")[0] == lines[piece.line - 1]


def test_blank_lines_and_braces_in_comments_and_strings_do_not_cut() -> None:
    source = b"/*\n}\n\n{ */ int a(void)\n{\n\tf(\"{\\\n}\");\n\tg('{');\n}\nint b;\n"
    assert [text[:5] for text in texts(source)] == [b"/*\n}\n", b"int b"]


def test_a_macro_over_several_lines_is_not_cut() -> None:
    source = b"TABLE(a,\n\n\tb(1),\n\n\tc);\n\nint d;\n"
    assert texts(source) == [b"TABLE(a,\n\n\tb(1),\n\n\tc);", b"int d;"]


def test_open_groups_are_told() -> None:
    source = (
        b"#ifdef A\nint a(void)\n{\n}\n#if B > 1\nint b(void)\n{\n}\n#elif C\nint c(void)\n{\n}\n"
        b"#else\nint d(void)\n{\n}\n#endif\n#endif\nint e(void)\n{\n}\n"
    )
    conditions = [tuple(text for chain in piece.outer for text in chain) for piece in cut_file(source)]
    assert conditions == [
        (),
        ("defined(A)",),
        ("defined(A)", "B>1"),
        ("defined(A)", "!(B>1)", "C"),
        ("defined(A)", "!(B>1)", "!(C)"),
    ]


def test_include_guard_is_no_condition() -> None:
    source = b"/* x */\n#ifndef THING_H\n#define THING_H\n\nint a;\n\nint b;\n#endif\n"
    assert [piece.outer for piece in cut_file(source)][1:] == [(("",),)]


def test_variants_of_a_head_share_a_piece() -> None:
    source = b"#ifdef A\nint f(int a)\n{\n#else\nint f(void)\n{\n#endif\n\tg();\n}\nint h(void)\n{\n}\n"
    assert [text[-2:] for text in texts(source)] == [b"\n}", b"\n}"]


def test_a_function_with_a_brace_in_the_first_column_is_one_piece() -> None:
    source = b"int f(void)\n{\n\tif (a) {\n\t\tg();\n}\n\th();\n}\nint i;\n"
    assert texts(source) == [source[:-7].strip(), b"int i;"]


def test_a_broken_piece_is_joined_with_the_next() -> None:
    source = b"int a(void)\n{\n#if A\n\tif (b) {\n#endif\n}\n\tc();\n}\n\nint d;\n"
    first, *_ = cut_file(source)
    joined = list(
        read_widened(source, lambda piece: source[piece.start : piece.end], lambda raw: raw.endswith(b"#endif\n}\n"))
    )
    assert source[first.start : first.end].endswith(b"#endif\n}\n")
    assert joined[0][1].endswith(b"c();\n}\n")
    assert b"".join(raw for _, raw in joined) == source


@given(
    st.lists(
        st.sampled_from([b"{", b"}", b"\n", b"\n}\n", b"#if A\n", b"#endif\n", b"/*", b"*/", b'"', b"a;", b"\n\n"])
    )
)
def test_pieces_make_up_the_file(parts: list[bytes]) -> None:
    source = b"".join(parts)
    pieces = cut_file(source)
    assert b"".join(source[piece.start : piece.end] for piece in pieces) == source
    assert all(piece.line == source.count(b"\n", 0, piece.start) + 1 for piece in pieces)
