# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Function-like macros as the calls that they amount to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
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
from reviewtool.locking.macros import VARIADIC, bind, joined, statements_of, with_values
from reviewtool.ruleset.dialect import Syntax

_CONTROL: Final = re.compile(r"(?:if|for|while|do|switch|return|goto|break|continue|case|asm|__asm__)\b")
_DECLARATION: Final = re.compile(
    r"(?:(?:const|volatile|static|unsigned|struct|union|enum)\s+)*_*\w+(?:\s*\(.*?\))?[\s*]+(?:const\s+)?(\w+)\s*(?:=(?!=)(.*))?\Z",
    re.S,
)


_ATOM: Final = re.compile(r"[\w.]+(?:->\w+|\.\w+)*\Z")
_RESULT: Final = "%"
"""Stands for the macro's own result in the calls of a body."""


class NotCallsError(ValueError):
    """The body has a flow of its own."""


@dataclass(frozen=True, slots=True)
class Template:
    """The calls of a macro's body, in terms of those parameters that are not pasted into names."""

    calls: tuple[tuple[str, tuple[str, ...], str], ...]
    """Callee, arguments, result."""

    def callees(self) -> Iterator[str]:
        """The texts of what is called."""
        return (callee for callee, _, _ in self.calls)


def template(macro: Macro, args: tuple[str, ...], syntax: Syntax) -> Template | None:
    """The calls of a macro's body for arguments of which only those count that are pasted into names.

    None if the body branches, loops, or is no code. Calls in the arguments are not among them: the facts have those
    already.
    """
    values = bind(macro.params or (), args) if macro.params is not None else {}
    if values is None or macro.body is None:
        return None
    return _template(joined(macro, values), syntax.transparent)


@lru_cache(maxsize=16384)
def _template(body: str, transparent: frozenset[str]) -> Template | None:
    found: list[tuple[str, tuple[str, ...], str]] = []
    try:
        _statements(body, _RESULT, transparent, found)
    except NotCallsError:
        return None
    return Template(tuple(found))


def expand(macro: Macro, call: Call, syntax: Syntax) -> tuple[Call, ...] | None:
    """The calls of the macro's body, in order, arguments put in; None as in `template`.

    A call whose value is the value of the macro gets the result of the macro's call.
    """
    if macro.params is None:
        return (Call(call.line, tidy(macro.body), call.args, call.result),) if macro.body else ()
    found = template(macro, call.args, syntax)
    values = bind(macro.params, call.args)
    if found is None or values is None:
        return None
    put = {name: value if _ATOM.match(value) else f"({value})" for name, value in values.items()}
    return tuple(
        Call(
            call.line,
            tidy(with_values(callee, put)),
            tuple(tidy(with_values(arg, put)) for arg in _arguments(args, values)),
            call.result if result == _RESULT else result,
        )
        for callee, args, result in found.calls
    )


def _arguments(args: tuple[str, ...], values: Mapping[str, str]) -> Iterator[str]:
    """The arguments, with the one that stands for all that are left taken apart."""
    for arg in args:
        if arg == VARIADIC and arg in values:
            yield from split(values[arg])
        else:
            yield arg


Found = list[tuple[str, tuple[str, ...], str]]


def _statements(body: str, result: str, transparent: frozenset[str], found: Found) -> None:
    body = body.strip()
    inside = statements_of(body)
    if inside is not None:
        body = inside
    elif body.startswith("{") and body.endswith("}"):
        body = body[1:-1]
    pieces = [piece for piece in split(body, ";") if piece]
    for number, piece in enumerate(pieces):
        _statement(piece, result if number == len(pieces) - 1 else "", transparent, found)


def _statement(text: str, result: str, transparent: frozenset[str], found: Found) -> None:
    if text.startswith("{") or statements_of(text) is not None:
        _statements(text, result, transparent, found)
        return
    if _CONTROL.match(text):
        raise NotCallsError(text)
    node = parse(text)
    if node is None:
        match = _DECLARATION.match(text)
        if match is None:
            raise NotCallsError(text)
        result, value = match.group(1), match.group(2)
        node = parse(value) if value else None
    if node is not None:
        _walk(node, result, transparent, found)


def _walk(node: Node, result: str, transparent: frozenset[str], found: Found) -> None:
    """Enter the calls of a tree, inner ones first; `result` is where its value goes."""
    match node:
        case Invoke(callee, args):
            _call(callee, args, result, transparent, found)
        case Binary("=", left, right):
            _walk(right, render(left), transparent, found)
        case Binary(",", left, right):
            _walk(left, "", transparent, found)
            _walk(right, result, transparent, found)
        case Binary(_, left, right):
            _walk(left, "", transparent, found)
            _walk(right, "", transparent, found)
        case Conditional(test, then, other):
            _walk(test, "", transparent, found)
            before = len(found)
            _walk(then, result, transparent, found)
            middle = len(found)
            _walk(other, result, transparent, found)
            if before < middle < len(found):
                raise NotCallsError(render(node))
        case Cast(_, operand):
            _walk(operand, result, transparent, found)
        case Unary(_, operand):
            _walk(operand, "", transparent, found)
        case Member(base, _, _) | Index(base, _):
            _walk(base, "", transparent, found)
        case Block(statements):
            for number, text in enumerate(statements):
                _statement(text, result if number == len(statements) - 1 else "", transparent, found)


def _call(callee: Node, args: tuple[str, ...], result: str, transparent: frozenset[str], found: Found) -> None:
    name = callee.name if isinstance(callee, Name) else ""
    for number, arg in enumerate(args):
        inner = parse(arg)
        if inner is not None:
            _walk(inner, result if name in transparent and not number else "", transparent, found)
    if name not in transparent:
        found.append((render(callee), args, result))
