# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What expressions do: calls with their results, reads, writes."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest

EXPRESSIONS = {
    "value_of_and_with_call": (
        """
        a = b && get(p);
        """,
        """
        0: | b -> 1 3
        1: %1 = get(p) | %1 -> 2 3
        2: a = 1 -> 4
        3: a = 0 -> 4
        4: return
        """,
    ),
    "value_of_and_without_call": (
        """
        a = b && p->x;
        """,
        """
        0: ?p->x; a = b&&p->x; return
        """,
    ),
    "value_of_ternary": (
        """
        p->x = a ? get(p) : 3;
        """,
        """
        0: | a -> 1 2
        1: p->x = get(p) -> 3
        2: p->x = 3 -> 3
        3: return
        """,
    ),
    "return_of_negated_call": (
        """
        return !get(p);
        """,
        """
        0: %1 = get(p) | %1 -> 1 2
        1: return 0
        2: return 1
        """,
    ),
    "return_of_ternary": (
        """
        return b ? get(p) : -1;
        """,
        """
        0: | b -> 1 2
        1: %1 = get(p); return %1
        2: return -1
        """,
    ),
    "return_of_call": (
        """
        return get(p);
        """,
        """
        0: %1 = get(p); return %1
        """,
    ),
    "value_of_or": (
        """
        a = !get(p) || b;
        """,
        """
        0: %1 = get(p) | %1 -> 1 3
        1: | b -> 3 2
        2: a = 0 -> 4
        3: a = 1 -> 4
        4: return
        """,
    ),
    "compound_assignment_of_call": (
        """
        a |= get(p);
        """,
        """
        0: %1 = get(p); a |= %1; return
        """,
    ),
    "casts_of_results": (
        """
        a = (int)get(p); (void)get(p);
        """,
        """
        0: a = get(p); get(p); return
        """,
    ),
    "chained_assignment": (
        """
        a = b = p->x = get(p);
        """,
        """
        0: p->x = get(p); b = p->x; a = b; return
        """,
    ),
    "ternary_in_an_argument": (
        """
        use(b ? get(p) : 0, a && b);
        """,
        """
        0: | b -> 1 2
        1: get(p) -> 2
        2: use(b?get(p):0, a&&b); return
        """,
    ),
    "call_in_a_sum": (
        """
        a = get(p) + 1;
        """,
        """
        0: get(p); a = get(p)+1; return
        """,
    ),
    "calls_in_arguments": (
        """
        b = get(one(a), two(p->x)->y);
        """,
        """
        0: one(a); ?p->x; two(p->x); ?two(p->x)->y; b = get(one(a), two(p->x)->y); return
        """,
    ),
    "calls_through_pointers": (
        """
        p->ops->run(a); (*p->fn)(b); call_key(run)(p, a);
        """,
        """
        0: p->ops->run(a); *p->fn(b); call_key(run)(p, a); return
        """,
    ),
    "calls_of_results": (
        """
        (*get_fn(p))(a); deref(p->fn)(b);
        """,
        """
        0: get_fn(p); *get_fn(p)(a); ?p->fn; deref(p->fn); deref(p->fn)(b); return
        """,
    ),
    "read_paths": (
        """
        a = p->q->r.s[p->i].t;
        """,
        """
        0: ?p->i; ?p->q->r.s[p->i].t; a = p->q->r.s[p->i].t; return
        """,
    ),
    "written_paths": (
        """
        p->v[get(b)] = a; *p->w = 1; (*p).x = 2; ++p->n; p->m--; *p->cur++ = a;
        """,
        """
        0: get(b); p->v[get(b)] = a; *p->w = 1; p->x = 2; p->n++; p->m--; p->cur++; *p->cur = a; return
        """,
    ),
    "addresses_are_not_read": (
        """
        use(&p->q->r, &p->v[p->i], &global, &get(p)->x, sizeof(p->big), __alignof__(p->x));
        """,
        """
        0: ?p->i; get(p); use(&p->q->r, &p->v[p->i], &global, &get(p)->x, sizeof(p->big), __alignof__(p->x)); return
        """,
    ),
    "globals_and_constants": (
        """
        a = global + p->x * table[b] - FLAG;
        """,
        """
        0: ?global; ?p->x; ?table[b]; a = global+p->x*table[b]-FLAG; return
        """,
    ),
    "path_from_a_global": (
        """
        use(current_thing->mm);
        """,
        """
        0: ?current_thing->mm; use(current_thing->mm); return
        """,
    ),
    "arguments_that_are_types": (
        """
        container_of(p->node, struct s, member); a = offsetof(struct s, inner.x);
        """,
        """
        0: ?p->node; container_of(p->node, struct s, member); a = offsetof(struct s, inner.x); return
        """,
    ),
    "typeof": (
        """
        typeof(p->x) v = p->y; typeof(*p) *w = get(p), *u; use(v, w, u);
        """,
        """
        0: ?p->y; v = p->y; w = get(p); use(v, w, u); return
        """,
    ),
    "designated_initialisers": (
        """
        struct t x = { .a = get(p), .b.c = 1, .d = { .e = 2, 3 }, };
        """,
        """
        0: x = {}; x.a = get(p); x.b.c = 1; x.d = {}; x.d.e = 2; return
        """,
    ),
    "initialisers": (
        """
        int arr[] = { 1, p->x }; struct t y = {}; static int z = 5;
        """,
        """
        0: ?p->x; arr = {1,p->x}; y = {}; return
        """,
    ),
    "compound_literals": (
        """
        *p = (struct s){ .x = a, }; p->in = (struct t){ .y = get(p) };
        """,
        """
        0: *p = {}; p->x = a; p->in = {}; p->in.y = get(p); return
        """,
    ),
    "compound_literal_as_argument": (
        """
        use((struct t){ .y = get(p) });
        """,
        """
        0: get(p); use((struct t){.y=get(p)}); return
        """,
    ),
    "statement_expression_value": (
        """
        a = ({ int b = get(p); b + 1; });
        """,
        """
        0: b~2 = get(p); a = b~2+1; return
        """,
    ),
    "nothing_after_noreturn": (
        """
        one(); panic("x"); two();
        """,
        """
        0: one(); panic("x")
        """,
    ),
    "return_of_comparison": (
        """
        switch (get(p)) { case panic(): default: ; } return a == b;
        """,
        """
        0: %1 = get(p); return a==b
        """,
    ),
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_expression(graph: Callable[[str], str], name: str) -> None:
    statements, wanted = EXPRESSIONS[name]
    assert graph(statements) == textwrap.dedent(wanted).strip("\n")
