# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Bodies as facts: locals and their types, lines, and what broken, deep or long input gives."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from reviewtool.csource.body import Body
from reviewtool.csource.facts import Attribute, Block, Branch, Call, Enter, Leave, Return, Switch, Variable
from reviewtool.csource.show import render

Lowered = Callable[[str], Body]


def test_locals(lowered: Lowered) -> None:
    body = lowered(
        """
        static int f(struct s *p, int r)
        {
            const struct s *q, **rows[4];
            static unsigned long flags;
            int (*fn)(int, char *);
            typeof(p->x) v;
            static DEFINE_MUTEX(m);
            struct s *x __free(kfree) = NULL;
            extern int other;
            int proto(void);

            for (int i = 0; i < 2; i++) {
                long r;
            }
            {
                char *r;
            }
        }
        """
    )
    assert body.locals == (
        Variable("q", "const struct s *"),
        Variable("rows", "const struct s **[]"),
        Variable("flags", "unsigned long", static=True),
        Variable("fn", "int (*)(int, char *)"),
        Variable("v", "typeof(p->x)"),
        Variable("m", "@DEFINE_MUTEX", static=True),
        Variable("x", "struct s *", attributes=(Attribute("__free", ("kfree",)),)),
        Variable("i", "int"),
        Variable("r~2", "long"),
        Variable("r~3", "char *"),
    )


def test_lines_count_from_the_first_of_the_cut(lowered: Lowered) -> None:
    body = lowered(
        "/* one\n * two */\nint f(struct s *p)\n{\n\tguard(mutex)(\n\t\t&p->lock);\n"
        "\tif (a(1) &&\n\t    b(p,\n\t      c()))\n"
        "\t\treturn 1;\n\n\tswitch (p->x) {\n\tcase 1:\n\t\td();\n\t}\n\treturn\n\t\te();\n}\n"
    )
    lines = {event.callee: event.line for block in body.blocks for event in block.events if isinstance(event, Call)}
    assert lines == {"a": 6, "b": 7, "c": 8, "d": 13, "e": 16}
    ends = sorted(event.line for block in body.blocks for event in block.events if isinstance(event, Leave))
    assert ends == [9, 15]
    assert [event.line for block in body.blocks for event in block.events if isinstance(event, Enter)] == [4]
    exits = [block.exit for block in body.blocks if block.exit is not None]
    assert [exit_.line for exit_ in exits if isinstance(exit_, Branch)] == [6, 7]
    assert [exit_.line for exit_ in exits if isinstance(exit_, Switch)] == [11]


def test_end_of_a_function_returns_at_its_brace(lowered: Lowered) -> None:
    assert lowered("void f(void)\n{\n\ta();\n\n}\n").blocks == (Block((Call(2, "a"), Return(4))),)


def test_parameters_of_a_defining_macro_are_no_globals(lowered: Lowered) -> None:
    body = lowered("DEFINE_CALL(name, int, fd, struct s __user *, p)\n{\n\treturn use(fd, p, other);\n}\n")
    assert render(body.blocks) == "0: ?other; %1 = use(fd, p, other); return %1"


@pytest.mark.parametrize(
    "text",
    [
        "int f(void) { if (",
        "int f(void) { x = ; y( ; return }",
        "int f(void) { case 1: default: break; continue; }",
        "int f(void) { switch (x) case 1: a(); }",
        "int f(void) { for (;;",
        "int f(void) { guard()(); guard(a); CLASS(x)(y); scoped_guard() { } scoped_cond_guard(a) b(); }",
        "int f(void) { int = 3, *; struct { int x; } ; x: }",
        "int f(a, b) int a; { return ({ }); }",
        "int f(void)\n{\n#if A\n\tif (x) {\n#else\n\t{\n#endif\n\t}\n}\n",
        'int f(void) { \xff\xfe(); "unterminated }',
        "int f(void) { do while; while do (x) }",
        "int f(void) { list_for_each() { } list_for_each(a,,b) { } }",
        "int f(void) { goto; goto 3; goto *; }",
    ],
)
def test_broken_bodies_give_what_is_there(lowered: Lowered, text: str) -> None:
    try:
        body = lowered(text)
    except StopIteration:
        return  # the parser found no function at all
    assert body.blocks
    assert all(0 <= succ < len(body.blocks) for block in body.blocks for succ in block.succs)


@pytest.mark.parametrize(
    ("opening", "middle", "closing"),
    [
        ("{", "e();", "}"),
        ("if (a) ", "e();", ""),
        ("while (a) {", "e();", "}"),
        ("do ", "e();", "while (a);"),
        ("switch (a) { case 1: ", "e();", "}"),
        ("-", "e();", ""),
        ("f(", "e()", ")"),
        ("a ? b() : ", "e();", ""),
        ("({ ", "e();", "; })"),
    ],
)
def test_deep_nesting_becomes_one_block(lowered: Lowered, opening: str, middle: str, closing: str) -> None:
    shallow = lowered(f"int f(int a, int b, int c)\n{{\n\t{opening * 20}{middle}{closing * 20};\n}}\n")
    assert shallow.blocks != (Block((Return(3),)),)
    body = lowered(f"int f(int a, int b, int c)\n{{\n\t{opening * 3000}{middle}{closing * 3000};\n}}\n")
    assert body.blocks == (Block((Return(3),)),)


def test_long_chains_are_followed(lowered: Lowered) -> None:
    count = 3000
    chain = "\n".join(f"\telse if (a == {number}) e{number}();" for number in range(count))
    body = lowered(f"int f(int a)\n{{\n\tif (g(a)) h();\n{chain}\n}}\n")
    assert len(body.blocks) == 2 * count + 3
    body = lowered(f"int f(int a)\n{{\n\tif ({' || '.join(f'g({number})' for number in range(count))}) h();\n}}\n")
    assert len(body.blocks) == count + 2
    body = lowered(f"int f(int a)\n{{\n\ta = {' + '.join(f'g({number})' for number in range(count))};\n}}\n")
    assert len(body.blocks[0].events) == count + 2


def test_time_is_linear_in_gotos_and_lines(lowered: Lowered) -> None:
    def seconds(count: int) -> float:
        text = "\n".join(
            f"\tif (g({number})) goto l{(number * 7) % count};\nl{number}: h();" for number in range(count)
        )
        text = f"int f(void)\n{{\n{text}\n}}\n"
        best = 1e9
        for _ in range(2):
            start = time.process_time()
            assert len(lowered(text).blocks) >= count - 1
            best = min(best, time.process_time() - start)
        return best

    small = seconds(500)
    assert seconds(4000) < 8 * small * 4


GUARDS = "\n".join("\tguard(mutex)(&l);\n\tif (a) return;" for _ in range(800))
GOTOS = "\n".join(f"l{number}:\n\tgoto *t[{number}];" for number in range(800))


@pytest.mark.parametrize("text", [GUARDS, GOTOS])
def test_graphs_that_would_grow_with_the_square_are_refused(lowered: Lowered, text: str) -> None:
    body = lowered(f"void f(int a)\n{{\n{text}\n}}\n")
    assert body == Body(blocks=(Block((Return(1602),)),), locals=())


def test_long_chain_of_values_takes_no_time(lowered: Lowered) -> None:
    start = time.process_time()
    assert lowered(f"int f(int a)\n{{\n\ta = {'a ? b() : ' * 20000}0;\n}}\n").blocks == (Block((Return(3),)),)
    assert time.process_time() - start < 5
