# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Facts of the declarations of one cut: functions, records, globals, prototypes, typedefs, file-level macros."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from tree_sitter import Node

from reviewtool.csource.body import lower
from reviewtool.csource.comment import comment_before, remarks
from reviewtool.csource.directive import conditions_at, directive_facts
from reviewtool.csource.draft import LINE
from reviewtool.csource.facts import Attribute, Declaration, Function, Global, Invocation, Prototype, Typedef, Variable
from reviewtool.csource.initial import initializers
from reviewtool.csource.parsed import Parsed, Use
from reviewtool.csource.record import definition_in, records, tag_of, without_macro
from reviewtool.csource.text import between, expression
from reviewtool.csource.types import (
    attributes_between,
    declared,
    function_declarator,
    is_extern,
    is_static,
    name_node,
    parameters,
    specifiers,
)
from reviewtool.ruleset.dialect import Syntax

MAX_DEPTH = 64
"""Lists of declarations nested deeper (`extern "C" {`, errors) are not entered."""

_TRANSPARENT = frozenset({"ERROR", "linkage_specification", "declaration_list", "preproc_if", "preproc_ifdef",
                          "preproc_else", "preproc_elif"})  # fmt: skip
_RECORDS = frozenset({"struct_specifier", "union_specifier", "enum_specifier"})


def declarations(parsed: Parsed, syntax: Syntax) -> tuple[Declaration, ...]:
    """Return all facts of a cut, in the order of their lines."""
    found: list[Declaration] = list(directive_facts(parsed))
    found += remarks(parsed, syntax.remarks)
    found += _invocations(parsed)
    for node in _items(parsed.tree.root_node):
        found += _facts(node, parsed, syntax)
    found.sort(key=lambda fact: fact.line)
    return tuple(found)


def _items(root: Node) -> Iterator[Node]:
    pending = [iter(root.named_children)]
    while pending:
        node = next(pending[-1], None)
        if node is None:
            pending.pop()
        elif node.type in _TRANSPARENT:
            if len(pending) < MAX_DEPTH:
                pending.append(iter(node.named_children))
        else:
            yield node


def _facts(node: Node, parsed: Parsed, syntax: Syntax) -> Iterator[Declaration]:
    kind = node.type
    if kind == "function_definition":
        fact = _function(node, parsed, syntax)
        if fact is not None:
            yield fact
    elif kind == "declaration":
        yield from _declaration(node, parsed)
    elif kind == "type_definition":
        yield from _typedef(node, parsed)
    elif kind in _RECORDS and definition_in(node) is not None:
        yield from records(node, tag_of(node, parsed), parsed)


def _function(node: Node, parsed: Parsed, syntax: Syntax) -> Function | None:
    declarator = node.child_by_field_name("declarator")
    body = node.child_by_field_name("body")
    function = function_declarator(declarator)
    name = name_node(declarator)
    if function is None or name is None or body is None or declarator is None:
        return None
    listed, variadic = parameters(function, parsed)
    lowered = lower(node, parsed, syntax)
    attributes = attributes_between(_item_start(node, parsed), body.start_byte, parsed)
    called = _called(function, parsed)
    use = _use_in(node, parsed)
    if use is not None:
        called, listed = (use.args[0] if use.args else use.name), _paired(use.args[1:])
    head = parsed.source[node.start_byte : function.start_byte]
    return Function(
        line=name.start_point[0],
        name=called,
        end_line=node.end_point[0],
        returns=_returned(node, declarator, function, parsed),
        params=listed,
        locals=lowered.locals,
        blocks=lowered.blocks,
        static=use.static if use is not None else b"static" in head.split(),
        inline=b"inline" in head or any(_inlines(attribute.name) for attribute in attributes),
        variadic=variadic,
        attributes=attributes,
        comment=comment_before(_item_start(node, parsed), parsed),
        condition=conditions_at(name.start_byte, parsed),
    )


def _inlines(attribute: str) -> bool:
    return "inline" in attribute and "noinline" not in attribute


def _called(function: Node, parsed: Parsed) -> str:
    inner = function.child_by_field_name("declarator")
    if inner is None:
        return ""
    while inner.type == "parenthesized_declarator" and inner.named_child_count == 1:
        inner = inner.named_children[0]
    return expression(inner, parsed)


def _use_in(node: Node, parsed: Parsed) -> Use | None:
    kind = node.child_by_field_name("type")
    use = parsed.invocations.get(kind.start_byte) if kind is not None and parsed.invocations else None
    return use if use is not None and use.defines else None


def _paired(args: tuple[str, ...]) -> tuple[Variable, ...]:
    """Read `type, name, type, name`, as the macros that begin a function take their parameters."""
    if len(args) % 2:
        return ()
    return tuple(
        Variable(name=name, type=kind.replace("*", " *", 1) if "*" in kind else kind)
        for kind, name in zip(args[::2], args[1::2], strict=True)
    )


def _returned(node: Node, declarator: Node, function: Node, parsed: Parsed) -> str:
    base = specifiers(node, parsed)
    stars = between(declarator.start_byte, function.start_byte, parsed)
    stars = "".join(mark for mark in stars if mark == "*")
    return f"{base} {stars}" if stars else base


def _item_start(node: Node, parsed: Parsed) -> int:
    """Return where an item starts, attributes before its first token included."""
    start = node.start_byte
    for offset in reversed(parsed.attribute_offsets[: bisect_left(parsed.attribute_offsets, start)]):
        if parsed.source[offset:start].strip():
            break
        start = offset
    return start


def _declaration(node: Node, parsed: Parsed) -> Iterator[Declaration]:
    declarators = node.children_by_field_name("declarator")
    base = specifiers(node, parsed)
    inner = definition_in(node)
    if inner is not None:
        tag = tag_of(inner, parsed) or _made_up(declarators, parsed)
        yield from records(inner, tag, parsed)
        base = _with_tag(base, inner, tag)
    start = _item_start(node, parsed)
    comment = comment_before(start, parsed)
    static, extern = is_static(node, parsed), is_extern(node, parsed)
    begin = start
    for declarator in declarators:
        following = declarator.next_sibling
        end = following.end_byte if following is not None else node.end_byte
        attributes = attributes_between(begin, end, parsed)
        function = function_declarator(declarator)
        if function is not None:
            yield _prototype(node, declarator, function, parsed, comment)
        else:
            yield _global(declarator, base, attributes, parsed, comment, static=static, extern=extern)
        begin = end


def _made_up(declarators: list[Node], parsed: Parsed) -> str:
    """Name a record without a tag after the first thing declared with it: `@name`."""
    return "@" + declared(declarators[0], "", parsed)[0] if declarators else ""


def _with_tag(base: str, inner: Node, tag: str) -> str:
    keyword = inner.type.partition("_")[0]
    return base if not tag.startswith("@") else base.replace(keyword, f"{keyword} {tag}", 1)


def _prototype(node: Node, declarator: Node, function: Node, parsed: Parsed, comment: str) -> Prototype:
    listed, _ = parameters(function, parsed)
    name = name_node(declarator)
    place = name if name is not None else declarator
    return Prototype(
        line=place.start_point[0],
        name=_called(function, parsed),
        returns=_returned(node, declarator, function, parsed),
        params=listed,
        attributes=attributes_between(_item_start(node, parsed), node.end_byte, parsed),
        comment=comment,
        condition=conditions_at(node.start_byte, parsed),
    )


def _global(
    declarator: Node,
    base: str,
    attributes: tuple[Attribute, ...],
    parsed: Parsed,
    comment: str,
    *,
    static: bool,
    extern: bool,
) -> Global:
    attributes, base = without_macro(attributes, base)
    name, kind = declared(declarator, base, parsed)
    value = declarator.child_by_field_name("value") if declarator.type == "init_declarator" else None
    return Global(
        line=declarator.start_point[0],
        name=name,
        type=kind,
        static=static,
        extern=extern,
        attributes=attributes,
        init=initializers(value, parsed) if value is not None else (),
        comment=comment,
        condition=conditions_at(declarator.start_byte, parsed),
    )


def _typedef(node: Node, parsed: Parsed) -> Iterator[Declaration]:
    declarators = node.children_by_field_name("declarator")
    base = specifiers(node, parsed)
    inner = definition_in(node)
    if inner is not None:
        tag = tag_of(inner, parsed) or _made_up(declarators, parsed)
        yield from records(inner, tag, parsed)
        base = _with_tag(base, inner, tag)
    for declarator in declarators:
        name, kind = declared(declarator, base, parsed)
        line = declarator.start_point[0]
        yield Typedef(line=line, name=name, type=kind, condition=conditions_at(node.start_byte, parsed))


def _invocations(parsed: Parsed) -> Iterator[Invocation]:
    line = counted = 0
    for offset, use in parsed.invocations.items():
        line += parsed.original.count(b"\n", counted, offset)
        counted = offset
        begin = parsed.original.rfind(b"\n", max(0, offset - LINE), offset) + 1
        yield Invocation(
            line=line,
            name=use.name,
            args=use.args,
            static=use.static,
            comment=comment_before(begin, parsed),
            condition=conditions_at(offset, parsed),
        )
