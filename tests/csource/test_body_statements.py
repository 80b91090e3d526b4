# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Statements, labels, loops, switches and conditional directives."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest

STATEMENTS = {
    "endless": (
        """
        while (1) { if (a) break; if (b) continue; one(); } two();
        """,
        """
        0: | a -> 1 2
        1: two(); return
        2: | b -> 0 3
        3: one() -> 0
        """,
    ),
    "endless_for": (
        """
        for (;;) one();
        """,
        """
        0: one() -> 0
        """,
    ),
    "for_with_declarations": (
        """
        for (int i = 0, j = get(p); i < j; i++) { int j = i; use(i, j); if (b) continue; break; } use(b);
        """,
        """
        0: i = 0; j = get(p) -> 1
        1: | i < j -> 2 4
        2: j~2 = i; use(i, j~2) | b -> 3 4
        3: i++ -> 1
        4: use(b); return
        """,
    ),
    "do_once": (
        """
        do { one(); if (a) continue; two(); } while (0);
        """,
        """
        0: one() | a -> 2 1
        1: two() -> 2
        2: return
        """,
    ),
    "switch": (
        """
        switch (a) { case 1: one(); case 2 ... 4: two(); break; default: three(); case FIVE: four(); } five();
        """,
        """
        0: | switch a -> 1:1 2...4:2 FIVE:4 default:3
        1: one() -> 2
        2: two() -> 5
        3: three() -> 4
        4: four() -> 5
        5: five(); return
        """,
    ),
    "switch_labels_share": (
        """
        switch (get(p)) { case 1: case 2: one(); }
        """,
        """
        0: %1 = get(p) | switch %1 -> 1:1 2:1 default:2
        1: one() -> 2
        2: return
        """,
    ),
    "case_inside_of_a_loop": (
        """
        switch (a) { case 1: while (b) { case 2: one(); if (p) continue; break; } }
        """,
        """
        0: | switch a -> 1:2 2:1 default:3
        1: one() | p -> 2 3
        2: | b -> 1 3
        3: return
        """,
    ),
    "goto": (
        """
        if (a) goto out; again: one(); if (b) goto again; out: return a;
        """,
        """
        0: | a -> 2 1
        1: one() | b -> 1 2
        2: return a
        """,
    ),
    "goto_into_a_loop": (
        """
        goto in; while (a) { one(); in: two(); }
        """,
        """
        0: two() | a -> 1 2
        1: one() -> 0
        2: return
        """,
    ),
    "computed_goto_one": (
        """
        goto *p->table[a]; x: one(); y: two();
        """,
        """
        0: ?*p->table[a] | switch *p->table[a] -> x:1 y:2
        1: one() -> 2
        2: two(); return
        """,
    ),
    "missing_label": (
        """
        goto nowhere;
        """,
        """
        0:
        """,
    ),
    "asm_goto": (
        """
        asm goto("1: jmp %l0" : : "r" (a) : : bad, worse); one(); return 0; bad: two(); worse: three();
        """,
        """
        0: | asm goto ? -> 1 2
        1: two() -> 3
        2: | asm goto ? -> 3 4
        3: three(); return
        4: one(); return 0
        """,
    ),
    "loop_macro_with_call": (
        """
        for_each_thing(a, things(p), p->n) use(a);
        """,
        """
        0: things(p); ?p->n; each for_each_thing(a, things(p), p->n) | for_each_thing ? -> 1 2
        1: use(a) -> 0
        2: return
        """,
    ),
    "config_negated_and_constant": (
        """
        #ifndef CONFIG_A
        return 1;
        #endif
        #if 0
        one();
        #endif
        #if 1
        two();
        #endif
        #if !IS_ENABLED(CONFIG_B)
        a = 1;
        #endif
        """,
        """
        0: | #if defined(CONFIG_A) -> 1 4
        1: two() | #if IS_ENABLED(CONFIG_B) -> 3 2
        2: a = 1 -> 3
        3: return
        4: return 1
        """,
    ),
    "config_around_cases": (
        """
        switch (a) { case 1: one(); break;
        #ifdef CONFIG_A
        case 2: two(); break;
        #else
        case 3: three(); break;
        #endif
        }
        """,
        """
        0: | switch a -> 1:1 2:2 3:4 default:6
        1: one() -> 6
        2: | #if defined(CONFIG_A) -> 3 6
        3: two() -> 6
        4: | #if defined(CONFIG_A) -> 6 5
        5: three() -> 6
        6: return
        """,
    ),
    "else_if": (
        """
        if (a) one(); else if (b) two(); else if (p) three(); else four(); five();
        """,
        """
        0: | a -> 1 2
        1: one() -> 7
        2: | b -> 3 4
        3: two() -> 7
        4: | p -> 5 6
        5: three() -> 7
        6: four() -> 7
        7: five(); return
        """,
    ),
    "empty_branches": (
        """
        if (a) { ; } else ; if (p->x) {} one();
        """,
        """
        0: ?p->x; one(); return
        """,
    ),
    "shadowing": (
        """
        int r; { int r = 1; use(r, p->r, &r, sizeof(r), "r"); } { long r = 2; use(r); } use(r);
        """,
        """
        0: r~2 = 1; ?p->r; use(r~2, p->r, &r~2, sizeof(r~2), "r"); r~3 = 2; use(r~3); use(r); return
        """,
    ),
    "shadowed_parameter": (
        """
        if (a) { struct t *b = 0, r; use(b, t.r, (struct r *)b->r); } use(b);
        """,
        """
        0: | a -> 1 2
        1: b~2 = 0; ?t.r; ?b~2->r; use(b~2, t.r, (struct r*)b~2->r) -> 2
        2: use(b); return
        """,
    ),
    "declaring_macros": (
        """
        static DEFINE_MUTEX(m); DECLARE_BITMAP(map, 3); extern int other;
        use(m, map, other);
        """,
        """
        0: ?other; use(m, map, other); return
        """,
    ),
    "declarations": (
        """
        int (*fn)(int), arr[2][3]; int proto(int); const struct s __user *q; use(fn, arr, q);
        """,
        """
        0: use(fn, arr, q); return
        """,
    ),
    "no_effect": (
        """
        fallthrough; a; ; "x"; __attribute__((fallthrough));
        """,
        """
        0: return
        """,
    ),
    "syntax_errors": (
        """
        int x = )a; one(; if (a { two(); } else three();
        """,
        """
        0: x = a | a -> 1 2
        1: two() -> 3
        2: three() -> 3
        3: return
        """,
    ),
    "after_return": (
        """
        return; one();
        """,
        """
        0: return
        """,
    ),
    "continue_in_switch": (
        """
        while (a) { switch (b) { case 1: continue; case 2: break; } one(); }
        """,
        """
        0: | a -> 1 3
        1: | switch b -> 1:0 2:2 default:2
        2: one() -> 0
        3: return
        """,
    ),
    "return_in_an_argument": (
        """
        use(({ if (a) return 1; get(p); }));
        """,
        """
        0: | a -> 1 2
        1: return 1
        2: %1 = get(p); use(({if(a)return 1;get(p);})); return
        """,
    ),
    "do_while_update": (
        """
        do one(); while (--a); while (a--) two();
        """,
        """
        0: one(); a-- | a -> 0 1
        1: a-- | a-- -> 2 3
        2: two() -> 1
        3: return
        """,
    ),
    "hidden_cases": (
        """
        switch (a) { CASES(one, p->x); default: two(); }
        """,
        """
        0: | switch a -> ?:1 default:2
        1: ?one; ?p->x; CASES(one, p->x) -> 2
        2: two(); return
        """,
    ),
    "loop_macro": (
        """
        list_for_each(a, &p->list, node) { if (b) break; use(a); } one();
        """,
        """
        0: each list_for_each(a, &p->list, node) | list_for_each ? -> 1 3
        1: | b -> 3 2
        2: use(a) -> 0
        3: one(); return
        """,
    ),
    "config_chain": (
        """
        one();
        #ifdef CONFIG_A
        two();
        #elif defined(B) && C
        three();
        #else
        four();
        #endif
        five();
        """,
        """
        0: one() | #if defined(CONFIG_A) -> 1 2
        1: two() -> 5
        2: | #if defined(B)&&C -> 3 4
        3: three() -> 5
        4: four() -> 5
        5: five(); return
        """,
    ),
    "computed_goto": (
        """
        goto *p->table[a];
        x: one(); return 1;
        y: two();
        """,
        """
        0: ?*p->table[a] | switch *p->table[a] -> x:1 y:2
        1: one(); return 1
        2: two(); return
        """,
    ),
    "config_in_condition_of_cases_default": (
        """
        switch (a) {
        case 1: one(); break;
        #ifdef A
        default: two();
        #else
        default: three();
        #endif
        }
        """,
        """
        0: | switch a -> 1:1 default:2
        1: one() -> 6
        2: | #if defined(A) -> 3 4
        3: two() -> 6
        4: | #if defined(A) -> 6 5
        5: three() -> 6
        6: return
        """,
    ),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_statement(graph: Callable[[str], str], name: str) -> None:
    statements, wanted = STATEMENTS[name]
    assert graph(statements) == textwrap.dedent(wanted).strip("\n")
