# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What is held at each event of a function: by itself, on every path and on some, and by those who call it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from reviewtool.csource.facts import Call, Event
from reviewtool.locking.flow import Flow
from reviewtool.locking.linker import FunctionId, FunctionRef, Linker
from reviewtool.locking.model import LockClass
from reviewtool.locking.state import State
from reviewtool.locking.summary import EMPTY, HeldLock, Summary

Sites = Mapping[FunctionId, tuple[tuple[FunctionId, int], ...]]
"""By function: who calls it, with the relative line of the call."""

_NONE: frozenset[LockClass] = frozenset()


class Known(IntEnum):
    """Whether a lock is held."""

    NO = 0
    PERHAPS = 1
    """On some paths, or nobody is known who calls the function."""
    YES = 2


@dataclass(frozen=True, slots=True)
class Seen:
    """One event, with what the function itself holds before it."""

    event: Event
    must: frozenset[LockClass]
    """On every path."""
    may: frozenset[LockClass]
    """On some path."""
    dropped: frozenset[LockClass]
    """Of what the callers hold, what is released for a while on some path."""


class Holding:
    """The answers for one model, worked out when first asked for."""

    def __init__(
        self,
        linker: Linker,
        summaries: Mapping[FunctionId, Summary],
        sites: Callable[[], Sites],
        outside: Callable[[FunctionId], tuple[HeldLock, ...] | None],
    ) -> None:
        """`sites` gives all calls, `outside` what the callers of a root hold, None for what is no root."""
        self._linker = linker
        self._summaries = summaries
        self._sites = sites
        self._outside = outside
        self._seen: dict[FunctionId, tuple[Seen, ...]] = {}
        self._entered: dict[tuple[FunctionId, LockClass], Known] = {}

    def events(self, function: FunctionId) -> tuple[Seen, ...]:
        """The events of a function that are reached, in the order of its blocks."""
        known = self._seen.get(function)
        if known is None:
            known = self._seen[function] = tuple(self._look(function))
        return known

    def take_over(self, earlier: Holding) -> None:
        """Keep what another snapshot's holding knows of functions whose facts and summaries are the same objects."""
        old, new = earlier._linker.functions(), self._linker.functions()
        for function, seen in earlier._seen.items():
            ref, was = new.get(function), old.get(function)
            same = ref is not None and was is not None and ref.facts is was.facts
            if same and self._summaries.get(function) is earlier._summaries.get(function):
                self._seen[function] = seen

    def on_entry(self, function: FunctionId, cls: LockClass) -> Known:
        """Whether a lock is held when the function is called: it says so itself, or all its callers hold it."""
        key = (function, cls)
        known = self._entered.get(key)
        if known is None:
            self._entered[key] = Known.YES  # on the way round a recursion
            known = self._entered[key] = self._on_entry(function, cls)
        return known

    def at(self, function: FunctionId, seen: Seen, cls: LockClass) -> Known:
        """Whether a lock is held at an event."""
        if cls in seen.must:
            return Known.YES
        entry = Known.NO if cls in seen.dropped else self.on_entry(function, cls)
        return max(entry, Known.PERHAPS) if cls in seen.may else entry

    def at_call(self, caller: FunctionId, line: int, callee: FunctionId, cls: LockClass) -> Known:
        """The least that is known at the calls of `callee` (or to one that it is passed to) on a line of the caller."""
        here = [seen for seen in self.events(caller) if seen.event.line == line and isinstance(seen.event, Call)]
        ref = self._linker.functions().get(caller)
        if ref is not None and len(here) > 1:
            here = [seen for seen in here if self._leads_to(ref, seen.event, callee)] or here
        return min((self.at(caller, seen, cls) for seen in here), default=self.on_entry(caller, cls))

    def _leads_to(self, ref: FunctionRef, event: Event, callee: FunctionId) -> bool:
        return isinstance(event, Call) and callee in self._linker.targets(ref, event).functions

    def _on_entry(self, function: FunctionId, cls: LockClass) -> Known:
        summary = self._summaries.get(function, EMPTY)
        if any(
            requirement.cls == cls and requirement.origin.callee is None and not requirement.negative
            for requirement, _ in summary.requirements
        ):
            return Known.YES
        outside = self._outside(function)
        sites = self._sites().get(function, ())
        if outside is None and not sites:
            return Known.PERHAPS
        answers = [] if outside is None else [Known.YES if any(h.cls == cls for h in outside) else Known.NO]
        answers += [self.at_call(caller, line, function, cls) for caller, line in sites]
        return min(answers)

    def _look(self, function: FunctionId) -> Iterator[Seen]:
        ref = self._linker.functions().get(function)
        if ref is None:
            return
        events = [event for block in ref.facts.blocks for event in block.events]
        if self._summaries.get(function, EMPTY) == EMPTY:
            yield from (Seen(event, _NONE, _NONE, _NONE) for event in events)
            return
        yield from _watched(self._linker, ref, self._summaries, events)


def _watched(
    linker: Linker, ref: FunctionRef, summaries: Mapping[FunctionId, Summary], events: list[Event]
) -> Iterator[Seen]:
    found: dict[int, Seen] = {}
    sets: dict[tuple[HeldLock, ...], frozenset[LockClass]] = {}

    def classes(locks: tuple[HeldLock, ...]) -> frozenset[LockClass]:
        if locks not in sets:
            sets[locks] = frozenset(lock.cls for lock in locks if not lock.drained)
        return sets[locks]

    def look(event: Event, state: State) -> None:
        held, owed = classes(state.held), classes(state.owed)
        old = found.get(id(event))
        if old is None:
            found[id(event)] = Seen(event, held, held, owed)
        elif not (old.must == held == old.may and owed <= old.dropped):
            found[id(event)] = Seen(event, old.must & held, old.may | held, old.dropped | owed)

    Flow(linker, ref, lambda function: summaries.get(function, EMPTY), look=look).run()
    yield from (found[id(event)] for event in events if id(event) in found)
