# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""`#if` conditions in three values: holds, does not, depends on the configuration."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Final

from reviewtool.locking.expr import Binary, Invoke, Literal, Name, Node, Unary, parse
from reviewtool.locking.kconfig import Configuration

_CONFIGURED: Final = re.compile(r"(?:__?)?CONFIG_")
"""Names that Kconfig decides (Documentation/kbuild/kconfig-language.rst): they are defined in no source."""

_COMPARE: Final = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge,
}  # fmt: skip
_NUMBER: Final = re.compile(r"0[xX][0-9a-fA-F]+|\d+")


class Conditions:
    """Judges conditions in one world.

    `defined` answers for a macro name that is not one of the configuration, `body` gives the text of a macro without
    parameters (None if there is none or it cannot be known), `configuration` tells what Kconfig decides.
    """

    def __init__(
        self,
        defined: Callable[[str], bool | None],
        body: Callable[[str], str | None],
        configuration: Configuration | None = None,
    ) -> None:
        self._ask = defined
        self._body = body
        self._configuration = configuration or Configuration()
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
            value = self._text(text)
            self._known[text] = None if value is None else value != 0
        return self._known[text]

    def _text(self, text: str) -> int | None:
        node = parse(text)
        return self._value(node) if node is not None else None

    def _value(self, node: Node) -> int | None:
        match node:
            case Literal(text):
                number = _NUMBER.match(text)
                return int(number.group(), 16 if "x" in number.group().lower() else 10) if number else None
            case Name(name):
                return self._number(name)
            case Unary("!", operand):
                value = self._value(operand)
                return None if value is None else int(not value)
            case Binary("&&", left, right):
                return _both(self._value(left), self._value(right))
            case Binary("||", left, right):
                neither = _both(_opposite(self._value(left)), _opposite(self._value(right)))
                return _opposite(neither)
            case Binary(op, left, right) if op in _COMPARE:
                one, two = self._value(left), self._value(right)
                return None if one is None or two is None else int(_COMPARE[op](one, two))
            case Invoke(Name("defined"), (name,)):
                found = self._defined(name)
                return None if found is None else int(found)
            case Invoke(Name(test), (name,)):
                found = self._configuration.tested(test, name)
                return None if found is None else int(found)
        return None

    def _number(self, name: str) -> int | None:
        if _CONFIGURED.match(name) or name in self._asking:
            return None
        body = self._body(name)
        if not body:
            return None
        self._asking.add(name)
        try:
            return self._text(body)
        finally:
            self._asking.discard(name)

    def _defined(self, name: str) -> bool | None:
        if _CONFIGURED.match(name):
            return self._configuration.defined(name)
        if name in self._asking:
            return None
        self._asking.add(name)
        try:
            return self._ask(name)
        finally:
            self._asking.discard(name)


def exclusive(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two places can never be compiled together: one has the opposite of a condition of the other."""
    return any(f"!({text})" in other for text in one) or any(f"!({text})" in one for text in other)


def _opposite(value: int | None) -> int | None:
    return None if value is None else int(not value)


def _both(one: int | None, two: int | None) -> int | None:
    if one == 0 or two == 0:
        return 0
    return None if one is None or two is None else 1
