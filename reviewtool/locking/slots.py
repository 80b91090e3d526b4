# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The places that can hold a function's address."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from reviewtool.locking.linker import FunctionId, FunctionRef
from reviewtool.ruleset.model import Ruleset


class Slot(NamedTuple):
    """A place that can hold a function's address. Fields are told apart by record and name, not by object."""

    kind: Literal["field", "variable", "parameter", "local", "result", "named"]
    holder: str | FunctionId
    """The record; the file of a static variable, else ""; the function."""
    name: str


class Sources(NamedTuple):
    """What an expression can hold: functions by name, and whatever these slots hold."""

    functions: tuple[FunctionRef, ...] = ()
    slots: tuple[Slot, ...] = ()


NOTHING: Final = Sources()


def both(one: Sources, other: Sources) -> Sources:
    """What either can hold."""
    return Sources(one.functions + other.functions, one.slots + other.slots)


def named_slots(name: str, ruleset: Ruleset) -> tuple[Slot, ...]:
    """The slots behind a call that is patched in by name: its own, and the field that the ruleset says fills it."""
    own = Slot("named", "", name)
    filled = [named for named in ruleset.named_calls if named.prefix and name.startswith(named.prefix)]
    if not filled:
        return (own,)
    best = max(filled, key=lambda named: len(named.prefix))
    return (own, Slot("field", best.record, name[len(best.prefix) :]))
