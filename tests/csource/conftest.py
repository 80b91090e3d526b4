# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Function bodies of C text, lowered with a small set of words."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from reviewtool.csource.body import Body, lower
from reviewtool.csource.parse import parse_cut
from reviewtool.csource.show import render
from reviewtool.ruleset.dialect import Syntax

TOP = str(Path(__file__).resolve().parent.parent.parent)
if TOP not in sys.path:
    # What two test modules share is imported as `tests.csource`.
    sys.path.insert(0, TOP)

SYNTAX = Syntax(
    attributes=frozenset({"__free", "__maybe_unused", "__user"}),
    loops=frozenset({"list_for_each"}),
    scoped=frozenset({"scoped_guard", "scoped_cond_guard", "with_thing"}),
    transparent=frozenset({"likely", "unlikely", "WARN_ON"}),
    noreturn=frozenset({"BUG", "panic"}),
    declarers=frozenset({"DEFINE_MUTEX", "DECLARE_BITMAP"}),
    type_arguments=frozenset({"container_of", "offsetof"}),
    definers=frozenset({"DEFINE_CALL"}),
    remarks=frozenset(),
    managed={
        "guard": "guard",
        "scoped_guard": "scoped_guard",
        "scoped_cond_guard": "scoped_cond_guard",
        "CLASS": "class",
        "__free": "free",
    },
    conditional=frozenset({"mutex_try"}),
    returning=frozenset({"return_ptr"}),
)


def lower_text(text: str) -> Body:
    """Lower the first function in `text`."""
    parsed = parse_cut(textwrap.dedent(text).encode(), SYNTAX)
    definition = next(node for node in parsed.tree.root_node.named_children if node.type == "function_definition")
    return lower(definition, parsed, SYNTAX)


@pytest.fixture
def lowered() -> Callable[[str], Body]:
    """`lowered(text)`: the body of the function in it."""
    return lower_text


@pytest.fixture
def graph() -> Callable[[str], str]:
    """`graph(statements)`: the graph of `void f(struct s *p, int a, int b) { statements }`, as text."""

    def make(statements: str) -> str:
        body = textwrap.indent(textwrap.dedent(statements), "\t", lambda line: not line.startswith("#"))
        return render(lower_text(f"int f(struct s *p, int a, int b)\n{{\n{body}\n}}\n").blocks)

    return make
