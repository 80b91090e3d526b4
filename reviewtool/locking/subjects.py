# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Whose code a root is: the work, timer, interrupt line or thread that those wait for who wait for it to end.

While a function runs, its subject counts as held, as in lockdep (kernel/workqueue.c, process_one_work(): a map for the
work and one for its queue); to wait for the subject is to acquire it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reviewtool.csource.facts import Assign, Call
from reviewtool.locking.classes import is_open
from reviewtool.locking.linker import FunctionId, FunctionRef
from reviewtool.locking.model import Lock, LockClass
from reviewtool.locking.operations import in_arguments
from reviewtool.locking.paths import is_plain
from reviewtool.locking.program import Program
from reviewtool.locking.typing_ import Place
from reviewtool.ruleset.model import Context, Effect, Operation, Primitive, Registration, Ruleset

SELF = "@self"
"""The subject of a function that is stored in a field: the object that the field belongs to."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a function runs for."""

    cls: LockClass
    context: Context
    work: LockClass | None = None
    """The work that it runs for, where `cls` is a queue that this is put on."""


class Jobs:
    """Collects the subjects of functions while somebody looks through a program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._rules = program.ruleset
        self._fields = _stored(program.ruleset)
        self._queues = _queueing(program.ruleset)
        self._found: dict[FunctionId, dict[LockClass, Subject]] = {}
        self._on: dict[LockClass, dict[LockClass, None]] = {}

    def subjects(self) -> Mapping[FunctionId, tuple[Subject, ...]]:
        """The subjects of each function, and the queues that those are put on."""
        found = {}
        for function, subjects in self._found.items():
            queues = {
                queue: Subject(queue, subject.context, subject.cls)
                for subject in subjects.values()
                for queue in self._on.get(subject.cls, ())
            }
            found[function] = tuple({**queues, **subjects}.values())
        return found

    def registered(self, ref: FunctionRef, call: Call, context: Context, function: FunctionId) -> None:
        """A function is passed to a registration function."""
        if context.subject:
            family, _, path = context.subject.rpartition(" ")
            self._add(function, context, self._lock(ref, in_arguments(path, call), family))

    def declared(self, path: str, args: tuple[str, ...], context: Context, function: FunctionId) -> None:
        """A file-level macro names a function."""
        if context.subject:
            text = in_arguments(context.subject, Call(0, context.holder, args))
            self._add(function, context, self._program.classes.lock_of(text, Place(path)))

    def assigned(self, ref: FunctionRef, event: Assign) -> None:
        """A function is stored in a field of its subject: `x->timer.function = f`."""
        name = event.target.rpartition(".")[2].rpartition(">")[2]
        contexts = self._fields.get(name)
        if contexts is None or name == event.target:
            return
        owner = event.target[: -len(name)]
        text = f"&{owner[:-1]}" if owner.endswith(".") else owner[:-2]
        lock = self._lock(ref, text, "")
        if lock is None:
            return
        for context in contexts:
            for function in self._program.named(ref, event.value):
                self._add(function, context, lock)

    def queued(self, ref: FunctionRef, call: Call) -> None:
        """A work is put on a queue."""
        pair = self._queues.get(call.callee)
        if pair is None:
            return
        work, queue = (self._subject(ref, call, operation) for operation in pair)
        if work is not None and queue is not None:
            self._on.setdefault(work.cls, {})[queue.cls] = None

    def _subject(self, ref: FunctionRef, call: Call, operation: Operation) -> Lock | None:
        if isinstance(operation.subject, int):
            in_range = operation.subject < len(call.args)
            return self._lock(ref, call.args[operation.subject], operation.family) if in_range else None
        return Lock(LockClass(operation.subject, operation.family), operation.subject)

    def _lock(self, ref: FunctionRef, text: str, family: str) -> Lock | None:
        known = self._rules.families.get(family)
        if known is not None and known.handle:
            return self._program.handle_of(ref, _kept(ref, text), family)
        return self._program.lock_of(ref, text)

    def _add(self, function: FunctionId, context: Context, lock: Lock | None) -> None:
        if lock is not None and lock.cls.family and not is_open(lock.cls):
            self._found.setdefault(function, {})[lock.cls] = Subject(lock.cls, context)


def _kept(ref: FunctionRef, handle: str) -> str:
    """Where a handle is kept in the end: the field that a function copies its local one to, else the handle itself."""
    for block in ref.facts.blocks if is_plain(handle) else ():
        for event in block.events:
            if isinstance(event, Assign) and event.value == handle and not is_plain(event.target):
                return event.target
    return handle


def _stored(ruleset: Ruleset) -> dict[str, tuple[Context, ...]]:
    """The contexts whose functions are stored in a field of their subject, by the field's name."""
    found: dict[str, tuple[Context, ...]] = {}
    for context in ruleset.contexts:
        if context.subject == SELF and context.registration is Registration.FIELD:
            name = context.holder.rpartition(".")[2]
            found[name] = (*found.get(name, ()), context)
    return found


def _queueing(ruleset: Ruleset) -> dict[str, tuple[Operation, Operation]]:
    """The primitives that put one thing on another: both are signalled, the work first."""
    found = {}
    for name, primitive in ruleset.primitives.items():
        signals = _signals(primitive)
        if len(signals) == 2:
            found[name] = (signals[0], signals[1])
    return found


def _signals(primitive: Primitive) -> list[Operation]:
    return [operation for operation in primitive.operations if operation.effect is Effect.SIGNAL]
