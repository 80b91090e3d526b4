# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Names and types out of C declarators: `struct kvm *vcpus[4]` is `vcpus` of type `struct kvm *[]`."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from tree_sitter import Node

from reviewtool.csource.facts import Attribute, Variable
from reviewtool.csource.parsed import Parsed
from reviewtool.csource.text import fold, squeeze

MAX_DEPTH = 64
"""Declarators nested deeper are not followed."""

_RECORDS = frozenset({"struct_specifier", "union_specifier", "enum_specifier"})
_NAMES = frozenset({"identifier", "field_identifier", "type_identifier", "primitive_type"})
_NOT_TYPE = frozenset({"storage_class_specifier", "attribute_specifier", "attribute_declaration", "comment"})
_STORAGE = re.compile(rb"\b(?:static|extern|register|auto|typedef|inline|__inline|__inline__|_Thread_local|__thread)\b")
_SIMPLE_PARAMETER = re.compile(
    rb"((?:const[ \t]+)?(?:(?:struct|union|enum)[ \t]+)?\w+)([ \t]*\**[ \t]*)(?<=[* \t])(\w+)\Z"
)


def tidy(raw: bytes) -> str:
    """Normalise the text of a specifier: `const  struct foo` is `const struct foo`, expressions inside are folded."""
    if b"(" in raw:
        head, _, rest = raw.partition(b"(")
        return squeeze(head).rstrip() + "(" + fold(rest)
    return squeeze(raw)


def specifiers(declaration: Node, parsed: Parsed) -> str:
    """Return the base type of a declaration, field, parameter or function definition, without its storage class."""
    kind = declaration.child_by_field_name("type")
    if kind is None:
        return ""
    declarator = declaration.child_by_field_name("declarator")
    if kind.type in _RECORDS:
        base = record_name(kind, parsed)
        before = parsed.clean[declaration.start_byte : kind.start_byte]
        qualifiers = squeeze(_STORAGE.sub(b"", before)) if before else ""
        return f"{qualifiers} {base}" if qualifiers else base
    end = declarator.start_byte if declarator is not None else declaration.end_byte
    raw = parsed.clean[declaration.start_byte : end].rstrip(b" \t\r\n;,")
    masked = parsed.source[kind.start_byte : kind.end_byte] != parsed.clean[kind.start_byte : kind.end_byte]
    if masked and kind.type != "macro_type_specifier":
        raw = parsed.source[declaration.start_byte : end].rstrip(b" \t\r\n;,")
    return tidy(_STORAGE.sub(b"", raw))


def record_name(record: Node, parsed: Parsed) -> str:
    """Return `struct tag`, `union tag` or `enum tag`; without the tag if it has none."""
    keyword = record.type.partition("_")[0]
    name = record.child_by_field_name("name")
    return f"{keyword} {text(name, parsed)}" if name is not None else keyword


def text(node: Node, parsed: Parsed) -> str:
    """Return what stands at a name."""
    return parsed.source[node.start_byte : node.end_byte].decode("utf-8", "replace")


def declared(declarator: Node | None, base: str, parsed: Parsed) -> tuple[str, str]:
    """Return the name ("" if there is none) and the type text that a declarator gives to the base type."""
    left, right, name = "", "", ""
    node = declarator
    for _ in range(MAX_DEPTH):
        if node is None:
            break
        kind = node.type
        if kind in _NAMES:
            name = text(node, parsed)
            break
        if "pointer_declarator" in kind:
            left += "*" + _qualifiers(node, parsed)
        elif "array_declarator" in kind:
            right = "[]" + right
        elif "function_declarator" in kind:
            right = _parameter_text(node.child_by_field_name("parameters"), parsed) + right
        elif "parenthesized_declarator" in kind:
            inner = _only_declarator(node)
            if inner is not None and "pointer_declarator" in inner.type:
                left += "("
                right = ")" + right
            node = inner
            continue
        elif kind not in ("init_declarator", "attributed_declarator"):
            break
        node = node.child_by_field_name("declarator") or _only_declarator(node)
    shape = left + right
    if not shape:
        return name, base
    return name, f"{base}{shape}" if shape[0] == "[" else f"{base} {shape}"


def name_node(declarator: Node | None) -> Node | None:
    """Return the node of the name that a declarator declares."""
    node = declarator
    for _ in range(MAX_DEPTH):
        if node is None or node.type in _NAMES:
            return node
        node = node.child_by_field_name("declarator") or _only_declarator(node)
    return None


def function_declarator(declarator: Node | None) -> Node | None:
    """Return the function declarator of a function's declaration; None for anything else, function pointers too."""
    node = declarator
    found = None
    for _ in range(MAX_DEPTH):
        if node is None or node.type in _NAMES:
            return found
        if node.type == "function_declarator":
            found = node
            if (inner := node.child_by_field_name("declarator")) is not None and inner.type == node.type:
                return node  # `NAME(part)(...)`: a macro makes the name
        elif node.type in ("pointer_declarator", "array_declarator", "init_declarator") and found is not None:
            return None
        node = node.child_by_field_name("declarator") or _only_declarator(node)
    return None


def variables(declaration: Node, parsed: Parsed) -> Iterator[tuple[Variable, Node, Node | None]]:
    """Yield every variable of a declaration, with the node of its declarator and that of its value, if any."""
    base = specifiers(declaration, parsed)
    declarators = declaration.children_by_field_name("declarator")
    if not declarators:
        return
    static = is_static(declaration, parsed)
    begin = declaration.start_byte
    for declarator in declarators:
        name, kind = declared(declarator, base, parsed)
        value = declarator.child_by_field_name("value") if declarator.type == "init_declarator" else None
        end = value.start_byte if value is not None else _after(declarator)
        attributes = attributes_between(begin, end, parsed)
        yield Variable(name=name, type=kind, static=static, attributes=attributes), declarator, value
        begin = declarator.end_byte


def is_static(declaration: Node, parsed: Parsed) -> bool:
    """Say whether a declaration is `static`."""
    return _has_word(declaration, parsed, b"static")


def is_extern(declaration: Node, parsed: Parsed) -> bool:
    """Say whether a declaration is `extern`."""
    return _has_word(declaration, parsed, b"extern")


def parameters(function: Node, parsed: Parsed) -> tuple[tuple[Variable, ...], bool]:
    """Return the parameters of a function declarator, and whether more may follow (`...`)."""
    listed = function.child_by_field_name("parameters")
    if listed is None:
        return (), False
    found: list[Variable] = []
    variadic = False
    for node in listed.named_children:
        if node.type == "variadic_parameter":
            variadic = True
        elif node.type == "parameter_declaration":
            found.append(_parameter(node, parsed))
        elif node.type == "identifier":
            found.append(Variable(name=text(node, parsed), type=""))
    if len(found) == 1 and found[0].type == "void" and not found[0].name:
        return (), variadic
    return tuple(found), variadic


def attributes_between(start: int, end: int, parsed: Parsed) -> tuple[Attribute, ...]:
    """Return the attributes that were blanked between two offsets, in order."""
    offsets = parsed.attribute_offsets
    if not offsets:
        return ()
    first = bisect_left(offsets, start)
    return tuple(parsed.attributes[offset] for offset in offsets[first : bisect_left(offsets, end, first)])


def _parameter(node: Node, parsed: Parsed) -> Variable:
    start, end = node.start_byte, node.end_byte
    attributes = attributes_between(start, end, parsed)
    match = _SIMPLE_PARAMETER.match(parsed.clean[start:end])
    if match is not None and b"  " not in match[1]:
        stars = match[2].strip().decode()
        base = match[1].decode("ascii", "replace")
        return Variable(name=match[3].decode("ascii", "replace"), type=f"{base} {stars}" if stars else base,
                        attributes=attributes)  # fmt: skip
    base = specifiers(node, parsed)
    name, kind = declared(node.child_by_field_name("declarator"), base, parsed)
    return Variable(name=name, type=kind, attributes=attributes)


def _parameter_text(listed: Node | None, parsed: Parsed) -> str:
    if listed is None:
        return "()"
    texts = []
    for node in listed.named_children:
        if node.type == "variadic_parameter":
            texts.append("...")
        elif node.type == "parameter_declaration":
            base = specifiers(node, parsed)
            texts.append(declared(node.child_by_field_name("declarator"), base, parsed)[1])
    return "(" + ", ".join(texts) + ")"


def _qualifiers(node: Node, parsed: Parsed) -> str:
    if node.named_child_count < 2:
        return ""
    words = [text(child, parsed) for child in node.named_children if child.type == "type_qualifier"]
    return "".join(f"{word} " for word in words)


def _only_declarator(node: Node) -> Node | None:
    for child in node.named_children:
        if child.type in _NAMES or child.type.endswith("declarator"):
            return child
    return None


def _after(declarator: Node) -> int:
    following = declarator.next_sibling
    return following.end_byte if following is not None else declarator.end_byte


def _has_word(declaration: Node, parsed: Parsed, word: bytes) -> bool:
    for child in declaration.named_children:
        if child.type == "storage_class_specifier" and parsed.source[child.start_byte : child.end_byte] == word:
            return True
        if child.type.endswith("declarator"):
            break
    return False
