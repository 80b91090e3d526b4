# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The functions that a patch changes and that have to do with locks, each with a path that can be replayed."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from reviewtool.checks.paths import path_before, path_evidence
from reviewtool.finding.evidence import Evidence, PathEvidence
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.summary import Kind
from reviewtool.review.model import ChangedPath
from reviewtool.review.request import PathWish
from reviewtool.review.workshop import Models


def changed_paths(
    number: int, before: Models, after: Models, touched: Collection[str], wish: PathWish
) -> list[ChangedPath]:
    """The functions with locks that patch `number` changes, each in the first world that has it."""
    found: dict[tuple[str, str], ChangedPath] = {}
    for old, new in zip(before, after, strict=True):
        for function in tuple(_changed(old, new, touched)) if new is not old else ():
            key = (function.path, function.name)
            if key not in found and wish.covers(number, *key):
                path = _path(number, old, new, function, wish)
                if path.locks or path.shown is not None:
                    found[key] = path
    return sorted(found.values(), key=lambda each: (each.path, each.line))


def _changed(old: LockModel, new: LockModel, touched: Collection[str]) -> Iterator[FunctionId]:
    for function, ref in new.functions.items():
        was = old.functions.get(function)
        if function.path in touched and (was is None or was.facts != ref.facts):
            yield function


def _path(number: int, old: LockModel, new: LockModel, function: FunctionId, wish: PathWish) -> ChangedPath:
    ref = new.functions[function]
    locks = {
        inner.cls.label: None
        for inner, _ in new.summary(function).inner
        if inner.kind in (Kind.LOCK, Kind.SYNC) and not inner.likely and inner.cls.name[0] not in "@?*"
    }
    shown: PathEvidence | None = None
    before: Evidence = ()
    if wish.function:
        shown = path_evidence(new, old, function)
        before = path_before(old, function, shown) if shown.evidence and function in old.functions else ()
    return ChangedPath(
        patch=number,
        path=function.path,
        line=ref.line(ref.facts.line),
        function=function.name,
        world=new.world,
        locks=tuple(locks),
        shown=shown,
        before=before,
    )
