# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Statements: blocks, choices, labels, jumps and returns."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tree_sitter import Node

from reviewtool.csource import grammar as g
from reviewtool.csource.facts import Branch, Return, Switch
from reviewtool.csource.loops import UNKNOWN
from reviewtool.csource.parsed import Parsed
from reviewtool.csource.scopes import Configs, Managed
from reviewtool.csource.switches import Switches
from reviewtool.ruleset.dialect import Syntax

_ASM: Final = "asm goto"
_GOTO: Final = re.compile(rb"\bgoto\s*\Z")
_LONGEST_GOTO: Final = 16
_PRODUCTS: Final = g.BINARY | g.COMMA


@dataclass(frozen=True, slots=True)
class _Jump:
    """A `goto`, whose label may not have been seen yet."""

    block: int
    label: str
    managed: Managed | None
    configs: Configs
    row: int


@dataclass(frozen=True, slots=True)
class _Label:
    block: int
    managed: Managed | None


class Statements(Switches):
    """Lowers statements, and with them whole bodies."""

    def __init__(self, parsed: Parsed, syntax: Syntax, parameters: list[str]) -> None:
        """Begin an empty body."""
        super().__init__(parsed, syntax, parameters)
        self._jumps: list[_Jump] = []
        self._computed: list[tuple[int, str, int]] = []
        self._labels: dict[str, _Label] = {}

    def function(self, body: Node) -> None:
        """Lower the body of a function."""
        self.statement(body)
        self.graph.out.append(Return(body.end_point[0] + self.shift))
        self.graph.seal()
        self._land()

    def statement(self, node: Node) -> None:
        """Lower one statement; what is none gives what its parts do."""
        handler = _STATEMENTS.get(node.kind_id)
        if handler is None:
            self.effects(node)
            return
        self.deeper()
        handler(self, node)
        self.depth -= 1

    def block_value(self, node: Node) -> str:
        """Lower the block of `({ ... })`; its last expression is its value."""
        self.names.enter()
        outer = self.managed
        children = [child for child in node.named_children if child.kind_id not in g.COMMENT]
        last = children.pop() if children and children[-1].kind_id in g.STATEMENT else None
        for child in children:
            self.statement(child)
        wanted = g.first(last) if last is not None else None
        text = self.value(wanted) if wanted is not None else ""
        self._end_scope(node, outer)
        return text

    def _block(self, node: Node) -> None:
        self.names.enter()
        outer = self.managed
        for child in node.named_children:
            self.statement(child)
        self._end_scope(node, outer)

    def _end_scope(self, node: Node, outer: Managed | None) -> None:
        if self.managed is not outer:
            self.close(node.end_point[0] + self.shift, outer)
            self.managed = outer
        self.names.leave()

    def _expression(self, node: Node) -> None:
        expression = g.first(node)
        if expression is None:
            return
        if expression.kind_id in g.CALL:
            if self._returning_call(expression):
                return
            if self.managed_call(expression) or self.declaring_call(expression):
                return
            self.call(expression, "")
        elif expression.kind_id in _PRODUCTS and self.typeof_declaration(expression):
            return
        elif expression.kind_id in g.POINTER and self._follows_goto(node):
            self._goto_computed(expression)
        elif expression.kind_id not in g.IDENTIFIER:
            self.effects(expression)
        if self.parsed.jumps:
            for label in self.parsed.jumps.get(node.start_byte, ()):
                self._may_jump(label, self.row(node))

    def _returning_call(self, call: Node) -> bool:
        """Lower a macro that returns what it is given; False if the call is none."""
        if self.callee(call).decode("utf-8", "replace") not in self.syntax.returning:
            return False
        result = self.temporary()
        self.call(call, result)
        self._leave_function(result, self.row(call))
        return True

    def _declaration(self, node: Node) -> None:
        self.declaration(node)

    def _if(self, node: Node) -> None:
        """Lower `if`, along a chain of `else if` without nesting."""
        graph = self.graph
        end = graph.new()
        while True:
            condition, then = node.child_by_field_id(g.F_CONDITION), node.child_by_field_id(g.F_CONSEQUENCE)
            clause = node.child_by_field_id(g.F_ALTERNATIVE)
            yes = graph.new()
            no = graph.new() if clause is not None else end
            if condition is not None:
                self.branch(condition, yes, no)
            graph.start(yes)
            if then is not None:
                self.statement(then)
            graph.jump(end)
            if clause is None:
                break
            graph.start(no)
            inner = _last_named(clause)
            if inner is None or inner.kind_id not in g.IF:
                if inner is not None:
                    self.statement(inner)
                graph.jump(end)
                break
            node = inner
        graph.start(end)

    def _return(self, node: Node) -> None:
        row = self.row(node)
        value = g.first(node)
        if value is None:
            self._leave_function("", row)
            return
        self.deliver(value, lambda text: self._leave_function(text, row))
        self.graph.seal()

    def _leave_function(self, value: str, row: int) -> None:
        self.close(row, None)
        self.graph.out.append(Return(row, value))
        self.graph.seal()

    def _break(self, node: Node) -> None:
        self.leave_to(self.breaks, self.row(node), "break")

    def _continue(self, node: Node) -> None:
        self.leave_to(self.continues, self.row(node), "continue")

    # --- labels ---

    def _goto(self, node: Node) -> None:
        label = node.child_by_field_id(g.F_LABEL)
        if label is not None:
            self._jump_to(self.source(label).decode("utf-8", "replace"), self.row(node))
        self.graph.seal()

    def _jump_to(self, label: str, row: int) -> None:
        self._jumps.append(_Jump(self.graph.current, label, self.managed, self.configs, row))

    def _may_jump(self, label: str, row: int) -> None:
        jump, on = self.graph.new(), self.graph.new()
        self.graph.branch(Branch(row, _ASM, UNKNOWN), jump, on)
        self.graph.start(jump)
        self._jump_to(label, row)
        self.graph.start(on)

    def _follows_goto(self, node: Node) -> bool:
        start = node.start_byte
        return _GOTO.search(self.parsed.original[max(0, start - _LONGEST_GOTO) : start]) is not None

    def _goto_computed(self, expression: Node) -> None:
        """`goto *table[i];`: to any label. The grammar has no such statement: the word is lost, or an error."""
        self.effects(expression)
        self._computed.append((self.graph.current, self.text(expression), self.row(expression)))
        self.graph.seal()

    def _labeled(self, node: Node) -> None:
        label = node.child_by_field_id(g.F_LABEL)
        block = self.graph.new()
        self.graph.jump(block)
        self.graph.start(block)
        if label is not None:
            name = self.source(label).decode("utf-8", "replace")
            self._labels.setdefault(name, _Label(block, self.managed))
        for child in node.named_children:
            if child != label:
                self.statement(child)

    def _land(self) -> None:
        """Lead every jump to its label. One without a label (lost to a syntax error) ends there."""
        graph = self.graph
        for jump in self._jumps:
            label = self._labels.get(jump.label)
            if label is None:
                continue
            graph.start(jump.block)
            self.managed, self.configs = jump.managed, jump.configs
            self.close(jump.row, label.managed)
            graph.jump(label.block)
        names = tuple(self._labels)
        for block, subject, row in self._computed:
            self.spend(10 * len(names))
            graph.start(block)
            graph.branch(Switch(row, subject, names), *(self._labels[name].block for name in names))

    # --- what the grammar could not make sense of ---

    def _error(self, node: Node) -> None:
        for child in node.named_children:
            if child.kind_id not in g.IDENTIFIER:
                self.statement(child)

    def _parts(self, node: Node) -> None:
        for child in node.named_children:
            if child.kind_id in _STATEMENTS:
                self.statement(child)

    def _nothing(self, node: Node) -> None:
        pass


def _last_named(node: Node) -> Node | None:
    children = [child for child in node.named_children if child.kind_id not in g.COMMENT]
    return children[-1] if children else None


_HANDLERS: Final[list[tuple[frozenset[int], Callable[[Statements, Node], None]]]] = [
    (g.STATEMENT, Statements._expression),
    (g.DECLARATION, Statements._declaration),
    (g.COMPOUND, Statements._block),
    (g.IF, Statements._if),
    (g.kinds("while_statement"), Statements.while_),
    (g.kinds("do_statement"), Statements.do),
    (g.kinds("for_statement"), Statements.for_),
    (g.kinds("switch_statement"), Statements.switch),
    (g.kinds("case_statement"), Statements.case),
    (g.kinds("return_statement"), Statements._return),
    (g.kinds("break_statement"), Statements._break),
    (g.kinds("continue_statement"), Statements._continue),
    (g.kinds("goto_statement"), Statements._goto),
    (g.kinds("labeled_statement"), Statements._labeled),
    (g.kinds("preproc_if", "preproc_ifdef"), Statements.config),
    (g.kinds("attributed_statement", "function_definition", "else_clause"), Statements._parts),
    (frozenset({g.ERROR}), Statements._error),
    (
        g.kinds(
            "comment", "type_definition", "struct_specifier", "union_specifier", "enum_specifier", "preproc_def",
            "preproc_function_def", "preproc_call", "preproc_include", "parameter_list", "type_identifier",
            "primitive_type", "preproc_directive", "preproc_arg",
        ),
        Statements._nothing,
    ),
]  # fmt: skip
_STATEMENTS: Final = {kind: handler for kinds, handler in _HANDLERS for kind in kinds}
