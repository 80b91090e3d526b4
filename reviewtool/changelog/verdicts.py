# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Each claim at its own snapshot and at the others: holds, not yet, no longer, contradicted, no evidence.

A changelog speaks of the code before its patch and after it, so a claim of patch k holds if it does after k-1 or after
k. What is said in the cover letter is about the whole series. What the author expects, fears or remembers is dated,
never contradicted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from reviewtool.changelog.claims import Claim, Tense
from reviewtool.changelog.deciding import Answer, Judge, Truth, best
from reviewtool.changelog.unchanged import Difference, changes_between
from reviewtool.changelog.wording import Kind
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import Step

Models = Sequence[LockModel]
"""One snapshot's models, one for each world."""

_EVERYWHERE: Final = (Kind.UNDER, Kind.PROTECTS)
"""Claims that one counter-example refutes, in whatever world."""


class Outcome(StrEnum):
    """What became of a claim."""

    HOLDS = "holds"
    NOT_YET = "not-yet"
    NO_LONGER = "no-longer"
    CONTRADICTED = "contradicted"
    NO_EVIDENCE = "no-evidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the code shows at one snapshot."""

    snapshot: int
    steps: tuple[Step, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A claim, checked."""

    claim: Claim
    outcome: Outcome
    since: int | None = None
    """The patch after which it first holds."""
    until: int | None = None
    """The patch that ended it."""
    evidence: tuple[Evidence, ...] = ()
    """At the claim's own snapshot, then at the one where it holds."""
    world: tuple[str, ...] = ()
    explanation: str = ""
    """One or two sentences."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, in order of the evidence."""
        return tuple(step for evidence in self.evidence for step in evidence.steps)


class Tracker:
    """Goes along with a review: it is shown each snapshot once, keeps the answers, and needs no model afterwards.

    Args:
        claims: Of all texts of the series.
    """

    def __init__(self, claims: Iterable[Claim]) -> None:
        self._claims = tuple(claims)
        self._answers: dict[int, list[Answer]] = {}
        self._worlds: dict[int, list[tuple[str, ...]]] = {}
        self._differences: dict[int, Difference] = {}
        self._last: tuple[LockModel, ...] = ()
        self._judges: dict[LockModel, Judge] = {}
        self._known: dict[LockModel, list[Answer]] = {}
        self._news = {claim.patch for claim in self._claims if claim.kind is Kind.UNCHANGED}

    def see(self, number: int, models: Models) -> None:
        """Snapshot `number`; call it in order, from 0. Models that did not change are to be the same objects."""
        current = tuple(models)
        self._judges = {model: self._judges.get(model) or Judge(model) for model in current}
        self._known = {model: self._known.get(model) or self._decided(model) for model in current}
        joined = [self._joined(index, current) for index in range(len(self._claims))]
        self._answers[number] = [answer for answer, _ in joined]
        self._worlds[number] = [world for _, world in joined]
        if number in self._news and self._last:
            self._differences[number] = changes_between(self._last, current)
        self._last = current

    def _decided(self, model: LockModel) -> list[Answer]:
        judge = self._judges[model]
        return [judge.decide(claim) for claim in self._claims]

    def _joined(self, index: int, models: tuple[LockModel, ...]) -> tuple[Answer, tuple[str, ...]]:
        """One answer out of those of the worlds, and the worlds that give it."""
        answers = {model: self._known[model][index] for model in models}
        chosen = best(answers.values())
        if self._claims[index].kind in _EVERYWHERE and not self._claims[index].negative:
            present = [answer for answer in answers.values() if answer.truth is not Truth.ABSENT]
            doubts = [answer for answer in present if answer.truth is not Truth.YES]
            if chosen.truth is Truth.YES and doubts:
                chosen = best(doubts)
        worlds = tuple(model.world for model in models if model.world and answers[model].truth is chosen.truth)
        return chosen, worlds

    def verdicts(self) -> tuple[Verdict, ...]:
        """One for each claim, in their order. A claim whose names mean nothing in any snapshot is left out."""
        found = (self._verdict(index, claim) for index, claim in enumerate(self._claims))
        return tuple(verdict for verdict in found if verdict is not None)

    def _verdict(self, index: int, claim: Claim) -> Verdict | None:
        answers = {number: answers[index] for number, answers in sorted(self._answers.items())}
        if not answers:
            return None
        if claim.kind is Kind.UNCHANGED:
            return self._unchanged(claim)
        if all(answer.truth is Truth.ABSENT for answer in answers.values()):
            return None
        last = max(answers)
        own = min(claim.patch, last) if claim.patch else last
        worlds = self._worlds[own][index]
        return _weighed(claim, answers, own, worlds)

    def _unchanged(self, claim: Claim) -> Verdict | None:
        difference = self._differences.get(claim.patch)
        if difference is None:
            return None
        if not difference and difference.doubtful:
            text = "Functions take other locks than before; whether code only moved is not known."
            return Verdict(claim=claim, outcome=Outcome.NO_EVIDENCE, explanation=text)
        if not difference:
            return Verdict(claim=claim, outcome=Outcome.HOLDS, explanation="No lock edge and no way out changes.")
        evidence = Evidence(snapshot=claim.patch, steps=difference.steps, note=difference.text)
        return Verdict(
            claim=claim, outcome=Outcome.CONTRADICTED, evidence=(evidence,), world=difference.worlds,
            explanation=f"This patch changes locking: {difference.text}.",
        )  # fmt: skip


def judge(claims: Iterable[Claim], snapshots: Mapping[int, Models]) -> tuple[Verdict, ...]:
    """The verdicts of all claims, given the models of all snapshots (0 is the base)."""
    tracker = Tracker(claims)
    for number in sorted(snapshots):
        tracker.see(number, snapshots[number])
    return tracker.verdicts()


def _weighed(claim: Claim, answers: dict[int, Answer], own: int, worlds: tuple[str, ...]) -> Verdict:
    here = answers[own]
    before = answers.get(own - 1) if claim.patch else answers.get(0)
    around = [(own, here)] + ([(own - 1 if claim.patch else 0, before)] if before is not None else [])
    for number, answer in around:
        if answer.truth is Truth.YES:
            since = _first_of_run(answers, number)
            return Verdict(
                claim=claim, outcome=Outcome.HOLDS, since=since or None, evidence=(_evidence(number, answer),),
                world=worlds,
            )  # fmt: skip
    later = next((number for number in sorted(answers) if number > own and answers[number].truth is Truth.YES), None)
    known = here.truth is not Truth.UNKNOWN
    if later is not None and known:
        return Verdict(
            claim=claim, outcome=Outcome.NOT_YET, since=later,
            evidence=(_evidence(own, here), _evidence(later, answers[later])), world=worlds,
            explanation=_explained(claim, answers, own, later),
        )  # fmt: skip
    earlier = next(
        (number for number in sorted(answers, reverse=True) if number < own and answers[number].truth is Truth.YES),
        None,
    )
    if earlier is not None and known:
        return Verdict(
            claim=claim, outcome=Outcome.NO_LONGER, until=earlier + 1,
            evidence=(_evidence(own, here), _evidence(earlier, answers[earlier])), world=worlds,
            explanation=f"This was so until patch {earlier + 1}.",
        )  # fmt: skip
    if here.truth is Truth.NO and claim.tense in (Tense.PRESENT, Tense.RULE) and _never(answers):
        return Verdict(
            claim=claim, outcome=Outcome.CONTRADICTED, evidence=(_evidence(own, here),), world=worlds,
            explanation=here.note,
        )  # fmt: skip
    return Verdict(
        claim=claim, outcome=Outcome.NO_EVIDENCE, since=later, evidence=(_evidence(own, here),), world=worlds,
        explanation=here.note,
    )  # fmt: skip


def _never(answers: Mapping[int, Answer]) -> bool:
    return all(answer.truth in (Truth.NO, Truth.SILENT, Truth.ABSENT) for answer in answers.values())


def _first_of_run(answers: Mapping[int, Answer], number: int) -> int:
    """The first snapshot of those without a gap before `number` that agree with it."""
    while number - 1 in answers and answers[number - 1].truth is Truth.YES:
        number -= 1
    return number


def _explained(claim: Claim, answers: Mapping[int, Answer], own: int, later: int) -> str:
    """`hv_x()` does not exist here; it comes with patch 37; the claim holds from 39 on."""
    here = answers[own]
    if here.absent:
        comes = next(number for number in sorted(answers) if number > own and answers[number].absent != here.absent)
        text = f"{here.absent} does not exist here; it comes with patch {comes}"
        return f"{text}; {claim.said} from patch {later} on." if later > comes else f"{text}."
    return f"At patch {own} this is not so yet: {claim.said} from patch {later} on."


def _evidence(number: int, answer: Answer) -> Evidence:
    return Evidence(snapshot=number, steps=answer.steps, note=answer.note)
