# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Facts of declarations."""

from __future__ import annotations

from typing import TypeVar

import pytest

from reviewtool.csource.extract import extract_file
from reviewtool.csource.facts import (
    Attribute,
    Declaration,
    Enumeration,
    Function,
    Global,
    Include,
    Initializer,
    Invocation,
    Macro,
    Prototype,
    Record,
    Remark,
    Typedef,
    Variable,
)
from reviewtool.ruleset import load

SYNTAX = load().syntax
Kind = TypeVar("Kind", bound=Declaration)


def facts(text: str, kind: type[Kind]) -> list[Kind]:
    """All facts of one kind in a file."""
    placed = extract_file("x.c", text.encode(), SYNTAX).cuts
    return [fact for place in placed for fact in place.cut.declarations if isinstance(fact, kind)]


def one(text: str, kind: type[Kind]) -> Kind:
    found = facts(text, kind)
    assert len(found) == 1, found
    return found[0]


def test_a_function() -> None:
    text = """\
int a;

/*
 * Takes the lock.
 *
 * Second.
 */
static __always_inline struct thing *get(const struct thing *t, unsigned long n, u8 map[], void (*fn)(int, char *),
	void __user *to, ...) __acquires(&t->lock)
{
	return NULL;
}
"""
    function = one(text, Function)
    assert function.name == "get"
    assert function.returns == "struct thing *"
    assert (function.static, function.inline, function.variadic) == (True, True, True)
    assert [(param.name, param.type) for param in function.params] == [
        ("t", "const struct thing *"),
        ("n", "unsigned long"),
        ("map", "u8[]"),
        ("fn", "void (*)(int, char *)"),
        ("to", "void *"),
    ]
    assert function.params[4].attributes == (Attribute("__user"),)
    assert [attribute.name for attribute in function.attributes if attribute.name != "__user"] == [
        "__always_inline",
        "__acquires",
    ]
    assert function.comment == "Takes the lock.\n\nSecond."
    assert function.end_line - function.line == 4


def test_lines_are_relative_to_the_cut() -> None:
    text = "int a;\n\nint f(void)\n{\n}\n\nstatic int\ng(void)\n{\n}\n"
    found: dict[str, int] = {}
    for place in extract_file("x.c", text.encode(), SYNTAX).cuts:
        found |= {fact.name: place.line + fact.line for fact in place.cut.declarations if isinstance(fact, Function)}
    assert found == {"f": 3, "g": 8}


def test_a_comment_further_up_is_not_the_functions() -> None:
    text = "/* far */\n\nint f(void)\n{\n}\n/* near */\n__init int g(void)\n{\n}\n// one\n// two\nint h(void)\n{\n}\n"
    assert [function.comment for function in facts(text, Function)] == ["", "near", "one\ntwo"]


def test_functions_that_macros_begin() -> None:
    text = (
        "SYSCALL_DEFINE2(call, int, fd, struct thing __user *, p)\n{\n}\nstatic int NAME(walk)(struct thing *p)\n{\n}\n"
    )
    call, walk = facts(text, Function)
    assert call.name == "call"
    assert [(param.name, param.type) for param in call.params] == [("fd", "int"), ("p", "struct thing *")]
    assert walk.name == "NAME(walk)"
    assert walk.params == (Variable(name="p", type="struct thing *"),)
    assert one(text, Invocation).name == "SYSCALL_DEFINE2"
    assert one(text, Invocation).args[0] == "call"


def test_a_record_with_nested_ones() -> None:
    text = """\
struct outer {
	spinlock_t lock; /* protects list */
	struct list_head list;
	union {
		int a;
		struct {
			u64 b, *c;
		};
	};
	struct {
		struct mutex lock;
	} inner[2];
	struct tagged {
		int x;
	} t;
#ifdef CONFIG_A
	/* only with A */
	int (*fn)(struct outer *, int);
#else
	int flag:3;
#endif
	DECLARE_BITMAP(map, 64);
	struct thing __rcu *p;
} __packed;
"""
    outer, inner, tagged = facts(text, Record)
    assert (outer.keyword, outer.tag) == ("struct", "outer")
    assert [(field.name, field.type) for field in outer.fields] == [
        ("lock", "spinlock_t"),
        ("list", "struct list_head"),
        ("a", "int"),
        ("b", "u64"),
        ("c", "u64 *"),
        ("inner", "struct outer.inner[]"),
        ("t", "struct tagged"),
        ("fn", "int (*)(struct outer *, int)"),
        ("flag", "int"),
        ("map", "@DECLARE_BITMAP"),
        ("p", "struct thing *"),
    ]
    fields = {field.name: field for field in outer.fields}
    assert fields["lock"].comment == "protects list"
    assert fields["list"].comment == ""
    assert fields["fn"].comment == "only with A"
    assert fields["fn"].condition == ("defined(CONFIG_A)",)
    assert fields["flag"].condition == ("!(defined(CONFIG_A))",)
    assert fields["map"].condition == ()
    assert fields["p"].attributes == (Attribute("__rcu"),)
    assert [(inner.tag, inner.fields[0].name, inner.fields[0].type)] == [("outer.inner", "lock", "struct mutex")]
    assert tagged.tag == "tagged"


def test_records_without_a_tag_are_named_after_what_they_declare() -> None:
    text = "static struct {\n\tint a;\n} state;\n\ntypedef struct {\n\tint b;\n} thing_t;\n"
    assert [record.tag for record in facts(text, Record)] == ["@state", "@thing_t"]
    assert one(text, Global).type == "struct @state"
    assert one(text, Typedef).type == "struct @thing_t"


def test_an_enumeration() -> None:
    enum = one("enum state {\n\tA,\n\tB = 1 << 3,\n\tC, /* last */\n};\n", Enumeration)
    assert enum == Enumeration(line=0, tag="state", names=("A", "B", "C"), values=("", "1<<3", ""))


def test_macros() -> None:
    text = """\
#define PLAIN 1 /* one */
#define CALL(a, b...)	do {	\\
	f(a);	/* x */		\\
} while (0)
#undef PLAIN
#ifndef OTHER
#define OTHER "a  b"
#endif
"""
    plain, call, gone, other = facts(text, Macro)
    assert (plain.name, plain.params, plain.body) == ("PLAIN", None, "1")
    assert (call.line, call.params, call.body) == (1, ("a", "b..."), "do { f(a); } while (0)")
    assert (gone.name, gone.body) == ("PLAIN", None)
    assert (other.body, other.condition) == ('"a  b"', ("!(defined(OTHER))",))


def test_globals_and_prototypes() -> None:
    text = """\
static struct mutex lock, *locks[4] __read_mostly;
extern int (*hook)(struct thing *);
/* Returns it. */
struct thing *get(int, char *name) __must_check;
static DEFINE_PER_CPU(struct thing *, current_thing) = NULL;
DECLARE_PER_CPU(u64, count);
typedef int (*handler_t)(struct thing *, void *);
typedef unsigned long word_t;
"""
    lock, locks, hook, current, count = facts(text, Global)
    assert (lock.name, lock.type, lock.static, lock.extern) == ("lock", "struct mutex", True, False)
    assert (locks.type, locks.attributes) == ("struct mutex *[]", (Attribute("__read_mostly"),))
    assert (hook.name, hook.type, hook.extern) == ("hook", "int (*)(struct thing *)", True)
    assert (current.name, current.type, current.static) == ("current_thing", "struct thing *", True)
    assert [attribute.name for attribute in current.attributes] == ["per-cpu"]
    assert (count.name, count.type) == ("count", "u64")
    prototype = one(text, Prototype)
    assert (prototype.name, prototype.returns, prototype.comment) == ("get", "struct thing *", "Returns it.")
    assert [(param.name, param.type) for param in prototype.params] == [("", "int"), ("name", "char *")]
    assert [attribute.name for attribute in prototype.attributes] == ["__must_check"]
    assert [(typedef.name, typedef.type) for typedef in facts(text, Typedef)] == [
        ("handler_t", "int (*)(struct thing *, void *)"),
        ("word_t", "unsigned long"),
    ]


def test_initialisers_are_flattened() -> None:
    text = """\
static const struct ops table[] = {
	[RUN] = { .run = run_it, .inner.stop = &stop_it },
	{ "name", FOO(a, b) },
	[0 ... 3].run = NULL,
#ifdef CONFIG_A
	ENTRY(x),
#endif
};
static int (*fn)(void) = run;
"""
    table, fn = facts(text, Global)
    assert [(value.designator, value.value) for value in table.init] == [
        ("[RUN].run", "run_it"),
        ("[RUN].inner.stop", "&stop_it"),
        ("[RUN+1][0]", '"name"'),
        ("[RUN+1][1]", "FOO(a,b)"),
        ("[0...3].run", "NULL"),
        ("[4]", "ENTRY(x)"),
    ]
    assert table.init[0].line == 1
    assert fn.init == (Initializer(line=0, designator="", value="run"),)


def test_macros_at_file_level() -> None:
    text = """\
/* Guards the list. */
static DEFINE_MUTEX(list_lock);
EXPORT_SYMBOL_GPL(list_lock);
module_param_cb(mode, &mode_ops, &mode, 0644);
OP(run)
OP_OPTIONAL(stop)

TRACE_EVENT(thing,
	TP_PROTO(int a),

	TP_fast_assign(
		__entry->a = a;
	)
);
"""
    found = facts(text, Invocation)
    assert [(use.line, use.name, use.args[0]) for use in found[:5]] == [
        (1, "DEFINE_MUTEX", "list_lock"),
        (2, "EXPORT_SYMBOL_GPL", "list_lock"),
        (3, "module_param_cb", "mode"),
        (4, "OP", "run"),
        (5, "OP_OPTIONAL", "stop"),
    ]
    assert (found[0].static, found[0].comment, found[1].static) == (True, "Guards the list.", False)
    assert found[2].args == ("mode", "&mode_ops", "&mode", "0644")
    assert found[5].name == "TRACE_EVENT"


def test_includes_and_conditions() -> None:
    text = (
        "#ifndef X_H\n#define X_H\n#include <linux/a.h>\n"
        '#if A || \\\n\tB\n#include "b.h"\n#elif C\nint c;\n#endif\n#endif\n'
    )
    assert facts(text, Include) == [
        Include(line=2, target="linux/a.h", system=True),
        Include(line=5, target="b.h", system=False, condition=("A||B",)),
    ]
    assert one(text, Global).condition == ("!(A||B)", "C")


def test_conditions_reach_over_pieces() -> None:
    text = "#ifdef A\nint f(void)\n{\n}\n\nint g(void)\n{\n#if B\n\th();\n#endif\n}\n#else\nint f(void)\n{\n}\n#endif\n"
    assert [(function.name, function.condition) for function in facts(text, Function)] == [
        ("f", ("defined(A)",)),
        ("g", ("defined(A)",)),
        ("f", ("!(defined(A))",)),
    ]


@pytest.mark.parametrize(
    ("comment", "kept"),
    [("/* Lock order: a, then b. */", True), ("/* Counts blocks. */", False), ("/* Under RCU,\n * held */", True)],
)
def test_remarks(comment: str, kept: bool) -> None:
    found = facts(f"int a;\n\nint f(void)\n{{\n\t{comment}\n\tg();\n}}\n", Remark)
    assert bool(found) == kept
    if kept:
        assert found[0].end_line - found[0].line == comment.count("\n")
        assert "/*" not in found[0].text


def test_a_function_with_an_error_still_gives_facts() -> None:
    text = "int f(struct thing *p)\n{\n\ta();\n\t@ = ) b;\n}\nint g(void)\n{\n}\n"
    assert [function.name for function in facts(text, Function)] == ["f", "g"]
