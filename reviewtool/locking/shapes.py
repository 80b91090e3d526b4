# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Shapes of macros and small functions: loops and what they assign, functions that only compute an address."""

from __future__ import annotations

import re
from typing import Final, Protocol

from reviewtool.csource.facts import Assign, Call, Macro, Read, Return
from reviewtool.locking.expr import Binary, Cast, Index, Invoke, Literal, Member, Name, Node, Unary, parse
from reviewtool.locking.linker import FunctionId, FunctionRef, Targets
from reviewtool.locking.symbols import Symbols
from reviewtool.ruleset.model import Ruleset

_DEEPEST: Final = 6
_FOR: Final = re.compile(r"\bfor\s*\(")
_HEAD: Final = re.compile(r"\s*([A-Za-z_]\w*)\s*\(")


def iterators(name: str, path: str, symbols: Symbols, depth: int = 0) -> tuple[int, ...]:
    """Which arguments a loop macro assigns in the head of its `for`, itself or through another loop macro.

    Of a macro that is not found it is the first one, by the kernel's habit.
    """
    macro = symbols.macro(name, path)
    if macro is None or macro.params is None or not macro.body:
        return (0,)
    assigned = {number for number, param in enumerate(macro.params) if _assigns(macro.body, param)}
    if not _FOR.search(macro.body) and depth < _DEEPEST:
        assigned |= _handed_on(macro, path, symbols, depth)
    return tuple(sorted(assigned))


def _assigns(body: str, param: str) -> bool:
    word = re.escape(param)
    return bool(
        re.search(
            rf"(?<![\w.>])\(?\b{word}\b\)?\s*(?:=(?!=)|\+\+|--|[-+]=)|(?:\+\+|--)\(?\b{word}\b|&\(?{word}\b\)?\s*[,)]",
            body,
        )
    )


def _handed_on(macro: Macro, path: str, symbols: Symbols, depth: int) -> set[int]:
    """The parameters that stand where another loop macro has its iterators."""
    body, params = macro.body or "", macro.params or ()
    match = _HEAD.match(body)
    if match is None or match.group(1) == macro.name:
        return set()
    node = parse(body[: _closing(body, match.end() - 1)])
    if not isinstance(node, Invoke):
        return set()
    inner = iterators(match.group(1), path, symbols, depth + 1)
    handed = {node.args[number].strip("() ") for number in inner if number < len(node.args)}
    return {number for number, param in enumerate(params) if param in handed}


def _closing(text: str, start: int) -> int:
    depth = 0
    for at in range(start, len(text)):
        depth += (text[at] == "(") - (text[at] == ")")
        if not depth:
            return at + 1
    return len(text)


class Asks(Protocol):
    """What `pure` asks of a program."""

    @property
    def ruleset(self) -> Ruleset:
        """The data in force."""
        ...

    def targets(self, ref: FunctionRef, call: Call) -> Targets:
        """Where a call goes."""
        ...

    def pure(self, function: FunctionId) -> bool:
        """The same question about another function."""
        ...


def pure(ref: FunctionRef, program: Asks) -> bool:
    """Whether a function only computes an address from its arguments: one path, no stores but to its locals."""
    facts = ref.facts
    if len(facts.blocks) > 2 or "*" not in facts.returns or not facts.params:
        return False
    names = {variable.name for variable in (*facts.params, *facts.locals)}
    for block in facts.blocks:
        if block.exit is not None:
            return False
        for event in block.events:
            if isinstance(event, Call):
                if not _harmless(event, ref, program):
                    return False
            elif isinstance(event, Assign):
                if event.target not in names:
                    return False
            elif isinstance(event, Return):
                value = parse(event.value)
                if value is None or not _is_address(value):
                    return False
            elif not isinstance(event, Read):
                return False
    return True


def _harmless(call: Call, ref: FunctionRef, program: Asks) -> bool:
    if call.callee in program.ruleset.typed_macros:
        return True
    targets = program.targets(ref, call)
    return bool(targets.functions) and all(program.pure(function) for function in targets.functions)


def _is_address(node: Node) -> bool:
    match node:
        case Name() | Literal() | Invoke():
            return True
        case Member(base, _, _) | Index(base, _):
            return _is_address(base)
        case Unary("&" | "*", operand) | Cast(_, operand):
            return _is_address(operand)
        case Binary("+" | "-", left, _):
            return _is_address(left)
    return False
