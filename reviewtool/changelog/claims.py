# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""From sentences to claims about locks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from reviewtool.changelog import wording
from reviewtool.changelog.mentions import Marked, Mention, Shape, marked, numbers
from reviewtool.changelog.sentences import Sentence
from reviewtool.changelog.wording import Kind, Wording
from reviewtool.ruleset.model import Mode

MOST: Final = 2_000
"""Claims of one text."""
MOST_PARTS: Final = 8
"""Names of one list."""

_ROLES: Final = ("f", "l", "m", "outer", "inner", "x", "w")
_STATES: Final = {"interrupts": "@irq", "irqs": "@irq", "preemption": "@preempt"}


class Tense(StrEnum):
    """Of when the author speaks."""

    PRESENT = "present"
    """Of the code as it is around the patch."""
    RULE = "rule"
    """Of what must or must not be."""
    FUTURE = "future"
    HEDGED = "hedged"
    """Under a condition, or with doubt."""
    PAST = "past"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One claim; which roles are filled depends on the kind (see `wording.Kind`)."""

    kind: Kind
    sentence: Sentence
    patch: int = 0
    """The patch whose text this is; 0 the cover letter."""
    tense: Tense = Tense.PRESENT
    negative: bool = False
    reason: bool = False
    """The author argues from it: it stands behind "because" or in front of "so"."""
    function: Mention | None = None
    lock: Mention | None = None
    """The lock; of an order the inner one."""
    outer: Mention | None = None
    thing: Mention | None = None
    """What is protected."""
    within: Mention | None = None
    """The function in which it happens."""
    mode: Mode | None = None

    @property
    def said(self) -> str:
        """The claim in the tool's own words."""
        function, lock = _call(self.function), _name(self.lock)
        match self.kind:
            case Kind.TAKES:
                return f"{function} {_not(self, 'takes', 'does not take')} {lock}"
            case Kind.HOLDS:
                return f"{function} {_not(self, 'holds', 'does not hold')} {lock}"
            case Kind.UNDER:
                return f"{function} is {_not(self, '', 'not ')}called with {lock} held{_where(self)}"
            case Kind.ORDER:
                return f"{lock} is {_not(self, '', 'not ')}taken inside {_name(self.outer)}{_where(self)}"
            case Kind.PROTECTS:
                return f"{lock} {_not(self, 'protects', 'does not protect')} {_name(self.thing)}"
            case Kind.SLEEPS:
                return f"{function} {_not(self, 'may', 'does not')} sleep"
            case Kind.UNCHANGED:
                return "no functional change"


def claims_of(sentences: Iterable[Sentence], patch: int = 0) -> tuple[Claim, ...]:
    """All claims of some sentences, each once, in order. `patch`: the number of the patch that they are from."""
    found: dict[Claim, None] = {}
    known = list(sentences)
    for index, sentence in enumerate(known):
        following = known[index + 1].text[:24].lower() if index + 1 < len(known) else ""
        concluded = bool(re.match(r"(?:so|hence|thus|therefore|as a result)\b", following))
        for claim in _claims(sentence):
            reason = claim.reason or (concluded and claim.tense is Tense.PRESENT)
            found[replace(claim, patch=patch, reason=reason)] = None
            if len(found) >= MOST:
                return tuple(found)
    return tuple(found)


def _claims(sentence: Sentence) -> Iterator[Claim]:
    text = marked(sentence.text)
    if wording.UNCHANGED.search(text.text):
        yield Claim(kind=Kind.UNCHANGED, sentence=sentence)
    if not text.names or text.text.endswith("?"):
        return
    for rule in wording.WORDINGS:
        if rule.comment and not sentence.about:
            continue
        at = 0
        while match := rule.pattern.search(text.text, at):
            at = max(match.start() + 1, match.start("l") if "l" in match.re.groupindex and match["l"] else 0)
            yield from _claim(rule, match, text, sentence)
    if "order" in text.text:
        for match in wording.CHAIN.finditer(text.text):
            outer, inner = text.names[int(match["outer"])], text.names[int(match["inner"])]
            yield Claim(kind=Kind.ORDER, sentence=sentence, tense=Tense.RULE, outer=outer, lock=inner)


def _claim(rule: Wording, match: re.Match[str], text: Marked, sentence: Sentence) -> Iterator[Claim]:
    found = match.groupdict()
    before = text.text[: match.start()]
    clause = wording.BOUNDARY.split(before)[-1]
    pre = found.get("pre") or ""
    behind = text.text[match.end() : match.end() + 200]
    if wording.DROPPED.search(clause) or wording.LIFTED.search(text.text):
        return
    tense = _tense(rule, pre, clause, before, match[0])
    negative = rule.negative != bool(wording.NEGATED.search(pre))
    if wording.LOOSE.match(behind) and tense in (Tense.PRESENT, Tense.RULE):
        tense = Tense.HEDGED
    reason = bool(wording.REASON.search(before) or wording.CONCLUSION.search(behind))
    base = Claim(
        kind=rule.kind, sentence=sentence, tense=tense, negative=negative, mode=_mode(found.get("mode")), reason=reason
    )
    roles = {role: _mentions(found.get(role), text) for role in _ROLES}
    if found.get("state"):
        roles["l"] = (Mention(Shape.WORD, _STATES[found["state"]]),)
    if rule.comment:
        roles["f"] = (Mention(Shape.CALL, sentence.about),)
    yield from _combined(base, roles)


def _combined(base: Claim, roles: dict[str, tuple[Mention, ...]]) -> Iterator[Claim]:
    """One claim for each combination of the names that stand in lists."""
    none: tuple[Mention | None, ...] = (None,)
    for function in roles["f"] or none:
        for lock in roles["l"] or roles["m"] or roles["inner"] or none:
            for outer in roles["outer"] or none:
                for thing in roles["x"] or none:
                    for within in roles["w"] or none:
                        yield replace(base, function=function, lock=lock, outer=outer, thing=thing, within=within)


def _mentions(group: str | None, text: Marked) -> tuple[Mention, ...]:
    if not group:
        return ()
    return tuple(text.names[number] for number in numbers(group)[:MOST_PARTS] if number < len(text.names))


def _tense(rule: Wording, pre: str, clause: str, before: str, said: str) -> Tense:
    near = f"{clause} {pre} {said}"
    if wording.FUTURE.search(f"{before[:80]} {near}"):
        return Tense.FUTURE
    if rule.rule or wording.OBLIGED.search(pre):
        return Tense.RULE
    if wording.HEDGED.search(f"{before[:40]} {near}"):
        return Tense.HEDGED
    if wording.PAST.search(f"{before[:40]} {near}") and "no longer" not in pre:
        return Tense.PAST
    return Tense.PRESENT


def _mode(words: str | None) -> Mode | None:
    if not words:
        return None
    return Mode.EXCLUSIVE if "writ" in words or "exclusive" in words else Mode.SHARED


def _name(mention: Mention | None) -> str:
    return mention.shown if mention is not None else ""


def _call(mention: Mention | None) -> str:
    return f"{mention.text}()" if mention is not None else ""


def _not(claim: Claim, positive: str, negative: str) -> str:
    return negative if claim.negative else positive


def _where(claim: Claim) -> str:
    return f" in {_call(claim.within)}" if claim.within is not None else ""
