# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Conditions, split until each branch is atomic, and values that depend on them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from tree_sitter import Node

from reviewtool.csource import grammar as g
from reviewtool.csource.expressions import Expressions
from reviewtool.csource.facts import Assign, Branch

_COMPARISONS: Final = frozenset({"==", "!=", "<", "<=", ">", ">="})
_NUMBER: Final = re.compile(rb"(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)[uUlL]*\Z")

Put = Callable[[str], None]
"""Takes the text of a value to where it goes."""


class Branches(Expressions):
    """Lowers conditions, and expressions whose value is wanted somewhere."""

    def branch(self, node: Node, yes: int, no: int) -> None:
        """End the current block: on to `yes` where the condition holds, to `no` where not. The current block is over.

        Constants leave no edge to the other side.
        """
        self.deeper()
        while True:
            self.note(node)
            node = self.bare(node)
            kind = node.kind_id
            if kind in g.UNARY and _operator(node) == "!":
                inner = node.child_by_field_id(g.F_ARGUMENT)
                if inner is None:
                    break
                node, yes, no = inner, no, yes
            elif kind in g.BINARY and _operator(node) in ("&&", "||"):
                node = self._all_but_last(node, yes, no)
            elif kind in g.COMMA:
                left, right = node.child_by_field_id(g.F_LEFT), node.child_by_field_id(g.F_RIGHT)
                if left is None or right is None:
                    break
                self.effects(left)
                node = right
            elif kind in g.TERNARY:
                following = self._choose(node, yes, no)
                if following is None:
                    break
                node = following
            else:
                break
        self._atom(node, yes, no)
        self.depth -= 1

    def _all_but_last(self, node: Node, yes: int, no: int) -> Node:
        """Branch on every operand of `a && b && c` (or `||`) but the last one, and return that."""
        op = _operator(node)
        operands: list[Node] = []
        while node.kind_id in g.BINARY and _operator(node) == op:
            left, right = node.child_by_field_id(g.F_LEFT), node.child_by_field_id(g.F_RIGHT)
            if left is None or right is None:
                break
            operands.append(right)
            node = self.bare(left)
        if not operands:
            operands = node.named_children[:1]
        else:
            operands.append(node)
        for operand in operands[:0:-1]:
            following = self.graph.new()
            if op == "&&":
                self.branch(operand, following, no)
            else:
                self.branch(operand, yes, following)
            self.graph.start(following)
        return operands[0]

    def _choose(self, node: Node, yes: int, no: int) -> Node | None:
        """Branch on the condition of `c ? a : b` and on `a`; return `b`."""
        condition = node.child_by_field_id(g.F_CONDITION)
        first, second = node.child_by_field_id(g.F_CONSEQUENCE), node.child_by_field_id(g.F_ALTERNATIVE)
        if condition is None or second is None:
            return None
        other = self.graph.new()
        if first is None:
            self.branch(condition, yes, other)
        else:
            then = self.graph.new()
            self.branch(condition, then, other)
            self.graph.start(then)
            self.branch(first, yes, no)
        self.graph.start(other)
        return second

    def _atom(self, node: Node, yes: int, no: int) -> None:
        known = self._constant(node)
        if known is not None:
            self.graph.jump(yes if known else no)
            return
        row = self.row(node)
        op = _operator(node) if node.kind_id in g.BINARY else ""
        if op in _COMPARISONS:
            left, right = node.child_by_field_id(g.F_LEFT), node.child_by_field_id(g.F_RIGHT)
            if left is not None and right is not None:
                exit_ = Branch(row, self.value(left), op, self.value(right))
                self.graph.branch(exit_, yes, no)
                return
        self.graph.branch(Branch(row, self.value(node)), yes, no)

    def _constant(self, node: Node) -> bool | None:
        kind = node.kind_id
        if kind in g.TRUE:
            return True
        if kind in g.FALSE:
            return False
        if kind in g.NUMBER:
            match = _NUMBER.match(self.source(node))
            if match is not None:
                digits = match[1]
                return any(digit not in b"0xXbB" for digit in digits)
        return None

    def value(self, node: Node) -> str:
        """Evaluate an expression; return its text, the target of an assignment, or the temporary that a call fills."""
        core = self.core(node)
        while core.kind_id in g.COMMA:
            left, right = core.child_by_field_id(g.F_LEFT), core.child_by_field_id(g.F_RIGHT)
            if left is None or right is None:
                break
            self.effects(left)
            node, core = right, self.core(right)
        if self._splits(core):
            name = self.temporary()
            row = self.row(node)
            self._deliver(node, name, lambda text: self.graph.out.append(Assign(row, name, "=", text)))
            return name
        found: list[str] = []
        self._deliver(node, "", found.append)
        return found[0] if found else self.text(node)

    def store(self, target: str, op: str, node: Node, row: int) -> None:
        """Evaluate `target op node`: a call names the target as its result, else an Assign."""
        result = target if op == "=" else ""
        self._deliver(node, result, lambda text: self.graph.out.append(Assign(row, target, op, text)))

    def deliver(self, node: Node, put: Put) -> None:
        """Evaluate an expression; `put` gets its value, once on each way that the expression may take."""
        self._deliver(node, "", put)

    def initialize(self, target: str, values: Node) -> None:
        """Evaluate the initialiser list of `target`."""
        raise NotImplementedError

    def _splits(self, core: Node) -> bool:
        """Whether the value is different on the different ways through the expression."""
        return (core.kind_id in g.TERNARY or self._is_truth(core)) and self.impure(core)

    def _is_truth(self, node: Node) -> bool:
        if node.kind_id in g.BINARY:
            op = _operator(node)
            return op in _COMPARISONS or op in ("&&", "||")
        return node.kind_id in g.UNARY and _operator(node) == "!"

    def _deliver(self, node: Node, target: str, put: Put) -> None:
        """`target`: where a call's result may go without a detour; then `put` is not called for it."""
        self.deeper()
        self.note(node)
        core = self.core(node)
        kind = core.kind_id
        if kind in g.CALL:
            result = target or self.temporary()
            self.call(core, result)
            if not target:
                put(result)
        elif kind in g.ASSIGNMENT:
            self.effects(core)
            left = core.child_by_field_id(g.F_LEFT)
            put(self.text(self.core(left)) if left is not None else self.text(core))
        elif kind in g.COMMA:
            left, right = core.child_by_field_id(g.F_LEFT), core.child_by_field_id(g.F_RIGHT)
            if left is not None:
                self.effects(left)
            if right is not None:
                self._deliver(right, target, put)
        elif kind in g.UPDATE and core.children[0].kind_id in g.UPDATES:
            self.effects(core)
            argument = core.child_by_field_id(g.F_ARGUMENT)
            put(self.text(argument if argument is not None else core))
        elif kind in g.COMPOUND:
            put(self.block_value(core))
        elif target and (kind in g.INITIALIZERS or kind in g.LITERAL):
            self.initialize(target, core)
        elif self._splits(core):
            self._deliver_arms(core, target, put)
        else:
            self.effects(core)
            put(self.text(self.bare(node)))
        self.depth -= 1

    def _deliver_arms(self, core: Node, target: str, put: Put) -> None:
        graph = self.graph
        yes, no, join = graph.new(), graph.new(), graph.new()
        condition = core.child_by_field_id(g.F_CONDITION) if core.kind_id in g.TERNARY else None
        if condition is None:
            self.branch(core, yes, no)
            for block, text in ((yes, "1"), (no, "0")):
                graph.start(block)
                put(text)
                graph.jump(join)
            graph.start(join)
            return
        first, second = core.child_by_field_id(g.F_CONSEQUENCE), core.child_by_field_id(g.F_ALTERNATIVE)
        tested = ""
        if first is None:
            tested = self.value(condition)
            graph.branch(Branch(self.row(condition), tested), yes, no)
        else:
            self.branch(condition, yes, no)
        graph.start(yes)
        if first is None:
            put(tested)
        else:
            self._deliver(first, target, put)
        graph.jump(join)
        graph.start(no)
        if second is not None:
            self._deliver(second, target, put)
        graph.jump(join)
        graph.start(join)


def _operator(node: Node) -> str:
    operator = node.child_by_field_id(g.F_OPERATOR)
    return operator.type if operator is not None else ""
