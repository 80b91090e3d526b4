# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Structs, unions and enums, with what is nested in them."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from reviewtool.csource.comment import comment_beside
from reviewtool.csource.directive import conditions_at
from reviewtool.csource.facts import Attribute, Enumeration, Field, Record
from reviewtool.csource.parsed import Parsed
from reviewtool.csource.text import expression
from reviewtool.csource.types import attributes_between, declared, specifiers, text

MAX_NESTING = 32
"""Records nested deeper are left out."""

_KINDS = {"struct_specifier": "struct", "union_specifier": "union", "enum_specifier": "enum"}


def definition_in(declaration: Node) -> Node | None:
    """Return the struct, union or enum that a declaration (or the node itself) defines between braces, if any."""
    kind = declaration if declaration.type in _KINDS else declaration.child_by_field_name("type")
    if kind is None or kind.type not in _KINDS or kind.child_by_field_name("body") is None:
        return None
    return kind


def tag_of(definition: Node, parsed: Parsed) -> str:
    """Return the tag of a struct, union or enum, "" if it has none."""
    name = definition.child_by_field_name("name")
    return text(name, parsed) if name is not None else ""


def records(definition: Node, tag: str, parsed: Parsed, depth: int = 0) -> Iterator[Record | Enumeration]:
    """Yield the record or enum that is defined, and those nested in it that have a name of their own."""
    body = definition.child_by_field_name("body")
    if body is None or depth > MAX_NESTING:
        return
    if definition.type == "enum_specifier":
        yield _enumeration(definition, body, tag, parsed)
        return
    fields: list[Field] = []
    nested: list[tuple[Node, str]] = []
    _collect(body, tag, parsed, fields, nested)
    yield Record(
        line=definition.start_point[0],
        keyword=_KINDS[definition.type],
        tag=tag,
        fields=tuple(fields),
        condition=conditions_at(definition.start_byte, parsed),
    )
    for inner, name in nested:
        yield from records(inner, name, parsed, depth + 1)


def _collect(body: Node, tag: str, parsed: Parsed, fields: list[Field], nested: list[tuple[Node, str]]) -> None:
    pending = [iter(body.named_children)]
    while pending:
        node = next(pending[-1], None)
        if node is None:
            pending.pop()
            continue
        if node.type != "field_declaration":
            continue
        inner = definition_in(node)
        declarators = node.children_by_field_name("declarator")
        if inner is None:
            _add_fields(node, declarators, specifiers(node, parsed), parsed, fields)
            continue
        name = tag_of(inner, parsed)
        if not declarators and not name and inner.type != "enum_specifier":
            if len(pending) < MAX_NESTING:
                pending.append(iter(inner.child_by_field_name("body").named_children))  # type: ignore[union-attr]
            continue
        if not name and declarators:
            name = f"{tag}.{declared(declarators[0], '', parsed)[0]}"
        nested.append((inner, name))
        _add_fields(node, declarators, f"{_KINDS[inner.type]} {name}", parsed, fields)


def _add_fields(node: Node, declarators: list[Node], base: str, parsed: Parsed, fields: list[Field]) -> None:
    if not declarators:
        return
    condition = conditions_at(node.start_byte, parsed)
    comment = comment_beside(node.start_byte, node.end_byte, parsed)
    begin = node.start_byte
    for declarator in declarators:
        following = declarator.next_sibling
        end = following.end_byte if following is not None else node.end_byte
        attributes, kind = without_macro(attributes_between(begin, end, parsed), base)
        name, full = declared(declarator, kind, parsed)
        line = declarator.start_point[0]
        fields.append(
            Field(line=line, name=name, type=full, attributes=attributes, condition=condition, comment=comment)
        )
        begin = end


def without_macro(attributes: tuple[Attribute, ...], base: str) -> tuple[tuple[Attribute, ...], str]:
    """Take a declaring macro (an attribute `@NAME`) out of the attributes: it is the type."""
    for attribute in attributes:
        if attribute.name.startswith("@"):
            return tuple(other for other in attributes if other is not attribute), attribute.name
    return attributes, base


def _enumeration(definition: Node, body: Node, tag: str, parsed: Parsed) -> Enumeration:
    names, values = [], []
    for node in body.named_children:
        if node.type != "enumerator":
            continue
        name = node.child_by_field_name("name")
        value = node.child_by_field_name("value")
        if name is not None:
            names.append(text(name, parsed))
            values.append(expression(value, parsed) if value is not None else "")
    return Enumeration(
        line=definition.start_point[0],
        tag=tag,
        names=tuple(names),
        values=tuple(values),
        condition=conditions_at(definition.start_byte, parsed),
    )
