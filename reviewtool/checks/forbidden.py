# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What a `[[forbidden-under]]` of the rules says must not happen under a lock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reviewtool.checks.check import make_finding
from reviewtool.checks.opened import Opened, explained, first_open
from reviewtool.checks.order import innermost
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.demands import named_lock
from reviewtool.locking.graph import Arc
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass
from reviewtool.locking.summary import HeldLock, Inner, Kind, Relation, called
from reviewtool.locking.witness import describe
from reviewtool.ruleset.model import Effect, ForbiddenUnder, Mode

DECLARED_RULE: Final = "forbidden-under-lock"

FARTHEST: Final = 8
"""Calls from where the lock is held to what is forbidden; beyond, some condition on the way may well exclude it, and
the finding is a question. Half as many where a pointer on the way may point to something else."""

_EFFECTS: Final = {Effect.SLEEP: Kind.SLEEP, Effect.FAULT: Kind.FAULT, Effect.WAIT: Kind.SYNC}

Place = tuple[FunctionId, int]


def check_forbidden(model: LockModel) -> Iterator[Finding]:
    """One finding for each place and declaration, the shortest way there."""
    for forbidden in model.ruleset.forbidden:
        if forbidden.worlds and model.world not in forbidden.worlds:
            continue
        found: dict[Place, list[tuple[FunctionId, Relation]]] = {}
        for function, relation in (*model.relations(), *model.entered):
            inner = relation.inner
            if inner.final or inner.flags or not _happens(model, forbidden, inner):
                continue
            if any(_held(model, relation.outer, name) for name in forbidden.under):
                found.setdefault(innermost(Arc(function, relation)), []).append((function, relation))
        told: set[Place] = set()
        for place, ways in sorted(found.items(), key=lambda item: item[0]):
            opened = first_open(model, sorted(ways, key=lambda way: _rank(model, *way)))
            if opened is not None:
                actual = innermost(Arc(opened.function, opened.relation))
                if told.isdisjoint((place, actual)):
                    yield from _finding(model, forbidden, actual, opened)
                told.update((place, actual))


def _rank(model: LockModel, function: FunctionId, relation: Relation) -> tuple[bool, bool, int]:
    return (function not in model.changed, relation.inner.likely, relation.inner.origin.depth)


def _held(model: LockModel, outer: HeldLock, name: str) -> bool:
    if name.startswith("<"):
        return outer.cls.family == name.strip("<>")
    cls, mode = named_lock(model.linker, name)
    return outer.cls == cls and (not name.endswith(f":{mode}") or _as_held(outer.mode, mode))


def _as_held(held: Mode, mode: Mode) -> bool:
    return (held is Mode.EXCLUSIVE) == (mode is Mode.EXCLUSIVE)


def _happens(model: LockModel, forbidden: ForbiddenUnder, inner: Inner) -> bool:
    if inner.kind is Kind.CALL:
        return any(inner.cls == called(name) for name in forbidden.calls) and _caller(inner) not in forbidden.calls
    if inner.kind is Kind.LOCK:
        return any(_acquired(model, inner, name) for name in forbidden.acquires)
    return any(_EFFECTS.get(effect) is inner.kind for effect in forbidden.effects)


def _caller(inner: Inner) -> str:
    """The name of the callee that makes a call, which is told at the callee's own call if that is forbidden as well."""
    name, origin = "", inner.origin
    for _ in range(64):
        if origin.callee is None:
            break
        name, record = origin.callee.name, origin.key
        if isinstance(record, tuple):
            _, target, record = record
            name = target.name
        origin = record.origin  # type: ignore[attr-defined]
    return name


def _acquired(model: LockModel, inner: Inner, name: str) -> bool:
    lock: LockClass = inner.cls
    return lock.family == name.strip("<>") if name.startswith("<") else lock == named_lock(model.linker, name)[0]


def _finding(model: LockModel, forbidden: ForbiddenUnder, place: Place, opened: Opened) -> Iterator[Finding]:
    function, relation = opened.function, opened.relation
    outer, inner = relation.outer, relation.inner
    reason = f": {forbidden.message}" if forbidden.message else ""
    source = f" ({forbidden.source})" if forbidden.source else ""
    far = inner.origin.depth > (FARTHEST // 2 if inner.likely else FARTHEST)
    finding = make_finding(
        model,
        forbidden.rule or DECLARED_RULE,
        Certainty.QUESTION if far else opened.at_most(Certainty.LIKELY if inner.likely else Certainty.PROVED),
        *place,
        f"{describe(inner)} while {outer.cls.label} is held{reason}{source}",
        identity=(outer.cls.name, inner.cls.name, str(inner.kind)),
        locks=(outer.cls.label, *([inner.cls.label] if inner.kind is Kind.LOCK else [])),
        witness=model.witnesses.relation(function, relation),
        explanation=explained(opened.passage),
    )
    if finding is not None:
        yield finding
