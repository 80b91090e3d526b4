# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Loops that repeat a trylock until it succeeds and keep what they hold meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

from reviewtool.checks.check import make_finding
from reviewtool.csource.facts import Block, Branch, Call
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.linker import FunctionId, FunctionRef
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.loops import bodies
from reviewtool.locking.summary import HeldLock, Kind
from reviewtool.locking.witness import acquires
from reviewtool.ruleset.model import Effect

_GIVES_WAY = frozenset({Effect.RELEASE, Effect.SLEEP, Effect.WAIT, Effect.DROP_RETAKE})


def check_retrying(model: LockModel) -> Iterator[Finding]:
    """One finding for each such loop."""
    for function, ref in sorted(model.functions.items()):
        for body in bodies(ref.facts.blocks):
            call = _tried(model, ref.facts.blocks, body)
            if call is None or _gives_way(model, function, ref, body, call):
                continue
            held = _held(model, function, ref, call)
            if held is None:
                continue
            finding = make_finding(
                model,
                "trylock-loop",
                Certainty.LIKELY,
                function,
                call.line,
                f"{call.callee}() is tried again and again while {held.cls.label} stays held",
                identity=(held.cls.name, call.callee, *call.args[:1]),
                locks=(held.cls.label,),
                witness=(
                    *model.witnesses.down(function, held.origin, acquires(held.cls.label, held.mode)),
                    model.witnesses.step(function, call.line, f"tries {call.args[0] if call.args else ''} for ever"),
                ),
            )
            if finding is not None:
                yield finding


def _tried(model: LockModel, blocks: tuple[Block, ...], body: frozenset[int]) -> Call | None:
    """The trylock whose success is the only way out of a loop; None if there is another way."""
    tried: Call | None = None
    for index in sorted(body):
        leaves = [succ for succ in blocks[index].succs if succ not in body]
        if not leaves:
            continue
        call = _decides(model, blocks[index])
        if call is None or tried is not None or len(leaves) > 1:
            return None
        tried = call
    return tried


def _decides(model: LockModel, block: Block) -> Call | None:
    last = block.events[-1] if block.events else None
    if not isinstance(last, Call) or not isinstance(block.exit, Branch) or block.exit.left != last.result:
        return None
    primitive = model.ruleset.primitives.get(last.callee)
    tries = primitive is not None and any(operation.trylock for operation in primitive.operations)
    return last if tries else None


def _gives_way(model: LockModel, function: FunctionId, ref: FunctionRef, body: frozenset[int], tried: Call) -> bool:
    """Whether something in the loop sleeps or gives a lock back."""
    for index in body:
        for event in ref.facts.blocks[index].events:
            if not isinstance(event, Call) or event is tried:
                continue
            primitive = model.ruleset.primitives.get(event.callee)
            outside = model.ruleset.outside.get(event.callee)
            if primitive is not None and any(operation.effect in _GIVES_WAY for operation in primitive.operations):
                return True
            if outside is not None and outside.sleeps:
                return True
            for target in model.linker.targets(ref, event).functions:
                summary = model.summary(target)
                if any(outcome.owed for outcome in summary.outcomes):
                    return True
                if any(inner.kind in (Kind.SLEEP, Kind.SYNC) for inner, _ in summary.inner):
                    return True
    return False


def _held(model: LockModel, function: FunctionId, ref: FunctionRef, call: Call) -> HeldLock | None:
    families = model.ruleset.families
    for lock in model.held_lines(function).get(ref.line(call.line), ()):
        family = families.get(lock.cls.family)
        if family is not None and family.order and family.exclusive and not lock.cls.name.startswith("?"):
            return lock
    return None
