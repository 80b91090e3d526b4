# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Locks that nothing initialises, keys of lock classes that are not static, classes that one initialisation merges."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from reviewtool.checks.check import make_finding
from reviewtool.csource.facts import Assign, Call
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.classes import is_open
from reviewtool.locking.graph import UNKNOWN
from reviewtool.locking.linker import FunctionId, FunctionRef
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass
from reviewtool.locking.program import Program
from reviewtool.locking.summary import Inner, Kind
from reviewtool.locking.witness import describe
from reviewtool.ruleset.model import Effect

_USES: Final = frozenset({Effect.ACQUIRE, Effect.RELEASE, Effect.ASSERT_HELD, Effect.ASSERT_NOT_HELD})
_WORD: Final = re.compile(r"[A-Za-z_]\w*")
_LAST: Final = re.compile(r"(\w+)(?:\[[^\]]*\])*\Z")


@dataclass(slots=True)
class _Seen:
    """What a look through all functions finds."""

    made: dict[LockClass, None] = field(default_factory=dict)
    mentioned: set[str] = field(default_factory=set)
    """Names of fields and variables whose address goes somewhere, or that are assigned."""
    open: list[tuple[FunctionRef, Call]] = field(default_factory=list)
    """Initialisations of what a parameter points to."""


def check_initial(model: LockModel) -> Iterator[Finding]:
    """All findings of the three kinds."""
    program = model.linker
    if not isinstance(program, Program):
        return
    seen = _look(model)
    yield from _never_made(model, program, seen)
    for ref, call in seen.open:
        yield from _merged(model, ref, call)
    yield from _keys(model)


def _look(model: LockModel) -> _Seen:
    seen = _Seen()
    primitives = model.ruleset.primitives
    for ref in tuple(model.functions.values()):
        for block in ref.facts.blocks:
            for event in block.events:
                if isinstance(event, Assign):
                    _mention(seen, event.target)
                elif isinstance(event, Call):
                    primitive = primitives.get(event.callee)
                    effects = {operation.effect for operation in primitive.operations} if primitive else set()
                    if Effect.INIT in effects:
                        _made(model, ref, event, seen)
                    elif not effects & _USES:
                        for argument in event.args:
                            if argument[:1] == "&":
                                _mention(seen, argument)
    return seen


def _mention(seen: _Seen, text: str) -> None:
    last = _LAST.search(text)
    if last is not None:
        seen.mentioned.add(last[1])


def _made(model: LockModel, ref: FunctionRef, call: Call, seen: _Seen) -> None:
    for argument in call.args[:2]:
        lock = model.linker.lock_of(ref, argument)
        if lock is None:
            seen.mentioned.update(_WORD.findall(argument))
        elif is_open(lock.cls):
            seen.open.append((ref, call))
        else:
            seen.made[lock.cls] = None


# --- locks that nothing initialises ---------------------------------------------------------------------------------


def _never_made(model: LockModel, program: Program, seen: _Seen) -> Iterator[Finding]:
    used: dict[LockClass, tuple[FunctionId, Inner]] = {}
    for function, summary in sorted(model.summaries.items()):
        for inner, _ in summary.inner:
            if inner.kind is Kind.LOCK and inner.origin.callee is None and inner.cls not in used:
                used[inner.cls] = (function, inner)
    for cls, (function, inner) in sorted(used.items(), key=lambda item: item[0].name):
        family = model.ruleset.families.get(cls.family)
        if family is None or not (family.order and family.owned) or cls in seen.made:
            continue
        if cls.name.startswith((UNKNOWN, "@")) or is_open(cls) or _word(cls) in seen.mentioned:
            continue
        built = _record(cls) is None or any(_record(made) == _record(cls) for made in seen.made)
        if built and _declared_bare(program, cls) and not _in_texts(program, _word(cls)):
            yield from _tell_bare(model, cls, function, inner)


def _record(cls: LockClass) -> str | None:
    """The record that a lock is a field of."""
    record, dot, _ = cls.name.rpartition(".")
    return record if dot and "struct " in record else None


def _word(cls: LockClass) -> str:
    return cls.name.rpartition(":")[2].rpartition(".")[2]


def _declared_bare(program: Program, cls: LockClass) -> bool:
    """Whether the files that are read declare the lock, and without a value."""
    path, _, bare = cls.name.rpartition(":")
    record, dot, name = bare.rpartition(".")
    if dot:
        return any(
            name in {each.name for each in site.fact.fields}
            for table in program.tables.values()
            for site in table.records.get(record, ())
            if not path or table.path == path
        )
    sites = [site for table in program.tables.values() for site in table.globals.get(name, ())]
    sites = [site for site in sites if not path or site.path == path]
    own = [site for site in sites if not site.fact.extern]
    return bool(own) and all(site.fact.static and not site.fact.init and site.fact.type[:1] != "@" for site in own)


def _in_texts(program: Program, word: str) -> bool:
    """Whether a macro or an initialiser names it: what those do with it is not looked at."""
    for table in program.tables.values():
        for macros in table.macros.values():
            if any(word in (site.fact.body or "") for site in macros):
                return True
        for sites in table.globals.values():
            for site in sites:
                if any(f".{word}" in f"{each.designator} {each.value}" for each in site.fact.init):
                    return True
    return False


def _tell_bare(model: LockModel, cls: LockClass, function: FunctionId, inner: Inner) -> Iterator[Finding]:
    finding = make_finding(
        model,
        "lock-never-initialised",
        Certainty.LIKELY,
        function,
        inner.origin.line,
        f"{cls.label} is acquired, but nothing that was read initialises it",
        identity=(cls.name,),
        anywhere=True,
        locks=(cls.label,),
        witness=model.witnesses.down(function, inner.origin, describe(inner)),
    )
    if finding is not None:
        yield finding


# --- classes and keys -------------------------------------------------------------------------------------------------


def _merged(model: LockModel, ref: FunctionRef, call: Call) -> Iterator[Finding]:
    """An initialisation in a function that gets locks of several classes from its callers."""
    names = [parameter.name for parameter in ref.facts.params]
    numbers = [names.index(argument) for argument in call.args[:2] if argument in names]
    given: dict[LockClass, None] = {}
    for caller, line in model.callers.get(ref.id, ()) if numbers else ():
        for block in model.functions[caller].facts.blocks:
            for event in block.events:
                if isinstance(event, Call) and event.line == line and event.callee == ref.id.name:
                    for argument in event.args[numbers[0] : numbers[0] + 1]:
                        lock = model.linker.lock_of(model.functions[caller], argument)
                        if lock is not None and not is_open(lock.cls):
                            given[lock.cls] = None
    if len(given) < 2:
        return
    labels = sorted(cls.label for cls in given)
    finding = make_finding(
        model,
        "init-merges-classes",
        Certainty.QUESTION,
        ref.id,
        call.line,
        f"one initialisation for {', '.join(labels[:3])}: are they meant to be one class for lockdep?",
        identity=(call.callee, *labels),
        locks=tuple(labels),
    )
    if finding is not None:
        yield finding


def _keys(model: LockModel) -> Iterator[Finding]:
    words = model.ruleset.values
    for function, ref in sorted(model.functions.items()):
        own = {f"&{each.name}" for each in ref.facts.locals if each.type in words.class_keys and not each.static}
        for block in ref.facts.blocks if own else ():
            for event in block.events:
                keys = own.intersection(event.args) if isinstance(event, Call) else set()
                if isinstance(event, Call) and keys:
                    yield from _tell_key(model, function, event, min(keys)[1:])


def _tell_key(model: LockModel, function: FunctionId, call: Call, key: str) -> Iterator[Finding]:
    finding = make_finding(
        model,
        "lock-key-not-static",
        Certainty.PROVED,
        function,
        call.line,
        f"the key {key} is on the stack; lockdep takes its address for the lock's class",
        identity=(call.callee, key),
        witness=(model.witnesses.step(function, call.line, f"{call.callee}() gets the key {key}"),),
    )
    if finding is not None:
        yield finding
