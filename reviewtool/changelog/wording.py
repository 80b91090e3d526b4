# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""How English states what code does to locks: patterns over sentences whose names are marks (see mentions.py).

Every pattern is tried everywhere in a sentence and binds roles by group name: `f` a function, `l` a lock, `outer` and
`inner` two locks, `x` what is protected, `w` the function in which it happens. Where a name may be one thing or the
other, several patterns match and the names decide later. `pre` are the words in front of the verb: they carry
negation, tense and doubt. All repetitions are bounded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What is claimed."""

    TAKES = "takes"
    """Function `f` acquires lock `l`, itself or in what it calls."""
    HOLDS = "holds"
    """`f` has `l` held: it takes it or is called with it."""
    UNDER = "called-under"
    """`f` is called (in `w`, if that is given) with `l` held."""
    ORDER = "order"
    """`inner` is acquired while `outer` is held (in `w`, if that is given)."""
    PROTECTS = "protects"
    """`x` is written, or run, only with `l` held."""
    SLEEPS = "sleeps"
    UNCHANGED = "no-functional-change"


@dataclass(frozen=True, slots=True)
class Wording:
    """One way of saying something."""

    kind: Kind
    pattern: re.Pattern[str]
    negative: bool = False
    comment: bool = False
    """It has no subject of its own: only a comment's sentence, about the function it stands at, can say it."""
    rule: bool = False
    """It says what has to be, whatever the verb."""


_ADVERBS: Final = (
    "also|already|always|now|currently|then|itself|themselves|first|still|both|directly|indirectly|simply|explicitly"
    "|temporarily|internally|typically|usually|normally|generally|only|briefly|unconditionally|conditionally|actually"
    "|instead|thus|therefore|again|all|being|been|obviously|immediately|eventually|ultimately|potentially"
)
_AUXILIARY: Final = (
    "will|would|should|could|may|might|can|must|shall|needs|need|has|have|had|to|is|are|was|were|be|gets|get|got|does"
    "|do|did|not|never|no|longer|cannot|can't|won't|doesn't|don't|didn't|isn't|aren't|wasn't|mustn't|shouldn't|used"
    "|going|supposed|allowed|required|expected|guaranteed|wants|want|tries|try|ever|safe|ok|okay|legal|illegal"
)
_PRE: Final = rf"(?P<pre>(?:(?:{_ADVERBS}|{_AUXILIARY}) ){{0,7}})"
_SOME: Final = rf"(?:(?:{_ADVERBS}) ){{0,2}}"
_TAKE: Final = (
    "(?:takes?|taking|took|acquires?|acquiring|acquired|grabs?|grabbing|grabbed|locks?|locking|obtains?|obtaining)"
)
_TAKEN: Final = "(?:taken|acquired|grabbed|locked|obtained)"
_CALLED: Final = "(?:called|invoked|executed|run|runs|executes|reached|entered|performed|done|called back|invoked back)"
_CALLS: Final = "(?:calls?|calling|invokes?|invoking|runs?|running)"
_UNDER: Final = "(?:under|while holding|holding|inside of|inside|within|with)"
_WITH: Final = "(?: (?:being )?(?:held|taken|locked|acquired)| already held| still held)"
_SHARED: Final = (
    r"(?P<mode> (?:for|in) (?:read|write|reading|writing|shared|exclusive)(?: mode)?| exclusively| shared)?"
)
_ACCESS: Final = (
    r"(?:(?:any |every )?(?:accesses|access|updates?|changes|modifications?|writes|reads|calls|the use|use|walks|"
    r"walking"
    r"|accessing|updating|modifying|reading|writing|calling|manipulation|writers|readers|users|concurrent)"
    r"(?: (?:and|or|/) \w{1,20})?(?: (?:to|of|from|in))? ){0,2}"
)
_PROTECTED: Final = (
    "(?:protected|guarded|serialized|serialised|synchronized|synchronised|covered|stabilized|stabilised)"
)
_PROTECTS: Final = "(?:protects?|guards?|serializes?|serialises?|synchronizes?|synchronises?|stabilizes?|stabilises?)"


def _n(role: str) -> str:
    return rf"<(?P<{role}>[\d+]{{1,40}})>"


def _w(kind: Kind, text: str, *, negative: bool = False, comment: bool = False, rule: bool = False) -> Wording:
    pattern = text.replace("{PRE}", _PRE).replace("{SOME}", _SOME)
    pattern = re.sub(r"\{([a-z]+)\}", lambda match: _n(match[1]), pattern)
    return Wording(kind, re.compile(pattern), negative, comment, rule)


_LIKE_INSIDE: Final = (
    "(?:inside of|inside|under|underneath|beneath|within|after|while holding|holding|nested in|nested inside"
    "|nested under|nested within|below)"
)
_LIKE_OUTSIDE: Final = "(?:outside of|outside|before|ahead of|prior to|around|above)"

WORDINGS: Final = (
    # F takes L; F, which takes L; it takes L in F; L is taken by F
    _w(Kind.TAKES, rf"{{f}},? (?:which |that |who |and )?{{PRE}}{_TAKE} {{SOME}}{{l}}{_SHARED}"),
    _w(Kind.TAKES, rf"{{PRE}}\b{_TAKE} {{SOME}}(?:a new (?:mutex|lock|spinlock), )?{{l}},?{_SHARED} (?:in|inside|"
                   rf"within|from|via|through) {{f}}"),
    _w(Kind.TAKES, rf"{{l}} {{PRE}}{_TAKEN}{_SHARED} {{SOME}}(?:by|in|inside|within|from|via|through|during) {{f}}"),
    _w(Kind.TAKES, r"acquisition of {l} (?:in|by|from) {f}"),
    _w(Kind.TAKES, r"{f} (?:runs|executes|works|operates|is called|can be called) without (?:taking|acquiring|"
                   r"grabbing) {l}",
       negative=True),
    # F holds L
    _w(Kind.HOLDS, rf"{{f}},? (?:which |that )?{{PRE}}holds? {{SOME}}{{l}}{_SHARED}"),
    _w(Kind.HOLDS, rf"{{l}} {{PRE}}held{_SHARED} {{SOME}}(?:by|in|inside|within|throughout) {{f}}"),
    # F is called under L
    _w(Kind.UNDER, rf"{{f}},? (?:which |that )?{{PRE}}{_CALLED} {{SOME}}(?:under|while holding|holding|inside of|"
                   rf"inside|within)"
                   rf" {{l}}{_SHARED}"),
    _w(Kind.UNDER, rf"{{f}},? (?:which |that )?{{PRE}}{_CALLED} {{SOME}}with {{l}}{_WITH}{_SHARED}"),
    _w(Kind.UNDER, rf"{{f}} {{PRE}}{_CALLED} {{SOME}}(?:without|outside of|outside) (?:holding |taking )?"
                   rf"{{l}}", negative=True),
    _w(Kind.UNDER, rf"{{w}},? (?:which |that )?{{PRE}}{_CALLS} {{SOME}}{{f}} {{SOME}}(?:under|while holding|holding|"
                   rf"inside|within)"
                   rf" {{l}}{_SHARED}"),
    _w(Kind.UNDER, rf"{{w}},? (?:which |that )?{{PRE}}{_CALLS} {{SOME}}{{f}} {{SOME}}with {{l}}{_WITH}"),
    _w(Kind.UNDER, rf"{{f}} {{PRE}}(?:requires?|expects?|demands?|assumes?|relies on|needs?|asserts?) (?:that )?{{l}}"
                   rf" (?:to be |is |be |being )?(?:held|taken|locked){_SHARED}", rule=True),
    _w(Kind.UNDER, rf"callers? of {{f}} {{PRE}}holds? {{l}}{_SHARED}"),
    _w(Kind.UNDER, rf"{{l}} {{PRE}}held{_SHARED} {{SOME}}(?:when|while|by callers of|by all callers of|across|around|"
                   rf"over|during|for)"
                   rf" (?:calling |invoking |running |calls to |call to |call of )?{{f}}"),
    _w(Kind.UNDER, rf"{{PRE}}\b(?:holds?|holding) {{SOME}}{{l}}{_SHARED} (?:when|while|across|around|over)"
                   rf" (?:calling |invoking |running |it calls |calls to |call to )?{{f}}"),
    # with interrupts off
    _w(Kind.UNDER, rf"{{f}},? (?:which |that )?{{PRE}}{_CALLED} {{SOME}}with (?:hard |local )?(?P<state>interrupts|"
                   rf"irqs|preemption)"
                   r" (?:disabled|off|masked)"),
    # A is taken under B, outside of B
    _w(Kind.ORDER, rf"{{inner}} {{PRE}}(?:{_TAKEN}|nests|nest|nested|go|goes){_SHARED} {{SOME}}{_LIKE_INSIDE} "
                   rf"{{outer}}"),
    _w(Kind.ORDER, rf"{{inner}} {{PRE}}{_TAKEN}{_SHARED} {{SOME}}with {{outer}}{_WITH}"),
    _w(Kind.ORDER, rf"{{outer}} {{PRE}}(?:{_TAKEN}|nests|nest|nested|go|goes|held){_SHARED} {{SOME}}{_LIKE_OUTSIDE} "
                   rf"{{inner}}"),
    _w(Kind.ORDER, r"{outer} (?:is|are|nests|nest) (?:outside of|outside) {inner}"),
    _w(Kind.ORDER, r"{inner} (?:is|are|nests|nest) (?:inside of|inside) {outer}"),
    _w(Kind.ORDER, rf"{{PRE}}\b{_TAKE} {{SOME}}{{inner}}{_SHARED} (?:inside of|inside|under|within|while holding|while"
                   rf" it holds"
                   rf"|while already holding) {{outer}}"),
    _w(Kind.ORDER, rf"{{PRE}}\b{_TAKE} {{SOME}}{{inner}}{_SHARED} with {{outer}}{_WITH}"),
    _w(Kind.ORDER, rf"{{PRE}}\b{_TAKE} {{SOME}}{{outer}}{_SHARED} (?:outside of|outside|before|prior to|ahead of)"
                   rf" (?:taking |acquiring |grabbing )?{{inner}}"),
    _w(Kind.ORDER, rf"{{w}} {{PRE}}{_TAKE} {{SOME}}{{inner}}{_SHARED} (?:inside of|inside|under|within|while holding|"
                   rf"while it holds"
                   rf"|while already holding) {{outer}}"),
    # L protects X
    _w(Kind.PROTECTS, rf"{{x}} {{PRE}}{_PROTECTED} {{SOME}}(?:by|with|under|via|using) (?:holding |taking )?"
                      rf"{{l}}{_SHARED}"),
    _w(Kind.PROTECTS, rf"{{l}} {{PRE}}{_PROTECTS} {{SOME}}(?:against concurrent )?{_ACCESS}{{x}}"),
    _w(Kind.PROTECTS, rf"{{l}} {{PRE}}used to (?:protect|guard|serialize|serialise|synchronize) {_ACCESS}{{x}}"),
    # F can sleep
    _w(Kind.SLEEPS, r"{f} (?P<pre>(?:(?:can|may|might|could|cannot|can't|will|must|does|never|not|doesn't|potentially"
                    r"|also) ){0,4})"
                    r"(?:sleeps?|blocks?|schedules?)\b(?! (?:by|if|on|in|all|until))"),
    _w(Kind.PROTECTS, rf"(?:protects?|guards?|seriali[sz]es?) {{x}} (?:with|by|using|under) {{l}}{_SHARED}"),
    _w(Kind.PROTECTS, rf"{{x}} {{PRE}}(?:modified|updated|written|changed|accessed|manipulated|set|cleared) {{SOME}}"
                      rf"(?:under|while holding|holding|inside) {{l}}{_SHARED}"),
    _w(Kind.PROTECTS, rf"{{x}} {{PRE}}(?:modified|updated|written|changed|accessed|manipulated|set|cleared) {{SOME}}"
                      rf"with {{l}}{_WITH}"),
    # comments, about the function that they stand at
    _w(Kind.UNDER, rf"^(?:(?:this|it|the function) )?{{PRE}}{_CALLED} {{SOME}}(?:(?:under|while holding|holding) {{l}}"
                   rf"|with {{m}}{_WITH}){_SHARED}", comment=True, rule=True),
    _w(Kind.UNDER, rf"\bcallers? {{PRE}}(?:holds?|holding|take|takes|acquire|own|owns) "
                   rf"{{l}}{_SHARED}", comment=True, rule=True),
    _w(Kind.UNDER, rf"{{l}} (?P<pre>(?:must|should|has to|have to|needs? to) (?:always |already )?be )(?:held|locked|"
                   rf"taken)"
                   rf"{_SHARED}(?: (?:by|on) (?:callers?|entry))?(?:\.|,|\Z| (?:here|by|on|when calling)"
                   rf")", comment=True, rule=True),
    _w(Kind.UNDER, rf"^(?:requires|needs|expects|assumes) (?:that )?{{l}}(?: (?:to be |is |be )?(?:held|taken|locked))"
                   rf"{_SHARED}",
       comment=True, rule=True),
    _w(Kind.TAKES, rf"^(?:takes|acquires|grabs) {{l}}{_SHARED}", comment=True),
)  # fmt: skip

UNCHANGED: Final = re.compile(
    r"\bno (?:intended |real |actual |other )?function(?:al|ality)? changes?(?: (?:is |are |was )?(?:intended|"
    r"expected))?\b"
    r"|\bno (?:change in|changes in|change to) (?:functionality|behaviou?r)\b|\bnfci?\b"
)

CHAIN: Final = re.compile(r"<(?P<outer>\d{1,2})> ?(?:=|-){1,3}> ?<(?P<inner>\d{1,2})>")
"""`A -> B`, where the sentence speaks of an order."""

DROPPED: Final = re.compile(
    r"\b(?:instead of|rather than|avoids?|avoiding|without|neither|nor|stops?|fails?|failing|forgets?|forgot|missing|"
    r"lacks?"
    r"|wrong|wrongly|incorrect|incorrectly|erroneously|whether|why|how|bogus|removes?|removing|drops?|dropping|delete"
    r"|prevents?|preventing|could have|should have|would have|as if|pretend|except|no need|unnecessary|unnecessarily"
    r"|needlessly|redundant|nothing|none|only if|not)\b"
)
"""In front of a claim in its clause: it may say the contrary, so nothing is claimed."""

LIFTED: Final = re.compile(r"\b(?:not required|isn't required|need not|needn't|not necessary|not needed|optional)\b")
"""The sentence is about what does not have to be."""

LOOSE: Final = re.compile(r",? (?:or|unless|except|if|when|only if|only when|depending|in case)\b")
"""Behind a claim: it is meant under a condition."""

FUTURE: Final = re.compile(
    r"\b(?:will|won't|shall|going to|future|upcoming|eventually|soon|later|subsequent|next patch|following patch"
    r"|following commit|next commit|once|until|preparation|prepare)\b"
)
HEDGED: Final = re.compile(
    r"\b(?:would|could|might|if|unless|perhaps|maybe|probably|presumably|assuming|suppose|should|want|wants|let's|"
    r"possibly"
    r"|theoretically|hypothetically|e\.g\.|try|tries|tried|when enabled|in case|i think|afaict|seems?|appears?)\b"
)
PAST: Final = re.compile(
    r"\b(?:was|were|took|had|did|didn't|wasn't|used to|previously|formerly|prior to (?:commit|this)|before (?:commit|"
    r"this)|back when"
    r"|originally|no longer)\b"
)
NEGATED: Final = re.compile(
    r"\b(?:not|never|no longer|cannot|can't|doesn't|don't|isn't|aren't|won't|mustn't|shouldn't)\b"
)
OBLIGED: Final = re.compile(
    r"\b(?:must|has to|have to|needs? to|should|required|supposed|allowed|expected|mustn't|shouldn't|cannot|can't|"
    r"safe|legal)\b"
)
REASON: Final = re.compile(
    r"\b(?:because|since|as|due to|given that|otherwise|so that|hence|thus|therefore)\b|[:\u2014]|--"
)
CONCLUSION: Final = re.compile(r"\b(?:so|hence|thus|therefore|i\.e\.|which means|that means|meaning)\b|\bso\b")
BOUNDARY: Final = re.compile(r"[;:,()]| but | and | while | because | since | so | as | when | where | which ")
