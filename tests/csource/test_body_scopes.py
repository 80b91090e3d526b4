# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Managed scopes end on every way out, innermost first."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest

SCOPES = {
    "guard": (
        """
        guard(mutex)(&p->lock); if (a) return get(p); one();
        """,
        """
        0: +1 guard mutex(&p->lock) | a -> 1 2
        1: %1 = get(p); -1; return %1
        2: one(); -1; return
        """,
    ),
    "guard_in_a_loop": (
        """
        while (a) { guard(spin)(&p->l); if (get(p)) break; if (b) continue; one(); } two();
        """,
        """
        0: | a -> 1 6
        1: +1 guard spin(&p->l); %1 = get(p) | %1 -> 2 3
        2: -1 -> 6
        3: | b -> 4 5
        4: -1 -> 0
        5: one(); -1 -> 0
        6: two(); return
        """,
    ),
    "goto_out_of_three": (
        """
        { guard(one)(&p->a); guard(two)(&p->b); { guard(three)(); if (a) goto out; } } out: three();
        """,
        """
        0: +1 guard one(&p->a); +2 guard two(&p->b); +3 guard three() | a -> 1 2
        1: -3; -2; -1 -> 3
        2: -3; -2; -1 -> 3
        3: three(); return
        """,
    ),
    "goto_before_the_guard": (
        """
        again: guard(mutex)(&p->lock); if (a) goto again; return 0;
        """,
        """
        0: +1 guard mutex(&p->lock) | a -> 1 2
        1: -1 -> 0
        2: -1; return 0
        """,
    ),
    "class_variable": (
        """
        CLASS(fd, f)(a); if (!f.file) return -1; use(f);
        """,
        """
        0: +1 class fd(a) f; ?f.file | f.file -> 1 2
        1: use(f); -1; return
        2: -1; return -1
        """,
    ),
    "free": (
        """
        struct s *x __free(kfree) = get(p); struct s *y __free(put) = NULL; if (!x) return -1; return use(x);
        """,
        """
        0: x = get(p); +1 free kfree() x; y = NULL; +2 free put() y | x -> 1 2
        1: %1 = use(x); -2; -1; return %1
        2: -2; -1; return -1
        """,
    ),
    "scoped_guard": (
        """
        scoped_guard(mutex, &p->lock) { if (a) break; if (b) return 1; one(); } two();
        """,
        """
        0: +1 scoped_guard mutex(&p->lock) | a -> 1 2
        1: -1 -> 5
        2: | b -> 3 4
        3: -1; return 1
        4: one(); -1 -> 5
        5: two(); return
        """,
    ),
    "scoped_guard_that_may_fail": (
        """
        scoped_guard(mutex_try, &p->lock) one(); two();
        """,
        """
        0: | scoped_guard ? -> 1 2
        1: +1 scoped_guard mutex_try(&p->lock); one(); -1 -> 2
        2: two(); return
        """,
    ),
    "scoped_cond_guard": (
        """
        scoped_cond_guard(mutex_intr, return get(p), &p->lock) { one(); } two();
        """,
        """
        0: | scoped_cond_guard ? -> 1 2
        1: +1 scoped_cond_guard mutex_intr(&p->lock); one(); -1; two(); return
        2: %1 = get(p); return %1
        """,
    ),
    "scoped_cond_guard_in_a_loop": (
        """
        while (a) scoped_cond_guard(mutex_intr, goto out, &p->lock) { one(); continue; } out: two();
        """,
        """
        0: | a -> 1 3
        1: | scoped_cond_guard ? -> 2 3
        2: +1 scoped_cond_guard mutex_intr(&p->lock); one(); -1 continue -> 0
        3: two(); return
        """,
    ),
    "left_by_the_words_of_the_loop_around": (
        """
        while (a) { scoped_guard(mutex, &p->lock) { if (b) break; if (c) continue; while (d) break; } one(); }
        """,
        """
        0: | a -> 1 7
        1: +1 scoped_guard mutex(&p->lock) | b -> 2 3
        2: -1 break -> 6
        3: ?c | c -> 4 5
        4: -1 continue -> 6
        5: ?d; -1 -> 6
        6: one() -> 0
        7: return
        """,
    ),
    "returning_macro": (
        """
        struct s *x __free(kfree) = get(p); if (a) return_ptr(x); one();
        """,
        """
        0: x = get(p); +1 free kfree() x | a -> 1 2
        1: %1 = return_ptr(x); -1; return %1
        2: one(); -1; return
        """,
    ),
    "other_scoped_macro": (
        """
        with_thing(p->x, a) one();
        """,
        """
        0: ?p->x; +1 scoped_guard with_thing(p->x, a); one(); -1; return
        """,
    ),
    "free_in_a_for": (
        """
        for (int i = 0; i < a; i++) { struct s *x __free(kfree) = get(p); if (x) continue; if (b) return i; }
        """,
        """
        0: i = 0 -> 1
        1: | i < a -> 2 8
        2: x = get(p); +1 free kfree() x | x -> 3 4
        3: -1 -> 7
        4: | b -> 5 6
        5: -1; return i
        6: -1 -> 7
        7: i++ -> 1
        8: return
        """,
    ),
    "guard_in_a_case": (
        """
        switch (a) { case 1: { guard(mutex)(&p->lock); one(); break; } default: two(); }
        """,
        """
        0: | switch a -> 1:1 default:2
        1: +1 guard mutex(&p->lock); one(); -1 -> 3
        2: two() -> 3
        3: return
        """,
    ),
    "guard_in_a_statement_expression": (
        """
        int r = ({ guard(mutex)(&p->lock); get(p); }); return r;
        """,
        """
        0: +1 guard mutex(&p->lock); %1 = get(p); -1; r = %1; return r
        """,
    ),
    "guards_in_an_if": (
        """
        one();
        #ifdef CONFIG_A
        guard(mutex)(&p->lock);
        if (a) return 1;
        #else
        guard(rcu)();
        if (b) return 2;
        #endif
        if (p->x) return 3;
        two();
        """,
        """
        0: one() | #if defined(CONFIG_A) -> 1 3
        1: +1 guard mutex(&p->lock) | a -> 2 5
        2: -1; return 1
        3: +2 guard rcu() | b -> 4 5
        4: -2; return 2
        5: ?p->x | p->x -> 6 11
        6: | #if defined(CONFIG_A) -> 8 7
        7: -2 -> 8
        8: | #if defined(CONFIG_A) -> 9 10
        9: -1 -> 10
        10: return 3
        11: two() | #if defined(CONFIG_A) -> 13 12
        12: -2 -> 13
        13: | #if defined(CONFIG_A) -> 14 15
        14: -1 -> 15
        15: return
        """,
    ),
}


@pytest.mark.parametrize("name", SCOPES)
def test_scope(graph: Callable[[str], str], name: str) -> None:
    statements, wanted = SCOPES[name]
    assert graph(statements) == textwrap.dedent(wanted).strip("\n")
