# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Pointers that others change meanwhile: what must be held where code follows one."""

from __future__ import annotations

import re
from typing import Final

from reviewtool.csource.facts import Call
from reviewtool.csource.text import split
from reviewtool.locking.classes import is_open
from reviewtool.locking.demands import named_lock
from reviewtool.locking.lifetimes import LOOKED
from reviewtool.locking.model import LockClass
from reviewtool.locking.operations import demand, in_arguments
from reviewtool.locking.paths import OPAQUE
from reviewtool.locking.state import State
from reviewtool.locking.summary import Origin, Requirement
from reviewtool.locking.values import constant
from reviewtool.locking.walker import Walker
from reviewtool.ruleset.access import Access

WALK_RULE: Final = "list-walked-outside-reader"
POINTER_RULE: Final = "rcu-pointer-outside-reader"
UPDATE_RULE: Final = "rcu-update-without-lock"

_TEST: Final = re.compile(r"\(?(\w+)\((.*)\)\)?\Z", re.S)


def look_at(walker: Walker, state: State, call: Call) -> None:
    """Ask for a reader (or for what the condition of the call names) where a shared pointer is followed."""
    access = walker.ruleset.accesses.get(call.callee)
    if access is None or access.at >= len(call.args):
        return
    if not access.walks:
        state.env[LOOKED] = call.args[access.at]
    readers = _locks(walker, state, call, access.within)
    others = _conditional(walker, state, call, access)
    if readers is None or others is None or not (readers or others):
        return
    rule = WALK_RULE if access.walks else POINTER_RULE if readers else UPDATE_RULE
    locks = tuple(dict.fromkeys((*readers, *others)))
    demand(
        walker,
        state,
        Requirement(
            locks[0],
            OPAQUE,
            None,
            others=locks[1:],
            rule=rule,
            message=f"{call.callee}() looks at {call.args[access.at]}",
            access=f"{call.callee}({call.args[access.at]}) in {walker.ref.id.name}",
            origin=Origin(call.line),
        ),
    )


def _locks(walker: Walker, state: State, call: Call, names: tuple[str, ...]) -> tuple[LockClass, ...] | None:
    """The classes that data names; None if one of them cannot be told."""
    found: list[LockClass] = []
    for name in names:
        if "@" in name and any(char.isdigit() for char in name):
            text = in_arguments(name, call)
            lock = walker.lock_of(text)
            if lock is None or is_open(lock.cls):
                lock = walker.lock_of(state.canonical(text))
            if lock is None or is_open(lock.cls):
                return None
            found.append(lock.cls)
        else:
            found.append(named_lock(walker.linker, name)[0])
    return tuple(found)


def _conditional(walker: Walker, state: State, call: Call, access: Access) -> tuple[LockClass, ...] | None:
    """The classes that the call's own condition asks for; None if it may hold for another reason."""
    if access.condition is None or access.condition >= len(call.args):
        return ()
    found: list[LockClass] = []
    for term in _terms(call.args[access.condition]):
        value = constant(term, walker.ruleset.values)
        if value == "0":
            continue
        match = _TEST.match(term)
        names = walker.ruleset.held_tests.get(match[1]) if match is not None else None
        if match is None or names is None:
            return None
        locks = _locks(walker, state, Call(call.line, match[1], split(match[2])), names)
        if locks is None:
            return None
        found += locks
    return tuple(found)


def _terms(condition: str) -> list[str]:
    """What `a || b || c` is made of."""
    terms: list[str] = []
    depth = start = 0
    for index, char in enumerate(condition):
        depth += {"(": 1, ")": -1}.get(char, 0)
        if depth == 0 and condition[index : index + 2] == "||":
            terms.append(condition[start:index].strip())
            start = index + 2
    terms.append(condition[start:].strip())
    return terms
