# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""`#if` conditions in three values: holds, does not, depends on the configuration."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from reviewtool.locking.expr import Binary, Invoke, Literal, Name, Node, Unary, parse

_CONFIGURED: Final = re.compile(r"(?:__?)?CONFIG_")
"""Names that Kconfig decides (Documentation/kbuild/kconfig-language.rst): they are defined in no source."""

_NUMBER: Final = re.compile(r"0[xX][0-9a-fA-F]+|\d+")


class Conditions:
    """Judges conditions in one world. `defined` answers for a macro name that is not one of the configuration."""

    def __init__(self, defined: Callable[[str], bool | None]) -> None:
        self._ask = defined
        self._known: dict[str, bool | None] = {}
        self._asking: set[str] = set()

    def holds(self, conditions: tuple[str, ...]) -> bool | None:
        """Whether all of them hold."""
        result: bool | None = True
        for text in conditions:
            truth = self.truth(text)
            if truth is False:
                return False
            if truth is None:
                result = None
        return result

    def truth(self, text: str) -> bool | None:
        """Whether one condition holds."""
        if text not in self._known:
            self._known[text] = None
            node = parse(text)
            self._known[text] = self._value(node) if node is not None else None
        return self._known[text]

    def exclusive(self, one: tuple[str, ...], other: tuple[str, ...]) -> bool:
        """Whether two places can never be compiled together: one has the opposite of a condition of the other."""
        return any(f"!({text})" in other for text in one) or any(f"!({text})" in one for text in other)

    def _value(self, node: Node) -> bool | None:
        match node:
            case Literal(text):
                number = _NUMBER.match(text)
                return int(number.group(), 0 if "x" in number.group().lower() else 10) != 0 if number else None
            case Unary("!", operand):
                value = self._value(operand)
                return None if value is None else not value
            case Unary("defined", operand):
                return self._value(operand)
            case Binary("&&", left, right):
                return _both(self._value(left), self._value(right))
            case Binary("||", left, right):
                one, two = self._value(left), self._value(right)
                return None if (both := _both(_opposite(one), _opposite(two))) is None else not both
            case Invoke(Name("defined"), (name,)):
                return self._defined(name)
        return None

    def _defined(self, name: str) -> bool | None:
        if _CONFIGURED.match(name) or name in self._asking:
            return None
        self._asking.add(name)
        try:
            return self._ask(name)
        finally:
            self._asking.discard(name)


def _opposite(value: bool | None) -> bool | None:
    return None if value is None else not value


def _both(one: bool | None, two: bool | None) -> bool | None:
    if one is False or two is False:
        return False
    return None if one is None or two is None else True
