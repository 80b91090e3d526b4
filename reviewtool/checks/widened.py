# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Critical sections that a patch makes longer, so that they now cover something that waits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reviewtool.checks.check import make_finding
from reviewtool.checks.step import Key, Pair, guards_data, key_of
from reviewtool.csource.facts import Enter
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.graph import ordered
from reviewtool.locking.holding import Known, Seen
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass
from reviewtool.locking.summary import Kind, Relation
from reviewtool.locking.witness import describe

_WAITS = (Kind.SYNC, Kind.FAULT)


def check_widened(pair: Pair) -> Iterator[Finding]:
    """One note for each changed function and lock; the further places with it."""
    for function in pair.changed:
        found: dict[LockClass, list[Relation]] = {}
        lines = dict(_now_inside(pair, function))
        for relation, _ in pair.new.summary(function).relations if lines else ():
            cls = relation.outer.cls
            if cls in lines.get(relation.inner.origin.line, ()) and _matters(pair, relation):
                found.setdefault(cls, []).append(relation)
        for cls in sorted(found, key=lambda cls: cls.name):
            yield from _finding(pair, function, found[cls])


def _now_inside(pair: Pair, function: FunctionId) -> Iterator[tuple[int, frozenset[LockClass]]]:
    """Lines of calls that the function made without a lock before, and now makes with it."""
    before, after = _calls(pair.old, function), _calls(pair.new, function)
    taken = {inner.cls for inner, _ in pair.old.summary(function).inner if inner.origin.callee is None}
    found: dict[int, set[LockClass]] = {}
    for key in before.keys() & after.keys():
        held = frozenset.intersection(*(seen.must for seen in after[key]))
        for cls in held & taken:
            free = all(
                cls not in seen.may and pair.old.holding.at(function, seen, cls) is not Known.YES
                for seen in before[key]
            )
            if free and guards_data(pair.new, cls):
                for seen in after[key]:
                    found.setdefault(seen.event.line, set()).add(cls)
    yield from ((line, frozenset(classes)) for line, classes in found.items())


def _calls(model: LockModel, function: FunctionId) -> dict[Key, list[Seen]]:
    """Calls by what they are called in both, primitives included: one may wait."""
    found: dict[Key, list[Seen]] = {}
    for seen in model.holding.events(function):
        key = key_of(seen.event)
        if key is not None and key[0] == "call":
            found.setdefault(key, []).append(seen)
    return found


def _matters(pair: Pair, relation: Relation) -> bool:
    """It waits for others, or takes a lock that was never taken under this one."""
    inner = relation.inner
    if inner.likely or inner.final:
        return False
    if inner.kind is Kind.LOCK:
        families = pair.new.ruleset.families
        known = any(outer == relation.outer.cls and cls == inner.cls for outer, cls, _ in pair.old.graph.arcs)
        return ordered(inner.cls, families) and inner.cls != relation.outer.cls and not known
    return inner.kind in _WAITS


def _finding(pair: Pair, function: FunctionId, relations: list[Relation]) -> Iterator[Finding]:
    relations = sorted(relations, key=lambda each: (each.inner.origin.depth, each.inner.origin.line))
    first = relations[0]
    cls = first.outer.cls
    guarded = _by_guard(pair, function, first)
    finding = make_finding(
        pair.new,
        "guard-widens-section" if guarded else "section-widened",
        Certainty.PROVED,
        function,
        first.inner.origin.line,
        f"{describe(first.inner)} with {cls.label} held, which was not held here before"
        + (": the guard keeps it until the end of its scope" if guarded else ""),
        identity=(cls.name, first.inner.cls.name, str(first.inner.kind)),
        locks=(cls.label,),
        witness=pair.new.witnesses.relation(function, first),
    )
    if finding is not None:
        steps = [
            pair.new.witnesses.step(function, each.inner.origin.line, describe(each.inner)) for each in relations[1:]
        ]
        yield replace(finding, places=tuple(step for step in dict.fromkeys(steps) if step.line != finding.line))


def _by_guard(pair: Pair, function: FunctionId, relation: Relation) -> bool:
    line = relation.outer.origin.line
    return relation.outer.scope >= 0 or any(
        isinstance(event, Enter) and event.line == line
        for block in pair.new.functions[function].facts.blocks
        for event in block.events
    )
