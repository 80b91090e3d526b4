# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Shared pointers that are followed where nothing keeps alive what they point to.

The demand for a reader climbs like a contract (see contract.py). It is told at the function that should have met it:
where the pointer is followed, unless other callers of that function do hold what it needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from reviewtool.checks.check import make_finding
from reviewtool.checks.containers import containers_of
from reviewtool.checks.contract import Way, met_outside, way_down
from reviewtool.checks.opened import TRIES, explained, lowered
from reviewtool.csource.facts import Call, Iterate
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.classes import is_open
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass, Step
from reviewtool.locking.summary import HeldLock, Requirement
from reviewtool.locking.ways import Passage

STATE: Final = "@"

FARTHEST: Final = 8
"""Functions from the entry point to the access; beyond, some condition on the way may well exclude it: a question."""


def check_rcu(model: LockModel) -> Iterator[Finding]:
    """One finding for each place where a pointer is followed, the shortest way there."""
    ways: dict[str, list[tuple[tuple[bool, int], FunctionId, Requirement]]] = {}
    for root, contexts in sorted(model.roots.items()):
        for requirement, _ in model.summary(root).requirements:
            if not requirement.access or met_outside(model, root, contexts, requirement):
                continue
            rank = (requirement.likely, requirement.origin.depth)
            ways.setdefault(requirement.access, []).append((rank, root, requirement))
    for _, found in sorted(ways.items()):
        for _, root, requirement in sorted(found, key=lambda way: (way[0], way[1]))[:TRIES]:
            passage = model.passage(root, requirement)
            if passage is not None:
                yield from _unread(model, root, requirement, passage)
                break


def _unread(model: LockModel, root: FunctionId, requirement: Requirement, passage: Passage) -> Iterator[Finding]:
    way = way_down(root, passage.record)
    held = _held_on(model, way)
    if any(lock.cls in (requirement.cls, *requirement.others) for lock in held):
        return  # Some way through these functions has the reader: which one is taken, conditions decide.
    blamed, line = way[_blamed(model, way, requirement)]
    held = tuple(lock for lock in held if not lock.cls.name.startswith(STATE))
    updaters = _updaters(model, way, held)
    labels = _labels(requirement)
    readers = [lock for lock in held if not _excludes(model, lock)]
    instead = _named(updaters or readers)
    asked = updaters or len(way) > FARTHEST
    finding = make_finding(
        model,
        requirement.rule,
        Certainty.QUESTION if asked else lowered(_certainty(requirement), passage),
        blamed,
        line,
        f"{requirement.message} without {labels}{f', only {instead} is held' if instead else ''}"
        f"{f' on the way from {root.name}()' if len(way) > 1 else ''}",
        identity=(requirement.access,),
        locks=tuple(dict.fromkeys((requirement.cls.label, *(lock.cls.label for lock in (*updaters, *readers))))),
        witness=_steps(model, way, requirement, tuple(lock.cls.label for lock in held)),
        explanation=explained(passage),
    )
    if finding is not None:
        yield finding


def _certainty(requirement: Requirement) -> Certainty:
    return Certainty.LIKELY if requirement.likely else Certainty.PROVED


def _blamed(model: LockModel, way: Way, requirement: Requirement) -> int:
    """The place on the way to tell it at, by its index: a changed function, or the lowest whose callers all fail."""
    changed = [index for index, (function, _) in enumerate(way) if function in model.changed]
    if changed:
        return changed[-1]
    index = len(way) - 1
    while index > 0 and not all(
        _demands(model, caller, requirement) for caller, _ in model.callers.get(way[index][0], ())
    ):
        index -= 1
    return index


def _demands(model: LockModel, function: FunctionId, requirement: Requirement) -> bool:
    return any(other.access == requirement.access for other, _ in model.summary(function).requirements)


def _held_on(model: LockModel, way: Way) -> tuple[HeldLock, ...]:
    """What may be held at the end of the way."""
    held: dict[HeldLock, None] = {}
    for function, line in way:
        locks = model.held_lines(function).get(model.functions[function].line(line), ())
        held.update((lock, None) for lock in locks)
    return tuple(held)


def _updaters(model: LockModel, way: Way, held: tuple[HeldLock, ...]) -> list[HeldLock]:
    """The locks whose holder may be the one that changes what is looked at; all, where it is not known what that is."""
    locks = [lock for lock in held if _excludes(model, lock)]
    container = _looked_at(model, *way[-1]) if locks else None
    if container is None:
        return locks
    changed_under = containers_of(model).changed_under(container)
    return [lock for lock in locks if lock.cls in changed_under]


def _looked_at(model: LockModel, function: FunctionId, line: int) -> LockClass | None:
    """The field that is looked at at a line."""
    ref = model.functions[function]
    for block in ref.facts.blocks:
        for event in block.events:
            if event.line != line or not isinstance(event, Call | Iterate):
                continue
            access = model.ruleset.accesses.get(event.callee if isinstance(event, Call) else event.macro)
            if access is not None and access.at < len(event.args):
                text = event.args[access.at]
                lock = model.linker.lock_of(ref, text if access.walks else f"&{text}")
                return None if lock is None or is_open(lock.cls) else lock.cls
    return None


def _excludes(model: LockModel, lock: HeldLock) -> bool:
    """Whether only one can hold it."""
    family = model.ruleset.families.get(lock.cls.family)
    return family is not None and family.order and family.exclusive


def _labels(requirement: Requirement) -> str:
    names = [cls.label for cls in (requirement.cls, *requirement.others)]
    spelled = [name for name in names if not name.startswith(STATE)] or ["an RCU reader"]
    if len(spelled) < len(names) and "an RCU reader" not in spelled:
        spelled.insert(0, "an RCU reader")
    return " or ".join(spelled)


def _named(locks: list[HeldLock]) -> str:
    return " and ".join(dict.fromkeys(lock.cls.label for lock in locks))


def _steps(model: LockModel, way: Way, requirement: Requirement, held: tuple[str, ...]) -> tuple[Step, ...]:
    steps = [
        model.witnesses.step(function, line, f"calls {following[0].name}()")
        for (function, line), following in pairwise(way)
    ]
    function, line = way[-1]
    return (*steps, model.witnesses.step(function, line, f"needs {_labels(requirement)}", held))
