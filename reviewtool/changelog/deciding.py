# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Whether a claim is true of one model: yes, no (with what speaks against it), not known, or its names do not exist."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Final

from reviewtool.changelog.claims import Claim
from reviewtool.changelog.mentions import Mention
from reviewtool.changelog.names import Names
from reviewtool.changelog.places import Held, Places, Standing, Wanted
from reviewtool.changelog.wording import Kind
from reviewtool.changelog.writes import writes_of
from reviewtool.csource.facts import Call
from reviewtool.locking.classes import is_open
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass, Step
from reviewtool.locking.summary import Inner
from reviewtool.locking.summary import Kind as InnerKind
from reviewtool.locking.witness import describe
from reviewtool.ruleset.model import Mode, WaitType

MOST_FUNCTIONS: Final = 400
"""Functions below one that are looked at before its silence counts as knowledge."""


class Truth(StrEnum):
    """Of a claim in one model."""

    YES = "yes"
    NO = "no"
    """There is something that speaks against it."""
    SILENT = "silent"
    """Everything was looked at and nothing speaks for it."""
    UNKNOWN = "unknown"
    ABSENT = "absent"
    """A function or a lock that it names does not exist."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one snapshot says of a claim."""

    truth: Truth
    steps: tuple[Step, ...] = ()
    note: str = ""
    absent: str = ""
    """ABSENT: the name."""


_UNKNOWN: Final = Answer(Truth.UNKNOWN)
_ORDER: Final = {Truth.YES: 0, Truth.NO: 1, Truth.UNKNOWN: 2, Truth.SILENT: 3, Truth.ABSENT: 4}


class Judge:
    """Decides claims for one model."""

    def __init__(self, model: LockModel) -> None:
        self._model = model
        self.names = Names(model)
        self._places = Places(model, self.names)

    def decide(self, claim: Claim) -> Answer:
        """The answer for one claim; NO_FUNCTIONAL_CHANGE has none here, it is about two snapshots."""
        absent = self._absent(claim)
        if absent is not None:
            return absent
        answer = _DECIDERS[claim.kind](self, claim)
        return _negated(answer) if claim.negative else answer

    def _absent(self, claim: Claim) -> Answer | None:
        if claim.kind is Kind.UNCHANGED:
            return _UNKNOWN
        for mention in (claim.function, claim.within):
            if mention is not None and not self.names.functions(mention):
                return _absent(f"{mention.text}()")
        for mention in (claim.lock, claim.outer):
            if mention is not None and not self.names.locks(mention):
                return _absent(mention.shown)
        return None

    def _locks(self, mention: Mention | None) -> tuple[LockClass, ...]:
        return self.names.locks(mention) if mention is not None else ()

    def _functions(self, mention: Mention | None) -> tuple[FunctionId, ...]:
        return self.names.functions(mention) if mention is not None else ()

    # --- F takes L ------------------------------------------------------------------------------------------------

    def takes(self, claim: Claim) -> Answer:
        """An acquisition in the function or below it."""
        locks = self._locks(claim.lock)
        return best([self._takes(function, locks, claim.mode) for function in self._functions(claim.function)])

    def _takes(self, function: FunctionId, locks: tuple[LockClass, ...], mode: Mode | None) -> Answer:
        instead: Inner | None = None
        doubtful = False
        for inner, _ in self._model.summary(function).inner:
            if inner.kind is not InnerKind.LOCK:
                continue
            fits = inner.cls in locks and (mode is None or (inner.mode is Mode.EXCLUSIVE) == (mode is Mode.EXCLUSIVE))
            if fits and not inner.likely:
                return Answer(Truth.YES, self._model.witnesses.down(function, inner.origin, describe(inner)))
            doubtful |= fits or is_open(inner.cls) or inner.cls in locks
            if instead is None and not inner.likely and inner.cls not in locks and not inner.cls.name.startswith("@"):
                instead = inner
        if doubtful or len(locks) != 1 or not self._read_through(function):
            return _UNKNOWN
        if instead is None:
            return Answer(Truth.SILENT, (self._model.witnesses.step(function, self._first(function), "takes no lock"),))
        return Answer(Truth.NO, self._model.witnesses.down(function, instead.origin, describe(instead)))

    def _first(self, function: FunctionId) -> int:
        ref = self._model.functions.get(function)
        return ref.facts.line if ref is not None else 0

    @cached_property
    def _callees(self) -> dict[FunctionId, tuple[FunctionId, ...]]:
        found: dict[FunctionId, dict[FunctionId, None]] = {}
        for callee, sites in self._model.callers.items():
            for caller, _ in sites:
                found.setdefault(caller, {})[callee] = None
        return {caller: tuple(callees) for caller, callees in found.items()}

    def _read_through(self, function: FunctionId) -> bool:
        """Whether all that a function does to locks is known: nothing below it was given up or cannot be named."""
        seen = {function}
        pending = [function]
        while pending:
            each = pending.pop()
            summary = self._model.summary(each)
            if summary.bounded or summary.unknown_locks or self._goes_anywhere(each):
                return False
            for callee in self._callees.get(each, ()):
                if callee not in seen:
                    seen.add(callee)
                    pending.append(callee)
            if len(seen) > MOST_FUNCTIONS:
                return False
        return True

    def _goes_anywhere(self, function: FunctionId) -> bool:
        """Whether it calls through a pointer of which the targets are not known."""
        ref = self._model.functions.get(function)
        if ref is None:
            return False
        for block in ref.facts.blocks:
            for event in block.events:
                if isinstance(event, Call) and not event.callee.isidentifier():
                    targets = self._model.linker.targets(ref, event)
                    if (not targets.functions and not targets.external) or targets.likely:
                        return True
        return False

    # --- F holds L, F is called under L ---------------------------------------------------------------------------

    def holds(self, claim: Claim) -> Answer:
        """It takes the lock, or has it from its callers."""
        answers = (self.takes(claim), self.under(claim))
        return best(
            [answer if answer.truth is Truth.YES else replace(answer, truth=Truth.UNKNOWN) for answer in answers]
        )

    def under(self, claim: Claim) -> Answer:
        """All known callers hold it."""
        locks = self._locks(claim.lock)
        wanted = Wanted(locks, claim.mode is Mode.EXCLUSIVE)
        within = frozenset(self._functions(claim.within))
        found: list[Standing] = []
        for function in self._functions(claim.function):
            found.extend(self._places.callers(function, wanted, within))
        return self._weighed(found, locks, claim.negative)

    def _weighed(self, found: Sequence[Standing], locks: tuple[LockClass, ...], negative: bool) -> Answer:
        by_held = {held: [standing for standing in found if standing.held is held] for held in Held}
        yes, no = by_held[Held.YES], by_held[Held.NO]
        if negative and yes:
            return Answer(Truth.YES, yes[0].steps)
        if found and len(yes) == len(found):
            return Answer(Truth.YES, yes[0].steps)
        ours = len(locks) == 1 and self.names.declared_here(locks[0])
        if no and ours and (not negative or len(no) == len(found)):
            return Answer(Truth.NO, no[0].steps)
        known = f"{len(yes)} of {len(found)} known places hold it" if found else "no caller is known"
        return Answer(Truth.UNKNOWN, next((s.steps for s in found if s.held is not Held.YES), ()), known)

    # --- orders, protection, sleep --------------------------------------------------------------------------------

    def order(self, claim: Claim) -> Answer:
        """An edge of the order graph."""
        outers, inners = self._locks(claim.outer), self._locks(claim.lock)
        within = frozenset(self._functions(claim.within))
        forth = self._edges(outers, inners, within)
        if forth:
            return forth[0]
        if len(outers) != 1 or len(inners) != 1 or within or outers == inners:
            return _UNKNOWN
        back = self._edges(inners, outers, within)
        if back and back[0].truth is Truth.YES:
            return replace(back[0], truth=Truth.NO)
        return Answer(Truth.SILENT, note="nothing takes the one inside the other")

    def _edges(
        self, outers: tuple[LockClass, ...], inners: tuple[LockClass, ...], within: frozenset[FunctionId]
    ) -> list[Answer]:
        found = []
        for outer in outers:
            for inner in inners:
                for arc in self._model.graph.evidence(outer, inner):
                    if not within or arc.function in within:
                        truth = Truth.UNKNOWN if arc.relation.inner.likely else Truth.YES
                        found.append(Answer(truth, self._model.witnesses.relation(arc.function, arc.relation)))
                        break
        return sorted(found, key=lambda answer: _ORDER[answer.truth])

    def protects(self, claim: Claim) -> Answer:
        """All known writes (of data) or calls (of a function) happen with the lock held."""
        locks = self._locks(claim.lock)
        if claim.thing is None:
            return _UNKNOWN
        functions = self._functions(claim.thing)
        if functions:
            inside = replace(claim, function=claim.thing)
            answers = (self.takes(inside), self.under(inside))
            return best([each if each.truth is Truth.YES else _UNKNOWN for each in answers])
        thing = self.names.thing(claim.thing)
        if thing is None:
            return _absent(claim.thing.shown)
        found = [
            self._places.line(function, line, Wanted(locks, claim.mode is Mode.EXCLUSIVE), f"writes {thing.name}")
            for function, line in writes_of(self._model, thing)
        ]  # fmt: skip
        answer = self._weighed(found, locks, negative=False)
        return answer if answer.truth is Truth.YES else replace(answer, truth=Truth.UNKNOWN)

    def sleeps(self, claim: Claim) -> Answer:
        """It may sleep on some path, whatever the allocation flags."""
        families = self._model.ruleset.families
        functions = self._functions(claim.function)
        for function in functions:
            for inner, _ in self._model.summary(function).inner:
                family = families.get(inner.cls.family)
                heavy = family is not None and family.wait_type is WaitType.SLEEP and inner.kind is not InnerKind.SLEEP
                rests = heavy or (inner.kind is InnerKind.SLEEP and not inner.flags)
                if rests and not inner.likely and not inner.dropped:
                    return Answer(Truth.YES, self._model.witnesses.down(function, inner.origin, describe(inner)))
        known = all(self._read_through(each) and not self._model.summary(each).unknown_calls for each in functions)
        return Answer(Truth.SILENT) if known else _UNKNOWN


_DECIDERS: Final = {
    Kind.TAKES: Judge.takes,
    Kind.HOLDS: Judge.holds,
    Kind.UNDER: Judge.under,
    Kind.ORDER: Judge.order,
    Kind.PROTECTS: Judge.protects,
    Kind.SLEEPS: Judge.sleeps,
}


def _absent(name: str) -> Answer:
    return Answer(Truth.ABSENT, note=f"{name} does not exist", absent=name)


def _negated(answer: Answer) -> Answer:
    if answer.truth is Truth.YES:
        return replace(answer, truth=Truth.NO)
    return replace(answer, truth=Truth.YES) if answer.truth in (Truth.NO, Truth.SILENT) else answer


def best(answers: Iterable[Answer]) -> Answer:
    """Of several definitions of one name, or of several worlds: what speaks for it, else against it."""
    return min(answers, key=lambda answer: _ORDER[answer.truth], default=_UNKNOWN)
