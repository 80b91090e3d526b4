# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Collects what happens while the flow walks a function: acquisitions, requirements, relations, problems."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TypeVar

from reviewtool.csource.facts import Call
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.matching import EVERY, surely_apart
from reviewtool.locking.model import LockClass
from reviewtool.locking.paths import OPAQUE, roots
from reviewtool.locking.state import LAST, State
from reviewtool.locking.summary import (
    SLEEPER,
    Condition,
    Deferred,
    Dropped,
    HeldLock,
    Inner,
    Origin,
    Problem,
    Relation,
    Requirement,
    Trouble,
)
from reviewtool.locking.values import ANY, Value, join

K = TypeVar("K")

_DEEP = re.compile(r"->|[(.\[%@#]")

STATE = "@"
"""Starts the names of states that behave as locks: interrupts off, preemption off, readers of RCU."""

VARIANTS = 3
"""How many conditions of one thing are told apart; with more it may happen whatever the parameters are."""

INSTANCES = 2
"""How many instances of one class are told apart in one function's record; further ones become opaque."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What holds while something happens."""

    held: tuple[HeldLock, ...]
    owed: Dropped
    condition: Condition
    masks: frozenset[str]
    final: bool


class Recorder:
    """One function's record. Equal entries are joined, with what is known of the parameters at all of them."""

    def __init__(self, parameters: frozenset[str], changing: frozenset[str], sleeping: frozenset[str]) -> None:
        """`parameters` are those that the function never assigns, `changing` its locals and what it assigns,
        `sleeping` the families of locks whose holders may sleep.
        """
        self.quiet = False
        """What callees do is not recorded: only the states are wanted."""
        self._sleeping = sleeping
        self._parameters = parameters
        self._changing = changing
        self.inner: dict[Inner, Condition] = {}
        self.relations: dict[Relation, Condition] = {}
        self.requirements: dict[Requirement, Condition] = {}
        self.deferred: dict[Deferred, None] = {}
        self.problems: dict[Problem, None] = {}
        self.bounded = False
        self.destroyed: set[str] = set()
        """The classes, by name, of locks that are destroyed here or in callees."""
        self.undone: set[str] = set()
        """Those of them that this function destroys itself."""
        self.unknown_locks: set[tuple[int, str]] = set()
        self.unknown_calls: set[tuple[int, str]] = set()
        self.acquired: dict[tuple[LockClass, int], Condition] = {}
        """By class and line: what is known wherever the lock is acquired there."""
        self._instances: dict[LockClass, set[str]] = {}
        self._telling: dict[str, bool] = {}
        self._variants: dict[object, dict[Condition, None]] = {}
        self._nearest: dict[Inner, Inner] = {}
        self._ways: dict[Relation, Relation] = {}
        self._asked: dict[Requirement, Requirement] = {}
        self._seen: set[tuple[object, ...]] = set()

    def clear(self) -> None:
        """Begin again."""
        quiet = self.quiet
        self.__init__(self._parameters, self._changing, self._sleeping)  # type: ignore[misc]
        self.quiet = quiet

    def is_new(self, state: State, call: Call, function: FunctionId) -> bool:
        """Whether this call was not yet recorded with these locks and this knowledge; it is from now on."""
        if self.quiet:
            return False
        key = (call.line, function, call.args, state.held, state.owed, tuple(sorted(state.env.items(), key=_first)))
        if key in self._seen:
            return False
        self._seen.add(key)
        return True

    def lasting_condition(self, state: State) -> Condition:
        """All that the state knows in terms of parameters and globals: results of helpers, fields, comparisons."""
        known = [
            (name, value) for name, value in state.env.items() if name[:1] not in "%@#" and self._lasts(roots(name))
        ]
        return tuple(sorted(known, key=_first))

    def _lasts(self, names: frozenset[str]) -> bool:
        return all(name in self._parameters or name not in self._changing for name in names)

    def condition(self, state: State) -> Condition:
        """What the state knows of the parameters: their values, and tests of them against constants."""
        known = [(name, value) for name, value in state.env.items() if self._of_parameters(name)]
        return tuple(sorted(known, key=_first)) if known else ()

    def _of_parameters(self, name: str) -> bool:
        known = self._telling.get(name)
        if known is None:
            names = roots(name)
            own = names & self._parameters
            known = bool(own) and not (names - own) & self._changing and not _DEEP.search(name)
            self._telling[name] = known
        return known

    def moment(self, state: State) -> Moment:
        """What a state contributes to everything that happens in it; worked out once for all that a callee does."""
        masks = frozenset(lock.cls.name for lock in state.held if lock.cls.name[0] == STATE)
        if any(lock.cls.family in self._sleeping for lock in state.held):
            masks |= {SLEEPER}
        return Moment(
            held=tuple(lock for lock in state.held if not lock.drained),
            owed=tuple((lock.cls, lock.instance) for lock in state.owed),
            condition=self.condition(state),
            masks=masks,
            final=state.env.get(LAST) == "1",
        )

    def happens(self, state: State, inner: Inner, gone: Dropped = (), more: Condition = ()) -> None:
        """Something happens now: it is seen from callers, and it relates to every lock that is held.

        `gone` are the locks that are released at that moment by whoever does it; `inner.dropped` those of them that
        this function does not hold itself; `more` is what a callee needs of the parameters for it.
        """
        self.happens_at(self.moment(state), inner, gone, more)

    def happens_at(self, moment: Moment, inner: Inner, gone: Dropped, more: Condition) -> None:
        """The same, in a state whose moment is known."""
        dropped = _merge(inner.dropped, moment.owed) if moment.owed else inner.dropped
        instance = self._few_instances(inner.cls, inner.instance)
        final = inner.final or moment.final
        masked = inner.masked | moment.masks if moment.masks else inner.masked
        key = (
            inner.kind,
            inner.cls,
            instance,
            inner.mode,
            inner.nested,
            dropped,
            inner.flags,
            inner.likely,
            final,
            masked,
        )
        when = self._when(key, self._with(moment.condition, more))
        seen = Inner(*key, when=when, origin=inner.origin)
        _add_inner(self.inner, self._nearest, seen, when)
        if not moment.held:
            return
        below = seen if masked == inner.masked else replace(seen, masked=inner.masked)
        for lock in moment.held:
            if not gone or not is_dropped(lock, gone):
                self._relate(Relation(lock, below), when)

    def _with(self, condition: Condition, more: Condition) -> Condition:
        if not more:
            return condition
        known = dict(condition)
        for name, value in more:
            if self._of_parameters(name):
                known.setdefault(name, value)
        return tuple(sorted(known.items(), key=_first))

    def _when(self, key: object, condition: Condition) -> Condition:
        """The condition to record something under; none, once there are too many different ones."""
        known = self._variants.setdefault(key, {})
        if () in known:
            return ()
        if condition and condition not in known and len(known) >= VARIANTS:
            nearest = max(known, key=lambda other: len(joined(other, condition)))
            condition = joined(nearest, condition) if len(known) < 2 * VARIANTS else ()
        known[condition] = None
        return condition

    def _relate(self, relation: Relation, condition: Condition) -> None:
        old = self.relations.pop(relation, None)
        known = self._ways.get(relation)
        if known is None or relation.inner.origin.depth < known.inner.origin.depth:
            self._ways[relation] = known = relation
        self.relations[known] = condition if old is None else joined(old, condition)

    def relates(self, outer: HeldLock, inner: Inner, state: State) -> None:
        """A lock held by a callee relates to something that a function passed to it does."""
        self._relate(Relation(outer, inner), self.condition(state))

    def takes(self, state: State, lock: HeldLock) -> None:
        """A lock is acquired now."""
        _add(self.acquired, (lock.cls, lock.origin.line), self.lasting_condition(state))

    def requires(self, state: State, requirement: Requirement, more: Condition = ()) -> None:
        """The caller must hold this on entry."""
        plain = replace(requirement, when=())
        when = self._when(plain, self._with(self.condition(state), more))
        new = replace(plain, when=when)
        known = self._asked.get(new)
        if known is not None and known.origin.depth <= new.origin.depth:
            return
        self.requirements.pop(new, None)
        self._asked[new] = new
        self.requirements[new] = when

    def problem(
        self,
        trouble: Trouble,
        lock: tuple[LockClass, str],
        line: int,
        other: Origin | None = None,
        via: Origin | None = None,
        detail: str = "",
    ) -> None:
        """Note a problem at a line."""
        self.problems[Problem(trouble, lock[0], lock[1], line, other, via, detail)] = None

    def _few_instances(self, cls: LockClass, instance: str) -> str:
        seen = self._instances.setdefault(cls, set())
        if instance not in seen:
            if len(seen) >= INSTANCES:
                return OPAQUE
            seen.add(instance)
        return instance


def _add(records: dict[K, Condition], record: K, condition: Condition) -> None:
    old = records.get(record)
    records[record] = condition if old is None else joined(old, condition)


def _add_inner(
    records: dict[Inner, Condition], nearest: dict[Inner, Inner], inner: Inner, condition: Condition
) -> None:
    """As `_add`; of equal records the one fewest calls away is kept, so that a witness never goes in circles."""
    known = nearest.get(inner)
    if known is None:
        nearest[inner] = inner
        records[inner] = condition
        return
    condition = joined(records[known], condition)
    if inner.origin.depth < known.origin.depth:
        del nearest[known], records[known]
        nearest[inner] = inner
    records[inner] = condition


def joined(one: Condition, other: Condition) -> Condition:
    """What both conditions say."""
    if one == other or not one:
        return one
    theirs = dict(other)
    both = ((name, join(value, theirs[name])) for name, value in one if name in theirs)
    return tuple((name, value) for name, value in both if value != ANY)


def is_dropped(lock: HeldLock, gone: Dropped) -> bool:
    """A callee that releases a lock of this class on entry releases this one, unless it is known to be another."""
    return any(cls == lock.cls and not surely_apart(instance, lock.instance, EVERY) for cls, instance in gone)


def _merge(one: Dropped, other: Dropped) -> Dropped:
    return tuple(sorted({*one, *other}, key=lambda pair: (pair[0].name, pair[1])))


def _first(pair: tuple[str, Value]) -> str:
    return pair[0]
