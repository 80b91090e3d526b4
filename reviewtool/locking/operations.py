# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What the primitives of the ruleset do to a state."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from reviewtool.csource.facts import Call
from reviewtool.locking.classes import is_open
from reviewtool.locking.lifetimes import begins, ends, released, waited
from reviewtool.locking.making import classify, fail, make, signal, unmake, use
from reviewtool.locking.matching import find, implied, satisfied, without
from reviewtool.locking.model import Lock, LockClass
from reviewtool.locking.needs import of_acquisition
from reviewtool.locking.paths import opaque, substitute
from reviewtool.locking.stale import drop, retake
from reviewtool.locking.state import LAST, MOVED, RELEASED, State
from reviewtool.locking.summary import (
    ENABLED,
    FAULT,
    INTERRUPTS,
    SLEEP,
    UPGRADE,
    Condition,
    Dropped,
    HeldLock,
    Inner,
    Kind,
    Origin,
    Requirement,
    Trouble,
)
from reviewtool.locking.values import NEGATIVE, NONZERO, POSITIVE, ZERO, Value, constant, signs
from reviewtool.locking.walker import Walker
from reviewtool.ruleset.model import Effect, Mode, Operation, Primitive, Success

_ARGUMENT: Final = re.compile(r"@(?:(\d+)|return\b)")

DOWNGRADE_RULE: Final = "downgrade-not-held"
"""The rule that asks for the exclusive lock where one is made a shared one."""

HELD_AT_MOST: Final = 16
"""Locks held at once in one function before it is given up as bounded."""

_OUTCOMES: Final[dict[Success, tuple[Value, Value]]] = {
    Success.NONZERO: (POSITIVE, "0"),
    Success.ZERO: ("0", NEGATIVE),
    Success.NONNEGATIVE: (NONZERO & ~NEGATIVE | 2, NEGATIVE),
}
"""The result when it was taken, and when not."""


def perform(walker: Walker, state: State, call: Call, primitive: Primitive, scope: int = -1) -> list[State]:
    """The states after a primitive: one, or two where it may fail to acquire."""
    conditional = next((op for op in primitive.operations if op.success is not Success.ALWAYS), None)
    failed: State | None = None
    if conditional is not None:
        failed = state.copy()
    for operation in primitive.operations:
        _EFFECTS[operation.effect](walker, state, call, operation, scope)
        waited(walker, state, None, operation)
    if call.result:
        state.store(call.result)
    if conditional is None or failed is None:
        return [state]
    if conditional.effect is Effect.INIT:
        lock = resolve(walker, failed, call, conditional)
        if lock is not None:
            fail(failed, lock)
    if not call.result and scope < 0:
        _ignored(walker, state, call, conditional)
        return [state]
    if call.result:
        failed.store(call.result)
        taken, missed = _OUTCOMES[conditional.success]
        state.learn(call.result, taken)
        failed.learn(call.result, missed)
    return [state, failed]


def resolve(walker: Walker, state: State, call: Call, operation: Operation) -> Lock | None:
    """The lock that an operation is about, its instance in terms that last; None if there is no such argument."""
    subject = operation.subject
    if isinstance(subject, str):
        if not _ARGUMENT.search(subject):
            return Lock(LockClass(subject, operation.family), subject)
        text = in_arguments(subject, call)
    elif subject < len(call.args):
        text = call.args[subject]
    else:
        return None
    family = walker.ruleset.families.get(operation.family)
    if family is not None and family.handle:
        return _behind(walker, state, text, operation.family)
    lock = walker.lock_of(text)
    if lock is not None and is_open(lock.cls):
        stands_for = state.canonical(text)
        lock = walker.lock_of(stands_for) if stands_for != text else lock
    if lock is None:
        walker.record.unknown_locks.add((call.line, text))
        name = state.canonical(text).lstrip("&")
        return Lock(LockClass(f"?{name}", operation.family), name)
    return Lock(lock.cls, state.canonical(lock.instance).lstrip("&"))


def _behind(walker: Walker, state: State, handle: str, family: str) -> Lock | None:
    """What a handle stands for; None if the code does not show where it is kept."""
    text = state.canonical(handle)
    lock = walker.linker.handle_of(walker.ref, text, family)
    return Lock(lock.cls, text) if lock is not None else None


def in_arguments(subject: str, call: Call) -> str:
    """A path that data gives in terms of arguments, in terms of this call's."""
    values = {f"arg{index}": argument for index, argument in enumerate(call.args)}
    values["result"] = call.result or "%0"
    return substitute(_ARGUMENT.sub(lambda m: f"arg{m[1]}" if m[1] else "result", subject), values)


def acquire(walker: Walker, state: State, lock: Lock, held: HeldLock, waits: bool) -> None:
    """`held` (which names `lock`) is taken; `waits` is false for a trylock."""
    family = walker.ruleset.families.get(lock.cls.family)
    reentrant = family is not None and family.reentrant
    same = [h for h in state.held if h.cls == lock.cls and h.instance == lock.instance and not h.many]
    if same and waits and not reentrant and not held.nested and not _both_readers(same[-1].mode, held.mode):
        walker.record.problem(
            Trouble.DOUBLE_ACQUIRE,
            (lock.cls, lock.instance),
            held.origin.line,
            same[-1].origin,
            held.origin,
            UPGRADE if same[-1].mode is not Mode.EXCLUSIVE and held.mode is Mode.EXCLUSIVE else "",
        )
    for requirement in of_acquisition(walker.linker, lock.cls, held.origin.line):
        demand(walker, state, requirement)
    if waits:
        inner = Inner(Kind.LOCK, lock.cls, lock.instance, held.mode, held.nested, origin=held.origin)
        walker.record.happens(state, inner)
    retaken = find(state.owed, lock.cls, lock.instance, walker.fixed)
    if retaken is not None and not same:
        state.owed = without(state.owed, retaken)
        return
    if len(state.held) >= HELD_AT_MOST:
        walker.record.bounded = True
        return
    walker.record.takes(state, held)
    retake(state, lock.cls)
    state.held = (*state.held, held)


def release(walker: Walker, state: State, lock: Lock, line: int, mode: Mode | None, token: str = "") -> None:
    """A lock is released: one that is held, else it must have been held on entry."""
    index = find(state.held, lock.cls, lock.instance, walker.fixed, token)
    if index is None:
        _release_of_caller(walker, state, lock, line, mode)
        return
    held = state.held[index]
    if state.env.get(f"{MOVED}{lock.instance}") == "1" and held.instance == opaque(lock.instance):
        walker.record.problem(Trouble.OTHER_OBJECT, (lock.cls, lock.instance), line, held.origin)
    drop(state, lock.cls)
    _check_mode(walker, state.held[index], lock, line, mode, token)
    if held.many:
        drained = replace(held, drained=True)
        state.held = (*state.held[:index], drained, *state.held[index + 1 :])
    else:
        state.held = without(state.held, index)
        state.learn(_released(lock), "1")
    released(walker, state, line)


def _check_mode(walker: Walker, held: HeldLock, lock: Lock, line: int, mode: Mode | None, token: str) -> None:
    """Tell if a held lock is not released as it was taken."""
    if mode is not None and _differ(mode, held.mode):
        walker.record.problem(Trouble.MODE_MISMATCH, (lock.cls, lock.instance), line, held.origin, detail=str(mode))
    if token and held.token and token != held.token and not held.many:
        walker.record.problem(
            Trouble.TOKEN_MISMATCH, (lock.cls, lock.instance), line, held.origin, detail=f"{held.token}|{token}"
        )


def _release_of_caller(walker: Walker, state: State, lock: Lock, line: int, mode: Mode | None) -> None:
    family = walker.ruleset.families.get(lock.cls.family)
    if family is not None and family.reentrant:
        state.owed = (*state.owed, HeldLock(lock.cls, lock.instance, mode or Mode.EXCLUSIVE, origin=Origin(line)))
        return
    again = any(owed.cls == lock.cls and owed.instance == lock.instance and not owed.many for owed in state.owed)
    if again or state.value(_released(lock)) == "1":
        walker.record.problem(Trouble.DOUBLE_RELEASE, (lock.cls, lock.instance), line)
        return
    if len(state.owed) < HELD_AT_MOST:
        state.owed = (*state.owed, HeldLock(lock.cls, lock.instance, mode or Mode.EXCLUSIVE, origin=Origin(line)))


def _released(lock: Lock) -> str:
    return f"{RELEASED}{lock.cls.name} {lock.instance.replace(' ', '')}"


def _differ(wanted: Mode, held: Mode) -> bool:
    return (wanted is Mode.EXCLUSIVE) != (held is Mode.EXCLUSIVE)


def _both_readers(one: Mode, other: Mode) -> bool:
    return one is not Mode.EXCLUSIVE and other is Mode.RECURSIVE


def _ignored(walker: Walker, state: State, call: Call, operation: Operation) -> None:
    lock = resolve(walker, state, call, operation)
    if lock is not None:
        walker.record.problem(Trouble.RESULT_IGNORED, (lock.cls, lock.instance), call.line, detail=call.callee)


# --- one function an effect ---------------------------------------------------------------------------------------


def _acquire(walker: Walker, state: State, call: Call, op: Operation, scope: int) -> None:
    lock = resolve(walker, state, call, op)
    if lock is None:
        return
    nested = op.nest_lock is not None or (
        op.nested is not None
        and op.nested < len(call.args)
        and constant(call.args[op.nested], walker.ruleset.values) != "0"
    )
    token = state.canonical(call.result) if op.returns_index else _argument(state, call, op.instance)
    held = HeldLock(
        lock.cls,
        lock.instance,
        op.mode or Mode.EXCLUSIVE,
        nested=nested,
        trylock=op.trylock,
        scope=scope,
        token=token,
        origin=Origin(call.line),
    )
    again = next((h for h in state.held if token and not h.many and h.cls == lock.cls and h.token == token), None)
    if again is not None:
        walker.record.problem(Trouble.TOKEN_REUSED, (lock.cls, lock.instance), call.line, again.origin, detail=token)
    state.env.pop(_released(lock), None)
    use(walker, state, lock, call.line)
    _of_type(walker, lock, call, op)
    acquire(walker, state, lock, held, not op.trylock)


def _release(walker: Walker, state: State, call: Call, op: Operation, scope: int) -> None:
    lock = resolve(walker, state, call, op)
    if lock is None:
        return
    mine = op.instance is None and find(state.held, lock.cls, lock.instance, walker.fixed) is not None
    release(walker, state, lock, call.line, op.mode, _argument(state, call, op.instance))
    if mine and lock.cls.name == INTERRUPTS:
        inner = Inner(Kind.CALL, ENABLED, "", Mode.EXCLUSIVE, origin=Origin(call.line))
        walker.record.happens(state, inner)


def _assert_held(walker: Walker, state: State, call: Call, op: Operation, scope: int) -> None:
    lock = resolve(walker, state, call, op)
    if lock is not None and not lock.cls.name.startswith("?"):
        demand(walker, state, Requirement(lock.cls, lock.instance, op.mode, origin=Origin(call.line)))


def _assert_not_held(walker: Walker, state: State, call: Call, op: Operation, scope: int) -> None:
    lock = resolve(walker, state, call, op)
    if lock is not None and not lock.cls.name.startswith("?"):
        demand(walker, state, Requirement(lock.cls, lock.instance, op.mode, True, origin=Origin(call.line)))


def demand(walker: Walker, state: State, requirement: Requirement, more: Condition = ()) -> None:
    """A lock must (or must not) be held here: met by this function, broken by it, or passed on to the callers.

    Not asked where the last reference was just put: who is alone with an object needs none of its locks.
    """
    cls, instance, line = requirement.cls, requirement.instance, requirement.origin.line
    if walker.ref.id.name in requirement.unless or state.env.get(LAST) == "1" or _only_for_users(walker, state):
        return
    held = (*state.held, *implied(state.held, walker.ruleset.families))
    met = satisfied(held, cls, instance, requirement.mode)
    if not met and any(satisfied(held, other, instance, None) for other in requirement.others):
        return
    if requirement.negative:
        if met and any(held.cls == cls and held.instance == instance for held in state.held):
            walker.record.problem(Trouble.HELD, (cls, instance), line, via=requirement.origin)
        elif met is False:
            walker.record.requires(state, requirement, more)
        return
    if met:
        return
    dropped = find(state.owed, cls, instance, walker.fixed)
    if met is None or dropped is not None:
        other = state.owed[dropped].origin if dropped is not None else None
        walker.record.problem(Trouble.NOT_HELD, (cls, instance), line, other, requirement.origin, requirement.rule)
        return
    walker.record.requires(state, requirement, more)


def _only_for_users(walker: Walker, state: State) -> bool:
    """The state knows that the object has users: what is demanded here is not demanded of its maker."""
    words = walker.ruleset.values.tests_users
    return any(name.partition("(")[0] in words and not signs(value) & ZERO for name, value in state.env.items())


def _wait(walker: Walker, state: State, call: Call, op: Operation, scope: int) -> None:
    lock = resolve(walker, state, call, op)
    if lock is not None and not lock.cls.name.startswith("?"):
        use(walker, state, lock, call.line)
        inner = Inner(Kind.SYNC, lock.cls, lock.instance, Mode.EXCLUSIVE, origin=Origin(call.line))
        walker.record.happens(state, inner, _dropped_meanwhile(walker, state, call))


def _dropped_meanwhile(walker: Walker, state: State, call: Call) -> Dropped:
    """The locks that a wait gives up while it lasts."""
    operations = walker.ruleset.primitives[call.callee].operations
    locks = [resolve(walker, state, call, op) for op in operations if op.effect is Effect.DROP_RETAKE]
    return tuple((lock.cls, lock.instance) for lock in locks if lock is not None)


def _sleep(walker: Walker, state: State, call: Call, op: Operation, scope: int) -> None:
    flags = ""
    stands_for = SLEEP
    if isinstance(op.subject, int) and op.subject >= 0:
        if op.subject >= len(call.args):
            return
        flags = substitute(call.args[op.subject], state.aliases)
        decided = walker.flags_sleep(flags)
        if decided is False:
            return
        if decided is True:
            stands_for = walker.sleep_class(flags)
            flags = ""
        elif not walker.in_parameters(flags):
            return
    inner = Inner(Kind.SLEEP, stands_for, "", Mode.EXCLUSIVE, flags=flags, origin=Origin(call.line))
    walker.record.happens(state, inner)


def _fault(walker: Walker, state: State, call: Call, op: Operation, scope: int) -> None:
    walker.record.happens(state, Inner(Kind.FAULT, FAULT, "", Mode.EXCLUSIVE, origin=Origin(call.line)))


def _downgrade(walker: Walker, state: State, call: Call, op: Operation, scope: int) -> None:
    lock = resolve(walker, state, call, op)
    if lock is not None and op.requires and not lock.cls.name.startswith("?"):
        wanted = Requirement(lock.cls, lock.instance, Mode.EXCLUSIVE, rule=DOWNGRADE_RULE, origin=Origin(call.line))
        demand(walker, state, wanted)
    index = find(state.held, lock.cls, lock.instance, walker.fixed) if lock is not None else None
    if index is not None:
        held = replace(state.held[index], mode=op.mode or Mode.SHARED)
        state.held = (*state.held[:index], held, *state.held[index + 1 :])


def _drop_retake(walker: Walker, state: State, call: Call, op: Operation, scope: int) -> None:
    lock = resolve(walker, state, call, op)
    if lock is None:
        return
    index = find(state.held, lock.cls, lock.instance, walker.fixed)
    mode = state.held[index].mode if index is not None else op.mode or Mode.EXCLUSIVE
    gone = ((lock.cls, state.held[index].instance if index is not None else lock.instance),)
    passed = gone if index is None else ()
    for kind, cls, instance in ((Kind.LOCK, lock.cls, lock.instance), (Kind.SLEEP, SLEEP, "")):
        inner = Inner(kind, cls, instance, mode, dropped=passed, origin=Origin(call.line))
        walker.record.happens(state, inner, gone)
    drop(state, lock.cls)
    if index is not None and not call.result:  # Whether it was dropped, a result tells, and conditions on it.
        kept = state.held
        state.held = without(state.held, index)
        released(walker, state, call.line)
        state.held = kept
    retake(state, lock.cls)


def _init(walker: Walker, state: State, call: Call, op: Operation, scope: int) -> None:
    begins(walker, state, call, op)
    lock = resolve(walker, state, call, op)
    if lock is not None:
        _of_type(walker, lock, call, op)
        make(walker, state, lock, call, op)


def _destroy(walker: Walker, state: State, call: Call, op: Operation, scope: int) -> None:
    lock = resolve(walker, state, call, op)
    if lock is not None:
        ends(walker, state, lock, call.line)
        unmake(walker, state, lock, call.line)


def _classify(walker: Walker, state: State, call: Call, op: Operation, scope: int) -> None:
    lock = resolve(walker, state, call, op)
    if lock is not None:
        classify(walker, state, lock, call.line)


def _of_type(walker: Walker, lock: Lock, call: Call, op: Operation) -> None:
    """Note a lock whose declaration is of another family than the one that the function is for."""
    if not op.family or lock.cls.family in ("", op.family) or not isinstance(op.subject, int):
        return
    last = call.args[op.subject].rpartition(".")[2].rpartition(">")[2].lstrip("&")
    own = lock.cls.name.rpartition(":")[2].rpartition(".")[2]
    if last == own and not is_open(lock.cls):
        walker.record.problem(Trouble.OTHER_TYPE, (lock.cls, lock.instance), call.line, detail=call.callee)


def _signal(walker: Walker, state: State, call: Call, op: Operation, scope: int) -> None:
    lock = resolve(walker, state, call, op)
    if lock is not None:
        signal(state, lock)


def _argument(state: State, call: Call, index: int | None) -> str:
    if index is None or index >= len(call.args):
        return ""
    return state.canonical(call.args[index])


_EFFECTS: Final[dict[Effect, Callable[[Walker, State, Call, Operation, int], None]]] = {
    Effect.ACQUIRE: _acquire,
    Effect.RELEASE: _release,
    Effect.ASSERT_HELD: _assert_held,
    Effect.ASSERT_NOT_HELD: _assert_not_held,
    Effect.WAIT: _wait,
    Effect.SIGNAL: _signal,
    Effect.INIT: _init,
    Effect.DESTROY: _destroy,
    Effect.CLASSIFY: _classify,
    Effect.DOWNGRADE: _downgrade,
    Effect.DROP_RETAKE: _drop_retake,
    Effect.SLEEP: _sleep,
    Effect.FAULT: _fault,
}
