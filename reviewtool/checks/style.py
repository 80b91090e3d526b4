# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Lock code that works, or seems to, and misleads: shared flags, and sections that begin or end unannounced."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from reviewtool.checks.calls import Operated, operated
from reviewtool.checks.check import make_finding
from reviewtool.csource.facts import Function
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.paths import roots
from reviewtool.locking.summary import HeldLock, Leaving, Summary
from reviewtool.ruleset.model import Effect, ValueWords

_WORD: Final = re.compile(r"[a-z]+")
_STATES: Final = "@"


def check_style(model: LockModel) -> Iterator[Finding]:
    """One finding for each place."""
    for function, summary in model.summaries.items():
        if function not in model.functions:
            continue
        yield from _unannounced(model, function, summary)
        for use in operated(model, function) if summary.inner else ():
            if use.effect is Effect.ACQUIRE and use.flags and _shared(model.functions[function].facts, use):
                yield from _flags(model, function, use)


def _shared(facts: Function, use: Operated) -> bool:
    """The flags are in a global, or in the object that the lock is in: who shares the one shares the other."""
    names = roots(use.flags)
    own = {variable.name for variable in (*facts.params, *facts.locals) if not variable.static}
    if not names & own:
        return bool(names)
    return "->" in use.flags and names == roots(use.argument)


def _flags(model: LockModel, function: FunctionId, use: Operated) -> Iterator[Finding]:
    finding = make_finding(
        model,
        "flags-not-local",
        Certainty.LIKELY,
        function,
        use.line,
        f"the interrupt flags are saved in {use.flags}, where who waits for {use.cls.label} may overwrite them",
        identity=(use.cls.name, use.flags),
        locks=(use.cls.label,),
    )
    if finding is not None:
        yield finding


def _unannounced(model: LockModel, function: FunctionId, summary: Summary) -> Iterator[Finding]:
    facts = model.functions[function].facts
    if summary.bounded or not summary.leavings or summary.leaks or _announced(facts, model.ruleset.values):
        return
    change = _always(summary.leavings, True) or _always(summary.leavings, False)
    if change is None:
        return
    lock, taken = change
    if not any(use.line == lock.origin.line and use.cls == lock.cls for use in operated(model, function)):
        return
    finding = make_finding(
        model,
        "unannotated-lock-change",
        Certainty.PROVED,
        function,
        facts.line,
        f"returns {'with' if taken else 'without'} {lock.cls.label}, which its caller "
        f"{'did not hold' if taken else 'held'}, and neither its name nor an annotation says so",
        identity=(lock.cls.name, str(taken)),
        locks=(lock.cls.label,),
        witness=(
            model.witnesses.step(function, lock.origin.line, f"{'acquires' if taken else 'releases'} {lock.cls.label}"),
        ),
    )
    if finding is not None:
        yield finding


def _announced(facts: Function, words: ValueWords) -> bool:
    if any(attribute.name in words.annotates for attribute in facts.attributes):
        return True
    return any(word in words.telling for word in _WORD.findall(facts.name.lower()))


def _always(leavings: tuple[Leaving, ...], taken: bool) -> tuple[HeldLock, bool] | None:
    """A lock that every way out leaves held (or released)."""
    sets = [leaving.held if taken else leaving.owed for leaving in leavings]
    for lock in sets[0]:
        if lock.cls.name.startswith(_STATES) or lock.many or lock.drained:
            continue
        if all(any(other.cls == lock.cls for other in locks) for locks in sets):
            return lock, taken
    return None
