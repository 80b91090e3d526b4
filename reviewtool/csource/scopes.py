# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""C scopes of one function body: the names declared in them, and what is left by itself at their end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from reviewtool.csource.facts import Config, Variable

_WORD: Final = re.compile(
    r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?:->|\.|struct |union |enum )\w+|(?<!\w)[A-Za-z_]\w*""", re.DOTALL
)


Configs = tuple[tuple[Config, bool], ...]
"""The `#if` branches around a place, outermost first: the condition, and whether it holds there."""


@dataclass(frozen=True, slots=True)
class Managed:
    """A managed scope that may be open, and those around it.

    One that began in an `#if` stays open after the `#endif`, but only where the condition holds.
    """

    scope: int
    outer: Managed | None
    depth: int
    configs: Configs = ()
    """The `#if` branches in which it began."""

    def open_in(self, configs: Configs) -> Configs | None:
        """What must hold beyond `configs` for it to be open; None if it cannot be."""
        if not self.configs:
            return ()
        known = {config.text: holds for config, holds in configs}
        if any(known.get(config.text, holds) != holds for config, holds in self.configs):
            return None
        return tuple((config, holds) for config, holds in self.configs if config.text not in known)


def left_on_way(inside: Managed | None, outside: Managed | None) -> list[Managed]:
    """Return the scopes that a way from a place in `inside` to one in `outside` leaves, innermost first.

    C allows no way into a managed scope but through its beginning, so the outer place is around the inner one.
    """
    floor = outside.depth if outside is not None else 0
    scopes: list[Managed] = []
    while inside is not None and inside.depth > floor:
        scopes.append(inside)
        inside = inside.outer
    return scopes


class Names:
    """The names in force while a body is walked. A name that was taken gets a new one: `r~2`."""

    __slots__ = ("_counts", "_frames", "_renamed", "active", "variables")

    def __init__(self, parameters: list[str]) -> None:
        """Begin with the parameters."""
        self.active: dict[str, str] = {name: name for name in parameters}
        """Name as written to name in the facts, of everything local."""
        self.variables: list[Variable] = []
        """All locals so far."""
        self._counts = dict.fromkeys(parameters, 1)
        self._renamed: dict[str, str] = {}
        self._frames: list[dict[str, str | None]] = []

    def enter(self) -> None:
        """Open a scope."""
        self._frames.append({})

    def leave(self) -> None:
        """Close it: what it hid shows again."""
        for name, before in self._frames.pop().items():
            if before is None:
                del self.active[name]
                self._renamed.pop(name, None)
            else:
                self._bind(name, before)

    def declare(self, variable: Variable) -> str:
        """Add a local to the innermost scope; return its name in the facts."""
        name = variable.name
        frame = self._frames[-1]
        if name in frame:
            # The other alternative of an `#if`: the same place, the same variable.
            return self.active[name]
        frame[name] = self.active.get(name)
        count = self._counts[name] = self._counts.get(name, 0) + 1
        unique = name if count == 1 else f"{name}~{count}"
        self._bind(name, unique)
        if unique != name:
            variable = Variable(unique, variable.type, variable.static, variable.attributes)
        self.variables.append(variable)
        return unique

    def rename(self, text: str) -> str:
        """Return an expression's text with the names of the facts."""
        if not self._renamed:
            return text
        renamed = self._renamed
        return _WORD.sub(lambda match: renamed.get(match[0], match[0]), text)

    def _bind(self, name: str, unique: str) -> None:
        self.active[name] = unique
        if unique == name:
            self._renamed.pop(name, None)
        else:
            self._renamed[name] = unique
