# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What a walk through one function has at hand: the linked program, the callees' summaries, the record."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Final

from reviewtool.csource.facts import Assign, Call, Function, Iterate
from reviewtool.locking.linker import FunctionId, FunctionRef, Linker, Targets
from reviewtool.locking.model import Lock, LockClass
from reviewtool.locking.paths import OPAQUE, is_plain, opaque, roots
from reviewtool.locking.recorder import Recorder
from reviewtool.locking.summary import RECLAIM, SLEEP, Summary
from reviewtool.ruleset.model import Ruleset, WaitType

Summaries = Callable[[FunctionId], Summary]

_SEPARATORS: Final = str.maketrans("|()~", "    ")


class Fixed:
    """The names that mean the same throughout a function: globals, and parameters that it never assigns."""

    __slots__ = ("_changing",)

    def __init__(self, changing: frozenset[str]) -> None:
        self._changing = changing

    def __contains__(self, name: object) -> bool:
        return name not in self._changing


class Walker:
    """Shared by all steps of the walk through one function."""

    def __init__(self, linker: Linker, ref: FunctionRef, summaries: Summaries) -> None:
        self.linker = linker
        self.ruleset: Ruleset = linker.ruleset
        self.ref = ref
        self.summary = summaries
        facts = ref.facts
        assigned = assigned_variables(facts, linker, ref)
        self.parameters = tuple(parameter.name for parameter in facts.params)
        self.locals = frozenset(local.name for local in facts.locals if not local.static)
        self.variables = self.locals | assigned | frozenset(self.parameters)
        self.fixed: Container[str] = Fixed(self.locals | assigned)
        stable = frozenset(name for name in self.parameters if name and name not in assigned)
        self.record = Recorder(stable, self.locals | assigned, sleeping_families(self.ruleset))
        self.lifetimes = False
        """Some object was seen to be in danger: uses of it are looked for."""
        self._locks: dict[str, Lock | None] = {}
        self._targets: dict[tuple[str, tuple[str, ...]], Targets] = {}

    def lock_of(self, text: str) -> Lock | None:
        """The lock that an argument names, in the function's own variables."""
        if text not in self._locks:
            self._locks[text] = self.linker.lock_of(self.ref, text)
        return self._locks[text]

    def targets(self, call: Call) -> Targets:
        """Where a call goes."""
        key = (call.callee, call.args)
        if key not in self._targets:
            self._targets[key] = self.linker.targets(self.ref, call)
        return self._targets[key]

    def in_parameters(self, text: str) -> bool:
        """Whether a caller can say what the text is: it starts from parameters (or constants) only."""
        return not roots(text) & self.locals

    def lasting(self, instance: str) -> str:
        """An instance as a caller can read it: opaque where it starts from a local."""
        if instance.startswith(OPAQUE):
            return OPAQUE
        return instance if self.in_parameters(instance) else opaque("")

    def flags_sleep(self, text: str) -> bool | None:
        """Whether allocation flags allow to sleep; None if the text does not decide it."""
        words = text.translate(_SEPARATORS).split()
        known = self.ruleset.allocation
        if any(word in known.atomic for word in words):
            return False
        if any(word in known.sleeping for word in words):
            return "~" not in text or not any(
                word in known.sleeping for word in text.partition("~")[2].translate(_SEPARATORS).split()
            )
        return None

    def sleep_class(self, flags: str) -> LockClass:
        """What stands for the sleep of an allocation with these flags."""
        words = flags.translate(_SEPARATORS).split()
        return RECLAIM if any(word in self.ruleset.allocation.reclaims for word in words) else SLEEP


_sleeping: Final[dict[str, frozenset[str]]] = {}


def sleeping_families(ruleset: Ruleset) -> frozenset[str]:
    """The families of locks that are waited for asleep."""
    known = _sleeping.get(ruleset.digest)
    if known is None:
        known = frozenset(
            name
            for name, family in ruleset.families.items()
            if family.order and family.exclusive and family.wait_type is WaitType.SLEEP
        )
        _sleeping[ruleset.digest] = known
    return known


def assigned_variables(facts: Function, linker: Linker, ref: FunctionRef) -> frozenset[str]:
    """The variables that a function's body assigns anywhere."""
    names: set[str] = set()
    for block in facts.blocks:
        for event in block.events:
            if isinstance(event, Assign):
                names.add(event.target)
            elif isinstance(event, Call):
                names.add(event.result)
            elif isinstance(event, Iterate):
                names.update(iterated(event, linker, ref))
    return frozenset(name for name in names if is_plain(name))


def iterated(event: Iterate, linker: Linker, ref: FunctionRef) -> list[str]:
    """The variables that a loop macro assigns."""
    arguments = event.args
    return [
        arguments[index].strip("()")
        for index in linker.iterators(ref, event.macro)
        if index < len(arguments) and is_plain(arguments[index].strip("()"))
    ]
