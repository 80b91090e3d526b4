# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Declarations inside of a function body, and the managed scopes that some of them open."""

from __future__ import annotations

import re
from typing import Final

from tree_sitter import Node

from reviewtool.csource import grammar as g
from reviewtool.csource.branches import Branches
from reviewtool.csource.facts import Assign, Attribute, Enter, Leave, Variable
from reviewtool.csource.record import without_macro
from reviewtool.csource.scopes import Configs, Managed, left_on_way
from reviewtool.csource.text import split
from reviewtool.csource.types import function_declarator, is_extern, variables

FREE: Final = "free"
CLASS: Final = "class"
GUARD: Final = "guard"

_PAIR: Final = g.kinds("initializer_pair")
_FIELD_NAME: Final = g.kinds("field_identifier")
_STATIC: Final = re.compile(rb"\bstatic\s*\Z")
_WORD: Final = re.compile(rb"\w+")
_POINTEE: Final = re.compile(r"\*[\w.>~-]+\Z")
_LONGEST_WORD: Final = 64


class Locals(Branches):
    """Lowers declarations; keeps the chain of managed scopes that are open."""

    managed: Managed | None = None
    configs: Configs = ()
    """The `#if` branches around the current place."""
    _scopes = 0

    # --- managed scopes ---

    def open(self, row: int, form: str, name: str, args: tuple[str, ...] = (), variable: str = "") -> None:
        """Enter a managed scope."""
        self._scopes += 1
        outer = self.managed
        self.managed = Managed(self._scopes, outer, outer.depth + 1 if outer is not None else 1, self.configs)
        self.graph.out.append(Enter(row, self._scopes, form, name, args, variable))

    def close(self, row: int, outer: Managed | None, word: str = "") -> None:
        """Leave on this way all that was entered since `outer`; what is open after it stays so for other ways.

        What was entered in an `#if` is left on a branch of the same condition.
        """
        if self.managed is outer:
            return
        scopes = left_on_way(self.managed, outer)
        self.spend(10 * len(scopes))
        for managed in scopes:
            more = managed.open_in(self.configs)
            if more is None:
                continue
            on = self.graph.new() if more else self.graph.current
            for config, holds in more:
                inside = self.graph.new()
                self.graph.branch(config, *((inside, on) if holds else (on, inside)))
                self.graph.start(inside)
            self.graph.out.append(Leave(row, managed.scope, word))
            if more:
                self.graph.jump(on)
                self.graph.start(on)

    def managed_call(self, call: Node) -> bool:
        """Lower `guard(class)(args)` or `CLASS(class, variable)(args)`; False if the call is neither."""
        function = call.child_by_field_id(g.F_FUNCTION)
        if function is None or function.kind_id not in g.CALL:
            return False
        form = self.syntax.managed.get(self.callee(function).decode("utf-8", "replace"), "")
        if form not in (GUARD, CLASS):
            return False
        given = function.child_by_field_id(g.F_ARGUMENTS)
        words = [self.text(node) for node in given.named_children] if given is not None else []
        arguments = call.child_by_field_id(g.F_ARGUMENTS)
        args = self.arguments(arguments) if arguments is not None else ()
        name = words[0] if words else ""
        variable = ""
        if form == CLASS and len(words) > 1:
            variable = self.names.declare(Variable(words[1], f"@{self.callee(function).decode()}({name})"))
        self.open(self.row(call), form, name, args, variable)
        return True

    # --- declarations ---

    def declaration(self, node: Node) -> None:
        """Lower a declaration: its locals, and the assignments of those that are not static."""
        if self._declares_by_macro(node):
            return
        if is_extern(node, self.parsed):
            return
        for variable, declarator, value in variables(node, self.parsed):
            if not variable.name or function_declarator(declarator) is not None:
                continue
            if variable.attributes:
                attributes, kind = without_macro(variable.attributes, variable.type)
                variable = Variable(variable.name, kind, variable.static, attributes)
            name = self.names.declare(variable)
            if value is not None and not variable.static:
                self.store(name, "=", value, self.row(declarator))
            for attribute in variable.attributes:
                self._release_at_end(attribute, name, declarator)

    def typeof_declaration(self, expression: Node) -> bool:
        """Lower `typeof(x) *p = v, *q;`, which parses as a product; False if the expression is something else."""
        if not self.source(expression).startswith((b"typeof", b"__typeof")):
            return False
        parts = []
        while expression.kind_id in g.COMMA:
            left, right = expression.child_by_field_id(g.F_LEFT), expression.child_by_field_id(g.F_RIGHT)
            if left is None or right is None:
                return False
            parts.append(right)
            expression = left
        operator = expression.child_by_field_id(g.F_LEFT) if expression.kind_id in g.BINARY else None
        first = expression.child_by_field_id(g.F_RIGHT)
        if operator is None or first is None or operator.kind_id not in g.CALL:
            return False
        base = self.text(operator)
        self._typeof_variable(first, f"{base} *")
        for part in reversed(parts):
            self._typeof_variable(part, base)
        return True

    def _typeof_variable(self, node: Node, kind: str) -> None:
        value = None
        if node.kind_id in g.ASSIGNMENT:
            value = node.child_by_field_id(g.F_RIGHT)
            node = node.child_by_field_id(g.F_LEFT) or node
        if node.kind_id in g.POINTER:
            kind = f"{kind} *" if kind[-1] == ")" else f"{kind}*"
            node = node.child_by_field_id(g.F_ARGUMENT) or node
        if node.kind_id not in g.IDENTIFIER:
            return
        name = self.names.declare(Variable(self.source(node).decode("utf-8", "replace"), kind))
        if value is not None:
            self.store(name, "=", value, self.row(node))

    def declaring_call(self, call: Node) -> bool:
        """Lower `DEFINE_WAIT(w);` and its like, which declare a local; False if the call is none of them."""
        macro = self.callee(call)
        arguments = call.child_by_field_id(g.F_ARGUMENTS)
        if arguments is None or macro.decode("utf-8", "replace") not in self.syntax.declarers:
            return False
        args = self.arguments(arguments, typed=True)
        if args:
            self._declare_macro(call, macro.decode(), args[0])
        return True

    def _declares_by_macro(self, node: Node) -> bool:
        """`static DEFINE_MUTEX(m);` parses as a declaration of `m`, in parentheses."""
        start, end = node.start_byte, node.end_byte
        if not self.syntax.declarers:
            return False
        raw = self.parsed.source[start:end]
        head, paren, rest = raw.partition(b"(")
        if not paren:
            return False
        words = _WORD.findall(head)
        if not words or len(words[-1]) > _LONGEST_WORD or words[-1].decode() not in self.syntax.declarers:
            return False
        args = split(rest.rpartition(b")")[0].decode("utf-8", "replace"))
        if args:
            self._declare_macro(node, words[-1].decode(), args[0], static=b"static" in words)
        return True

    def _declare_macro(self, node: Node, macro: str, name: str, *, static: bool = False) -> None:
        before = self.parsed.original[max(0, node.start_byte - _LONGEST_WORD) : node.start_byte]
        static = static or _STATIC.search(before) is not None
        self.names.declare(Variable(name, f"@{macro}", static))

    def _release_at_end(self, attribute: Attribute, name: str, declarator: Node) -> None:
        if self.syntax.managed.get(attribute.name) == FREE:
            function = attribute.args[0] if attribute.args else ""
            self.open(self.row(declarator), FREE, function, (), name)

    # --- initialisers ---

    def initialize(self, target: str, values: Node) -> None:
        """Evaluate the initialiser list (or compound literal) of `target`: an Assign for each designated value.

        Without designators the list's text is one value; with them the rest is zero first: `target={}`.
        """
        row = self.row(values)
        if values.kind_id in g.LITERAL:
            inner = values.child_by_field_id(g.F_VALUE)
            if inner is None:
                return
            values = inner
        if not self._designated(target, values):
            self.effects(values)
            self.graph.out.append(Assign(row, target, "=", self.text(values)))

    def _designated(self, target: str, values: Node) -> bool:
        children = values.named_children
        if not any(child.kind_id in _PAIR for child in children):
            return False
        self.deeper()
        self.graph.out.append(Assign(self.row(values), target, "=", "{}"))
        for child in children:
            value = child.child_by_field_id(g.F_VALUE) if child.kind_id in _PAIR else None
            if value is None:
                self.effects(child)
                continue
            self.store(self._member(target, child, value), "=", value, self.row(child))
        self.depth -= 1
        return True

    def _member(self, target: str, pair: Node, value: Node) -> str:
        """The path of a designated member: `x` and `.a[1]` are `x.a[1]`; `*p` and `.a` are `p->a`."""
        parts = []
        for node in pair.named_children:
            if node.start_byte >= value.start_byte:
                break
            parts.append(f".{self.text(node)}" if node.kind_id in _FIELD_NAME else self.text(node))
        path = "".join(parts)
        if path.startswith(".") and _POINTEE.match(target):
            return f"{target[1:]}->{path[1:]}"
        return target + path
