# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Loops, and the macros that are headers of loops or of scopes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tree_sitter import Node, Parser

from reviewtool.csource import grammar as g
from reviewtool.csource.facts import Branch, Iterate
from reviewtool.csource.locals import Locals
from reviewtool.csource.parsed import Header, Parsed
from reviewtool.csource.scopes import Managed
from reviewtool.ruleset.dialect import Syntax

UNKNOWN: Final = "?"
"""The operator of a branch of which nothing can be known."""

_SCOPED: Final = "scoped_guard"
_SCOPED_CONDITIONAL: Final = "scoped_cond_guard"


@dataclass(frozen=True, slots=True)
class Target:
    """Where `break` or `continue` goes, and the managed scopes that are open there."""

    block: int
    managed: Managed | None
    loop: bool = True
    """A loop's; not that of a `switch` or of a scope."""
    scope: bool = False
    """That of a `scoped_guard`, which is a loop to the compiler."""


class Loops(Locals):
    """Lowers loops. `breaks` and `continues` are the targets in force, innermost last."""

    def __init__(self, parsed: Parsed, syntax: Syntax, parameters: list[str]) -> None:
        """Begin an empty body."""
        super().__init__(parsed, syntax, parameters)
        self.breaks: list[Target] = []
        self.continues: list[Target] = []

    def statement(self, node: Node) -> None:
        """Lower one statement."""
        raise NotImplementedError

    def leave_to(self, targets: list[Target], row: int, word: str) -> None:
        """`break` or `continue`, which is the `word`."""
        if targets:
            target = targets[-1]
            around = next((other for other in reversed(targets) if not other.scope), None)
            swallowed = target.scope and around is not None and around.loop
            self.close(row, target.managed, word if swallowed else "")
            self.graph.jump(target.block)
        self.graph.seal()

    def while_(self, node: Node) -> None:
        """Lower `while (c) body`, or a macro that was turned into one."""
        header = self.parsed.headers.get(node.start_byte)
        if header is None:
            head, end = self._begin()
            self._test(node, head, end)
        elif header.scoped:
            self._scope(node, header)
        else:
            head, end = self._begin()
            row = self.row(node)
            self._header_arguments(node)
            args = tuple(self.names.rename(arg) for arg in header.args)
            self.graph.out.append(Iterate(row, header.name, args))
            body = self.graph.new()
            self.graph.branch(Branch(row, header.name, UNKNOWN), body, end)
            self.graph.start(body)
            self.body(node, end, head)
            self.graph.jump(head)
            self.graph.start(end)

    def do(self, node: Node) -> None:
        """Lower `do body while (c);`."""
        graph = self.graph
        body, test, end = graph.new(), graph.new(), graph.new()
        graph.jump(body)
        graph.start(body)
        self.body(node, end, test)
        graph.jump(test)
        graph.start(test)
        condition = node.child_by_field_id(g.F_CONDITION)
        if condition is not None:
            self.branch(condition, body, end)
        else:
            graph.jump(end)
        graph.start(end)

    def for_(self, node: Node) -> None:
        """Lower `for (init; c; update) body`."""
        graph = self.graph
        self.names.enter()
        outer = self.managed
        start = node.child_by_field_id(g.F_INITIALIZER)
        if start is not None:
            if start.kind_id in g.DECLARATION:
                self.declaration(start)
            else:
                self.effects(start)
        head, end = self._begin()
        update = graph.new()
        body = graph.new()
        condition = node.child_by_field_id(g.F_CONDITION)
        if condition is not None:
            self.branch(condition, body, end)
        else:
            graph.jump(body)
        graph.start(body)
        self.body(node, end, update)
        graph.jump(update)
        graph.start(update)
        step = node.child_by_field_id(g.F_UPDATE)
        if step is not None:
            self.effects(step)
        graph.jump(head)
        graph.start(end)
        self.close(node.end_point[0] + self.shift, outer)
        self.managed = outer
        self.names.leave()

    def body(self, node: Node, end: int, again: int) -> None:
        """Lower the body of a loop."""
        body = node.child_by_field_id(g.F_BODY)
        if body is None:
            return
        self.breaks.append(Target(end, self.managed))
        self.continues.append(Target(again, self.managed))
        self.statement(body)
        self.breaks.pop()
        self.continues.pop()

    def _begin(self) -> tuple[int, int]:
        head, end = self.graph.new(), self.graph.new()
        self.graph.jump(head)
        self.graph.start(head)
        return head, end

    def _test(self, node: Node, head: int, end: int) -> None:
        body = self.graph.new()
        condition = node.child_by_field_id(g.F_CONDITION)
        if condition is not None:
            self.branch(condition, body, end)
        else:
            self.graph.jump(body)
        self.graph.start(body)
        self.body(node, end, head)
        self.graph.jump(head)
        self.graph.start(end)

    def _header_arguments(self, node: Node) -> None:
        """Evaluate the calls and paths in the arguments of a macro; the names of fields among them are no values."""
        condition = node.child_by_field_id(g.F_CONDITION)
        if condition is None:
            return
        stack = [self.bare(condition)]
        while stack:
            argument = stack.pop()
            if argument.kind_id in g.COMMA:
                stack += reversed(argument.named_children)
            else:
                self.typed_argument(argument)

    def _scope(self, node: Node, header: Header) -> None:
        """Lower a block that a macro guards. `break` and `continue` in it leave it: it is a `for` loop that runs once.

        include/linux/cleanup.h. The block of a conditional guard runs only where the lock was got.
        """
        graph = self.graph
        row = self.row(node)
        form = self.syntax.managed.get(header.name, "")
        args = tuple(self.names.rename(arg) for arg in header.args)
        self._header_arguments(node)
        failure = ""
        if form == _SCOPED_CONDITIONAL:
            name, failure, args = args[0] if args else "", header.args[1] if len(args) > 1 else "", args[2:]
        elif form == _SCOPED:
            name, args = args[0] if args else "", args[1:]
        else:
            form, name = _SCOPED, header.name
        end = graph.new()
        if form == _SCOPED_CONDITIONAL or name in self.syntax.conditional:
            got, missed = graph.new(), graph.new()
            graph.branch(Branch(row, header.name, UNKNOWN), got, missed)
            graph.start(missed)
            self._failure(failure, row)
            graph.jump(end)
            graph.start(got)
        outer = self.managed
        self.breaks.append(Target(end, outer, loop=False, scope=True))
        self.continues.append(Target(end, outer, loop=False, scope=True))
        self.open(row, form, name, args)
        body = node.child_by_field_id(g.F_BODY)
        if body is not None:
            self.statement(body)
        self.close(node.end_point[0] + self.shift, outer)
        self.managed = outer
        self.breaks.pop()
        self.continues.pop()
        graph.jump(end)
        graph.start(end)

    def _failure(self, text: str, row: int) -> None:
        """Lower the statement that a conditional guard was given for failure."""
        if not text:
            return
        raw = f"void f(void){{{text};}}".encode()
        outer, shift = self.parsed, self.shift
        tree = Parser(g.LANGUAGE).parse(raw)
        self.parsed, self.shift = Parsed(original=raw, source=raw, tree=tree, clean=raw), row
        body = g.first(tree.root_node)
        block = body.child_by_field_id(g.F_BODY) if body is not None else None
        if block is not None:
            self.statement(block)
        self.parsed, self.shift = outer, shift
