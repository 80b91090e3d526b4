# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Conditions are split until each branch is atomic."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest

CONDITIONS = {
    "and_or_not": (
        """
        if (a && p->x || !b) one(); else two();
        """,
        """
        0: | a -> 1 2
        1: ?p->x | p->x -> 4 2
        2: | b -> 3 4
        3: two() -> 5
        4: one() -> 5
        5: return
        """,
    ),
    "negated_or": (
        """
        if (!(a || !b)) one();
        """,
        """
        0: | a -> 3 1
        1: | b -> 2 3
        2: one() -> 3
        3: return
        """,
    ),
    "double_negation": (
        """
        if (!!get(p)) one();
        """,
        """
        0: %1 = get(p) | %1 -> 1 2
        1: one() -> 2
        2: return
        """,
    ),
    "assignment_in_condition": (
        """
        if ((a = get(p)) < 0) return a;
        """,
        """
        0: a = get(p) | a < 0 -> 1 2
        1: return a
        2: return
        """,
    ),
    "two_calls_compared": (
        """
        if (get(p) == other(p)) one();
        """,
        """
        0: %1 = get(p); %2 = other(p) | %1 == %2 -> 1 2
        1: one() -> 2
        2: return
        """,
    ),
    "wrappers_are_looked_through": (
        """
        if (unlikely(get(p)) && WARN_ON(b)) one();
        """,
        """
        0: %1 = get(p) | %1 -> 1 3
        1: | b -> 2 3
        2: one() -> 3
        3: return
        """,
    ),
    "ternary": (
        """
        if (a ? get(p) : b) one(); else two();
        """,
        """
        0: | a -> 1 2
        1: %1 = get(p) | %1 -> 3 4
        2: | b -> 3 4
        3: one() -> 5
        4: two() -> 5
        5: return
        """,
    ),
    "ternary_without_middle": (
        """
        if (get(p) ?: b) one(); else two();
        """,
        """
        0: %1 = get(p) | %1 -> 2 1
        1: | b -> 2 3
        2: one() -> 4
        3: two() -> 4
        4: return
        """,
    ),
    "comma": (
        """
        if (one(), b) two();
        """,
        """
        0: one() | b -> 1 2
        1: two() -> 2
        2: return
        """,
    ),
    "constants": (
        """
        if (0) one(); if (1) two(); if (a && 0) three(); if (b || 0x1UL) four();
        """,
        """
        0: two(); four(); return
        """,
    ),
    "call_inside_of_a_path": (
        """
        if (test(p)->x & 3) one();
        """,
        """
        0: test(p); ?test(p)->x | test(p)->x&3 -> 1 2
        1: one() -> 2
        2: return
        """,
    ),
    "cast_of_a_call": (
        """
        if ((int)get(p) >= p->limit) one();
        """,
        """
        0: %1 = get(p); ?p->limit | %1 >= p->limit -> 1 2
        1: one() -> 2
        2: return
        """,
    ),
    "statement_expression": (
        """
        if (({ int t = get(p); t < 0; })) one();
        """,
        """
        0: t = get(p) | t<0 -> 1 2
        1: one() -> 2
        2: return
        """,
    ),
    "loop_with_assignment": (
        """
        while ((a = next(p)) && a != b) use(a);
        """,
        """
        0: a = next(p) | a -> 1 3
        1: | a != b -> 2 3
        2: use(a) -> 0
        3: return
        """,
    ),
    "null": (
        """
        if (NULL) one(); else two();
        """,
        """
        0: two(); return
        """,
    ),
}


@pytest.mark.parametrize("name", CONDITIONS)
def test_condition(graph: Callable[[str], str], name: str) -> None:
    statements, wanted = CONDITIONS[name]
    assert graph(statements) == textwrap.dedent(wanted).strip("\n")
