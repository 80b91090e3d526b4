# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The forward analysis of one function: a set of states per block, run until nothing changes, then a summary."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from reviewtool.csource.facts import Branch, Config, Event, Iterate, Return, Switch
from reviewtool.locking.branches import configured, refine, repeated, selected
from reviewtool.locking.demands import needs_of_annotations
from reviewtool.locking.events import returned, step
from reviewtool.locking.lifetimes import goes_on
from reviewtool.locking.linker import FunctionRef, Linker
from reviewtool.locking.loops import Loops, find_loops
from reviewtool.locking.matching import as_many
from reviewtool.locking.paths import OPAQUE, roots
from reviewtool.locking.state import Key, State
from reviewtool.locking.summarize import summarize
from reviewtool.locking.summary import HeldLock, Leaving, Summary
from reviewtool.locking.values import join
from reviewtool.locking.walker import Summaries, Walker
from reviewtool.locking.zerotrip import Ranks, zero_trip_ranks

STATES: Final = 32
"""States per block; beyond, further ones are dropped and the summary is marked bounded."""
APART: Final = 8
"""Conditions by whose values states are kept apart in a second look, at most."""
STEPS: Final = 6000
"""Blocks walked per function, likewise."""

Watch = Callable[[int, State], None]
"""Gets the line of each event and the state before it."""

Look = Callable[[Event, State], None]
"""Gets each event and the state before it. A flow with one of these gives no whole summary."""

Place = tuple[int, Key]
Choice = tuple[int, str, bool]


class Flow:
    """The analysis of one function. `run()` once."""

    def __init__(
        self,
        linker: Linker,
        ref: FunctionRef,
        summaries: Summaries,
        watch: Watch | None = None,
        start: State | None = None,
        look: Look | None = None,
    ) -> None:
        """`start` is what is known on entry; nothing without one."""
        self._start = start
        self._walker = Walker(linker, ref, summaries)
        self._blocks = ref.facts.blocks
        self._loops: Loops = find_loops(self._blocks, linker, ref)
        self._watch = watch
        self._look_at = look
        self._walker.record.quiet = look is not None
        self._apart: tuple[str, ...] = ()
        self._reset()

    def _reset(self) -> None:
        self._states: list[dict[Key, State]] = [{} for _ in self._blocks]
        self._parents: dict[Place, tuple[Place, Choice | None]] = {}
        self._leavings: dict[tuple[int, Key], tuple[Leaving, State]] = {}
        self._ranks: Ranks | None = None
        self._steps = 0
        self._edges: dict[tuple[int, int], set[Key]] = {}

    def run(self) -> Summary:
        """The function's summary.

        Where the first look finds something wrong, a second one keeps states apart by the conditions that are tested
        more than once; what is then not found is not there.
        """
        if not self._blocks:
            return summarize(self._walker, [])
        summary = self._look()
        if not _doubtful(summary):
            return summary
        self._apart = repeated(self._blocks, self._walker.ruleset.values)[:APART]
        if not self._apart:
            return summary
        self._walker.record.clear()
        self._reset()
        closer = self._look()
        return summary if closer.bounded else closer

    def _look(self) -> Summary:
        self._fixpoint()
        ranks = zero_trip_ranks(self._edges, self._loops)
        if ranks:
            self._walker.record.clear()
            self._reset()
            self._ranks = ranks
            self._fixpoint()
        return summarize(self._walker, list(self._leavings.values()))

    def _fixpoint(self) -> None:
        start = State() if self._start is None else self._start.copy()
        needs_of_annotations(self._walker, start)
        first = self._key(start)
        self._states[0][first] = start
        pending: dict[int, dict[Key, None]] = {0: {first: None}}
        queue = [0]
        while queue:
            index = heapq.heappop(queue)
            keys = pending.pop(index, None)
            if keys is None:
                continue
            for key in keys:
                self._steps += 1
                if self._steps > STEPS:
                    self._walker.record.bounded = True
                    return
                for target, changed in self._walk(index, key):
                    if target not in pending:
                        heapq.heappush(queue, target)
                    pending.setdefault(target, {})[changed] = None

    def _walk(self, index: int, key: Key) -> list[tuple[int, Key]]:
        block = self._blocks[index]
        states = [self._states[index][key].copy()]
        for event in block.events:
            if self._watch is not None:
                for state in states:
                    self._watch(event.line, state)
            if self._look_at is not None:
                for state in states:
                    self._look_at(event, state)
            states = [after for state in states for after in step(self._walker, state, event)]
        changed: list[tuple[int, Key]] = []
        last = block.events[-1] if block.events else None
        for state in states:
            if isinstance(last, Return) and not block.succs:
                self._leave(index, key, state, last)
                continue
            for succ, after, choice in self._ways(index, state):
                place = self._arrive(index, key, succ, after, choice)
                if place is not None:
                    changed.append(place)
        return changed

    def _ways(self, index: int, state: State) -> list[tuple[int, State, Choice | None]]:
        block = self._blocks[index]
        words = self._walker.ruleset.values
        leave, succs = block.exit, block.succs
        if leave is None:
            return [(succ, state, None) for succ in succs[:1]]
        ways: list[tuple[int, State, Choice | None]] = []
        for number, succ in enumerate(succs):
            choice: Choice
            if isinstance(leave, Branch):
                after = refine(state, leave, number == 0, words)
                choice = (leave.line, f"{leave.left}{leave.op if leave.op != '?' else ''}{leave.right}", number == 0)
            elif isinstance(leave, Switch):
                after = selected(state, leave, number, words)
                choice = (leave.line, f"{leave.subject}=={leave.labels[number] or 'default'}", True)
            else:
                assert isinstance(leave, Config)
                known = self._walker.linker.configured(leave.text)
                after = configured(state, leave, number == 0) if known in (None, number == 0) else None
                choice = (leave.line, f"#if {leave.text}", number == 0)
            if after is not None:
                ways.append((succ, after, choice))
        return ways

    def _arrive(self, index: int, key: Key, succ: int, state: State, choice: Choice | None) -> Place | None:
        if succ <= index:
            self._again(index, succ, state)
        new = self._key(state)
        if (index, succ) in self._loops.exits:
            self._edges.setdefault((index, succ), set()).add(new)
            if self._ranks is not None and self._ranks.dominated((index, succ), new):
                return None
        known = self._states[succ]
        old = known.get(new)
        if old is None:
            if len(known) >= (STATES * 4 if self._apart else STATES):
                self._walker.record.bounded = True
                return None
            known[new] = state.copy()
            self._parents[succ, new] = ((index, key), choice)
            return (succ, new)
        return (succ, new) if old.join(state) else None

    def _key(self, state: State) -> Key:
        held, owed, marks = state.key
        return (held, owed, (*(state.env.get(name) for name in self._apart), *marks)) if self._apart else state.key

    def _again(self, tail: int, head: int, state: State) -> None:
        """Round a loop once more: locks that the loop's own variables name become some of many."""
        state.forget_calls(self._states[head].values())
        if self._walker.lifetimes:
            for event in self._blocks[head].events:
                if isinstance(event, Iterate):
                    goes_on(self._walker, state, event)
        variables = self._loops.variables.get((tail, head), frozenset())
        if state.held:
            state.held = _collapse(tuple(as_many(lock) if _varies(lock, variables) else lock for lock in state.held))
        if state.owed:
            state.owed = _collapse(tuple(as_many(lock) if _varies(lock, variables) else lock for lock in state.owed))

    def _leave(self, index: int, key: Key, state: State, event: Return) -> None:
        value = returned(self._walker, state, event)
        place = (index, self._key(state))
        old = self._leavings.get(place)
        if old is not None:
            old[1].join(state)
            self._leavings[place] = (replace(old[0], value=join(old[0].value, value)), old[1])
            return
        leaving = Leaving(event.line, value, state.held, state.owed, self._choices(index, key))
        self._leavings[place] = (leaving, state.copy())

    def _choices(self, index: int, key: Key) -> tuple[Choice, ...]:
        choices: list[Choice] = []
        place: Place = (index, key)
        seen: set[Place] = set()
        while place in self._parents and place not in seen:
            seen.add(place)
            place, choice = self._parents[place]
            if choice is not None:
                choices.append(choice)
        return tuple(reversed(choices))


def _doubtful(summary: Summary) -> bool:
    return bool(summary.leaks or summary.problems or any(leaving.owed for leaving in summary.leavings))


def _varies(lock: HeldLock, variables: frozenset[str]) -> bool:
    if lock.many:
        return False
    return lock.instance.startswith(OPAQUE) or bool(roots(lock.instance) & variables)


def _collapse(locks: tuple[HeldLock, ...]) -> tuple[HeldLock, ...]:
    """At most one entry of many for each class; it is drained only if all are."""
    result: list[HeldLock] = []
    for lock in locks:
        same = next((i for i, other in enumerate(result) if lock.many and other.many and other.cls == lock.cls), None)
        if same is None:
            result.append(lock)
        elif result[same].drained and not lock.drained:
            result[same] = lock
    return tuple(result)
