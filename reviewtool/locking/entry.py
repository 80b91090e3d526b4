# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What one call tells the callee of its parameters: the state in which the callee starts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from reviewtool.csource.facts import Branch, Call, Function
from reviewtool.locking.paths import is_plain, roots, substitute
from reviewtool.locking.state import State
from reviewtool.locking.values import ANY, Value, constant, tested
from reviewtool.ruleset.model import ValueWords

Known = tuple[tuple[str, Value], ...]
"""Parameters and their values, in order of the parameters."""

_FLAGS: Final = re.compile(r"\(?[A-Z][A-Z0-9_]*(\|[A-Z][A-Z0-9_]*)*\)?\Z")


def passed(call: Call, callee: Function, state: State, words: ValueWords, enumerator: Callable[[str], bool]) -> Known:
    """The values of a callee's parameters in a call that is made in this state.

    `enumerator` tells whether a name is a constant that is not written as one.
    """
    found: list[tuple[str, Value]] = []
    for parameter, argument in zip(callee.params, call.args, strict=False):
        value = argument if enumerator(argument) else _value(argument, state, words)
        if parameter.name and value != ANY:
            found.append((parameter.name, value))
    return tuple(found)


def _value(argument: str, state: State, words: ValueWords) -> Value:
    for text in (argument, state.canonical(argument)):
        value = constant(text, words)
        if value is not None:
            return value
        if _FLAGS.match(text):
            return text.strip("()")
    constants = {name: value for name in roots(argument) if isinstance(value := state.value(name), str)}
    decided = tested(substitute(argument, constants)) if constants and not is_plain(argument) else None
    return state.value(argument) if decided is None else decided


def entered(callee: Function, known: Known) -> State:
    """The state on entry. Tests of parameters that the values decide (`flags & FLAG`) are in it as decided."""
    state = State(env=dict(known))
    constants = {name: value for name, value in known if isinstance(value, str)}
    if not constants:
        return state
    for block in callee.blocks:
        leave = block.exit
        if isinstance(leave, Branch) and leave.op != "?" and not constants.keys().isdisjoint(roots(leave.left)):
            decided = tested(substitute(leave.left, constants))
            if decided is not None:
                state.env[leave.left] = decided
    return state
