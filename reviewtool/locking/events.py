# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What each event of a function body does to a state."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from reviewtool.csource.facts import Assign, Call, Enter, Event, Iterate, Leave, Read, Return
from reviewtool.locking.accesses import look_at
from reviewtool.locking.calls import call_states
from reviewtool.locking.demands import needs_of_access, touches_named
from reviewtool.locking.lifetimes import copied, released, treat, used
from reviewtool.locking.model import LockClass
from reviewtool.locking.operations import perform
from reviewtool.locking.paths import DEEPEST, is_helper, is_path, is_plain, roots
from reviewtool.locking.stale import drop, look_again, note_read, note_write
from reviewtool.locking.state import MOVED, TEST, State
from reviewtool.locking.summary import BY_HAND, Trouble
from reviewtool.locking.values import ANY, NEGATIVE, POSITIVE, ZERO, Value, constant, join, signs
from reviewtool.locking.walker import Walker, iterated

_CHOICE: Final = re.compile(r"[^?]*\?([^:?]+):([^:?]+)\Z")
_COMPARISON: Final = re.compile(r"\(?[\w.>-]+[!=]=\w+\)?\Z")
_TEST: Final = re.compile(r"!|[^-=<>]([<>]|[=!<>]=)[^=]")


def step(walker: Walker, state: State, event: Event) -> list[State]:
    """The states after an event. The given state may be changed."""
    kind = type(event)
    if touches_named(walker.ruleset, event):
        needs_of_access(walker, state, event)
    used(walker, state, event)
    if kind is Call:
        return call_states(walker, state, event)  # type: ignore[arg-type]
    if kind is Assign:
        _assign(walker, state, event)  # type: ignore[arg-type]
    elif kind is Iterate:
        _iterate(walker, state, event)  # type: ignore[arg-type]
    elif kind is Enter:
        return _enter(walker, state, event)  # type: ignore[arg-type]
    elif kind is Read:
        look_again(state, event)  # type: ignore[arg-type]
    elif kind is Leave:
        _leave(walker, state, event)  # type: ignore[arg-type]
    return [state]


def evaluate(walker: Walker, state: State, text: str) -> Value:
    """What is known of the value of an expression."""
    value = constant(text, walker.ruleset.values)
    if value is not None:
        return value
    if is_plain(text) or text in state.env:
        return state.value(text)
    name = text.partition("(")[0]
    if name in walker.ruleset.values.takes_error:
        return NEGATIVE
    choice = _CHOICE.match(text)
    if choice is not None:
        return join(evaluate(walker, state, choice[1]), evaluate(walker, state, choice[2]))
    if text.startswith("!!"):
        return POSITIVE | ZERO
    if text.startswith("!") and is_plain(text[1:]):
        known = signs(state.value(text[1:]))
        return "0" if not known & ZERO else "1" if known == ZERO else ZERO | POSITIVE
    if _TEST.search(text):
        return ZERO | POSITIVE
    return ANY


def _assign(walker: Walker, state: State, event: Assign) -> None:
    target = event.target
    if event.op != "=":
        state.store(target)
        return
    value = evaluate(walker, state, event.value)
    alias = state.canonical(event.value)
    atoms = _implied(state, event.value)
    moved = [lock.instance for lock in state.held if _goes_on(target, event.value) and target in roots(lock.instance)]
    state.store(target)
    state.learn(target, value)
    if not is_plain(target):
        note_write(walker, state, event, alias)
        return
    comparison = _COMPARISON.match(event.value)
    if comparison is not None and target not in roots(event.value):
        state.env[f"{TEST}{target}"] = event.value.strip("()")
    for instance in moved:
        state.learn(f"{MOVED}{instance}", "1")
    note_read(state, target, alias)
    copied(walker, state, event)
    stands = (is_path(alias) or is_helper(alias)) and constant(alias, walker.ruleset.values) is None
    if stands and len(alias) <= DEEPEST and target not in roots(alias):
        state.aliases[target] = alias
    if atoms is not None:
        state.learn(target, atoms)


def _goes_on(target: str, value: str) -> bool:
    """`p = p->next`: another object than before."""
    return is_path(value) and "->" in value and target in roots(value)


def _implied(state: State, text: str) -> Value | None:
    known = state.env.get(text)
    return known if known is not None and not is_plain(text) else None


def _iterate(walker: Walker, state: State, event: Iterate) -> None:
    for name in iterated(event, walker.linker, walker.ref):
        state.assign(name)
    look_at(walker, state, Call(event.line, event.macro, event.args))
    if event.macro in walker.ruleset.handlings:
        treat(walker, state, event)
    primitive = walker.ruleset.primitives.get(event.macro)
    if primitive is not None:
        perform(walker, state, Call(event.line, event.macro, event.args), primitive)


def _enter(walker: Walker, state: State, event: Enter) -> list[State]:
    guard = walker.ruleset.guards.get(event.name) if event.form != "free" else None
    if guard is None:
        return [state]
    call = Call(event.line, guard.acquire, event.args, event.variable)
    primitive = walker.ruleset.primitives.get(guard.acquire)
    if primitive is None:
        states = call_states(walker, state, call)
        for after in states:
            _mark(after, event.scope, len(state.held))
    else:
        states = perform(walker, state, call, primitive, event.scope)
    for after in states:
        for lock in after.held:
            if lock.scope == event.scope:
                after.learn(_scope(event.scope), f"{lock.cls.name} {lock.instance}")
    return states


def _mark(state: State, scope: int, before: int) -> None:
    state.held = (*state.held[:before], *(replace(lock, scope=scope) for lock in state.held[before:]))


def _leave(walker: Walker, state: State, event: Leave) -> None:
    kept = tuple(lock for lock in state.held if lock.scope != event.scope)
    entered = state.value(_scope(event.scope))
    if len(kept) == len(state.held) and isinstance(entered, str):
        again = [lock for lock in kept if f"{lock.cls.name} {lock.instance}" == entered]
        if again:
            kept = tuple(lock for lock in kept if lock is not again[-1])
        else:
            walker.record.problem(
                Trouble.DOUBLE_RELEASE, (LockClass("@scope", ""), _scope(event.scope)), event.line, detail=BY_HAND
            )
    for lock in state.held:
        if lock.scope == event.scope:
            drop(state, lock.cls)
    left = len(kept) < len(state.held)
    state.held = kept
    if left:
        released(walker, state, event.line)
    state.env.pop(_scope(event.scope), None)


def _scope(scope: int) -> str:
    return f"@scope {scope}"


def returned(walker: Walker, state: State, event: Return) -> Value:
    """The value that a return gives."""
    return evaluate(walker, state, event.value) if event.value else ANY
