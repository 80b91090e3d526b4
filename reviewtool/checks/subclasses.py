# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Subclasses of a nested acquisition that lockdep has no room for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from reviewtool.checks.check import make_finding
from reviewtool.csource.facts import Assign, Branch, Call, Function
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.paths import is_plain

SUBCLASSES: Final = 8
"""lockdep's subclasses of a class, include/linux/lockdep_types.h."""

_NUMBER: Final = re.compile(r"\d+[uUlL]*\Z")


def check_subclasses(model: LockModel) -> Iterator[Finding]:
    """Constants that are too large, and counters of loops that nothing in sight keeps small."""
    for function, ref in sorted(model.functions.items()):
        for block in ref.facts.blocks:
            for event in block.events:
                if not isinstance(event, Call):
                    continue
                given = _subclass(model, event)
                certainty = _judge(ref.facts, given) if given else None
                if certainty is None:
                    continue
                finding = make_finding(
                    model,
                    "subclass-out-of-range",
                    certainty,
                    function,
                    event.line,
                    f"subclass {given}: lockdep has {SUBCLASSES} of them, from 0"
                    if certainty is Certainty.PROVED
                    else f"nothing here keeps the subclass {given} below {SUBCLASSES}, which is all that lockdep has",
                    identity=(event.callee, given),
                )
                if finding is not None:
                    yield finding


def _subclass(model: LockModel, call: Call) -> str:
    primitive = model.ruleset.primitives.get(call.callee)
    for operation in primitive.operations if primitive is not None else ():
        if operation.nested is not None and operation.nested < len(call.args):
            return call.args[operation.nested]
    return ""


def _judge(facts: Function, given: str) -> Certainty | None:
    if _NUMBER.match(given):
        return Certainty.PROVED if int(given.rstrip("uUlL")) >= SUBCLASSES else None
    if is_plain(given) and _counts(facts, given) and not _bounded(facts, given):
        return Certainty.LIKELY
    return None


def _counts(facts: Function, name: str) -> bool:
    return any(
        isinstance(event, Assign) and event.target == name and event.op in ("++", "+=")
        for block in facts.blocks
        for event in block.events
    )


def _bounded(facts: Function, name: str) -> bool:
    """It is compared with something whose size cannot be told to be the result of code: a constant, a name of one."""
    for block in facts.blocks:
        leave = block.exit
        if not isinstance(leave, Branch) or name not in (leave.left, leave.right) or leave.op not in ("<", "<=", "!="):
            continue
        bound = leave.right if leave.left == name else leave.left
        if _NUMBER.match(bound):
            return int(bound.rstrip("uUlL")) <= SUBCLASSES
        if bound.isupper():
            return True
    return False
