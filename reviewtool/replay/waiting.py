# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Who waits for whom, and who will wait for ever."""

from __future__ import annotations

from dataclasses import dataclass

from reviewtool.replay.futures import Futures
from reviewtool.replay.machines.base import Wait
from reviewtool.replay.program import Action
from reviewtool.replay.system import State, System
from reviewtool.replay.verdict import Verdict

CPU = -1


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason why a context cannot go on."""

    slot: int
    """The object's number, CPU for the CPU."""
    contexts: frozenset[int]
    """Each of these must act, or (`any`) one of them."""
    any: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """Contexts that will wait for ever."""

    contexts: tuple[int, ...]
    """All of them that have started."""
    cycle: tuple[tuple[int, int], ...]
    """Pairs (context, the object it waits at), each waiting for the next and the last for the first; or, where
    nobody is waited for, one pair."""
    verdict: Verdict


def reasons(system: System, futures: Futures, state: State, context: int) -> list[Reason]:
    """Why `context`, which cannot step in `state`, cannot."""
    return [_reason(futures, state, slot, wait) for slot, wait in system.waits(state, context)]


def _reason(futures: Futures, state: State, slot: int, wait: Wait) -> Reason:
    if wait.signals:
        return Reason(slot, futures.may_signal(state, slot, wait), any=True)
    return Reason(slot, wait.contexts, any=False)


def find_stuck(system: System, futures: Futures, state: State, waiting: list[int]) -> Stuck | None:
    """The contexts of `waiting` (all that cannot step) that cannot ever, or None.

    The greatest set in which each waits for one of the set, or for a signal that nobody outside of it can give. Who
    has finished holds for ever what it still holds. When nobody can step, all wait for ever.
    """
    why = {context: reasons(system, futures, state, context) for context in waiting}
    stuck = set(waiting)
    over = {context for context in range(system.size) if system.finished(state, context)}
    changed = len(waiting) + len(over) < system.size
    while changed:
        changed = False
        for context in tuple(stuck):
            if not any(_keeps(reason, stuck | over) for reason in why[context]):
                stuck.discard(context)
                changed = True
    started = tuple(context for context in sorted(stuck) if system.active(state, context))
    if not started:
        return None
    cycle = _cycle({context: why[context] for context in stuck}, stuck | over, started)
    return Stuck(contexts=started, cycle=cycle, verdict=_verdict(system, futures, state, cycle))


def _keeps(reason: Reason, stuck: set[int]) -> bool:
    return reason.contexts <= stuck if reason.any else bool(reason.contexts & stuck)


def _cycle(why: dict[int, list[Reason]], stuck: set[int], started: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """The shortest cycle of waits among the stuck ones; if there is none, the end of the chain."""
    follow = {
        context: [
            (reason.slot, target)
            for reason in found
            if _keeps(reason, stuck)
            for target in sorted(reason.contexts & why.keys())
        ]
        for context, found in why.items()
    }
    best: tuple[tuple[int, int], ...] = ()
    for first in started:
        found = _shortest(follow, first)
        if found and (not best or len(found) < len(best)):
            best = found
    if best:
        return best
    for context in started:
        for reason in why[context]:
            if _keeps(reason, stuck) and not reason.contexts & why.keys():
                return ((context, reason.slot),)
    return ()


def _shortest(follow: dict[int, list[tuple[int, int]]], first: int) -> tuple[tuple[int, int], ...]:
    """The shortest way from `first` back to it, as pairs of context and object."""
    layer: list[tuple[tuple[int, int], ...]] = [((first, slot),) for slot, _ in follow[first]]
    ends = [target for _, target in follow[first]]
    seen: set[int] = set()
    while layer:
        nexts, targets = [], []
        for path, end in zip(layer, ends, strict=True):
            if end == first:
                return path
            if end in seen:
                continue
            seen.add(end)
            for slot, target in follow[end]:
                nexts.append((*path, (end, slot)))
                targets.append(target)
        layer, ends = nexts, targets
    return ()


def _verdict(system: System, futures: Futures, state: State, cycle: tuple[tuple[int, int], ...]) -> Verdict:
    if any(slot != CPU and _lost(system, futures, state, context, slot) for context, slot in cycle):
        return Verdict.LOST_WAKEUP
    above = any(system.ranks[context] and system.active(state, context) for context, _ in cycle)
    if above and any(slot == CPU for _, slot in cycle):
        return Verdict.INTERRUPT_DEADLOCK
    alone = len(cycle) == 1 and cycle[0][1] != CPU
    if alone:
        context, slot = cycle[0]
        own = any(context in wait.contexts for at, wait in system.waits(state, context) if at == slot)
        return Verdict.SELF_DEADLOCK if own else Verdict.DEADLOCK
    return Verdict.DEADLOCK


def _lost(system: System, futures: Futures, state: State, context: int, slot: int) -> bool:
    """What it waits for has happened, or will when it is too late to be woken."""
    if system.semantics[slot].lost(system.value(state, slot), context):
        return True
    return bool(futures.may_signal(state, slot, Wait(signals=frozenset({Action.SET}))))
