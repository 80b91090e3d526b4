# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What data demands of callers: calls and accesses that need a lock, and calls that must not happen under one."""

from __future__ import annotations

from reviewtool.csource.facts import Call, Event
from reviewtool.locking.needs import (
    declares_need,
    is_forbidden,
    is_named,
    named_lock,
    of_access,
    of_annotations,
    of_call,
    touches_named,
)
from reviewtool.locking.operations import demand
from reviewtool.locking.state import State
from reviewtool.locking.summary import Inner, Kind, Origin, called
from reviewtool.locking.walker import Walker
from reviewtool.ruleset.model import Mode

__all__ = [
    "declared_needs",
    "declares_need",
    "is_named",
    "named_lock",
    "needs_of_access",
    "needs_of_annotations",
    "touches_named",
]


def declared_needs(walker: Walker, state: State, call: Call) -> None:
    """Ask for the locks that the ruleset wants held at this call, and note it if it must not happen under some."""
    if is_forbidden(walker.ruleset, call.callee):
        walker.record.happens(
            state, Inner(Kind.CALL, called(call.callee), "", Mode.EXCLUSIVE, origin=Origin(call.line))
        )
    for requirement in of_call(walker.linker, walker.ref, call):
        demand(walker, state, requirement)


def needs_of_annotations(walker: Walker, state: State) -> None:
    """Ask for the locks that the function's annotations say are held on entry."""
    for requirement in of_annotations(walker.linker, walker.ref):
        demand(walker, state, requirement)


def needs_of_access(walker: Walker, state: State, event: Event) -> None:
    """Ask for the locks that the ruleset wants held where a field is read or written."""
    for requirement in of_access(walker.linker, walker.ref, event):
        demand(walker, state, requirement)
