# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What declarations and comments say of a function and its locks, against the function's body and its header."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from reviewtool.checks.check import make_finding
from reviewtool.csource.facts import Attribute, Function, Variable
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.classes import is_open
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass
from reviewtool.locking.program import Program
from reviewtool.locking.summary import Kind, Summary

_DEMANDED: Final = ("acquires", "releases", "holds", "holds-shared")
_WORD: Final = re.compile(r"\w+")
_DEMANDS: Final = re.compile(
    r"\b(?:must|should|has to|have to|needs? to|expected to)\s+(?:\w+\s+){0,3}?"
    r"(?:be\s+(?:called|invoked|run|entered)\s+(?:with|under|while\s+holding)|hold|be\s+holding|have)\s+(?:the\s+)?"
    r"[`'\"]*&?(?P<lock>[A-Za-z_]\w*(?:(?:->|\.)\w+)*)",
    re.IGNORECASE,
)
"""A comment that demands a lock of the callers."""


def check_annotations(model: LockModel) -> Iterator[Finding]:
    """One finding for each function and thing said of it."""
    for function, summary in model.summaries.items():
        ref = model.functions.get(function)
        if ref is None:
            continue
        if ref.facts.attributes:
            yield from _against_body(model, function, summary)
            yield from _against_header(model, function)
            yield from _unexplained(model, function)
        if ref.facts.comment:
            yield from _only_said(model, function, summary)


def _against_body(model: LockModel, function: FunctionId, summary: Summary) -> Iterator[Finding]:
    """An annotation says what no way out of the function bears out."""
    facts = model.functions[function].facts
    if summary.bounded or not summary.leavings or summary.unknown_locks:
        return
    said = {effect: dict(_named(model, function, effect)) for effect in ("acquires", "releases", "holds")}
    for effect, locks in said.items():
        for cls, text in locks.items():
            opposite = said["releases" if effect == "acquires" else "acquires"]
            if effect != "holds" and cls in opposite:
                continue
            held = any(lock.cls == cls for leaving in summary.leavings for lock in leaving.held)
            owed = any(lock.cls == cls for leaving in summary.leavings for lock in leaving.owed)
            always = all(any(lock.cls == cls for lock in leaving.owed) for leaving in summary.leavings)
            if held if effect == "acquires" else owed if effect == "releases" else not always:
                continue
            body = {
                "acquires": f"no way out of it has {cls.label} acquired",
                "releases": f"no way out of it has {cls.label} released",
                "holds": f"it releases {cls.label}, and does not take it again",
            }[effect]
            yield from _made(
                model,
                "annotation-contradicted",
                function,
                facts.line,
                f"the annotation ({text}) and the body disagree: {body}",
                (effect, cls.name),
                (cls.label,),
            )


def _named(model: LockModel, function: FunctionId, *effects: str) -> Iterator[tuple[LockClass, str]]:
    """The locks of which a function's annotations say one of these things, with the annotation's text."""
    ref = model.functions[function]
    declares = model.ruleset.values.declares
    for attribute in ref.facts.attributes:
        for argument in attribute.args if declares.get(attribute.name) in effects else ():
            lock = model.linker.lock_of(ref, argument if argument.startswith("&") else f"&{argument}")
            if lock is not None and lock.cls.family and not is_open(lock.cls):
                yield lock.cls, f"{attribute.name}({argument})"


def _against_header(model: LockModel, function: FunctionId) -> Iterator[Finding]:
    """Header and definition both say something of locks, but not the same."""
    if not isinstance(model.linker, Program):
        return
    facts = model.functions[function].facts
    prototype = model.linker.symbols.prototype(facts.name, function.path) if not facts.static else None
    if prototype is None:
        return
    names = model.ruleset.values.annotates
    here, there = _said(facts.attributes, facts.params, names), _said(prototype.attributes, prototype.params, names)
    if here and there and here != there:
        yield from _made(
            model,
            "annotation-differs",
            function,
            facts.line,
            f"{_shown(facts.attributes, names)} here, {_shown(prototype.attributes, names)} in the header",
            (facts.name,),
        )


def _said(
    attributes: Iterable[Attribute], params: tuple[Variable, ...], names: frozenset[str]
) -> frozenset[tuple[str, str]]:
    """Annotations with the parameters by their place, whatever they are called."""
    places = {variable.name: f"@{number}" for number, variable in enumerate(params)}
    return frozenset(
        (attribute.name, _WORD.sub(lambda word: places.get(word[0], word[0]), argument).lstrip("&"))
        for attribute in attributes
        if attribute.name in names
        for argument in attribute.args
    )


def _shown(attributes: Iterable[Attribute], names: frozenset[str]) -> str:
    return " ".join(f"{each.name}({', '.join(each.args)})" for each in attributes if each.name in names)


def _unexplained(model: LockModel, function: FunctionId) -> Iterator[Finding]:
    facts = model.functions[function].facts
    off = [each.name for each in facts.attributes if model.ruleset.values.declares.get(each.name) == "off"]
    if off and not facts.comment:
        yield from _made(
            model,
            "analysis-off-unexplained",
            function,
            facts.line,
            f"{off[0]} takes this function out of the analysis of locks, and no comment says why",
            (off[0],),
        )


def _only_said(model: LockModel, function: FunctionId, summary: Summary) -> Iterator[Finding]:
    """A comment demands a lock, but nothing in the function asserts it."""
    ref = model.functions[function]
    facts: Function = ref.facts
    for match in _DEMANDS.finditer(" ".join(facts.comment.split())):
        lock = model.linker.lock_of(ref, f"&{match['lock']}")
        if lock is None or not lock.cls.family or is_open(lock.cls) or lock.cls.name.startswith(function.path):
            continue
        asserted = any(requirement.cls == lock.cls for requirement, _ in summary.requirements)
        used = any(inner.cls == lock.cls and inner.kind is Kind.LOCK for inner, _ in summary.inner)
        released = any(owed.cls == lock.cls for leaving in summary.leavings for owed in leaving.owed)
        annotated = any(cls == lock.cls for cls, _ in _named(model, function, *_DEMANDED))
        if asserted or used or released or annotated:
            continue
        yield from _made(
            model,
            "assertion-only-said",
            function,
            facts.line,
            f"the comment demands {lock.cls.label} of the callers; an assertion would check it",
            (lock.cls.name,),
            (lock.cls.label,),
        )


def _made(
    model: LockModel,
    rule: str,
    function: FunctionId,
    line: int,
    message: str,
    identity: tuple[str, ...],
    locks: tuple[str, ...] = (),
) -> Iterator[Finding]:
    finding = make_finding(
        model,
        rule,
        Certainty.LIKELY,
        function,
        line,
        message,
        identity=identity,
        locks=locks,
        witness=(model.witnesses.step(function, line, message),),
    )
    if finding is not None:
        yield finding
