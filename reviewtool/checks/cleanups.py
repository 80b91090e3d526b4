# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Objects and the scopes around them: freed before the unlock, returned though freed, cleaned up after the unlock."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from reviewtool.checks.check import make_finding
from reviewtool.csource.facts import Call, Enter, Event, Return
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.flow import Flow
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass
from reviewtool.locking.paths import is_plain
from reviewtool.locking.program import Program
from reviewtool.locking.state import State
from reviewtool.locking.summary import HeldLock, Kind, Requirement
from reviewtool.locking.values import POSITIVE, signs

_CALLED: Final = re.compile(r"([A-Za-z_]\w*)\(")
_FREE: Final = "free"

Scopes = Mapping[int, Enter]


@dataclass(frozen=True, slots=True)
class _Freed:
    """An object is freed while a guard still holds a lock in it."""

    line: int
    callee: str
    path: str
    lock: HeldLock


def check_cleanups(model: LockModel, function: FunctionId, scopes: Scopes) -> Iterator[Finding]:
    """The findings of one function that has managed scopes."""
    yield from _order(model, function, scopes)
    freed: dict[tuple[int, LockClass], _Freed] = {}
    returned: dict[int, Enter] = {}
    owned = {enter.variable: enter for enter in scopes.values() if enter.form == _FREE}
    words = model.ruleset.values.frees

    def look(event: Event, state: State) -> None:
        if isinstance(event, Return) and event.value in owned and signs(state.value(event.value)) & POSITIVE:
            returned[event.line] = owned[event.value]
        elif isinstance(event, Call) and event.callee in words:
            for path in {state.canonical(argument) for argument in event.args if is_plain(argument)}:
                for lock in state.held:
                    if lock.scope >= 0 and _inside(lock.instance, path):
                        freed.setdefault((event.line, lock.cls), _Freed(event.line, event.callee, path, lock))

    Flow(model.linker, model.functions[function], model.summary, look=look).run()
    for each in freed.values():
        yield from _freed(model, function, each)
    for line, enter in returned.items():
        yield from _returned(model, function, line, enter)


def _inside(instance: str, path: str) -> bool:
    """Whether a lock lies in the object that a pointer points to: `p->lock`, `p->a.lock`."""
    return instance.startswith(f"{path}->") and "->" not in instance[len(path) + 2 :]


def _freed(model: LockModel, function: FunctionId, freed: _Freed) -> Iterator[Finding]:
    label = freed.lock.cls.label
    finding = make_finding(
        model,
        "guard-on-freed-object",
        Certainty.PROVED,
        function,
        freed.line,
        f"{freed.callee}() frees {freed.path}, and the guard releases {freed.lock.instance} afterwards",
        identity=(freed.lock.cls.name, freed.callee),
        locks=(label,),
        witness=(
            model.witnesses.step(function, freed.lock.origin.line, f"the guard acquires {label}"),
            model.witnesses.step(function, freed.line, f"frees {freed.path}", (label,)),
        ),
    )
    if finding is not None:
        yield finding


def _returned(model: LockModel, function: FunctionId, line: int, enter: Enter) -> Iterator[Finding]:
    finding = make_finding(
        model,
        "cleaned-up-on-return",
        Certainty.PROVED,
        function,
        line,
        f"{enter.variable} is returned, and its cleanup ({enter.name}) runs before the caller gets it",
        identity=(enter.variable, enter.name),
        witness=(
            model.witnesses.step(function, enter.line, f"{enter.variable} is cleaned up at the end of its scope"),
            model.witnesses.step(function, line, f"returns {enter.variable}"),
        ),
    )
    if finding is not None:
        yield finding


def _order(model: LockModel, function: FunctionId, scopes: Scopes) -> Iterator[Finding]:
    """Cleanups run in reverse order of declaration: after the unlock of a guard that was declared later."""
    owned = [enter for enter in scopes.values() if enter.form == _FREE]
    for enter in owned:
        cleanup = _cleanup_of(model, function, enter.name)
        for guard in scopes.values() if cleanup is not None else ():
            cls = _guarded(model, function, guard)
            if cls is None or cleanup is None:
                continue
            needs = _asks(model, cleanup, cls)
            takes = any(i.cls == cls and i.kind is Kind.LOCK and not i.dropped for i, _ in model.summary(cleanup).inner)
            if guard.scope > enter.scope and needs is not None and not _ends_first(model, function, enter, guard):
                what = f"runs after the unlock of {cls.label}, which {cleanup.name}() needs"
                yield from _misordered(model, function, enter, guard, cls, what)
            elif guard.scope < enter.scope and takes and not _ends_first(model, function, guard, enter):
                what = f"runs before the unlock of {cls.label}, which {cleanup.name}() takes"
                yield from _misordered(model, function, enter, guard, cls, what)


def _cleanup_of(model: LockModel, function: FunctionId, name: str) -> FunctionId | None:
    """The function that a `__free(name)` runs, as its definition has it, or the one of that name."""
    program = model.linker
    if not isinstance(program, Program):
        return None
    words = model.ruleset.values.defines_cleanup
    called = [name]
    for table in program.tables.values():
        for site in table.invocations:
            if site.fact.name in words and site.fact.args[:1] == (name,):
                called += _CALLED.findall(site.fact.args[-1])
    for each in called:
        for ref in program.symbols.functions(each, function.path):
            return ref.id
    return None


def _guarded(model: LockModel, function: FunctionId, enter: Enter) -> LockClass | None:
    if enter.form == _FREE or enter.name not in model.ruleset.guards or not enter.args:
        return None
    lock = model.linker.lock_of(model.functions[function], enter.args[0])
    return lock.cls if lock is not None else None


def _asks(model: LockModel, cleanup: FunctionId, cls: LockClass) -> Requirement | None:
    asked = (each for each, _ in model.summary(cleanup).requirements if each.cls == cls and not each.negative)
    return next(asked, None)


def _ends_first(model: LockModel, function: FunctionId, outer: Enter, inner: Enter) -> bool:
    """Whether the inner scope is one of its own, which ends before the outer one where both are open.

    Where they end on one line, they end together.
    """
    ends: dict[int, set[int]] = {}
    for block in model.functions[function].facts.blocks:
        for event in block.events:
            scope = getattr(event, "scope", None)
            if scope in (outer.scope, inner.scope) and not isinstance(event, Enter):
                ends.setdefault(event.line, set()).add(scope)
    return not any(len(both) > 1 for both in ends.values())


def _misordered(
    model: LockModel, function: FunctionId, enter: Enter, guard: Enter, cls: LockClass, what: str
) -> Iterator[Finding]:
    finding = make_finding(
        model,
        "cleanup-order",
        Certainty.PROVED,
        function,
        enter.line,
        f"the cleanup of {enter.variable} {what}",
        identity=(enter.variable, enter.name, cls.name),
        locks=(cls.label,),
        witness=(
            model.witnesses.step(function, enter.line, f"declares {enter.variable}, cleaned up by {enter.name}"),
            model.witnesses.step(function, guard.line, f"the guard acquires {cls.label}"),
        ),
    )
    if finding is not None:
        yield finding
