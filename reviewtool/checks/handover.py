# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Locks that are given back by another task than the one that took them."""

from __future__ import annotations

from collections.abc import Iterator

from reviewtool.checks.check import make_finding
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.classes import is_open
from reviewtool.locking.graph import UNKNOWN
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.summary import HeldLock

_STATES = "@"


def check_handover(model: LockModel) -> Iterator[Finding]:
    """What a root releases on every way out, without having taken it, and without its caller holding it."""
    for function, contexts in sorted(model.roots.items()):
        summary = model.summary(function)
        if summary.bounded or not summary.leavings:
            continue
        outside = {lock.cls for lock in model.held_outside(function)}
        for lock in summary.leavings[0].owed:
            if lock.cls in outside or not _owned(model, lock):
                continue
            if not all(any(other.cls == lock.cls for other in leaving.owed) for leaving in summary.leavings):
                continue
            finding = make_finding(
                model,
                "released-by-another",
                Certainty.LIKELY,
                function,
                lock.origin.line,
                f"{lock.cls.label} is released here, but it was not taken here: {function.name}() is called from "
                f"outside ({contexts[0].name.replace('-', ' ')}), so another task did",
                identity=(lock.cls.name,),
                locks=(lock.cls.label,),
                witness=model.witnesses.down(function, lock.origin, f"releases {lock.cls.label}"),
            )
            if finding is not None:
                yield finding


def _owned(model: LockModel, lock: HeldLock) -> bool:
    """A lock whose kind wants it back from who took it."""
    family = model.ruleset.families.get(lock.cls.family)
    if family is None or not family.owned or not family.exclusive or family.reentrant or lock.many or lock.drained:
        return False
    return not (is_open(lock.cls) or lock.cls.name.startswith((UNKNOWN, _STATES)))
