# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What evaluating a C expression does: its calls, reads and writes, in order, as events of the current block."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from tree_sitter import Node

from reviewtool.csource import grammar as g
from reviewtool.csource.facts import Assign, Call, Read
from reviewtool.csource.graph import Graph
from reviewtool.csource.parsed import Parsed
from reviewtool.csource.scopes import Names
from reviewtool.csource.text import between, fold
from reviewtool.ruleset.dialect import Syntax

MAX_DEPTH: Final = 150
"""Statements and expressions nested deeper are not followed (the kernel's code stays below 40)."""

MAX_STEPS: Final = 2_000_000
"""Work beyond this on one body (see `spend`) is refused. It bounds what grows faster than the body: the ways out of
nested scopes, the ways on of computed gotos, and looking into nested values."""

UNEVALUATED: Final = frozenset({b"typeof", b"__typeof__", b"__typeof", b"typeof_unqual", b"__alignof__"})
_LOGICAL: Final = frozenset({"&&", "||"})
_IMPURE: Final = g.CALL | g.ASSIGNMENT | g.UPDATE | g.COMPOUND
_LEAVES: Final = g.IDENTIFIER | g.NUMBER | g.TRUE | g.FALSE | g.kinds("sizeof_expression", "string_literal")


@lru_cache(maxsize=64)
def _encoded(words: frozenset[str]) -> frozenset[bytes]:
    return frozenset(word.encode() for word in words)


class TooDeepError(Exception):
    """The body is nested deeper than can be followed, or would grow beyond all measure."""


class Expressions:
    """Lowers expressions. The ways that `&&`, `?:` and `({ })` open are in `Branches` and `Statements`."""

    def __init__(self, parsed: Parsed, syntax: Syntax, parameters: list[str]) -> None:
        """Begin an empty body."""
        self.graph = Graph()
        self.names = Names(parameters)
        self.parsed = parsed
        self.syntax = syntax
        self.depth = 0
        self.shift = 0
        """Added to rows: not 0 only while a macro's argument is lowered that was parsed on its own."""
        self._temporaries = 0
        self._steps = 0
        self._transparent = _encoded(syntax.transparent)
        self._noted = _encoded(syntax.noted)
        self._typed = _encoded(syntax.type_arguments)

    # --- what the layers above add ---

    def branch(self, node: Node, yes: int, no: int) -> None:
        """End the current block with the condition `node`."""
        raise NotImplementedError

    def value(self, node: Node) -> str:
        """Evaluate an expression; return the text that stands for its value."""
        raise NotImplementedError

    def store(self, target: str, op: str, node: Node, row: int) -> None:
        """Evaluate `target op node`."""
        raise NotImplementedError

    def block_value(self, node: Node) -> str:
        """Lower the block of a statement expression; return its value."""
        raise NotImplementedError

    # --- texts and places ---

    def row(self, node: Node) -> int:
        """The line where a node begins."""
        return node.start_point[0] + self.shift

    def text(self, node: Node) -> str:
        """The normalised text of a node, with the names of the facts."""
        return self.names.rename(between(node.start_byte, node.end_byte, self.parsed))

    def source(self, node: Node) -> bytes:
        """The bytes of a node as they were parsed."""
        return self.parsed.source[node.start_byte : node.end_byte]

    def temporary(self) -> str:
        """A new name for a value that has none."""
        self._temporaries += 1
        return f"%{self._temporaries}"

    def deeper(self) -> None:
        """Count one level of nesting more."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise TooDeepError

    def spend(self, steps: int) -> None:
        """Count work that is not bounded by the length of the body."""
        self._steps += steps
        if self._steps > MAX_STEPS:
            raise TooDeepError

    # --- shapes ---

    def bare(self, node: Node) -> Node:
        """The node without the parentheses around it and without wrappers that pass their argument through."""
        while True:
            kind = node.kind_id
            if kind in g.PARENTHESES:
                inner = g.first(node)
            elif kind in g.CALL and self.callee(node) in self._transparent:
                inner = _first_argument(node)
            else:
                return node
            if inner is None:
                return node
            node = inner

    def note(self, node: Node) -> None:
        """Leave a Call without a result for each noted wrapper that `core` takes off."""
        while True:
            kind = node.kind_id
            if kind in g.PARENTHESES:
                inner = g.first(node)
            elif kind in g.CAST:
                inner = node.child_by_field_id(g.F_VALUE)
            elif kind in g.CALL and (name := self.callee(node)) in self._transparent:
                if name in self._noted:
                    self._note(node)
                inner = _first_argument(node)
            else:
                return
            if inner is None:
                return
            node = inner

    def _note(self, call: Node) -> None:
        arguments = call.child_by_field_id(g.F_ARGUMENTS)
        given = arguments.named_children if arguments is not None else []
        texts = tuple(self.text(argument) for argument in given if argument.kind_id not in g.COMMENT)
        self.graph.out.append(Call(self.row(call), self.callee(call).decode(), texts))

    def core(self, node: Node) -> Node:
        """The node without parentheses, wrappers and casts around it."""
        node = self.bare(node)
        while node.kind_id in g.CAST:
            inner = node.child_by_field_id(g.F_VALUE)
            if inner is None:
                break
            node = self.bare(inner)
        return node

    def callee(self, call: Node) -> bytes:
        """What is called, as written."""
        function = call.child_by_field_id(g.F_FUNCTION)
        return self.parsed.clean[function.start_byte : function.end_byte] if function is not None else b""

    def impure(self, node: Node) -> bool:
        """Whether evaluating the node does more than read."""
        raw = self.source(node)
        if b"(" not in raw and b"=" not in raw and b"++" not in raw and b"--" not in raw:
            return False
        stack = [node]
        looked = 0
        found = False
        while stack and not found:
            node = stack.pop()
            looked += 1
            kind = node.kind_id
            if kind in _IMPURE:
                found = kind not in g.CALL or self.callee(node) not in UNEVALUATED
            elif kind not in _LEAVES:
                stack += reversed(node.named_children)
        self.spend(looked)
        return found

    # --- evaluation ---

    def effects(self, node: Node) -> None:
        """Evaluate an expression and drop its value."""
        handler = _EFFECTS.get(node.kind_id)
        if handler is not None:
            self.deeper()
            handler(self, node)
            self.depth -= 1

    def call(self, node: Node, result: str) -> None:
        """Evaluate a call whose value goes to `result`."""
        function = node.child_by_field_id(g.F_FUNCTION)
        if function is None:
            return
        name = self.parsed.clean[function.start_byte : function.end_byte]
        if name in UNEVALUATED:
            return
        arguments = node.child_by_field_id(g.F_ARGUMENTS)
        args = self.arguments(arguments, name in self._typed) if arguments is not None else ()
        if function.kind_id in g.IDENTIFIER:
            callee = self.text(function)
        else:
            function = self._function(function)
            callee = self.text(function)
            self._callee_effects(function)
        self.graph.out.append(Call(self.row(node), callee, args, result))
        if callee in self.syntax.noreturn:
            self.graph.seal()

    def arguments(self, node: Node, typed: bool = False) -> tuple[str, ...]:
        """Evaluate an argument list; return the texts. `typed`: types may stand in it, which are not read."""
        texts: list[str] = []
        clean = self.parsed.clean
        begin = node.start_byte + 1
        for child in node.children:
            kind = child.kind_id
            if kind in g.SEPARATORS:
                # From comma to comma: of a type, what is parsed is but a part.
                raw = clean[begin : child.start_byte].strip()
                if raw or texts or child.type == ",":
                    texts.append(self.names.rename(fold(raw)))
                begin = child.end_byte
            elif typed:
                self.typed_argument(child)
            elif kind in g.IDENTIFIER:
                if not self._masked(child):
                    self._identifier(child)
            else:
                self.effects(child)
        return tuple(texts)

    def lvalue(self, node: Node) -> str:
        """Evaluate what leads to the place that is written to; return its text."""
        node = self.core(node)
        if node.kind_id in g.IDENTIFIER:
            return self.text(node)
        if node.kind_id in g.POINTER:
            inner = node.child_by_field_id(g.F_ARGUMENT)
            update = self.core(inner) if inner is not None else None
            if update is not None and update.kind_id in g.UPDATE:
                self._update(update)
                inner = update.child_by_field_id(g.F_ARGUMENT)
                return f"*{self.text(inner)}" if inner is not None else self.text(node)
        self.inner(node)
        return self.text(node)

    def inner(self, node: Node) -> None:
        """Evaluate what a path needs (indices, calls), but read neither it nor the paths that it begins with."""
        while True:
            kind = node.kind_id
            if kind in g.IDENTIFIER:
                return
            if kind in g.SUBSCRIPT:
                index = node.child_by_field_id(g.F_INDEX)
                if index is not None:
                    self.effects(index)
            if kind in g.PATH or kind in g.POINTER:
                following = node.child_by_field_id(g.F_ARGUMENT)
            elif kind in g.PARENTHESES:
                following = g.first(node)
            elif kind in g.CAST:
                following = node.child_by_field_id(g.F_VALUE)
            else:
                self.effects(node)
                return
            if following is None:
                return
            node = following

    def _function(self, node: Node) -> Node:
        while node.kind_id in g.PARENTHESES:
            inner = g.first(node)
            if inner is None or inner.kind_id in g.COMPOUND:
                break
            node = inner
        return node

    def _callee_effects(self, function: Node) -> None:
        """Evaluate what leads to a function pointer. `static_call(key)(x)` is one call: a key is no value."""
        if function.kind_id in g.CALL:
            arguments = function.child_by_field_id(g.F_ARGUMENTS)
            if arguments is not None and all(self._is_key(argument) for argument in arguments.named_children):
                return
        self.inner(function)

    def _is_key(self, node: Node) -> bool:
        return node.kind_id in g.IDENTIFIER and self._name(node) not in self.names.active

    def typed_argument(self, node: Node) -> None:
        """Evaluate an argument that may be a type or a field's name: only what begins with a local is a value."""
        if self._masked(node):
            return
        root = node
        while root.kind_id in g.PATH or root.kind_id in g.POINTER:
            following = root.child_by_field_id(g.F_ARGUMENT)
            if following is None:
                return
            root = following
        if root.kind_id not in g.IDENTIFIER or self._name(root) in self.names.active:
            self.effects(node)

    def _masked(self, node: Node) -> bool:
        start, end = node.start_byte, node.end_byte
        return node.kind_id in g.IDENTIFIER and self.parsed.source[start:end] != self.parsed.clean[start:end]

    def _name(self, node: Node) -> str:
        return self.source(node).decode("utf-8", "replace")

    def _read(self, node: Node) -> None:
        self.graph.out.append(Read(self.row(node), self.text(node)))

    def _identifier(self, node: Node) -> None:
        name = self._name(node)
        if name not in self.names.active and not name.isupper():
            self.graph.out.append(Read(self.row(node), name))

    def _path(self, node: Node) -> None:
        self.inner(node)
        self._read(node)

    def _pointer(self, node: Node) -> None:
        if node.child_count and node.children[0].type == "&":
            self.inner(node)
            return
        path = self.lvalue(node)
        self.graph.out.append(Read(self.row(node), path))

    def _plain_call(self, node: Node) -> None:
        name = self.callee(node)
        if name in self._transparent:
            if name in self._noted:
                self._note(node)
            arguments = node.child_by_field_id(g.F_ARGUMENTS)
            if arguments is not None:
                self.arguments(arguments)
        else:
            self.call(node, "")

    def _children(self, node: Node) -> None:
        for child in node.named_children:
            self.effects(child)

    def _parentheses(self, node: Node) -> None:
        inner = g.first(node)
        if inner is None:
            return
        if inner.kind_id in g.COMPOUND:
            self.block_value(inner)
        else:
            self.effects(inner)

    def _cast(self, node: Node) -> None:
        inner = node.child_by_field_id(g.F_VALUE)
        if inner is not None:
            self.effects(inner)

    def _binary(self, node: Node) -> None:
        """Evaluate both sides, along a long `a + b + c` without nesting."""
        rights = []
        while node.kind_id in g.BINARY:
            operator = node.child_by_field_id(g.F_OPERATOR)
            if operator is not None and operator.type in _LOGICAL and self.impure(node):
                join = self.graph.new()
                self.branch(node, join, join)
                self.graph.start(join)
                break
            left, right = node.child_by_field_id(g.F_LEFT), node.child_by_field_id(g.F_RIGHT)
            if right is not None:
                rights.append(right)
            if left is None:
                break
            node = left
        else:
            self.effects(node)
        for right in reversed(rights):
            self.effects(right)

    def _ternary(self, node: Node) -> None:
        condition = node.child_by_field_id(g.F_CONDITION)
        arms = node.child_by_field_id(g.F_CONSEQUENCE), node.child_by_field_id(g.F_ALTERNATIVE)
        if condition is None or not any(arm is not None and self.impure(arm) for arm in arms):
            self._children(node)
            return
        yes, no, join = self.graph.new(), self.graph.new(), self.graph.new()
        self.branch(condition, yes, no)
        for block, arm in ((yes, arms[0]), (no, arms[1])):
            self.graph.start(block)
            if arm is not None:
                self.effects(arm)
            self.graph.jump(join)
        self.graph.start(join)

    def _assignment(self, node: Node) -> None:
        left, right = node.child_by_field_id(g.F_LEFT), node.child_by_field_id(g.F_RIGHT)
        operator = node.child_by_field_id(g.F_OPERATOR)
        if left is None or right is None or operator is None:
            self._children(node)
            return
        self.store(self.lvalue(left), operator.type, right, self.row(node))

    def _update(self, node: Node) -> None:
        argument, operator = node.child_by_field_id(g.F_ARGUMENT), node.child_by_field_id(g.F_OPERATOR)
        if argument is not None and operator is not None:
            self.graph.out.append(Assign(self.row(node), self.lvalue(argument), operator.type, ""))

    def _literal(self, node: Node) -> None:
        values = node.child_by_field_id(g.F_VALUE)
        if values is not None:
            self._children(values)

    def _pair(self, node: Node) -> None:
        value = node.child_by_field_id(g.F_VALUE)
        if value is not None:
            self.effects(value)


def _first_argument(call: Node) -> Node | None:
    arguments = call.child_by_field_id(g.F_ARGUMENTS)
    return g.first(arguments) if arguments is not None else None


_HANDLERS: Final[list[tuple[frozenset[int], Callable[[Expressions, Node], None]]]] = [
    (g.IDENTIFIER, Expressions._identifier),
    (g.PATH, Expressions._path),
    (g.POINTER, Expressions._pointer),
    (g.CALL, Expressions._plain_call),
    (g.PARENTHESES, Expressions._parentheses),
    (g.CAST, Expressions._cast),
    (g.BINARY, Expressions._binary),
    (g.TERNARY, Expressions._ternary),
    (g.ASSIGNMENT, Expressions._assignment),
    (g.UPDATE, Expressions._update),
    (g.LITERAL, Expressions._literal),
    (g.kinds("initializer_pair"), Expressions._pair),
    (
        g.UNARY | g.COMMA | g.INITIALIZERS | g.kinds("generic_expression", "extension_expression") | {g.ERROR},
        Expressions._children,
    ),
]
_EFFECTS: Final = {kind: handler for kinds, handler in _HANDLERS for kind in kinds}
