# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The life of a lock within one function: initialised, used, destroyed, and what is done in the wrong order.

A state knows as "1" what surely happened to a lock on every way to it; the lock's class and instance follow. That its
initialisation failed is a mark of the state.
"""

from __future__ import annotations

from typing import Final

from reviewtool.csource.facts import Assign, Call, Event, Function
from reviewtool.locking.model import Lock
from reviewtool.locking.paths import OPAQUE, roots
from reviewtool.locking.state import RELEASED, State
from reviewtool.locking.summary import Kind, Leaving, Origin, Trouble
from reviewtool.locking.values import NEGATIVE, signs
from reviewtool.locking.walker import Walker
from reviewtool.ruleset.model import Operation, Success

MADE: Final = "@made "
OWNED: Final = "@owned "
"""Initialised by something that can fail: it allocates, and has to be undone."""
USED: Final = "@used "
"""Signalled or waited for: a completion, a work, a timer."""
GONE: Final = "@gone "
"""Destroyed."""


def _name(lock: Lock) -> str:
    return f"{lock.cls.name} {lock.instance.replace(' ', '')}"


def _known(lock: Lock) -> bool:
    return not (lock.cls.name.startswith("?") or lock.instance.startswith(OPAQUE))


def _is_lock(walker: Walker, lock: Lock) -> bool:
    family = walker.ruleset.families.get(lock.cls.family)
    return family is not None and family.order and family.owned


def _told(walker: Walker, trouble: Trouble, lock: Lock, line: int, other: Origin | None = None) -> None:
    walker.record.problem(trouble, (lock.cls, lock.instance), line, other)


def make(walker: Walker, state: State, lock: Lock, call: Call, operation: Operation) -> None:
    """A lock is initialised."""
    if not _known(lock):
        return
    name = _name(lock)
    if _is_lock(walker, lock):
        held = [each for each in state.held if each.cls == lock.cls and each.instance == lock.instance]
        used = None if name_known(state, MADE, name) else _used(walker, lock, call.line)
        if held:
            _told(walker, Trouble.INIT_HELD, lock, call.line, held[-1].origin)
        elif name_known(state, MADE, name):
            _told(walker, Trouble.INIT_AGAIN, lock, call.line)
        elif name_known(state, RELEASED, name) or used is not None:
            _told(walker, Trouble.USED_BEFORE_INIT, lock, call.line, used)
    elif name_known(state, USED, name) and not name_known(state, MADE, name) and not name_known(state, GONE, name):
        _told(walker, Trouble.USED_BEFORE_INIT, lock, call.line)
    state.env.pop(f"{GONE}{name}", None)
    state.marks = tuple(mark for mark in state.marks if mark != name)
    state.learn(f"{MADE}{name}", "1")
    if operation.success is not Success.ALWAYS:
        state.learn(f"{OWNED}{name}", "1")


def fail(state: State, lock: Lock) -> None:
    """The initialisation of a lock failed on this way."""
    if _known(lock):
        state.marks = (*state.marks, _name(lock))


def unmake(walker: Walker, state: State, lock: Lock, line: int) -> None:
    """A lock is destroyed."""
    walker.record.destroyed.add(lock.cls.name)
    walker.record.undone.add(lock.cls.name)
    if not _known(lock):
        return
    name = _name(lock)
    if name_known(state, GONE, name):
        _told(walker, Trouble.GONE_AGAIN, lock, line)
    elif name in state.marks:
        _told(walker, Trouble.NEVER_MADE, lock, line)
    for known in (MADE, OWNED):
        state.env.pop(f"{known}{name}", None)
    state.learn(f"{GONE}{name}", "1")


def use(walker: Walker, state: State, lock: Lock, line: int) -> None:
    """A lock is acquired, or its readers are waited for."""
    if state.env and name_known(state, GONE, _name(lock)) and _known(lock):
        _told(walker, Trouble.USED_GONE, lock, line)


def signal(state: State, lock: Lock) -> None:
    """What is waited for is started, or ended."""
    if _known(lock):
        state.learn(f"{USED}{_name(lock)}", "1")


def classify(walker: Walker, state: State, lock: Lock, line: int) -> None:
    """A lock gets a lockdep class of its own."""
    held = any(each.cls == lock.cls and each.instance == lock.instance for each in state.held)
    if _known(lock) and (held or name_known(state, RELEASED, _name(lock))):
        _told(walker, Trouble.CLASSED_LATE, lock, line)


def name_known(state: State, what: str, name: str) -> bool:
    """Whether the state knows this of a lock."""
    return state.env.get(f"{what}{name}") == "1"


def handed_over(state: State, destroyed: frozenset[str]) -> None:
    """A callee destroys locks of these classes: whose they are is not told apart."""
    if not destroyed:
        return
    for name in [name for name in state.env if name.startswith((OWNED, MADE))]:
        if any(name.partition(" ")[2].startswith(f"{cls} ") for cls in destroyed):
            del state.env[name]


def left_made(walker: Walker, ways: list[tuple[Leaving, State]]) -> None:
    """Ways out with an error that leave initialised what the function destroys on another one."""
    for leaving, state in ways:
        if signs(leaving.value) != NEGATIVE:
            continue
        for name in state.env:
            cls = next((cls for cls in walker.record.undone if name.startswith(f"{OWNED}{cls} ")), None)
            if cls is not None and state.env[name] == "1":
                lock = Lock(walker.linker.class_named(cls), name.rpartition(" ")[2])
                _told(walker, Trouble.NOT_UNMADE, lock, leaving.line)


def _used(walker: Walker, lock: Lock, line: int) -> Origin | None:
    """Where a callee has acquired the lock before, by the same path, nothing on it assigned since."""
    for inner in walker.record.inner:
        origin = inner.origin
        if inner.kind is not Kind.LOCK or inner.cls != lock.cls or inner.instance != lock.instance:
            continue
        if origin.callee is not None and origin.line < line and not inner.likely:
            names = roots(lock.instance)
            if not any(origin.line < at <= line for at in _assigned_at(walker.ref.facts, names)):
                return origin
    return None


def _assigned_at(facts: Function, names: frozenset[str]) -> list[int]:
    return [event.line for block in facts.blocks for event in block.events if _target(event) in names]


def _target(event: Event) -> str:
    if isinstance(event, Assign):
        return event.target
    return event.result if isinstance(event, Call) else ""
