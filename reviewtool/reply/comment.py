# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What a draft says about one finding or claim: the facts with file and line, doubts as questions."""

from __future__ import annotations

from dataclasses import dataclass

from reviewtool.changelog.thread import OpenComment
from reviewtool.finding.model import Certainty, Finding, Status
from reviewtool.locking.model import Step
from reviewtool.reply.phrases import Phrases
from reviewtool.reply.prose import is_predicate, paragraphs, predicate, sentence, table, verbatim, wrap
from reviewtool.report.finding_text import ID_LENGTH
from reviewtool.report.scenario import scenario
from reviewtool.report.visible import visible
from reviewtool.review.model import Claim, Earlier, Verdict
from reviewtool.ruleset.model import Group

_MOST_STEPS = 10
"""Rows of a list of steps; of a longer one the middle is left out, for its ends hold the locks."""


_MOST_QUOTED = 6
"""Lines of a remark that are told again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Turns findings and claims of a series of `patches` patches into the lines of a comment."""

    phrases: Phrases
    patches: int
    earlier: Earlier | None = None

    def finding(self, finding: Finding, *, quoted: bool, near: bool = False) -> list[str]:
        """The comment. `quoted`: it stands right under its line; `near`: under one that leads there."""
        say = self.phrases.say
        said = (self._what(finding, quoted, near), self._worlds(finding), finding.explanation.strip())
        other = "other-way" if finding.group is Group.ORDER else "other-place"
        witness = () if quoted and len(finding.witness) == 1 else finding.witness
        return paragraphs(
            wrap("\n\n".join(filter(None, said))),
            self._steps("steps", witness),
            self._steps(other, finding.other),
            self._steps("same-cause", finding.places),
            *self._document(finding),
            scenario(finding),
            wrap(self._standing(finding)),
            wrap(say("suggestion")) if finding.suggestion else (),
            suggestion_lines(finding),
        )

    def claim(self, claim: Claim) -> list[str]:
        """The comment on a claim that does not hold; no lines for others."""
        say = self.phrases.say
        if claim.verdict is Verdict.NOT_YET:
            text, end = say("not-yet", since=self.number(claim.since)), say("argue")
        elif claim.verdict is Verdict.NO_LONGER:
            text, end = say("no-longer", until=self.number(claim.until)), say("argue")
        elif claim.verdict is Verdict.CONTRADICTED:
            text, end = say("contradicted"), say("outdated")
        else:
            return []
        if not claim.evidence:
            return wrap(f"{text} {end}")
        return paragraphs(wrap(text), self._steps("steps", claim.evidence), wrap(end))

    def plus_one(self, name: str, message_id: str) -> list[str]:
        """The comment on a point that somebody made before."""
        return wrap(self.phrases.say("plus-one", name=name or "somebody", id=message_id))

    def number(self, patch: int | None) -> str:
        """A patch as the subject has it: `5/6`."""
        return f"{patch}/{self.patches}" if patch is not None else "a later patch"

    def _what(self, finding: Finding, quoted: bool, near: bool) -> str:
        place = f"{finding.path}:{finding.line}" if finding.path else ""
        sure = finding.certainty is Certainty.PROVED
        what = predicate(finding.function, finding.message, front=sure)
        tail = "" if quoted or place in _named(finding) else f" ({place})"
        if what.endswith("?"):
            return sentence(finding.message.strip()) + tail
        if near and sure:
            what = self.phrases.say("near", what=what)
        about_document = finding.certainty is Certainty.LIKELY and finding.group is Group.DOC
        phrase = "likely-document" if about_document else finding.certainty.value
        values = {"place": place, "rule": finding.rule, "id": finding.fingerprint[:ID_LENGTH]}
        return sentence(self.phrases.say(phrase, what=f"{what}{tail}", **values))

    def _worlds(self, finding: Finding) -> str:
        return self.phrases.say("worlds", worlds=" and ".join(finding.world)) if finding.world else ""

    def _standing(self, finding: Finding) -> str:
        still = self._still(finding)
        if finding.status is Status.FIXED_LATER and finding.until is not None:
            later = self.phrases.say("later", patch=self.number(finding.until))
            return " ".join(filter(None, (still, later)))
        return self.phrases.say("pre-existing") if finding.status is Status.PRE_EXISTING else still

    def _still(self, finding: Finding) -> str:
        kept = self.earlier.still if self.earlier is not None else ()
        known = next((each for each in kept if each.fingerprint == finding.fingerprint), None)
        if known is None or self.earlier is None:
            return ""
        revision = str(self.earlier.revision)
        if known.raised_by is None:
            return self.phrases.say("still", revision=revision)
        return self.phrases.say("still-raised", revision=revision, id=visible(known.raised_by))

    def unanswered(self, comment: OpenComment, revision: int) -> list[str]:
        """A remark on the revision before to which this one shows no answer."""
        patch = f"patch {comment.patch}" if comment.patch else "the series"
        said = self.phrases.say(
            "unanswered",
            name=visible(comment.author.name or "somebody"),
            patch=patch,
            revision=str(revision),
            id=visible(comment.message_id),
        )
        quoted = wrap(" ".join(comment.text.split()))
        kept = [*quoted[:_MOST_QUOTED], *(["[...]"] if len(quoted) > _MOST_QUOTED else [])]
        return paragraphs(wrap(said), [f"  {verbatim(line)}" for line in kept]) if said else []

    def _document(self, finding: Finding) -> tuple[list[str], ...]:
        quote = finding.document
        if quote is None:
            return ()
        lines = quote.quote.strip("\n").split("\n")
        place = wrap(self.phrases.say("document", place=f"{quote.path}:{quote.line}"))
        return place, [f"  {verbatim(line)}".rstrip() for line in lines]

    def _steps(self, title: str, steps: tuple[Step, ...]) -> list[str]:
        if not steps:
            return []
        rows = [(f"{step.path}:{step.line}", _event(step)) for step in steps]
        if len(rows) > _MOST_STEPS:
            half = _MOST_STEPS // 2
            left_out = len(rows) - 2 * half
            rows = [*rows[:half], (f"[... {left_out} more]", ""), *rows[-half:]]
        return paragraphs(wrap(self.phrases.say(title)), table(rows))


def _named(finding: Finding) -> set[str]:
    """The places that the comment names anyway, and no place at all."""
    named = {f"{step.path}:{step.line}" for step in finding.witness}
    if finding.document is not None:
        named.add(f"{finding.document.path}:{finding.document.line}")
    return named | {""}


def _event(step: Step) -> str:
    if not step.function:
        return step.event
    return f"{step.function}() {step.event}" if is_predicate(step.event) else f"{step.function}(): {step.event}"


def suggestion_lines(finding: Finding) -> list[str]:
    """The suggested change, unindented, so that `git apply` takes it from the mail."""
    if not finding.suggestion:
        return []
    return [verbatim(line) for line in finding.suggestion.rstrip("\n").split("\n")]
