# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Initialisers, flattened: one value each, with all designators from the outside in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from reviewtool.csource.facts import Initializer
from reviewtool.csource.parsed import Parsed
from reviewtool.csource.text import expression

MAX_VALUES = 1 << 15
"""Values of one initialiser beyond this many are left out: tables of constants say nothing about locks."""

MAX_DEPTH = 32
"""Lists nested deeper are kept as text."""

_NUMBER = re.compile(r"[0-9]{1,8}\Z", re.ASCII)
_DESIGNATORS = frozenset({"field_designator", "subscript_designator", "subscript_range_designator"})


def initializers(value: Node, parsed: Parsed) -> tuple[Initializer, ...]:
    """Return the values of an initialiser; a value without a designator gets its position, `[2]`
    or `[LAST+1]`.
    """
    found: list[Initializer] = []
    pending: list[Iterator[tuple[str, Node]]] = [iter((("", value),))]
    while pending and len(found) < MAX_VALUES:
        item = next(pending[-1], None)
        if item is None:
            pending.pop()
            continue
        designator, node = item
        inner = _list_of(node)
        if inner is not None and len(pending) < MAX_DEPTH:
            pending.append(_items(inner, designator, parsed))
        else:
            text = expression(node, parsed)
            found.append(Initializer(line=node.start_point[0], designator=designator, value=text))
    return tuple(found)


def _list_of(node: Node) -> Node | None:
    if node.type == "initializer_list":
        return node
    if node.type == "compound_literal_expression":
        return node.child_by_field_name("value")
    return None


def _items(listed: Node, outer: str, parsed: Parsed) -> Iterator[tuple[str, Node]]:
    base, position = "", 0
    for child in listed.named_children:
        if child.type == "comment":
            continue
        if child.type != "initializer_pair":
            yield f"{outer}[{base}+{position}]" if base else f"{outer}[{position}]", child
            position += 1
            continue
        value = child.child_by_field_name("value")
        if value is None:
            continue
        designator = _designator(child, value, parsed)
        if designator.startswith("["):
            index = designator[1 : designator.index("]")].rpartition("...")[2]
            base, position = ("", int(index) + 1) if _NUMBER.match(index) else (index, 1)
        yield outer + designator, value


def _designator(pair: Node, value: Node, parsed: Parsed) -> str:
    texts = []
    for child in pair.named_children:
        if child.start_byte >= value.start_byte:
            break
        if child.type in _DESIGNATORS:
            texts.append(expression(child, parsed))
        elif child.type == "field_identifier":
            texts.append("." + expression(child, parsed))
    return "".join(texts)
