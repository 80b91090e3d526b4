# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Accesses that a patch moves out of their critical section, or whose section it drops.

That a section shrinks is no news by itself: it is told where others still write the same data under the lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from reviewtool.checks.agreement import Agreement, agreed
from reviewtool.checks.check import make_finding
from reviewtool.checks.step import Key, Pair, by_key, guards_data
from reviewtool.csource.facts import Call
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.fields import accessed
from reviewtool.locking.holding import Known, Seen
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.model import LockClass, Step

_CALLS: Final = 2
"""How deep below a call that lost the lock writes are looked for."""
_LIKELY_FROM: Final = 2
"""How many other functions must agree for more than a question."""


@dataclass(frozen=True, slots=True)
class _Lost:
    """Something that was done with a lock held, and is done without it."""

    cls: LockClass
    line: int
    what: str
    write: bool
    agreement: Agreement
    steps: tuple[Step, ...]

    @property
    def rank(self) -> tuple[bool, int, int]:
        """Sorts what to tell first."""
        return (not self.write, -self.agreement.functions, self.line)


def check_narrowed(pair: Pair) -> Iterator[Finding]:
    """One finding for each changed function and lock; the further places with it."""
    for function in pair.changed:
        lost: dict[LockClass, list[_Lost]] = {}
        before, after = by_key(pair.old, function), by_key(pair.new, function)
        for key in before.keys() & after.keys():
            for cls in _locks(pair, before[key]):
                seen = _outside(pair, function, after[key], cls)
                if seen is not None and not _replaced(pair, before[key], seen):
                    lost.setdefault(cls, []).extend(_lost(pair, function, key, seen, cls))
        for cls in sorted(lost, key=lambda cls: cls.name):
            found = sorted(lost[cls], key=lambda each: each.rank)
            if found:
                yield from _finding(pair, function, found)


def _locks(pair: Pair, before: list[Seen]) -> frozenset[LockClass]:
    """The locks that the function held at every one of these."""
    held = frozenset.intersection(*(seen.must for seen in before))
    return frozenset(cls for cls in held if guards_data(pair.new, cls) and cls in pair.new.taken)


def _outside(pair: Pair, function: FunctionId, after: list[Seen], cls: LockClass) -> Seen | None:
    """The first of these at which neither the function nor its callers hold the lock."""
    holding = pair.new.holding
    for seen in after:
        if cls not in seen.may and holding.at(function, seen, cls) is not Known.YES:
            return seen
    return None


def _replaced(pair: Pair, before: list[Seen], seen: Seen) -> bool:
    """Another lock is held instead."""
    known = frozenset().union(*(was.may for was in before))
    return any(guards_data(pair.new, cls) for cls in seen.must - known)


def _lost(pair: Pair, function: FunctionId, key: Key, seen: Seen, cls: LockClass) -> Iterator[_Lost]:
    ref = pair.new.functions[function]
    line = seen.event.line
    if key[0] != "call":
        found = _agreed(pair, function, key[1], cls, frozenset({function}))
        if found is not None and not pair.fields.is_fresh(ref, key[1]):
            verb = "writes" if key[0] == "write" else "reads"
            step = pair.new.witnesses.step(function, line, f"{verb} {key[1]} without {cls.label}")
            what = f"{key[1]} is {'written' if key[0] == 'write' else 'read'}"
            yield _Lost(cls, line, what, key[0] == "write", found, (step,))
        return
    assert isinstance(seen.event, Call)
    targets = pair.new.linker.targets(ref, seen.event)
    if targets.likely:
        return
    for callee in targets.functions:
        step = pair.new.witnesses.step(function, line, f"calls {callee.name}() without {cls.label}")
        for inner in _below(pair, callee, cls, (function,)):
            yield replace(inner, line=line, steps=(step, *inner.steps))
            break


def _agreed(
    pair: Pair, function: FunctionId, path: str, cls: LockClass, apart: frozenset[FunctionId]
) -> Agreement | None:
    field = pair.fields.of(pair.new.functions[function], path)
    return agreed(pair.new, pair.fields, field, cls, apart) if field is not None else None


def _below(pair: Pair, callee: FunctionId, cls: LockClass, way: tuple[FunctionId, ...]) -> Iterator[_Lost]:
    """What a function that is now called without the lock writes."""
    ref = pair.new.functions.get(callee)
    if ref is None or callee in way or pair.new.holding.on_entry(callee, cls) is Known.YES:
        return
    deeper: list[FunctionId] = []
    for seen in pair.new.holding.events(callee):
        access = accessed(seen.event)
        if access is not None and access[1] and cls not in seen.may and not pair.fields.is_fresh(ref, access[0]):
            found = _agreed(pair, callee, access[0], cls, frozenset({*way, callee}))
            if found is not None:
                step = pair.new.witnesses.step(callee, seen.event.line, f"writes {access[0]} without {cls.label}")
                yield _Lost(cls, 0, f"{callee.name}() writes {access[0]}", True, found, (step,))
        elif isinstance(seen.event, Call) and cls not in seen.may and len(way) < _CALLS:
            targets = pair.new.linker.targets(ref, seen.event)
            deeper += () if targets.likely else targets.functions
    for following in dict.fromkeys(deeper):
        for inner in _below(pair, following, cls, (*way, callee)):
            step = pair.new.witnesses.step(callee, ref.facts.line, f"calls {following.name}()")
            yield replace(inner, steps=(step, *inner.steps))


def _finding(pair: Pair, function: FunctionId, found: list[_Lost]) -> Iterator[Finding]:
    first = found[0]
    sure = first.write and first.agreement.functions >= _LIKELY_FROM
    entered = pair.new.holding.on_entry(function, first.cls)
    witness = pair.new.witnesses
    writer = first.agreement.writers[0]
    other = witness.step(writer.function, writer.seen.event.line, f"writes {writer.path} with {first.cls.label} held")
    count = first.agreement.functions
    agree = f"{count} other functions write it" if count > 1 else f"{writer.function.name}() writes it"
    finding = make_finding(
        pair.new,
        "section-narrowed",
        Certainty.LIKELY if sure and entered is Known.NO else Certainty.QUESTION,
        function,
        first.line,
        f"{first.what} without {first.cls.label}, which was held here before; {agree} with the lock held",
        identity=(first.cls.name, first.agreement.field),
        locks=(first.cls.label,),
        witness=first.steps,
        other=(other,),
        explanation="What the lock kept together can now be seen, or changed, halfway.",
    )
    if finding is not None:
        yield replace(finding, places=tuple(each.steps[0] for each in found[1:] if each.line != first.line))
