# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What a check of a change is: a function from two snapshots' models to findings about the later one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from reviewtool.checks.agreement import Claim
from reviewtool.csource.facts import Call, Event
from reviewtool.finding.model import Finding
from reviewtool.locking.fields import Fields, accessed
from reviewtool.locking.holding import Seen
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass
from reviewtool.locking.program import Program

_TEMPORARY: Final = re.compile(r"%\d+")
_STATE: Final = "@"
_UNKNOWN: Final = "?*"
"""Start the names of classes that could not be typed."""

Key = tuple[str, ...]
"""Names an event in both snapshots alike."""


@dataclass(frozen=True)
class Pair:
    """Two snapshots in one world."""

    old: LockModel
    new: LockModel
    claims: tuple[Claim, ...] = ()
    """What the documents of the later snapshot say of guarded fields."""

    @cached_property
    def changed(self) -> tuple[FunctionId, ...]:
        """The functions that both have and whose bodies differ, sorted."""
        before = self.old.functions
        return tuple(
            sorted(
                function
                for function, ref in self.new.functions.items()
                if (was := before.get(function)) is not None and was.facts is not ref.facts and was.facts != ref.facts
            )
        )

    @cached_property
    def added(self) -> tuple[FunctionId, ...]:
        """The functions that only the later snapshot has, sorted; headers are no part of it."""
        tables = self.new.linker.tables if isinstance(self.new.linker, Program) else {}
        fresh = self.new.functions.keys() - self.old.functions.keys()
        return tuple(sorted(function for function in fresh if function.path in tables))

    @cached_property
    def fields(self) -> Fields:
        """The accesses of the later snapshot."""
        return Fields(self.new)


StepCheck = Callable[[Pair], Iterator[Finding]]
"""Yields what a change did. Same pair, same findings; fingerprints are the same for each later snapshot compared with
the same earlier one, as long as what they say holds.
"""


def key_of(event: Event) -> Key | None:
    """What an access or a call is called in both snapshots; None for other events."""
    access = accessed(event)
    if access is not None and not isinstance(event, Call):
        return ("write" if access[1] else "read", access[0])
    if isinstance(event, Call):
        return ("call", event.callee, *(_TEMPORARY.sub("%", argument) for argument in event.args))
    return None


def by_key(model: LockModel, function: FunctionId) -> dict[Key, list[Seen]]:
    """The accesses and calls of a function; primitives are none."""
    found: dict[Key, list[Seen]] = {}
    for seen in model.holding.events(function):
        key = key_of(seen.event)
        if key is not None and not (isinstance(seen.event, Call) and is_primitive(model, seen.event)):
            found.setdefault(key, []).append(seen)
    return found


def is_primitive(model: LockModel, call: Call) -> bool:
    """Whether a call does something to a lock, by the data."""
    primitive = model.ruleset.primitives.get(call.callee)
    return primitive is not None and any(operation.family for operation in primitive.operations)


def guards_data(model: LockModel, cls: LockClass) -> bool:
    """Whether locks of a class can be what keeps others from some data: no states, and no read sections."""
    family = model.ruleset.families.get(cls.family)
    return family is not None and family.order and family.exclusive and cls.name[0] not in _STATE + _UNKNOWN
