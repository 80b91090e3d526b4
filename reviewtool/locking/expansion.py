# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Function-like macros as the calls that they amount to."""

from __future__ import annotations

import re
from typing import Final

from reviewtool.csource.facts import Call, Macro
from reviewtool.locking.expr import (
    Binary,
    Block,
    Cast,
    Conditional,
    Index,
    Invoke,
    Member,
    Name,
    Node,
    Unary,
    parse,
    render,
    split,
    tidy,
)
from reviewtool.locking.macros import statements_of, substituted
from reviewtool.ruleset.model import Syntax

_CONTROL: Final = re.compile(r"(?:if|for|while|do|switch|return|goto|break|continue|case|asm|__asm__)\b")
_DECLARATION: Final = re.compile(
    r"(?:(?:const|volatile|static|unsigned|struct|union|enum)\s+)*_*\w+(?:\s*\(.*?\))?[\s*]+(?:const\s+)?(\w+)\s*(?:=(?!=)(.*))?\Z",
    re.S,
)


class NotCallsError(ValueError):
    """The body has a flow of its own."""


def expand(macro: Macro, call: Call, syntax: Syntax) -> tuple[Call, ...] | None:
    """The calls of the macro's body, in order, arguments put in; None if the body branches, loops or is no code.

    A call whose value is the value of the macro gets the result of the macro's call.
    """
    body = substituted(macro, call.args)
    if body is None:
        return None
    if macro.params is None:
        body = f"{body.strip()}({','.join(call.args)})"
    found: list[Call] = []
    try:
        _statements(body, call, syntax, found)
    except NotCallsError:
        return None
    return tuple(found)


def calls_in(text: str, call: Call, syntax: Syntax) -> tuple[Call, ...]:
    """The calls of an expression; empty if it has none or is none."""
    node = parse(text)
    found: list[Call] = []
    if node is not None:
        try:
            _walk(node, call, call.result, syntax, found)
        except NotCallsError:
            return ()
    return tuple(found)


def _statements(body: str, call: Call, syntax: Syntax, found: list[Call]) -> None:
    body = body.strip()
    inside = statements_of(body)
    if inside is not None:
        body = inside
    elif body.startswith("{") and body.endswith("}"):
        body = body[1:-1]
    pieces = [piece for piece in split(body, ";") if piece]
    for number, piece in enumerate(pieces):
        _statement(piece, call, call.result if number == len(pieces) - 1 else "", syntax, found)


def _statement(text: str, call: Call, result: str, syntax: Syntax, found: list[Call]) -> None:
    if text.startswith("{") or statements_of(text) is not None:
        _statements(text, call, syntax, found)
        return
    if _CONTROL.match(text):
        raise NotCallsError(text)
    node = parse(text)
    if node is None:
        match = _DECLARATION.match(text)
        if match is None:
            raise NotCallsError(text)
        name, value = match.groups()
        node = parse(value) if value else None
        result = name
    if node is not None:
        _walk(node, call, result, syntax, found)


def _walk(node: Node, call: Call, result: str, syntax: Syntax, found: list[Call]) -> None:
    """Enter the calls of a tree, inner ones first; `result` is where its value goes."""
    match node:
        case Invoke(callee, args):
            _call(callee, args, call, result, syntax, found)
        case Binary("=", left, right):
            _walk(right, call, render(left), syntax, found)
        case Binary(",", left, right):
            _walk(left, call, "", syntax, found)
            _walk(right, call, result, syntax, found)
        case Binary(_, left, right):
            _walk(left, call, "", syntax, found)
            _walk(right, call, "", syntax, found)
        case Conditional(test, then, other):
            _walk(test, call, "", syntax, found)
            before = len(found)
            _walk(then, call, result, syntax, found)
            middle = len(found)
            _walk(other, call, result, syntax, found)
            if before < middle < len(found):
                raise NotCallsError(render(node))
        case Unary(_, operand) | Cast(_, operand):
            _walk(operand, call, result if isinstance(node, Cast) else "", syntax, found)
        case Member(base, _, _) | Index(base, _):
            _walk(base, call, "", syntax, found)
        case Block(statements):
            for number, text in enumerate(statements):
                _statement(text, call, result if number == len(statements) - 1 else "", syntax, found)


def _call(callee: Node, args: tuple[str, ...], call: Call, result: str, syntax: Syntax, found: list[Call]) -> None:
    name = callee.name if isinstance(callee, Name) else ""
    for number, arg in enumerate(args):
        inner = parse(arg)
        if inner is not None:
            _walk(inner, call, result if name in syntax.transparent and not number else "", syntax, found)
    if name not in syntax.transparent:
        found.append(Call(call.line, render(callee), tuple(map(tidy, args)), result))
