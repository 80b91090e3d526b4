# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Initialisations of a lock that a patch moves behind the lock's first use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reviewtool.checks.check import make_finding
from reviewtool.checks.step import Pair
from reviewtool.csource.facts import Call, Event
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import Lock
from reviewtool.locking.summary import Inner, Kind
from reviewtool.locking.witness import acquires
from reviewtool.ruleset.model import Effect


@dataclass(frozen=True, slots=True)
class _Late:
    """A lock is taken on a way on which it is initialised only later."""

    lock: Lock
    use: Inner
    init: int


def check_init_late(pair: Pair) -> Iterator[Finding]:
    """One finding for each changed function and lock."""
    for function in pair.changed:
        before = {late.lock.cls for late in _late(pair.old, function)}
        for late in _late(pair.new, function):
            if late.lock.cls not in before:
                yield from _finding(pair, function, late)


def _late(model: LockModel, function: FunctionId) -> Iterator[_Late]:
    """The locks that a function initialises, and that it takes on some way to that before."""
    inits = dict(_inits(model, function))
    if not inits:
        return
    uses = [inner for inner, _ in model.summary(function).inner if inner.kind is Kind.LOCK and not inner.likely]
    for lock, events in {lock: [e for e, each in inits.items() if each == lock] for lock in inits.values()}.items():
        own = [use for use in uses if use.cls == lock.cls and use.instance == lock.instance]
        lines = _lines_before(model, function, frozenset(events)) if own else frozenset()
        use = next((use for use in own if use.origin.line in lines), None)
        if use is not None:
            line = next(e.line for block in model.functions[function].facts.blocks for e in block.events if e in events)
            yield _Late(lock, use, line)


def _inits(model: LockModel, function: FunctionId) -> Iterator[tuple[Event, Lock]]:
    ref = model.functions[function]
    for block in ref.facts.blocks:
        for event in block.events:
            primitive = model.ruleset.primitives.get(event.callee) if isinstance(event, Call) else None
            if primitive is None or not isinstance(event, Call):
                continue
            for operation in primitive.operations:
                subject = operation.subject
                if operation.effect is Effect.INIT and isinstance(subject, int) and subject < len(event.args):
                    lock = model.linker.lock_of(ref, event.args[subject])
                    if lock is not None:
                        yield event, Lock(lock.cls, lock.instance.lstrip("&"))


def _lines_before(model: LockModel, function: FunctionId, inits: frozenset[Event]) -> frozenset[int]:
    """The lines of the calls that run before any of these events, and from which one of them is still reached."""
    blocks = model.functions[function].facts.blocks
    reaching: set[int] = set()
    queue = [number for number, block in enumerate(blocks) if any(event in inits for event in block.events)]
    while queue:
        number = queue.pop()
        if number not in reaching:
            reaching.add(number)
            queue.extend(other for other, block in enumerate(blocks) if number in block.succs)
    lines: set[int] = set()
    seen: set[int] = set()
    queue = [0]
    while queue:
        number = queue.pop()
        if number in seen or number not in reaching:
            continue
        seen.add(number)
        for event in blocks[number].events:
            if event in inits:
                break
            if isinstance(event, Call):
                lines.add(event.line)
        else:
            queue.extend(blocks[number].succs)
    return frozenset(lines)


def _finding(pair: Pair, function: FunctionId, late: _Late) -> Iterator[Finding]:
    witness, label = pair.new.witnesses, late.lock.cls.label
    steps = witness.down(function, late.use.origin, acquires(label, late.use.mode))
    finding = make_finding(
        pair.new,
        "lock-initialised-late",
        Certainty.PROVED,
        function,
        late.init,
        f"{label} is initialised here, after {steps[0].event}; before the patch it was initialised first",
        identity=(late.lock.cls.name,),
        locks=(label,),
        witness=(*steps, witness.step(function, late.init, f"initialises {label}")),
    )
    if finding is not None:
        yield finding
