# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What the normaliser and the repair make parse, what they record, and that no byte moves."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewtool.csource.draft import begin
from reviewtool.csource.extract import extract_file
from reviewtool.csource.facts import Attribute, Fault, Function
from reviewtool.csource.parse import parse_cut
from reviewtool.csource.parsed import Header, Parsed
from reviewtool.csource.text import fold, split
from reviewtool.ruleset import load

SYNTAX = load().syntax
WORD = re.compile(rb"[A-Za-z_]\w*")


def parse(text: str) -> Parsed:
    return parse_cut(text.encode(), SYNTAX)


def body(statements: str) -> Parsed:
    return parse("static int f(struct thing *p, int a)\n{\n\t" + statements + "\n}\n")


STATEMENTS = {
    "loop macro": "list_for_each_entry(pos, &p->list, node)\n\t\tg(pos);",
    "loop macro with a type": "xa_for_each_of(&p->xa, i, struct thing *, pos) {\n\t}",
    "empty loop arguments": "for_each_online() {\n\t}",
    "opener and closer": "do_each_thread(g, t) {\n\t\ta++;\n\t} while_each_thread(g, t);",
    "closer of a do": "do {\n\t\tif (a) {\n\t\t}\n\t} while_each_thread(g, t);",
    "scope": "scoped_guard(mutex, &p->lock) {\n\t\ta++;\n\t}",
    "conditional scope": "scoped_cond_guard(mutex_intr, return -EINTR, &p->lock) {\n\t\ta++;\n\t}",
    "guard": "guard(mutex)(&p->lock);",
    "cleanup": "struct thing *t __free(kfree) = get(a);",
    "type arguments": "p = container_of(a, struct thing, node.next);",
    "types in calls": "a = min_t(unsigned long, a, 3) + g(u8 *, const struct thing *);",
    "typeof": "typeof(p->next) q = p->next;",
    "offset of a path": "a = offsetof(struct thing, node.next[2]);",
    "offset of a field": "a = offsetof(struct thing, node);",
    "alignment of an expression": "a = __alignof__(p->next);",
    "case ranges": "switch (a) {\n\tcase 1 ... 2:\n\tcase A...\n\t\tB:\n\t\tbreak;\n\t}",
    "assembly": 'asm volatile("1: foo %0\\n" : "=r" (a) : "r" (p) : "memory");',
    "assembly with macros": 'asm volatile(PREFIX "foo" EXTABLE(1b, 2b) : OUT, "=r"(a));',
    "assembly that jumps": 'asm goto("jmp %l0" : : : : out);\nout:\n\treturn 1;',
    "register": 'register long r asm("r3") = a;',
    "static declarer": "static DEFINE_MUTEX(m);\n\tstatic DEFINE_RATELIMIT_STATE(rs, 5,\n\t\t10);",
    "missing semicolon": "switch (a) {\n\tCASES(a)\n\tCASES(b)\n\t}",
    "names that begin with a digit": "return has(p, TGRAN, 52_BIT) + g(48_47);",
    "arguments that are no expressions": "PAIR(a, ==, <=, p);",
    "half an if": "#ifdef A\n\tif (a)\n#endif\n\t\tg();",
    "half an expression": "return a\n#ifdef A\n\t\t|| g(a)\n#endif\n\t\t;",
    "directives in an initialiser": "static int t[] = {\n\t\t1,\n#ifdef A\n\t\t2,\n#endif\n\t};",
    "macro in a body": "#define N 3\n\ta = N;\n#undef N",
    "strings": 'g("{ /* ", \'"\', "a" \\\n\t"}");',
    "statement expression": "a = ({ int b = 1; b; });",
    "label at the end": "goto out;\nout:\n\t;",
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_bodies_parse(name: str) -> None:
    parsed = body(STATEMENTS[name])
    assert not parsed.tree.root_node.has_error
    assert parsed.fault != Fault.BROKEN
    assert len(parsed.source) == len(parsed.original)
    assert [line.count(b"\n") for line in (parsed.source, parsed.clean)] == [parsed.original.count(b"\n")] * 2


ITEMS = {
    "attributes before and after": "static __init __must_check int\nf(void) __acquires(&a)\n\t__releases(b)\n{\n}\n",
    "macro that begins a function": "SYSCALL_DEFINE2(call, int, fd, struct thing __user *, p)\n{\n\treturn fd;\n}\n",
    "unknown macro that begins a function": "WITHOUT_TYPE(call, a)\n{\n\treturn a;\n}\n",
    "macro without semicolon": "EXPORT(f)\nOP(run)\nOP(stop)\n\nint a;\n",
    "name made by a macro": "static int NAME(walk)(struct thing *p)\n{\n\treturn p->a;\n}\n",
    "unknown attribute": "static int f(void) __not_known_yet\n{\n}\nstatic int b __some_section = 3;\n",
    "padding": "struct a {\n\tu32 : 1;\n\tunsigned long x : 2, : 3;\n\tunsigned long : 29;\n\tenum b c : 4;\n};\n",
    "two heads": "#ifdef A\nint f(int a)\n#else\nint f(void)\n#endif\n{\n\treturn 1;\n}\n",
    "fields of a macro": "struct a {\n\tDECLARE_BITMAP(map, 64);\n\tint b;\n};\n",
    "per cpu": "static DEFINE_PER_CPU(struct thing *[4], things) = { 0 };\nDECLARE_PER_CPU(unsigned long, n);\n",
    "directives in a table": "const struct ops o = {\n\t.a = f,\n#ifdef A\n\t.b = g,\n#endif\n};\n",
    "entries made by macros": "const struct e t[] = {\n\tFIRST_ENTRIES\n\tMORE_ENTRIES\n\t{ .a = 1 },\n};\n",
    "blank line before the brace": "int f(int a)\n\n{\n\treturn a;\n}\n",
    "kandr": "typedef int (fn_t)(int);\ntypedef struct { int a; } t;\n",
}


@pytest.mark.parametrize("name", ITEMS)
def test_items_parse(name: str) -> None:
    parsed = parse(ITEMS[name])
    assert not parsed.tree.root_node.has_error, parsed.tree.root_node
    assert len(parsed.source) == len(parsed.original)


def test_loop_macros_are_recorded() -> None:
    parsed = body("hlist_for_each(pos, &p->head)\n\t\tg(pos);\n\tscoped_guard(rcu)\n\t\tg(0);")
    assert list(parsed.headers.values()) == [
        Header(name="hlist_for_each", args=("pos", "&p->head"), scoped=False),
        Header(name="scoped_guard", args=("rcu",), scoped=True),
    ]
    assert all(parsed.source.startswith(b"while", offset) for offset in parsed.headers)
    assert all(parsed.original[offset:].startswith(header.name.encode()) for offset, header in parsed.headers.items())


def test_a_call_with_for_each_in_its_name_stays_one() -> None:
    parsed = body("thing_for_each(p, g, a);\n\ta = for_each_count(p) + 1;\n\tif (for_each_ok(p))\n\t\ta = 1;")
    assert not parsed.headers


def test_attributes_keep_their_place_and_arguments() -> None:
    text = "static int f(void)\n\t__must_hold(&a->lock) __must_check\n{\n}\n"
    parsed = parse(text)
    assert dict(parsed.attributes) == {
        text.index("__must_hold"): Attribute("__must_hold", ("&a->lock",)),
        text.index("__must_check"): Attribute("__must_check"),
    }
    assert parsed.attribute_offsets == tuple(sorted(parsed.attributes))


def test_labels_of_assembly_are_recorded() -> None:
    parsed = body('asm_volatile_goto("x" : : "r" (a) : : fail, out);\nfail: out:\n\treturn 1;')
    assert list(parsed.jumps.values()) == [("fail", "out")]


def test_a_dropped_branch_is_told() -> None:
    parsed = body("#ifdef A\n\tif (a) {\n#else\n\tif (g(a)) {\n\t\tg(1);\n#endif\n\t\tg(2);\n\t}")
    assert parsed.fault == Fault.REPAIRED
    assert parsed.dropped == ((5, 7),)


def test_branches_that_are_whole_statements_stay() -> None:
    parsed = body("#ifdef A\n\tg(1);\n#else\n\tg(2);\n#endif")
    assert parsed.fault == Fault.CLEAN
    assert b"#ifdef A" in parsed.source


def test_an_error_that_is_left_is_told() -> None:
    assert parse("int f(void)\n{\n\tif (a {\n\t\t= ;\n}\n").fault == Fault.BROKEN


EXPRESSIONS = {
    "( x )->y": "x->y",
    "(*p).x": "p->x",
    "&(x->y)": "&x->y",
    "((x))->y": "x->y",
    "&to_thing( v )->lock": "&to_thing(v)->lock",
    "((struct foo *)p)->x": "((struct foo*)p)->x",
    "&(&x)->lock": "&x.lock",
    "a - -b": "a- -b",
    "a & &b": "a& &b",
    "sizeof (x)": "sizeof(x)",
    "f((x), (y))": "f(x,y)",
    "f(*p).x": "f(*p).x",
    "(*fn)(x)": "(*fn)(x)",
    "(u64)x": "(u64)x",
    "x  ? \"a  b\" : 'c'": "x?\"a  b\":'c'",
    "unsigned   long": "unsigned long",
}


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_expressions_are_normalised(text: str) -> None:
    assert fold(text.encode()) == EXPRESSIONS[text]


def test_arguments_are_split_at_the_outermost_commas() -> None:
    assert split('a, f(b, c), "x,y", (d, e)[f, g]') == ("a", "f(b, c)", '"x,y"', "(d, e)[f, g]")
    assert split(" ") == ()


FRAGMENTS = r"""
a = b;
g(a, &p->b);
if (a)
{
}
else
for_each_x(a, b)
list_for_each(c, d) {
scoped_guard(mutex, &m)
#ifdef A
#else
#endif
#define N(x) \
/* c { */
/*
// d (
"s;{"
'\\''
__user
__must_hold(x)
offsetof(struct s, a.b)
container_of(a, struct s, b)
case 1 ... 2:
asm goto("x" : : : : l);
static DEFINE_MUTEX(m);
DEFINE_PER_CPU(int, n);
typeof(*a) b;
(
)
,
;
struct s { int : 3, x; };
int f(void)
OP(a)
é
52_BIT
"""
PIECES = st.sampled_from([*FRAGMENTS.split("\n"), "\n}\n", "\n{"])


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=25), st.binary(max_size=8))
def test_no_byte_moves(pieces: list[str], noise: bytes) -> None:
    original = "\n\t".join(pieces).encode() + noise
    parsed = parse_cut(original, SYNTAX)
    for normalised in (parsed.source, parsed.clean):
        assert len(normalised) == len(original)
        assert [i for i, byte in enumerate(normalised) if byte == 10] == [
            i for i, byte in enumerate(original) if byte == 10
        ]
    assert parsed.tree.root_node.end_byte <= len(original)


NAMES = st.sampled_from(["alpha", "beta", "gamma", "delta"])
EXPRESSION = st.recursive(
    NAMES,
    lambda inner: st.one_of(
        st.tuples(inner, NAMES).map("->".join),
        st.tuples(inner, inner).map(lambda pair: f"{pair[0]} + ({pair[1]})"),
        st.tuples(NAMES, st.lists(inner, max_size=3)).map(lambda call: f"{call[0]}({', '.join(call[1])})"),
    ),
    max_leaves=6,
)
STATEMENT = st.one_of(
    EXPRESSION.map("{};".format),
    EXPRESSION.map("if ({})\n\t\tgo();".format),
    EXPRESSION.map("for_each_thing(pos, {}) {{\n\t\tgo();\n\t}}".format),
    EXPRESSION.map("scoped_guard(mutex, &{})\n\t\tgo();".format),
    EXPRESSION.map("#ifdef A\n\tgo({});\n#endif".format),
    EXPRESSION.map("value = container_of({}, struct thing, node);".format),
    EXPRESSION.map("/* gone {{ */ value = {}; // gone".format),
    EXPRESSION.map("long value __free(kfree) = {};".format),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(STATEMENT, min_size=1, max_size=6))
def test_identifiers_keep_their_offsets(statements: list[str]) -> None:
    parsed = body("\n\t".join(statements))
    assert not parsed.tree.root_node.has_error
    plain = begin(parsed.original)
    hidden = parsed.headers.keys() | parsed.attributes.keys()
    lost = {b"ifdef", b"endif", b"A", b"struct", b"kfree"}
    for match in WORD.finditer(plain.source):
        if match.start() not in hidden and match[0] not in lost:
            assert parsed.source[match.start() : match.end()] == match[0]


DEPTH = 100_000
HOSTILE = {
    "parentheses": b"int f(void)\n{\n\tx = " + b"(" * DEPTH + b"1" + b")" * DEPTH + b";\n}\n",
    "unclosed": b"int f(void)\n{\n\tx = " + b"(" * DEPTH + b";\n}\n",
    "braces": b"int f(void)\n{\n" + b"{" * DEPTH + b"}" * DEPTH + b"\n}\n",
    "initialiser": b"int x[] = " + b"{" * DEPTH + b"}" * DEPTH + b";\n",
    "conditions": b"#if A\n" * 20_000 + b"int a;\n" + b"#endif\n" * 20_000,
    "macro": b"#define X \\\n" + b"\tfoo(a, b); \\\n" * DEPTH + b"\n",
    "long line": b"int x = " + b"a + " * (10 << 18) + b"1;\n",
    "garbage": bytes(range(256)) * 1000,
    "no end": b"int f(void)\n{\n" + b"\tif (a) {\n" * 10_000,
    "attributes": b"int f(void)\n{\n" + b"__attribute__((\n" * 10_000 + b"}\n",
    "loops": b"int f(void)\n{\n" + b"for_each_x((\n" * 10_000 + b"}\n",
    "calls": b"int f(void)\n{\n\t" + b"f(" * 20_000 + b")" * 20_000 + b";\n}\n",
    "uses": b"FOO(a)\n" * 20_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_takes_bounded_time(name: str) -> None:
    source = HOSTILE[name]
    begun = time.process_time()
    facts = extract_file("x.c", source, SYNTAX)
    assert time.process_time() - begun < 20
    assert sum(placed.cut.lines for placed in facts.cuts) == source.count(b"\n")


@pytest.mark.parametrize("tail", [b"", b"\0", b"\xff\xfe", b"\n\0\n"])
def test_odd_bytes_and_no_newline(tail: bytes) -> None:
    facts = extract_file("x.c", b'int f(void)\n{\n\treturn g("\xff\0");\n}' + tail, SYNTAX)
    assert [fact.name for placed in facts.cuts for fact in placed.cut.declarations if isinstance(fact, Function)] == [
        "f"
    ]
