# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Who may take an object out of a container and free it while another function uses it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reviewtool.checks.containers import Site, containers_of
from reviewtool.csource.facts import Call
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass
from reviewtool.locking.objects import Handled, does_to_variable
from reviewtool.locking.summary import Kind

STATE: Final = "@"
_FREES: Final = frozenset({"free", "free-later", "put"})
_FAR: Final = 12
"""Callers above a function that may be in a reader which it relies on."""
_LEVELS: Final = 2
"""Functions through which an object is followed to where it is freed."""


def remover(
    model: LockModel, user: FunctionId, line: int, container: LockClass, lock: LockClass
) -> tuple[FunctionId, Handled] | None:
    """A place that takes an object out of a container under a lock, and frees it, while `user` may be at a line.

    Both have an entry point in common that lasts as long as the object's owner, and no other lock keeps them apart;
    None if there is no such place. A lock that either may hold, through any caller, counts as one that it holds.
    """
    known = containers_of(model)
    own = frozenset(cls for cls in known.held_at(user, line) if not cls.name.startswith(STATE))
    entries: frozenset[FunctionId] | None = None
    for function, found in _removals(model, container):
        if function == user or not found.variable or not _frees(model, function, found.variable):
            continue
        others = known.held_at(function, found.line)
        if lock not in others or own & (others - {lock}) or own & _waited_for(model, function):
            continue
        if entries is None:
            entries = _entries(model, user)
        if entries & _entries(model, function):
            return function, found
    return None


def is_waited_for(model: LockModel, user: FunctionId, line: int, container: LockClass) -> bool:
    """Whether `user` may be, at a line, in another reader that one waits for who takes things out of a container."""
    held = containers_of(model).held_at(user, line, _FAR)
    return any(held & _waited_for(model, function) for function, _ in _removals(model, container))


def _removals(model: LockModel, container: LockClass) -> Iterator[Site]:
    for function, found in containers_of(model).changes(container):
        if found.handling.does == "remove":
            yield function, found


def _frees(model: LockModel, function: FunctionId, name: str) -> bool:
    """Whether a function frees what one of its variables points to, or passes it to one that does."""
    ref = model.functions.get(function)
    return ref is not None and does_to_variable(model.linker, ref, name, _FREES, _LEVELS)


def _waited_for(model: LockModel, function: FunctionId) -> frozenset[LockClass]:
    """The readers that a function waits for."""
    return frozenset(inner.cls for inner, _ in model.summary(function).inner if inner.kind is Kind.SYNC)


def _entries(model: LockModel, function: FunctionId) -> frozenset[FunctionId]:
    """The entry points that lead to a function, but not through the drop of the last reference to something."""
    found: set[FunctionId] = set()
    seen: set[FunctionId] = set()
    stack = [function]
    while stack:
        current = stack.pop()
        if current in seen or (current != function and _ends(model, current)):
            continue
        seen.add(current)
        if current in model.roots:
            found.add(current)
        stack.extend(caller for caller, _ in model.callers.get(current, ()))
    return frozenset(found)


def is_teardown(model: LockModel, function: FunctionId) -> bool:
    """Whether a function runs only where the last reference to something is dropped."""
    if _entries(model, function):
        return False
    seen = {function}
    stack = [function]
    while stack:
        current = stack.pop()
        if current != function and _ends(model, current):
            return True
        new = [caller for caller, _ in model.callers.get(current, ()) if caller not in seen]
        seen.update(new)
        stack += new
    return False


def _ends(model: LockModel, function: FunctionId) -> bool:
    """Whether a function drops a reference, and does more only for the last one."""
    ref = model.functions.get(function)
    words = model.ruleset.values.last_put
    return ref is not None and any(
        isinstance(event, Call) and event.callee in words for block in ref.facts.blocks for event in block.events
    )
