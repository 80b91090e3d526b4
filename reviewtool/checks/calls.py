# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The primitives that a function uses itself, one entry for each lock that is taken or released."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reviewtool.csource.facts import Call
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass
from reviewtool.ruleset.model import Effect, Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Operated:
    """One operation of one call."""

    line: int
    name: str
    """The primitive."""
    effect: Effect
    cls: LockClass
    states: frozenset[str]
    """The states (interrupts off, ...) that the same call takes or gives back."""
    argument: str
    """The text that names the lock."""
    flags: str
    """The text that saved interrupt flags go to; ""."""


def operated(model: LockModel, function: FunctionId) -> Iterator[Operated]:
    """The acquisitions and releases that stand in a function, in the order of its blocks."""
    ref = model.functions[function]
    for block in ref.facts.blocks:
        for event in block.events:
            primitive = model.ruleset.primitives.get(event.callee) if isinstance(event, Call) else None
            if primitive is None or not isinstance(event, Call):
                continue
            states = {op.subject for op in primitive.operations if isinstance(op.subject, str)}
            flags = next((_flags(op, event) for op in primitive.operations if _flags(op, event)), "")
            for operation in primitive.operations:
                if operation.effect not in (Effect.ACQUIRE, Effect.RELEASE) or not isinstance(operation.subject, int):
                    continue
                if operation.subject >= len(event.args):
                    continue
                lock = model.linker.lock_of(ref, event.args[operation.subject])
                if lock is not None:
                    yield Operated(
                        line=event.line,
                        name=event.callee,
                        effect=operation.effect,
                        cls=lock.cls,
                        states=frozenset(name for name in states if name.startswith("@")),
                        argument=event.args[operation.subject],
                        flags=flags,
                    )


def _flags(operation: Operation, call: Call) -> str:
    """Where an operation on a state saves it."""
    if operation.effect is not Effect.ACQUIRE or not isinstance(operation.subject, str):
        return ""
    if operation.instance is not None and operation.instance < len(call.args):
        return call.args[operation.instance]
    return call.result if operation.returns_index else ""
