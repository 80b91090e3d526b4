# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""References dropped under a lock that the release of the object takes, and callbacks that outlive their domain."""

from __future__ import annotations

from collections.abc import Iterator

from reviewtool.checks.check import make_finding
from reviewtool.csource.facts import Call
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass
from reviewtool.locking.paths import OPAQUE
from reviewtool.locking.summary import Kind, Relation
from reviewtool.ruleset.model import Effect


def check_last_put(model: LockModel) -> Iterator[Finding]:
    """One finding for each lock and function; each domain and function that destroys it."""
    for function, relation in model.relations():
        if relation.inner.final and relation.inner.cls == relation.outer.cls and _waits(model, relation):
            yield from _under(model, function, relation)
    yield from _late_callbacks(model)


def _waits(model: LockModel, relation: Relation) -> bool:
    outer, inner = relation.outer, relation.inner
    family = model.ruleset.families.get(outer.cls.family)
    if family is None or not family.order or not family.exclusive or inner.kind is not Kind.LOCK or inner.likely:
        return False
    if "." not in outer.cls.name:
        return True  # A global lock: there is but one.
    return outer.instance == inner.instance and not outer.instance.startswith(OPAQUE) and not outer.many


def _under(model: LockModel, function: FunctionId, relation: Relation) -> Iterator[Finding]:
    label = relation.outer.cls.label
    finding = make_finding(
        model,
        "put-under-release-lock",
        Certainty.QUESTION,
        function,
        relation.inner.origin.line,
        f"a reference is dropped under {label}: if it is the last one, its release takes {label} again",
        identity=(relation.outer.cls.name,),
        locks=(label,),
        witness=model.witnesses.relation(function, relation),
    )
    if finding is not None:
        yield finding


def _late_callbacks(model: LockModel) -> Iterator[Finding]:
    """Domains that are destroyed where callbacks of them may still come."""
    pending: dict[LockClass, tuple[FunctionId, int]] = {}
    ends: list[tuple[FunctionId, int, LockClass]] = []
    waits: set[FunctionId] = set()
    rules = model.ruleset
    for function, ref in model.functions.items():
        for block in ref.facts.blocks:
            for event in block.events:
                if not isinstance(event, Call) or not event.args:
                    continue
                handling = rules.handlings.get(event.callee)
                primitive = rules.primitives.get(event.callee)
                if event.callee in rules.values.barriers:
                    waits.add(function)
                elif handling is not None and handling.does == "free-later" and handling.link == 1:
                    lock = model.linker.lock_of(ref, event.args[0])
                    if lock is not None:
                        pending.setdefault(lock.cls, (function, event.line))
                elif primitive is not None and primitive.operations[0].effect is Effect.DESTROY:
                    lock = model.linker.lock_of(ref, event.args[0])
                    if lock is not None:
                        ends.append((function, event.line, lock.cls))
    for function, line, cls in ends:
        called = {callee for callee in waits if any(caller == function for caller, _ in model.callers.get(callee, ()))}
        if cls in pending and function not in waits and not called:
            queued = model.witnesses.step(*pending[cls], f"leaves a callback to {cls.label}")
            finding = make_finding(
                model,
                "callback-without-barrier",
                Certainty.LIKELY,
                function,
                line,
                f"{cls.label} is destroyed without a wait for its callbacks, which {pending[cls][0].name}() leaves",
                identity=(cls.name,),
                locks=(cls.label,),
                witness=(queued, model.witnesses.step(function, line, f"destroys {cls.label}")),
            )
            if finding is not None:
                yield finding
