# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Calls that are made once: `if (!x->ready) set_up(x);`, where what is called sets `ready`.

What happens in there happens the first time only; whether it can happen in the context that a way shows, nothing in
the code can tell. So it is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from reviewtool.csource.facts import Assign, Call, Return
from reviewtool.locking.linker import FunctionId, FunctionRef
from reviewtool.locking.macros import substituted
from reviewtool.locking.program import Program
from reviewtool.locking.state import State
from reviewtool.locking.values import ZERO, constant, signs
from reviewtool.ruleset.model import ValueWords

MOST: Final = 400
"""Functions below a call that are looked at for the assignment."""

_FIELD: Final = re.compile(r"(?:->|\.)(\w+)(?![\w(])")
_CALL: Final = re.compile(r"(\w+)\(")


class FirstTime:
    """Answers for one program. `below` tells what a function calls."""

    def __init__(self, program: Program, below: Callable[[FunctionId], tuple[FunctionId, ...]]) -> None:
        self._program = program
        self._below = below
        self._words = program.ruleset.values
        self._set: dict[FunctionId, frozenset[str]] = {}

    def is_first(self, ref: FunctionRef, state: State) -> bool:
        """Whether this state is one in which the function is to set up what is known to be missing."""
        missing = {state.aliases.get(name, name) for name, value in state.env.items() if signs(value) == ZERO}
        flags = {field for name in missing for field in self._flags(ref, name) if self._tells(field)}
        return bool(flags) and not flags.isdisjoint(self._sets(ref.id))

    def _tells(self, field: str) -> bool:
        return not self._words.made_ready.isdisjoint(field.lower().split("_"))

    def _flags(self, ref: FunctionRef, name: str) -> Iterator[str]:
        """The fields that a test looks at, by itself or in a helper that only reads one."""
        if name[:1] in "@#%":
            return
        fields = _FIELD.findall(name)
        if fields and "(" not in name and "=" not in name:
            yield fields[-1]
        helper = _CALL.match(name)
        if helper is None:
            return
        arguments = (name[helper.end() : -1],)
        macro = self._program.macro_of(ref, helper[1])
        if macro is not None:
            yield from _FIELD.findall(substituted(macro, arguments) or "")[-1:]
        for target in self._program.targets(ref, Call(0, helper[1], arguments)).functions[:1]:
            found = self._program.functions().get(target)
            yield from _returned(found) if found is not None else ()

    def _sets(self, function: FunctionId) -> frozenset[str]:
        """The fields that a function, or one below it, sets to a constant other than 0."""
        known = self._set.get(function)
        if known is None:
            fields: set[str] = set()
            seen = {function: None}
            queue = [function]
            for current in queue:
                ref = self._program.functions().get(current)
                fields.update(_assigned(ref, self._words) if ref is not None else ())
                for callee in self._below(current):
                    if callee not in seen and len(seen) < MOST:
                        seen[callee] = None
                        queue.append(callee)
            known = self._set[function] = frozenset(fields)
        return known


def _returned(ref: FunctionRef) -> Iterator[str]:
    """The field that a helper of one statement returns."""
    if len(ref.facts.blocks) != 1:
        return
    for event in ref.facts.blocks[0].events:
        if isinstance(event, Return):
            yield from _FIELD.findall(event.value)[-1:]


def _assigned(ref: FunctionRef, words: ValueWords) -> Iterator[str]:
    for block in ref.facts.blocks:
        for event in block.events:
            if isinstance(event, Assign) and event.op == "=":
                value = constant(event.value, words)
                if value is not None and not signs(value) & ZERO:
                    yield from _FIELD.findall(event.target)[-1:]
