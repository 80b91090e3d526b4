# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What keeps an object alive on the way through a function: the lock it was found under, a reference, nothing.

What a state knows of a variable that points to an object:

- found: it was looked up (or made known to others) while locks were held that this function took itself
- loose: all of those were released since, and nothing else was done to keep the object
- unlinked: it was taken out of a container at which readers may still look
- shared: others can find it, under no lock that this function holds
- freed: it is gone
"""

from __future__ import annotations

import re
from typing import Final

from reviewtool.csource.facts import Assign, Call, Event, Iterate, Read, Return
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.model import Lock, LockClass
from reviewtool.locking.objects import Handled, does_to, embedding, handled, variable
from reviewtool.locking.paths import OPAQUE, is_plain
from reviewtool.locking.state import FOUND, LOOSE, State
from reviewtool.locking.summary import HeldLock, Kind, Origin, Trouble
from reviewtool.locking.walker import Walker
from reviewtool.ruleset.model import Effect, Operation

UNLINKED: Final = "@.unlinked "
SHARED: Final = "@.shared "
FREED: Final = "@.freed "
LOOKED: Final = "@.looked"
"""The pointer that was just followed in the way of readers."""
_NOTES: Final = (FOUND, LOOSE, UNLINKED, SHARED, FREED)
_DEREFERENCED: Final = re.compile(r"[&*]*(\w[\w~]*)(?:->|\[)|\*+(\w[\w~]*)\Z")
_INSTANCE: Final = re.compile(r"(\w[\w~]*)->\w+(?:\.\w+|\[[^\[\]]*\])*\Z")
_GETS: Final = frozenset({"get", "try-get"})
_LEVELS: Final = 2
"""Functions through which an object is followed to where a reference to it is taken."""
_SINKS: Final = frozenset({"free", "free-later", "put"})


# --- what happens to objects --------------------------------------------------------------------------------------


def treat(walker: Walker, state: State, event: Call | Iterate) -> None:
    """What a call or a walk does to an object, after it is done."""
    found = handled(walker.linker, walker.ref, event)
    if found is None or not is_plain(found.variable):
        return
    name, does = found.variable, found.handling.does
    if does in ("find", "walk"):
        _hold(walker, state, found)
    elif does in _GETS:
        _got(walker, state, found)
    elif does == "publish":
        _forget(state, name, FOUND, LOOSE, UNLINKED)
        if not _hold(walker, state, found) or found.handling.readers:
            state.env[SHARED + name] = "1"
    elif does == "remove":
        _forget(state, name, FOUND, LOOSE, SHARED)
        if found.handling.readers:
            _note(walker, state, UNLINKED + name, str(event.line))
    elif does in _SINKS:
        _sink(walker, state, found)


def keeps(walker: Walker, state: State, call: Call, functions: tuple[FunctionId, ...]) -> None:
    """A call of a function that takes a reference to one of its arguments."""
    if len(functions) != 1 or not any(FOUND + text in state.env or LOOSE + text in state.env for text in call.args):
        return
    for index, argument in enumerate(call.args):
        known = FOUND + argument in state.env or LOOSE + argument in state.env
        if known and does_to(walker.linker, functions[0], index, _GETS, _LEVELS):
            _forget(state, argument, FOUND, LOOSE)


def _hold(walker: Walker, state: State, found: Handled) -> bool:
    """The object is safe while what is held now is held; says whether anything is."""
    held = _protecting(walker, state)
    _forget(state, found.variable, LOOSE)
    if not held:
        return False
    container = found.container.name if found.container is not None else ""
    state.env[FOUND + found.variable] = f"{','.join(held)}|{container}|{found.line}"
    return True


def _got(walker: Walker, state: State, found: Handled) -> None:
    name = found.variable
    known = state.env.get(LOOSE + name)
    if isinstance(known, str) and found.handling.does == "get":
        _told(walker, Trouble.LATE_GET, known, name, found.line)
    known = state.env.get(FOUND + name)
    if isinstance(known, str) and found.handling.does == "get" and found.handling.link is not None:
        held = known.partition("|")[0].split(",")
        families = [walker.ruleset.families.get(lock.cls.family) for lock in state.held if lock.cls.name in held]
        if families and all(family is not None and not family.exclusive for family in families):
            _told(walker, Trouble.BARE_GET, known, name, found.line)
    _forget(state, name, FOUND, LOOSE)


def _sink(walker: Walker, state: State, found: Handled) -> None:
    """A reference is dropped, or the object is freed."""
    name, does = found.variable, found.handling.does
    own = next((lock for lock in state.held if _of_object(lock, name)), None)
    if own is not None and does != "free-later":
        trouble = Trouble.FREED_HELD if does == "free" else Trouble.PUT_HELD
        walker.record.problem(trouble, (own.cls, own.instance), found.line, own.origin, detail=name)
    if does == "free":
        early = state.env.get(UNLINKED + name)
        if isinstance(early, str):
            cls = found.link or LockClass(f"@object {name}", "")
            walker.record.problem(Trouble.FREED_EARLY, (cls, name), found.line, Origin(int(early)), detail=name)
        if own is None:
            _note(walker, state, FREED + name, str(found.line))
    _forget(state, name, FOUND, LOOSE, UNLINKED, SHARED)


def begins(walker: Walker, state: State, call: Call, operation: Operation) -> None:
    """A lock is made ready, or done away with."""
    if operation.effect is not Effect.INIT or not isinstance(operation.subject, int):
        return
    name = embedding(call.args[operation.subject]) if operation.subject < len(call.args) else ""
    if name and state.env.get(SHARED + name) == "1":
        lock = walker.lock_of(call.args[operation.subject])
        if lock is not None:
            walker.record.problem(Trouble.LATE_INIT, (lock.cls, lock.instance), call.line, detail=name)


def ends(walker: Walker, state: State, lock: Lock, line: int) -> None:
    """A lock is done away with."""
    held = next((held for held in state.held if held.cls == lock.cls and held.instance == lock.instance), None)
    if held is not None and not held.many and not held.instance.startswith(OPAQUE):
        walker.record.problem(Trouble.DESTROYED_HELD, (held.cls, held.instance), line, held.origin)


# --- what else changes what is known ------------------------------------------------------------------------------


def released(walker: Walker, state: State, line: int) -> None:
    """A lock was released: what was found under it and under nothing else is loose."""
    names = [name for name in state.env if name.startswith(FOUND)]
    if not names:
        return
    held = _protecting(walker, state)
    for name in names:
        known = state.env[name]
        locks, container, _ = str(known).split("|") if isinstance(known, str) else ("", "", "")
        if not locks:
            continue
        if held:
            kept = [lock for lock in locks.split(",") if lock in held] or held
            state.env[name] = f"{','.join(kept)}|{container}|0"
        else:
            last = locks.rpartition(",")[2]
            del state.env[name]
            _note(walker, state, LOOSE + name[len(FOUND) :], f"{last}|{container}|{line}")


def waited(walker: Walker, state: State, function: FunctionId | None, operation: Operation | None) -> None:
    """Readers may have been waited for, by a function or a primitive: what is unlinked is seen by nobody."""
    if not any(name.startswith(UNLINKED) for name in state.env):
        return
    families = walker.ruleset.families
    if operation is not None:
        subject = families.get(operation.family)
        over = operation.effect is Effect.WAIT and subject is not None and not subject.exclusive
    else:
        over = function is not None and any(
            inner.kind is Kind.SYNC and (family := families.get(inner.cls.family)) is not None and not family.exclusive
            for inner, _ in walker.summary(function).inner
        )
    if over:
        for name in [name for name in state.env if name.startswith(UNLINKED)]:
            del state.env[name]


def goes_on(walker: Walker, state: State, walk: Iterate) -> None:
    """A walk goes round: told if what it goes on from was let go of, or freed."""
    handling = walker.ruleset.handlings.get(walk.macro)
    name = variable(walk, handling) if handling is not None else ""
    if handling is None or not name:
        return
    loose = state.env.pop(LOOSE + name, None)
    if isinstance(loose, str) and handling.member is not None:
        _told(walker, Trouble.WALK_ON, loose, name, walk.line)
    freed = state.env.pop(FREED + name, None)
    if isinstance(freed, str) and not handling.safe:
        walker.record.problem(
            Trouble.FREED_USE, (LockClass(f"@object {name}", ""), name), walk.line, Origin(int(freed)), detail=name
        )


def copied(walker: Walker, state: State, event: Assign) -> None:
    """A variable gets the value of another one, or of a pointer that readers follow."""
    target, value = event.target, event.value
    if state.env.pop(LOOKED, None) == value and (held := _protecting(walker, state)):
        place = walker.lock_of(f"&{value}")
        state.env[FOUND + target] = f"{','.join(held)}|{place.cls.name if place is not None else ''}|{event.line}"
    for note in (FOUND, LOOSE, FREED):
        known = state.env.get(note + value)
        if known is not None:
            state.env[note + target] = known


def used(walker: Walker, state: State, event: Event) -> None:
    """Tell where an object is used that is loose or gone; a write under its lock marks it as in use."""
    if isinstance(event, Read):
        texts: tuple[str, ...] = (event.path,)
    elif isinstance(event, Assign):
        texts = (event.target,)
    elif isinstance(event, Call | Iterate):
        texts = event.args
    else:
        texts = (event.value,) if isinstance(event, Return) else ()
    for text in texts:
        match = _DEREFERENCED.match(text)
        if match is None:
            continue
        name = match[1] or match[2]
        if isinstance(event, Assign):
            state.env.pop(FOUND + name, None)
        if not walker.lifetimes:
            continue
        loose = state.env.pop(LOOSE + name, None)
        if isinstance(loose, str) and not _gets(walker, event, name):
            _told(walker, Trouble.LOOSE_USE, loose, name, event.line)
        elif isinstance(loose, str):
            state.env[LOOSE + name] = loose
        freed = state.env.pop(FREED + name, None)
        if isinstance(freed, str):
            cls = LockClass(f"@object {name}", "")
            walker.record.problem(Trouble.FREED_USE, (cls, name), event.line, Origin(int(freed)), detail=name)


def _gets(walker: Walker, event: Event, name: str) -> bool:
    handling = walker.ruleset.handlings.get(event.callee) if isinstance(event, Call) else None
    return handling is not None and isinstance(event, Call) and variable(event, handling) == name


def _told(walker: Walker, trouble: Trouble, known: str, name: str, line: int) -> None:
    locks, container, released_at = known.split("|")
    lock = walker.linker.class_named(locks.rpartition(",")[2])
    walker.record.problem(trouble, (lock, name), line, Origin(int(released_at)), detail=f"{name}|{container}")


def _protecting(walker: Walker, state: State) -> list[str]:
    """The classes of the locks that this function holds by itself; states of the CPU are none, readers are."""
    families = walker.ruleset.families
    return [
        lock.cls.name
        for lock in state.held
        if not lock.drained
        and (family := families.get(lock.cls.family)) is not None
        and (family.order or not family.exclusive)
    ]


def _of_object(lock: HeldLock, name: str) -> bool:
    """The lock is a part of the object that the variable points to."""
    match = _INSTANCE.match(lock.instance)
    return match is not None and match[1] == name and not lock.many


def _note(walker: Walker, state: State, name: str, value: str) -> None:
    walker.lifetimes = True
    state.env[name] = value


def _forget(state: State, name: str, *notes: str) -> None:
    for note in notes or _NOTES:
        state.env.pop(note + name, None)
