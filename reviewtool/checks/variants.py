# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Guards that take a lock in another variant than the calls that they replace: interrupts on, saved, or left alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from reviewtool.checks.check import make_finding
from reviewtool.checks.step import Pair
from reviewtool.csource.facts import Call, Enter
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass
from reviewtool.ruleset.model import Effect, Primitive

_STATE: Final = "@"


@dataclass(frozen=True, slots=True)
class _Taken:
    """A lock is taken by a call, or by a guard."""

    cls: LockClass
    states: frozenset[str]
    """What it turns off besides."""
    saves: bool
    """It restores what was before."""
    line: int
    guard: str
    """The class of the guard; "" for a call."""


def check_variants(pair: Pair) -> Iterator[Finding]:
    """One finding for each guard of a changed function that stands for calls of another variant."""
    for function in pair.changed:
        before = [taken for taken in _taken(pair.old, function) if not taken.guard]
        after = list(_taken(pair.new, function)) if before else []
        for taken in after:
            was = [other for other in before if other.cls == taken.cls]
            left = any(other.cls == taken.cls and not other.guard for other in after)
            if not taken.guard or not was or left:
                continue
            if all((other.states, other.saves) != (taken.states, taken.saves) for other in was):
                yield from _finding(pair, function, was[0], taken)


def _taken(model: LockModel, function: FunctionId) -> Iterator[_Taken]:
    ref = model.functions[function]
    primitives = model.ruleset.primitives
    for block in ref.facts.blocks:
        for event in block.events:
            primitive: Primitive | None = None
            name = ""
            if isinstance(event, Enter) and event.form != "free":
                guard = model.ruleset.guards.get(event.name)
                primitive, name = primitives.get(guard.acquire) if guard is not None else None, event.name
            elif isinstance(event, Call):
                primitive = primitives.get(event.callee)
            if primitive is None or not isinstance(event, Enter | Call):
                continue
            acquires = [op for op in primitive.operations if op.effect is Effect.ACQUIRE]
            states = [op for op in acquires if isinstance(op.subject, str) and op.subject.startswith(_STATE)]
            for operation in acquires:
                if isinstance(operation.subject, int) and operation.subject < len(event.args):
                    lock = model.linker.lock_of(ref, event.args[operation.subject])
                    if lock is not None:
                        off = frozenset(str(op.subject) for op in states)
                        saves = any(op.instance is not None or op.returns_index for op in states)
                        yield _Taken(lock.cls, off, saves, event.line, name)


def _finding(pair: Pair, function: FunctionId, was: _Taken, taken: _Taken) -> Iterator[Finding]:
    lost = was.states - taken.states
    label = taken.cls.label
    needed = sorted(lost & _used_with(pair.new, function, taken.cls))
    what = _words(was, pair.old, function)
    witness = pair.new.witnesses.step(function, taken.line, f"acquires {label} by guard({taken.guard})")
    finding = make_finding(
        pair.new,
        "guard-variant-changed",
        Certainty.LIKELY if needed else Certainty.QUESTION,
        function,
        taken.line,
        f"guard({taken.guard}) takes {label} in another variant than before: {what}"
        + (f", as others still take it with {' and '.join(needed)} off" if needed else ""),
        identity=(taken.cls.name, taken.guard),
        locks=(label,),
        witness=(witness,),
    )
    if finding is not None:
        yield finding


def _words(was: _Taken, model: LockModel, function: FunctionId) -> str:
    line = model.functions[function].line(was.line)
    off = " and ".join(sorted(was.states)) or "nothing"
    how = ", saved and restored," if was.saves else ""
    return f"line {line} before the patch turned {off}{how} off with it"


def _used_with(model: LockModel, function: FunctionId, cls: LockClass) -> frozenset[str]:
    """The states that other functions turn off where they take a lock of the class by themselves."""
    found: set[str] = set()
    for other, summary in model.summaries.items():
        if other == function or other not in model.functions:
            continue
        if any(inner.cls == cls and inner.origin.callee is None for inner, _ in summary.inner):
            found.update(state for taken in _taken(model, other) if taken.cls == cls for state in taken.states)
    return frozenset(found)
