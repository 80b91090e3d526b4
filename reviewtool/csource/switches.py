# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""`switch`, and `#if` inside of a body, which decides which of its cases there are."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from tree_sitter import Node

from reviewtool.csource import grammar as g
from reviewtool.csource.condition import condition_text
from reviewtool.csource.facts import Call, Config, Switch
from reviewtool.csource.loops import Loops, Target
from reviewtool.csource.scopes import Configs
from reviewtool.csource.text import between

HIDDEN: Final = "?"
"""The label of what stands before the first `case`: macros that have theirs inside."""

_ELSE: Final = g.kinds("preproc_else")
_MARKS: Final = b"# \t"
_NEGATION: Final = re.compile(r"!(?:\((defined\(\w+\)|\w+)\)|(defined\(\w+\)|\w+(?:\(\w*\))?))\Z")


@dataclass(frozen=True, slots=True)
class _Case:
    block: int
    configs: Configs


@dataclass(slots=True)
class _Switch:
    """A `switch` being lowered; its cases by label, in order."""

    configs: int
    cases: dict[str, list[_Case]] = field(default_factory=dict)


class Switches(Loops):
    """Lowers `switch` and conditional directives."""

    _switch: _Switch | None = None

    def switch(self, node: Node) -> None:
        """Lower `switch (subject) body`."""
        graph = self.graph
        condition, body = node.child_by_field_id(g.F_CONDITION), node.child_by_field_id(g.F_BODY)
        row = self.row(node)
        subject = self.value(condition) if condition is not None else ""
        head, end = graph.current, graph.new()
        outer, self._switch = self._switch, _Switch(len(self.configs))
        graph.start(graph.new())
        hidden = _Case(graph.current, ())
        before = graph.out
        self.breaks.append(Target(end, self.managed, loop=False))
        if body is not None:
            self.statement(body)
        self.breaks.pop()
        graph.jump(end)
        cases = self._switch.cases
        if any(isinstance(event, Call) for event in before):
            cases[HIDDEN] = [hidden]
        default = self._dispatch(cases.pop("", []), end)
        graph_labels = [(label, self._dispatch(listed, default)) for label, listed in cases.items()]
        graph.start(head)
        labels = (*(label for label, _ in graph_labels), "")
        graph.branch(Switch(row, subject, labels), *(block for _, block in graph_labels), default)
        graph.start(end)
        self._switch = outer

    def case(self, node: Node) -> None:
        """Lower `case value:` or `default:`, and the statements that the grammar puts under it."""
        block = self.graph.new()
        self.graph.jump(block)
        self.graph.start(block)
        children = node.children
        colon = next((index for index, child in enumerate(children) if child.type == ":"), len(children) - 1)
        if self._switch is not None:
            label = ""
            if children[0].type == "case":
                label = self.names.rename(between(children[0].end_byte, children[colon].start_byte, self.parsed))
            configs = self.configs[self._switch.configs :]
            self._switch.cases.setdefault(label, []).append(_Case(block, configs))
        for child in children[colon + 1 :]:
            if child.is_named:
                self.statement(child)

    def _dispatch(self, cases: list[_Case], otherwise: int) -> int:
        """Return the block that leads to the first of `cases` that the configuration has."""
        for case in reversed(cases):
            target = case.block
            self.spend(10 * len(case.configs))
            for config, holds in reversed(case.configs):
                block = self.graph.new()
                self.graph.start(block)
                self.graph.branch(config, *((target, otherwise) if holds else (otherwise, target)))
                target = block
            otherwise = target
        return otherwise

    def config(self, node: Node) -> None:
        """Lower `#if ... #elif ... #else ... #endif` around statements. It is no C scope."""
        graph = self.graph
        end = graph.new()
        outer = self.configs
        following: Node | None = node
        while following is not None:
            node = following
            following = node.child_by_field_id(g.F_ALTERNATIVE)
            if node.kind_id in _ELSE:
                self._branch_of(node, following)
                break
            config, holds = self._condition(node)
            yes, no = graph.new(), graph.new()
            if config.text == "0":
                graph.jump(no if holds else yes)
            elif config.text == "1":
                graph.jump(yes if holds else no)
            else:
                graph.branch(config, *((yes, no) if holds else (no, yes)))
            before = self.configs
            graph.start(yes)
            self.configs = (*before, (config, holds))
            self._branch_of(node, following)
            graph.jump(end)
            graph.start(no)
            self.configs = (*before, (config, not holds))
        graph.jump(end)
        graph.start(end)
        self.configs = outer

    def _condition(self, node: Node) -> tuple[Config, bool]:
        """Return the condition of a directive without a negation around it, and whether the branch wants it true."""
        tested = node.child_by_field_id(g.F_CONDITION) or node.child_by_field_id(g.F_NAME)
        keyword = self.source(node.children[0]).lstrip(_MARKS).decode("ascii", "replace")
        raw = self.parsed.original[tested.start_byte : tested.end_byte] if tested is not None else b""
        text = condition_text(keyword, raw)
        match = _NEGATION.match(text)
        return (Config(self.row(node), match[1] or match[2]), False) if match else (Config(self.row(node), text), True)

    def _branch_of(self, node: Node, alternative: Node | None) -> None:
        tested = node.child_by_field_id(g.F_CONDITION) or node.child_by_field_id(g.F_NAME)
        for child in node.named_children:
            if child != tested and child != alternative:
                self.statement(child)
