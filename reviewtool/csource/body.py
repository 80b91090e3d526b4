# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The body of a function as a control-flow graph of facts."""

from __future__ import annotations

from dataclasses import dataclass

from tree_sitter import Node

from reviewtool.csource import grammar as g
from reviewtool.csource.expressions import TooDeepError
from reviewtool.csource.facts import Block, Return, Variable
from reviewtool.csource.parsed import Parsed
from reviewtool.csource.statements import Statements
from reviewtool.csource.types import function_declarator, name_node
from reviewtool.ruleset.dialect import Syntax

_PARAMETER = g.kinds("parameter_declaration")


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What a function does. `blocks[0]` is the entry."""

    blocks: tuple[Block, ...]
    locals: tuple[Variable, ...]


def lower(definition: Node, parsed: Parsed, syntax: Syntax) -> Body:
    """Lower a function definition of `parsed`. Lines count from 0 at the first line of the cut.

    Blocks that nothing reaches are left out, the others stand in reverse post-order. A body that is nested deeper
    than can be followed becomes one block that returns, without events. Never raises for what the C says.
    """
    body = definition.child_by_field_id(g.F_BODY)
    if body is None:
        return _opaque(definition)
    statements = Statements(parsed, syntax, _parameters(definition, parsed))
    try:
        statements.function(body)
    except TooDeepError:
        return _opaque(definition)
    return Body(blocks=statements.graph.finish(), locals=tuple(statements.names.variables))


def _opaque(definition: Node) -> Body:
    return Body(blocks=(Block((Return(definition.end_point[0]),)),), locals=())


def _parameters(definition: Node, parsed: Parsed) -> list[str]:
    """The names of the parameters. Those that a macro declares as pairs of arguments parse as types."""
    declarator = function_declarator(definition.child_by_field_id(g.F_DECLARATOR))
    listed = declarator.child_by_field_id(g.F_PARAMETERS) if declarator is not None else None
    names = []
    for node in listed.named_children if listed is not None else ():
        if node.kind_id in _PARAMETER:
            node = name_node(node.child_by_field_id(g.F_DECLARATOR)) or node.child_by_field_id(g.F_TYPE) or node
        names.append(parsed.source[node.start_byte : node.end_byte].decode("utf-8", "replace"))
    return names
