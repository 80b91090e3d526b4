# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Which data is accessed where a lock may be held."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from reviewtool.csource.facts import Assign, Call, Function, Read
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass
from reviewtool.locking.summary import Kind

_WORD: Final = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class Access:
    """A function touches something at a line of its file."""

    function: FunctionId
    line: int
    write: bool


class Touched:
    """What each function's body touches, by name. Facts are shared by worlds and snapshots, so each is read once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Function, Mapping[str, tuple[tuple[int, bool], ...]]]] = {}

    def of(self, facts: Function) -> Mapping[str, tuple[tuple[int, bool], ...]]:
        """By the words of the paths: the lines (as the facts count them), and whether it is written there."""
        known = self._known.get(id(facts))
        if known is None:
            # The facts are kept along, so that nothing else can get their identity.
            known = self._known[id(facts)] = (facts, _touched(facts))
        return known[1]


class Accesses:
    """The accesses of one world, by the last component of a path."""

    def __init__(self, model: LockModel, touched: Touched) -> None:
        self._model = model
        self._touched = touched
        self._under: dict[LockClass, frozenset[FunctionId]] = {}
        self._found: dict[str, tuple[Access, ...]] = {}

    def of(self, name: str) -> tuple[Access, ...]:
        """All accesses to what is called so."""
        if name not in self._found:
            self._found[name] = tuple(
                Access(ref.id, ref.line(line), write)
                for ref in self._model.functions.values()
                for line, write in self._touched.of(ref.facts).get(name, ())
            )
        return self._found[name]

    def under(self, cls: LockClass) -> frozenset[FunctionId]:
        """The functions in which a lock may be held: those that take or demand it, and all that they call.

        More than those in which it is held, never fewer, as far as calls are known.
        """
        if cls not in self._under:
            self._under[cls] = self._reached(cls)
        return self._under[cls]

    def _reached(self, cls: LockClass) -> frozenset[FunctionId]:
        start = {
            function
            for function, summary in self._model.summaries.items()
            if any(inner.cls == cls and inner.kind is Kind.LOCK for inner, _ in summary.inner)
            or any(requirement.cls == cls for requirement, _ in summary.requirements)
            or any(lock.cls == cls for outcome in summary.outcomes for lock in (*outcome.held, *outcome.owed))
        }
        reached = set(start)
        queue = list(start)
        while queue:
            for callee in self._callees.get(queue.pop(), ()):
                if callee not in reached:
                    reached.add(callee)
                    queue.append(callee)
        return frozenset(reached)

    def takers(self, cls: LockClass) -> frozenset[FunctionId]:
        """The functions that take a lock by themselves."""
        return frozenset(
            function
            for function, summary in self._model.summaries.items()
            if any(inner.cls == cls and inner.origin.callee is None for inner, _ in summary.inner)
        )

    @cached_property
    def _callees(self) -> dict[FunctionId, tuple[FunctionId, ...]]:
        found: dict[FunctionId, list[FunctionId]] = {}
        for callee, sites in self._model.callers.items():
            for caller, _ in sites:
                found.setdefault(caller, []).append(callee)
        return {caller: tuple(callees) for caller, callees in found.items()}


def _touched(facts: Function) -> Mapping[str, tuple[tuple[int, bool], ...]]:
    found: dict[str, list[tuple[int, bool]]] = {}
    for block in facts.blocks:
        for event in block.events:
            texts: tuple[tuple[str, bool], ...] = ()
            if isinstance(event, Read):
                texts = ((event.path, False),)
            elif isinstance(event, Assign):
                texts = ((event.target, True),)
            elif isinstance(event, Call):
                texts = tuple((text, True) for text in event.args if "&" in text)
            for text, write in texts:
                for name in dict.fromkeys(_WORD.findall(text)):
                    found.setdefault(name, []).append((event.line, write))
    return {name: tuple(each) for name, each in found.items()}
