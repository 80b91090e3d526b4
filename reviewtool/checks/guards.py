# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The guard group: scopes that are left by themselves (include/linux/cleanup.h), and what goes wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from reviewtool.checks.check import make_finding
from reviewtool.checks.cleanups import check_cleanups
from reviewtool.checks.guardclasses import check_guard_classes
from reviewtool.csource.facts import Branch, Config, Enter, Event, Function, Leave, Switch
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel

_WORD: Final = re.compile(r"[A-Za-z_]\w*")
_FORMS: Final = frozenset({"guard", "class"})
_SCOPED: Final = "scoped_guard"
_ALTERNATIVES: Final = 256
"""Ways through `#if` that are told apart when a function is searched, at most."""

_Place = tuple[int, frozenset[tuple[str, int]]]


def check_guards(model: LockModel) -> Iterator[Finding]:
    """All findings of the group about one snapshot."""
    for function in model.functions:
        facts = model.functions[function].facts
        scopes = {event.scope: event for event in _events(facts) if isinstance(event, Enter)}
        if not scopes:
            continue
        for scope, enter in scopes.items():
            yield from _jumped_over(model, function, scope, enter)
            yield from _unchecked(model, function, enter)
        yield from _swallowed(model, function, scopes)
        yield from check_cleanups(model, function, scopes)
    yield from check_guard_classes(model)


def _events(facts: Function) -> Iterator[Event]:
    for block in facts.blocks:
        yield from block.events


def _jumped_over(model: LockModel, function: FunctionId, scope: int, enter: Enter) -> Iterator[Finding]:
    """A way to the end of the scope that does not lead through its beginning: by `goto`, or to another `case`."""
    leave = _left_without(model.functions[function].facts, scope)
    if leave is None:
        return
    what = f"the cleanup of {enter.variable}" if enter.form == "free" else f"the {enter.form}({enter.name})"
    finding = make_finding(
        model,
        "guard-jumped-over",
        Certainty.PROVED,
        function,
        enter.line,
        f"a way leads past {what} into its scope: at the end it undoes what was never done",
        identity=(enter.form, enter.name, *enter.args, enter.variable),
        witness=(model.witnesses.step(function, leave.line, "the scope ends here on that way"),),
    )
    if finding is not None:
        yield finding


def _left_without(facts: Function, scope: int) -> Leave | None:
    """The end of a scope that is reached without its beginning; the same `#if` goes the same way all along."""
    start: _Place = (0, frozenset())
    seen = {start}
    queue = [start]
    while queue and len(seen) < _ALTERNATIVES * len(facts.blocks):
        number, taken = queue.pop()
        block = facts.blocks[number]
        for event in block.events:
            if isinstance(event, Leave) and event.scope == scope:
                return event
            if isinstance(event, Enter) and event.scope == scope:
                break
        else:
            for index, succ in enumerate(block.succs):
                way = taken
                if isinstance(block.exit, Config):
                    known = dict(taken).get(block.exit.text)
                    if known not in (None, index):
                        continue
                    way = taken | {(block.exit.text, index)}
                if (succ, way) not in seen:
                    seen.add((succ, way))
                    queue.append((succ, way))
    return None


def _unchecked(model: LockModel, function: FunctionId, enter: Enter) -> Iterator[Finding]:
    """A guard that may not hold its lock, and nobody asks."""
    guard = model.ruleset.guards.get(enter.name)
    if guard is None or not guard.conditional or enter.form not in _FORMS:
        return
    if enter.variable and _mentioned(model.functions[function].facts, enter):
        return
    unnamed = "has no name by which it could be asked" if not enter.variable else "is never asked"
    finding = make_finding(
        model,
        "conditional-guard-unchecked",
        Certainty.PROVED,
        function,
        enter.line,
        f"the guard of class {enter.name} may not hold its lock, and {unnamed} whether it does",
        identity=(enter.name, *enter.args),
        witness=(model.witnesses.step(function, enter.line, f"enters the scope of {enter.form}({enter.name})"),),
    )
    if finding is not None:
        yield finding


def _mentioned(facts: Function, enter: Enter) -> bool:
    """Whether the variable of a scope stands in a condition, or in what is done."""
    for block in facts.blocks:
        texts: list[str] = []
        if isinstance(block.exit, Branch):
            texts += [block.exit.left, block.exit.right]
        elif isinstance(block.exit, Switch):
            texts.append(block.exit.subject)
        for event in block.events:
            if event is not enter and not isinstance(event, Leave):
                texts += _texts(event)
        if any(enter.variable in _WORD.findall(text) for text in texts):
            return True
    return False


def _texts(event: Event) -> list[str]:
    found: list[str] = []
    for name in event.__struct_fields__:
        value = getattr(event, name)
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, tuple):
            found += value
    return found


def _swallowed(model: LockModel, function: FunctionId, scopes: dict[int, Enter]) -> Iterator[Finding]:
    """`break` or `continue` that leaves a `scoped_guard`, where the reader sees the loop around it."""
    facts = model.functions[function].facts
    for number, block in enumerate(facts.blocks):
        for event in block.events:
            if not isinstance(event, Leave) or not event.word or scopes[event.scope].form != _SCOPED:
                continue
            if event.word == "continue" and any(succ <= number for succ in block.succs):
                continue
            enter = scopes[event.scope]
            finding = make_finding(
                model,
                "loop-control-in-scoped-guard",
                Certainty.LIKELY,
                function,
                event.line,
                f"{event.word} leaves the scoped_guard({enter.name}) only, and the loop around it goes on behind it",
                identity=(event.word, enter.name, *enter.args),
                witness=(
                    model.witnesses.step(function, enter.line, f"enters scoped_guard({enter.name})"),
                    model.witnesses.step(function, event.line, f"{event.word} leaves it"),
                ),
            )
            if finding is not None:
                yield finding
