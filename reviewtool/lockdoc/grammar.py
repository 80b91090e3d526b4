# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The English of lock orders: from a sentence to statements.

What is written down here are forms of the language: verbs, modal words, prepositions. Which names are locks is not
known here. Every pattern is tried on a sentence of bounded length and repeats only what consumes a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from reviewtool.lockdoc.clauses import Clause, any_of, pattern
from reviewtool.lockdoc.model import Kind, Mention, Statement
from reviewtool.lockdoc.tokens import joined

_MODAL: Final = (
    r"(?:is|are|be|being|been|was|were|must|can|cannot|may|should|shall|will|not|never|always|also|only|therefore|instead"
    r"|then|thus|usually|generally|normally|both|all|first|ever)"
)
_NEGATIVE: Final = re.compile(r"\b(?:not|cannot|never|nor)\b")
_POSSIBLE: Final = re.compile(r"\b(?:can|may)\b")
_VERB: Final = r"(?:taken|acquired|locked|grabbed|obtained|nested|nests|nest|held|called|used)"
_OUTSIDE: Final = any_of(("outside of", "outside", "before", "around"))
_INSIDE: Final = any_of(
    (
        "inside of", "inside", "within", "under", "underneath", "after", "while holding", "when holding",
        "while already holding", "with", "in",
    )
)  # fmt: skip
_SECTION: Final = any_of(("critical sections? (?:for|of)", "a critical section (?:for|of)", "the", "a", "an"))
_SUBJECT: Final = r"(?P<subject><list>|it|they|these locks|those locks|both locks|this lock|that lock)"
_PIECES: Final = {
    "subject": _SUBJECT, "modal": _MODAL, "verb": _VERB, "outside": _OUTSIDE, "inside": _INSIDE, "section": _SECTION,
}  # fmt: skip


_RELATED: Final = pattern(
    r"<subject>(?: \( [a-z ]{1,40} \))?(?P<modal>(?: <modal>){0,5}) (?P<verb><verb>)"
    r"(?P<way> <outside>| <inside>)(?: <section>)? (?P<object><list>)",
    _PIECES,
)
_BARE: Final = pattern(
    r"(?P<subject><list>) (?P<way>outside of|outside|inside of|inside|within|under) (?P<object><list>)", _PIECES
)
_WITHOUT: Final = pattern(
    r"<subject>(?: (?!cannot|can not|must not)\S+){0,14}? (?:cannot|can not|must not|must never) be"
    r" (?:taken|acquired|locked) without(?: (?:already|first|also))? (?:holding|taking|acquiring) (?P<object><list>)",
    _PIECES,
)
_ALSO: Final = pattern(
    r"critical sections (?:for|of) (?P<subject><list>) must(?: also)? (?:take|hold) (?P<object><list>)", _PIECES
)
_MUST_NOT: Final = pattern(
    r"(?P<who>(?:[^\s,;:.]+ ){1,6})(?:must not|must never|cannot|can not|may not|shall not|should not|never)"
    r" (?:take|acquire|lock|grab)s? (?P<object><list>)",
    _PIECES,
)
_RELEASED: Final = pattern(
    r"<subject>(?P<modal>(?: <modal>){0,4}) (?:released|dropped|unlocked)(?P<verb>) before"
    r"(?: (?:the call to|calling|a call to|calls to|taking|acquiring))? (?P<object><list>)",
    _PIECES,
)
_SEQUENCE: Final = pattern(
    r"(?:first )?(?:takes?|acquires?|locks?|taking|acquiring)(?: the)? (?P<subject>#\d+)(?: lock)? (?:first )?"
    r"(?:(?:,|and) ){0,2}then(?: (?:take|acquire|lock|taking))?(?: the)? (?P<object>#\d+)",
    _PIECES,
)
_TOP: Final = pattern(
    r"(?P<subject>#\d+)(?: <modal>){1,4}(?: the)? (?:outermost|top-?level|top - level)(?: lock)?",
    _PIECES,
)
_ELLIPSIS: Final = pattern(
    r"(?:while|but|whereas) (?P<subject><list>) (?P<modal>cannot|can not|must not|can|may)", _PIECES
)
_LOOSE_VERBS: Final = frozenset({"used", "held", "called"})
_LOOSE_WAYS: Final = frozenset({"in", "with", "before", "after"})
"""With those verbs these say when something runs, not what is held."""
_CHAIN: Final = re.compile(r"#\d+(?: \( [a-z ]{1,40} \))?(?: -> #\d+(?: \( [a-z ]{1,40} \))?)+")
_LEAF: Final = re.compile(
    r"(?:everything else|every other lock|all other locks|other locks)(?: \S+){0,6}? (?:leaf|leaves)\b"
)
_ON: Final = re.compile(r"on ((?:[a-z0-9_]+|#\d+)(?:(?: ,)?(?: and)? [a-z0-9_]+){0,4}?) [:,](?: |\Z)")
_SPEAKS: Final = re.compile(
    r"\b(?:locks?|locked|locking|mutex(?:es)?|spinlocks?|rwlocks?|semaphores?|taken|acquir\w{1,4}|hold|held|holding"
    r"|nests?|nested|inside|outside|critical sections?|deadlocks?)\b"
)


@dataclass(slots=True)
class Reading:
    """What a sentence can refer back to, and the architectures in force."""

    worlds: tuple[str, ...] = ()
    locks: tuple[Mention, ...] = ()
    """What "these locks" are: the last enumeration of locks."""
    subject: tuple[Mention, ...] = ()
    """What "it" is: the subject of the last statement."""
    statements: list[Statement] = field(default_factory=list)

    def read(self, clause: Clause) -> tuple[Statement, ...]:
        """The statements of one sentence, in order; none if the sentence is not understood."""
        worlds = spoken_worlds(clause) or self.worlds
        found = list(dict.fromkeys(each for pair in _pairs(clause, self) for each in _stated(clause, pair, worlds)))
        self.statements.extend(found)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class _Pair:
    kind: Kind
    outer: tuple[Mention | None, ...]
    inner: tuple[Mention | None, ...]
    where: str = ""


def spoken_worlds(clause: Clause) -> tuple[str, ...]:
    """The architectures of "On x86:" or "On x86 and arm64, ..."; none if the sentence does not begin so."""
    match = _ON.match(clause.text)
    if match is None:
        return ()
    words = [clause.names[int(word[1:])].text if word.startswith("#") else word for word in match[1].split()]
    return tuple(word for word in words if word not in (",", "and"))


def is_leaf_sentence(clause: Clause) -> bool:
    """Whether it says that all locks not spoken of have nothing inside."""
    return _LEAF.search(clause.text) is not None


def speaks_of_locks(clause: Clause) -> bool:
    """Whether a sentence with a name in it is about locks."""
    return bool(clause.names) and _SPEAKS.search(clause.text) is not None


def _stated(clause: Clause, pair: _Pair, worlds: tuple[str, ...]) -> Iterator[Statement]:
    for outer in pair.outer:
        for inner in pair.inner:
            yield Statement(
                kind=pair.kind,
                outer=outer,
                inner=inner,
                line=clause.source.line,
                quote=joined(clause.source.text),
                worlds=worlds,
                where=pair.where,
            )


def _pairs(clause: Clause, reading: Reading) -> Iterator[_Pair]:
    yield from _related(clause, reading)
    for match in _WITHOUT.finditer(clause.text):
        subject = _subject(clause, match, reading)
        yield _Pair(Kind.NEEDED, clause.listed(match["object"]), subject)
    for match in _ALSO.finditer(clause.text):
        yield _Pair(Kind.NEEDED, clause.listed(match["object"]), clause.listed(match["subject"]))
    for match in _MUST_NOT.finditer(clause.text):
        yield _Pair(Kind.FORBIDDEN, (None,), clause.listed(match["object"]), _who(clause, match["who"]))
    for match in _RELEASED.finditer(clause.text):
        subject = _subject(clause, match, reading)
        reading.subject = subject
        yield _Pair(Kind.RELEASED, subject, clause.listed(match["object"]))
    for match in _SEQUENCE.finditer(clause.text):
        yield _Pair(Kind.ORDER, clause.listed(match["subject"]), clause.listed(match["object"]))
    for match in _TOP.finditer(clause.text):
        yield _Pair(Kind.TOP, clause.listed(match["subject"]), (None,))
    for match in _CHAIN.finditer(clause.text):
        chain = clause.listed(match[0])
        if any(mention.is_call for mention in chain):
            continue
        yield from (_Pair(Kind.ORDER, (one,), (two,)) for one, two in pairwise(chain))


def _related(clause: Clause, reading: Reading) -> Iterator[_Pair]:
    """Relations: "A is taken outside B", "A can be taken inside B, while C cannot", and the bare "A outside B"."""
    last: _Pair | None = None
    bare = _BARE.match(clause.text)
    if bare is not None:
        yield _relation(clause, bare, clause.listed(bare["subject"]), "", "")
    for match in _RELATED.finditer(clause.text):
        subject = _subject(clause, match, reading)
        if not subject or (match["verb"] in _LOOSE_VERBS and match["way"].strip() in _LOOSE_WAYS):
            continue
        last = _relation(clause, match, subject, match["modal"], match["verb"])
        reading.subject = subject
        reading.locks = clause.listed(match["object"])
        yield last
    for match in _ELLIPSIS.finditer(clause.text):
        if last is not None and last.kind in (Kind.ALLOWED, Kind.FORBIDDEN):
            kind = Kind.FORBIDDEN if _NEGATIVE.search(match["modal"]) else Kind.ALLOWED
            yield _Pair(kind, last.outer, clause.listed(match["subject"]))


def _relation(clause: Clause, match: re.Match[str], subject: tuple[Mention, ...], modal: str, verb: str) -> _Pair:
    outside = re.match(_OUTSIDE + r"\Z", match["way"].strip()) is not None
    others = clause.listed(match["object"])
    outer, inner = (subject, others) if outside else (others, subject)
    if _NEGATIVE.search(modal):
        return _Pair(Kind.FORBIDDEN, outer, inner)
    if re.search(r"\bonly\b", modal) and not outside:
        return _Pair(Kind.NEEDED, outer, inner)
    if _POSSIBLE.search(modal):
        return _Pair(Kind.ALLOWED, outer, inner)
    return _Pair(Kind.ORDER, outer, inner)


def _subject(clause: Clause, match: re.Match[str], reading: Reading) -> tuple[Mention, ...]:
    text = match["subject"]
    if "#" in text:
        return clause.listed(text)
    return reading.subject if text in ("it", "this lock", "that lock") else reading.locks


def _who(clause: Clause, text: str) -> str:
    """The subject of "... must not take", in the document's words."""
    words = [clause.names[int(word[1:])].text if word.startswith("#") else word for word in text.split()]
    while words and words[0] in ("so", "and", "therefore", "that", "thus", "which", "but", "hence", "inside", "of"):
        words.pop(0)
    text = " ".join(words)
    said = joined(clause.source.text)
    at = said.lower().find(text.lower())
    return said[at : at + len(text)] if at >= 0 else text
