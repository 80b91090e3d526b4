# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Which locks are surely, and which are possibly held at the lines of a function; who calls it with what held."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from reviewtool.changelog.names import Names
from reviewtool.csource.facts import Call
from reviewtool.locking.flow import Flow
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass, Step
from reviewtool.locking.program import Program
from reviewtool.locking.state import State
from reviewtool.ruleset.model import Mode

DEEPEST: Final = 10
"""Callers above callers that are looked at."""
MOST_STEPS: Final = 3000
"""Places that are looked at for one question, all together."""
MOST_SITES: Final = 200
"""Places of call that are looked at for one question."""

_NONE: Final = (frozenset[tuple[LockClass, Mode]](), frozenset[tuple[LockClass, Mode]]())


class Held(StrEnum):
    """Whether a lock is held at a place."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The locks of which one is to be held, and whether it has to be held exclusively."""

    locks: tuple[LockClass, ...]
    exclusive: bool = False

    def within(self, held: Iterable[tuple[LockClass, Mode | None]]) -> bool:
        """Whether one of them is among these."""
        return any(cls in self.locks and (not self.exclusive or mode is Mode.EXCLUSIVE) for cls, mode in held)

    def named(self, held: Iterable[tuple[LockClass, Mode | None]]) -> bool:
        """The same, in whatever mode."""
        return any(cls in self.locks for cls, _ in held)


@dataclass(frozen=True, slots=True)
class Standing:
    """The answer for one place, and the steps that show it."""

    held: Held
    steps: tuple[Step, ...]


class Places:
    """Answers for one model."""

    def __init__(self, model: LockModel, names: Names) -> None:
        self._model = model
        self._names = names
        self._budget = MOST_STEPS
        self._lines: dict[FunctionId, dict[int, tuple[frozenset[tuple[LockClass, Mode]], ...]]] = {}

    def at(self, function: FunctionId, line: int) -> tuple[frozenset[tuple[LockClass, Mode]], ...]:
        """(surely held, possibly held) before a relative line of a function, of what it takes itself."""
        if function not in self._lines:
            self._lines[function] = self._walked(function)
        return self._lines[function].get(line, _NONE)

    def _walked(self, function: FunctionId) -> dict[int, tuple[frozenset[tuple[LockClass, Mode]], ...]]:
        sure: dict[int, frozenset[tuple[LockClass, Mode]]] = {}
        some: dict[int, frozenset[tuple[LockClass, Mode]]] = {}
        ref = self._model.functions.get(function)
        if ref is None:
            return {}

        def watch(line: int, state: State) -> None:
            here = frozenset((lock.cls, lock.mode) for lock in state.held if not lock.drained)
            sure[line] = sure[line] & here if line in sure else here
            some[line] = some.get(line, frozenset()) | here

        Flow(self._model.linker, ref, self._model.summary, watch).run()
        return {line: (sure[line], some[line]) for line in sure}

    def callers(self, function: FunctionId, wanted: Wanted, within: frozenset[FunctionId]) -> list[Standing]:
        """For each known place that calls the function (in one of `within`, if that is not empty): is one held?"""
        sites = self._model.callers.get(function, ())[:MOST_SITES]
        chosen = [site for site in sites if not within or site[0] in within]
        self._budget = MOST_STEPS
        return [self._called(caller, line, wanted, (function,)) for caller, line in chosen]

    def _called(self, caller: FunctionId, line: int, wanted: Wanted, above: tuple[FunctionId, ...]) -> Standing:
        """The answer for one place that calls the last function of `above`, or passes it on.

        What is not held where it is passed may well be taken before it is called.
        """
        name = above[-1].name
        passed = self._is_passed(caller, line, name)
        event = f"passes {name}()" if passed else f"calls {name}()"
        standing = self._standing(caller, line, event, wanted, above)
        return Standing(Held.UNKNOWN, standing.steps) if passed and standing.held is Held.NO else standing

    def _is_passed(self, caller: FunctionId, line: int, name: str) -> bool:
        """Whether a function is an argument at a relative line of another one, and not called there by its name."""
        ref = self._model.functions.get(caller)
        events = (event for block in ref.facts.blocks for event in block.events) if ref is not None else ()
        calls = [event for event in events if isinstance(event, Call) and event.line == line]
        if any(call.callee == name for call in calls):
            return False
        return any(argument.lstrip("&") == name for call in calls for argument in call.args)

    def line(self, function: FunctionId, line: int, wanted: Wanted, event: str) -> Standing:
        """Whether one of the locks is held at a relative line of a function, whoever calls it."""
        self._budget = MOST_STEPS
        return self._standing(function, line, event, wanted, ())

    def _standing(
        self, function: FunctionId, line: int, event: str, wanted: Wanted, above: tuple[FunctionId, ...]
    ) -> Standing:
        sure, some = self.at(function, line)
        step = self._model.witnesses.step(function, line, event, tuple(sorted(cls.label for cls, _ in sure)))
        if wanted.within(sure):
            return Standing(Held.YES, (step,))
        summary = self._model.summary(function)
        needs = [(need.cls, need.mode) for need, _ in summary.requirements if not need.negative]
        if wanted.within(needs):
            return Standing(Held.YES, (step,))
        if wanted.named((*some, *needs)) or summary.bounded or summary.unknown_locks:
            return Standing(Held.UNKNOWN, (step,))
        return self._above(function, wanted, above, step)

    def _above(self, function: FunctionId, wanted: Wanted, above: tuple[FunctionId, ...], step: Step) -> Standing:
        """A place that does not hold it by itself: it depends on who calls the function."""
        sites = self._model.callers.get(function, ())
        self._budget -= 1
        if function in above or len(above) >= DEEPEST or len(sites) > MOST_SITES or self._budget < 0:
            return Standing(Held.UNKNOWN, (step,))
        if not sites:
            return Standing(Held.NO if self.entered(function) else Held.UNKNOWN, (step,))
        found = [self._called(caller, line, wanted, (*above, function)) for caller, line in sites]
        worst = _first(found, Held.NO) or _first(found, Held.UNKNOWN) or found[0]
        return Standing(worst.held, (*worst.steps, step))

    def entered(self, function: FunctionId) -> bool:
        """Whether code outside of what is read surely calls it: nobody inside does, and others can see it."""
        ref = self._model.functions.get(function)
        if ref is None or self._model.callers.get(function):
            return False
        if function.name in self._given:
            return self._given[function.name]
        return not ref.facts.static and not ref.facts.inline

    @cached_property
    def _given(self) -> dict[str, bool]:
        """Names whose address is stored or passed: True where a structure from outside alone gets them."""
        program = self._model.linker
        found: dict[str, bool] = {}
        if not isinstance(program, Program):
            return found
        for table in program.symbols.tables.values():
            for variables in table.globals.values():
                for site in variables:
                    record = site.fact.type.removeprefix("const ").partition("[")[0].strip()
                    foreign = record.startswith("struct ") and record not in self._names.records
                    for entry in site.fact.init:
                        name = entry.value.lstrip("&")
                        found[name] = foreign and found.get(name, True)
        for ref in self._model.functions.values():
            for block in ref.facts.blocks:
                for event in block.events:
                    if isinstance(event, Call):
                        found.update((arg.lstrip("&"), False) for arg in event.args if arg.lstrip("&").isidentifier())
        return found


def _first(found: Iterable[Standing], held: Held) -> Standing | None:
    return next((standing for standing in found if standing.held is held), None)
