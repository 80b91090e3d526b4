# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Callbacks that may still run: a test for pending in place of a wait, an object freed with a live work in it."""

from __future__ import annotations

from collections.abc import Iterator

from reviewtool.checks.check import make_finding
from reviewtool.csource.facts import Block, Branch, Call
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.linker import FunctionId, FunctionRef
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass
from reviewtool.locking.objects import handled
from reviewtool.locking.program import Program
from reviewtool.ruleset.model import Effect


def check_pending(model: LockModel) -> Iterator[Finding]:
    """All findings of both kinds."""
    words = model.ruleset.values.tests_pending
    for function, ref in sorted(model.functions.items()) if words else ():
        for block in ref.facts.blocks:
            test = block.events[-1] if block.events else None
            if isinstance(test, Call) and test.callee in words and isinstance(block.exit, Branch):
                yield from _skipped(model, function, ref.facts.blocks, block, test)
    yield from _freed(model)


def _skipped(
    model: LockModel, function: FunctionId, blocks: tuple[Block, ...], block: Block, test: Call
) -> Iterator[Finding]:
    """A wait that is made only if something is pending."""
    leave = block.exit
    assert isinstance(leave, Branch)
    if leave.op or leave.left != test.result:
        return
    for event in blocks[block.succs[0]].events:
        primitive = model.ruleset.primitives.get(event.callee) if isinstance(event, Call) else None
        if primitive is None or not isinstance(event, Call) or event.args[:1] != test.args[:1]:
            continue
        if not any(operation.effect is Effect.WAIT for operation in primitive.operations):
            continue
        finding = make_finding(
            model,
            "pending-is-no-wait",
            Certainty.LIKELY,
            function,
            event.line,
            f"{event.callee}() is called only if {test.args[0]} is pending; a callback that runs is not, and goes on",
            identity=(event.callee, test.args[0]),
            witness=(
                model.witnesses.step(function, test.line, f"asks {test.callee}()"),
                model.witnesses.step(function, event.line, f"waits for {test.args[0]}"),
            ),
        )
        if finding is not None:
            yield finding


# --- freed with a live callback -------------------------------------------------------------------------------------


def _freed(model: LockModel) -> Iterator[Finding]:
    """Objects that are freed with something in them that runs, and that nobody ever waits for."""
    program = model.linker
    if not isinstance(program, Program):
        return
    live: dict[str, list[tuple[LockClass, FunctionId]]] = {}
    for root, subjects in sorted(model.subjects.items()):
        for subject in subjects:
            record = subject.cls.name.rpartition(".")[0]
            if subject.work is None and subject.context.excludes and record.startswith("struct "):
                live.setdefault(record, []).append((subject.cls, root))
    if not live:
        return
    settled, started = _settled(model)
    for function, ref in sorted(model.functions.items()):
        for line, record in _frees(program, ref):
            for cls, root in live.get(record, ()):
                if cls in started and cls not in settled and not _reaches(model, root, function):
                    yield from _tell(model, function, line, cls, root)


def _settled(model: LockModel) -> tuple[set[LockClass], set[LockClass]]:
    """What is waited for, itself or by its queue, and what is started."""
    settled: set[LockClass] = set()
    started: set[LockClass] = set()
    names = {
        name: {operation.effect for operation in primitive.operations} & {Effect.WAIT, Effect.SIGNAL}
        for name, primitive in model.ruleset.primitives.items()
    }
    queues: dict[LockClass, set[LockClass]] = {}
    for subjects in model.subjects.values():
        for subject in subjects:
            if subject.work is not None:
                queues.setdefault(subject.cls, set()).add(subject.work)
    for ref in tuple(model.functions.values()):
        for block in ref.facts.blocks:
            for event in block.events:
                effects = names.get(event.callee) if isinstance(event, Call) else None
                for argument in event.args if effects and isinstance(event, Call) else ():
                    lock = model.linker.lock_of(ref, argument)
                    kept = model.linker.handle_of(ref, argument, "") if Effect.WAIT in (effects or ()) else None
                    if lock is not None:
                        (settled if Effect.WAIT in (effects or ()) else started).add(lock.cls)
                    if kept is not None:
                        settled |= queues.get(kept.cls, set())
    return settled, started


def _frees(program: Program, ref: FunctionRef) -> Iterator[tuple[int, str]]:
    """The lines that free an object, and its record."""
    for block in ref.facts.blocks:
        for event in block.events:
            done = handled(program, ref, event) if isinstance(event, Call) else None
            if done is not None and done.handling.does == "free" and done.variable:
                kind = program.type_of(ref, f"*{done.variable}")
                if kind is not None:
                    yield event.line, kind


def _reaches(model: LockModel, root: FunctionId, function: FunctionId) -> bool:
    """Whether a callback leads to a function: what it frees is its own."""
    pending, seen = [function], {function}
    while pending:
        current = pending.pop()
        if current == root:
            return True
        for caller, _ in model.callers.get(current, ()):
            if caller not in seen:
                seen.add(caller)
                pending.append(caller)
    return False


def _tell(model: LockModel, function: FunctionId, line: int, cls: LockClass, root: FunctionId) -> Iterator[Finding]:
    finding = make_finding(
        model,
        "freed-while-callback-runs",
        Certainty.QUESTION,
        function,
        line,
        f"is it sure that {root.name}() does not run any more? Nothing that was read waits for {cls.label}",
        identity=(cls.name,),
        locks=(cls.label,),
        witness=(
            model.witnesses.step(function, line, f"frees the object with {cls.label} in it"),
            model.witnesses.step(root, model.functions[root].facts.line, f"runs for {cls.label}"),
        ),
    )
    if finding is not None:
        yield finding
