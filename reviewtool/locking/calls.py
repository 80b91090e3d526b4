# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What a call does to a state: primitives, summaries of the functions it may run, and names from outside."""

from __future__ import annotations

from dataclasses import replace

from reviewtool.csource.facts import Call
from reviewtool.locking.accesses import look_at
from reviewtool.locking.binding import Binding
from reviewtool.locking.demands import declared_needs, named_lock
from reviewtool.locking.lifetimes import keeps, treat, waited
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.making import handed_over
from reviewtool.locking.matching import find, satisfied, without
from reviewtool.locking.model import Lock
from reviewtool.locking.operations import demand, in_arguments, perform, release
from reviewtool.locking.paths import OPAQUE, is_plain
from reviewtool.locking.recorder import Moment, is_dropped
from reviewtool.locking.state import State
from reviewtool.locking.summary import SLEEP, Deferred, Dropped, HeldLock, Inner, Kind, Origin, Outcome, Summary, below
from reviewtool.locking.values import ANY, NEGATIVE, POSITIVE, Value, constant, meet, merged, signs
from reviewtool.locking.walker import Walker
from reviewtool.ruleset.model import Mode, Outside

EXPANSIONS = 4
"""How deep a macro may stand for a macro."""


def call_states(walker: Walker, state: State, call: Call, depth: int = 0) -> list[State]:
    """The states after a call."""
    states = _call_states(walker, state, call, depth)
    if call.callee in walker.ruleset.handlings:
        for after in states:
            treat(walker, after, call)
    return states


def _call_states(walker: Walker, state: State, call: Call, depth: int) -> list[State]:
    if call.callee in walker.ruleset.accesses:
        look_at(walker, state, call)
        if not call.result:
            return [state]
    primitive = walker.ruleset.primitives.get(call.callee)
    if primitive is not None:
        return perform(walker, state, call, primitive)
    fixed = _configured(walker, call)
    if fixed is not None:
        return _result(walker, state, call, fixed)
    _forget_arguments(state, call)
    declared_needs(walker, state, call)
    targets = walker.targets(call)
    if targets.parameter is not None:
        held = tuple(lock for lock in state.held if not lock.drained)
        dropped = tuple((lock.cls, lock.instance) for lock in state.owed)
        walker.record.deferred[Deferred(targets.parameter, held, dropped, Origin(call.line))] = None
        return _result(walker, state, call, ANY)
    if targets.functions:
        keeps(walker, state, call, targets.functions)
        return _apply_all(walker, state, call, targets.functions, targets.likely)
    if depth < EXPANSIONS:
        expansion = walker.linker.expansion(walker.ref, call)
        if expansion is not None:
            states = [state]
            for inner in expansion:
                states = [after for before in states for after in call_states(walker, before, inner, depth + 1)]
            for after in states:
                stand_for_call(walker, after, call)
            return states
    return _outside(walker, state, call)


def _configured(walker: Walker, call: Call) -> Value | None:
    """The value of a test of the configuration, if it is the same in all of this world."""
    words = walker.ruleset.values
    if call.callee not in words.tests_enabled and call.callee not in words.tests_built_in:
        return None
    truth = walker.linker.configured(f"{call.callee}({','.join(call.args)})")
    return None if truth is None else str(int(truth))


def _forget_arguments(state: State, call: Call) -> None:
    for argument in call.args:
        if argument[:1] == "&" and argument[1:] in state.env:
            del state.env[argument[1:]]


def _result(walker: Walker, state: State, call: Call, value: Value) -> list[State]:
    if not call.result:
        return [state]
    state.store(call.result)
    state.learn(call.result, value)
    return [state]


def stand_for_call(walker: Walker, state: State, call: Call) -> None:
    """Remember what a result stands for, where the same call again would give the same: helpers, tests."""
    if not call.result or "(" in call.callee or (not call.callee[:1].isalpha() and call.callee[:1] != "_"):
        return
    text = f"{call.callee}({','.join(state.canonical(argument) for argument in call.args)})"
    if len(text) > 120 or "%" in text:
        return
    if call.result.startswith("%"):
        state.aliases[call.result] = text
        known = state.env.get(text)
        if known is not None and state.value(call.result) == ANY:
            state.learn(call.result, known)
        return
    targets = walker.targets(call)
    if (len(targets.functions) == 1 and walker.linker.pure(targets.functions[0])) or _typed(walker, call):
        state.aliases[call.result] = text


def _typed(walker: Walker, call: Call) -> bool:
    return call.callee in walker.ruleset.typed_macros


# --- functions that are read ----------------------------------------------------------------------------------------


def _apply_all(
    walker: Walker, state: State, call: Call, functions: tuple[FunctionId, ...], likely: bool
) -> list[State]:
    outcomes: list[tuple[FunctionId, Binding, Outcome]] = []
    values: list[Value] = []
    for function in functions:
        summary = walker.summary(function)
        binding = Binding(walker, state, call, function)
        waited(walker, state, function, None)
        if summary.destroyed:
            walker.record.destroyed |= summary.destroyed
            handed_over(state, summary.destroyed)
        if walker.record.is_new(state, call, function):
            _inner(walker, state, call, function, summary, binding, likely)
        for outcome in summary.outcomes:
            if binding.feasible(outcome.condition):
                values.append(outcome.value)
                if not likely:
                    outcomes.append((function, binding, outcome))
        if not summary.outcomes:
            values.append(ANY)
    if all(not outcome.held and not outcome.owed for _, _, outcome in outcomes):
        result = _result(walker, state, call, merged(values))
        stand_for_call(walker, state, call)
        return result
    return _fork(walker, state, call, outcomes)


def _inner(
    walker: Walker,
    state: State,
    call: Call,
    function: FunctionId,
    summary: Summary,
    binding: Binding,
    likely: bool,
) -> None:
    moment = walker.record.moment(state)
    for inner, condition in summary.inner:
        if not condition or binding.feasible(condition):
            _happens(walker, state, moment, binding, inner, below(call.line, function, inner), likely)
    for requirement, condition in summary.requirements:
        if binding.feasible(condition):
            origin = below(call.line, function, requirement)
            instance = walker.lasting(binding.instance(requirement.instance))
            demand(
                walker,
                state,
                replace(requirement, instance=instance, likely=requirement.likely or likely, origin=origin),
                binding.passed_on(condition),
            )
    for deferred in summary.deferred:
        _deferred(walker, state, call, function, deferred, binding)


def _happens(
    walker: Walker,
    state: State,
    moment: Moment,
    binding: Binding,
    inner: Inner,
    origin: Origin,
    likely: bool,
) -> None:
    flags, stands_for = inner.flags, inner.cls
    if flags:
        flags = binding.text(flags)
        decided = walker.flags_sleep(flags)
        if decided is False or (decided is None and not walker.in_parameters(flags)):
            return
        if decided:
            flags, stands_for = "", walker.sleep_class(flags)
    gone: Dropped = ()
    passed: Dropped = ()
    if inner.dropped:
        gone = tuple((cls, binding.instance(instance)) for cls, instance in inner.dropped)
        passed = tuple(
            (cls, walker.lasting(instance))
            for cls, instance in gone
            if find(state.held, cls, instance, walker.fixed) is None
        )
    bound = Inner(
        inner.kind,
        stands_for,
        binding.instance(inner.instance) if inner.instance else "",
        inner.mode,
        inner.nested,
        passed,
        flags,
        inner.likely or likely,
        inner.final,
        inner.masked,
        origin=origin,
    )
    walker.record.happens_at(moment, bound, gone, binding.passed_on(inner.when))


def _deferred(
    walker: Walker, state: State, call: Call, function: FunctionId, deferred: Deferred, binding: Binding
) -> None:
    if deferred.parameter >= len(call.args):
        return
    argument = state.canonical(call.args[deferred.parameter])
    held = tuple(
        replace(lock, instance=binding.instance(lock.instance), origin=below(call.line, function, lock))
        for lock in deferred.held
    )
    gone = tuple((cls, binding.instance(instance)) for cls, instance in deferred.dropped)
    if argument in walker.parameters:
        mine = tuple(lock for lock in state.held if not lock.drained and not is_dropped(lock, gone))
        index = walker.parameters.index(argument)
        lasting = tuple(replace(lock, instance=walker.lasting(lock.instance)) for lock in (*mine, *held))
        origin = below(call.line, function, deferred)
        walker.record.deferred.setdefault(Deferred(index, lasting, gone, origin), None)
        return
    for target in walker.linker.named(walker.ref, call.args[deferred.parameter]):
        _demanded(walker, state, call, function, deferred, held, target)
        for inner, _ in walker.summary(target).inner:
            if inner.flags:
                continue
            depth = deferred.origin.depth + inner.origin.depth + 2
            origin = Origin(call.line, function, (deferred, target, inner), depth)
            instance = walker.lasting(binding.foreign(inner.instance))
            released = tuple((cls, OPAQUE) for cls, _ in inner.dropped)
            passed = tuple((cls, name) for cls, name in released if find(state.held, cls, name, walker.fixed) is None)
            bound = replace(inner, instance=instance, dropped=passed, when=(), origin=origin)
            walker.record.happens(state, bound, (*gone, *released))
            for lock in held:
                if not is_dropped(lock, released):
                    walker.record.relates(lock, bound, state)


def _demanded(
    walker: Walker,
    state: State,
    call: Call,
    function: FunctionId,
    deferred: Deferred,
    held: tuple[HeldLock, ...],
    target: FunctionId,
) -> None:
    """What a function that was passed on demands of those who call it: `held` is what the one that calls it holds."""
    for requirement, _ in walker.summary(target).requirements:
        wanted = (requirement.cls, *requirement.others)
        if requirement.negative or any(satisfied(held, cls, OPAQUE, requirement.mode) for cls in wanted):
            continue
        depth = deferred.origin.depth + requirement.origin.depth + 2
        origin = Origin(call.line, function, (deferred, target, requirement), depth)
        demand(walker, state, replace(requirement, instance=OPAQUE, when=(), origin=origin))


def _fork(walker: Walker, state: State, call: Call, outcomes: list[tuple[FunctionId, Binding, Outcome]]) -> list[State]:
    states: list[State] = []
    for function, binding, outcome in outcomes:
        new = state.copy()
        if not _learn(walker, new, binding, outcome):
            continue
        for owed in outcome.owed:
            lock = Lock(owed.cls, binding.instance(owed.instance))
            if owed.many:
                _drain(new, owed)
            else:
                release(walker, new, lock, call.line, owed.mode)
        for held in outcome.held:
            _take(walker, new, held, binding.instance(held.instance), below(call.line, function, held))
        _result(walker, new, call, outcome.value)
        stand_for_call(walker, new, call)
        states.append(new)
    return states or [state]


def _learn(walker: Walker, state: State, binding: Binding, outcome: Outcome) -> bool:
    for name, value in outcome.condition:
        argument = binding.argument(name) if is_plain(name) else binding.text(name)
        if argument is None or constant(argument, walker.ruleset.values) is not None:
            continue
        known = state.value(argument)
        if isinstance(known, int):
            both = value if isinstance(value, str) and signs(value) & known else meet(known, signs(value))
            if both is None:
                return False
            state.learn(argument, both)
    return True


def _drain(state: State, owed: HeldLock) -> None:
    for index, lock in enumerate(state.held):
        if lock.cls == owed.cls:
            drained = replace(lock, drained=True, many=True)
            state.held = (*state.held[:index], drained, *state.held[index + 1 :])
            return
    if not any(lock.cls == owed.cls and lock.many for lock in state.owed):
        state.owed = (*state.owed, owed)


def _take(walker: Walker, state: State, held: HeldLock, instance: str, origin: Origin) -> None:
    if held.many:
        same = [index for index, lock in enumerate(state.held) if lock.cls == held.cls and lock.many]
        for index in same:
            state.held = without(state.held, index)
    retaken = find(state.owed, held.cls, instance, walker.fixed)
    if retaken is not None:
        state.owed = without(state.owed, retaken)
        return
    taken = replace(held, instance=instance, origin=origin, scope=-1)
    walker.record.takes(state, taken)
    state.held = (*state.held, taken)


# --- names from outside ---------------------------------------------------------------------------------------------


def _outside(walker: Walker, state: State, call: Call) -> list[State]:
    words = walker.ruleset.values
    outside = walker.ruleset.outside.get(call.callee)
    value: Value = ANY
    if outside is not None:
        _known_outside(walker, state, call, outside)
    elif call.callee in words.takes_error:
        value = NEGATIVE
    elif call.callee in words.makes_error:
        value = constant(f"{call.callee}()", words) or ANY
    elif not _typed(walker, call):
        walker.record.unknown_calls.add((call.line, call.callee))
    result = _result(walker, state, call, value)
    stand_for_call(walker, state, call)
    dropped = _dropped_outside(walker, state, call, outside) if outside is not None and outside.drops else None
    return [*result, dropped] if dropped is not None else result


def _dropped_outside(walker: Walker, state: State, call: Call, outside: Outside) -> State | None:
    """The state in which a function outside has released its caller's lock, and says so by a flag."""
    flags = [
        call.args[index][1:]
        for index in outside.drops_flags
        if call.args[index : index + 1] and call.args[index].startswith("&")
    ]
    lock = walker.lock_of(in_arguments(outside.drops, call))
    if not flags or lock is None:
        return None
    index = find(state.held, lock.cls, state.canonical(lock.instance).lstrip("&"), walker.fixed)
    if index is None:
        return None
    dropped = state.copy()
    dropped.held = without(state.held, index)
    dropped.learn(flags[0], "0")
    state.learn(flags[0], POSITIVE)
    return dropped


def _known_outside(walker: Walker, state: State, call: Call, outside: Outside) -> None:
    origin = Origin(call.line)
    final = call.callee in walker.ruleset.values.last_put
    sleeps: bool | None = outside.sleeps
    flags = ""
    if outside.flags is not None and outside.flags < len(call.args):
        flags = state.canonical(call.args[outside.flags])
        sleeps = walker.flags_sleep(flags)
        if sleeps is None and not walker.in_parameters(flags):
            sleeps = False
    if sleeps is not False:
        stands_for = walker.sleep_class(flags) if sleeps else SLEEP
        inner = Inner(Kind.SLEEP, stands_for, "", Mode.EXCLUSIVE, flags="" if sleeps else flags, origin=origin)
        walker.record.happens(state, inner)
    for names, kind in ((outside.takes, Kind.LOCK), (outside.waits, Kind.SYNC)):
        for name in names:
            cls, mode = named_lock(walker.linker, name)
            walker.record.happens(state, Inner(kind, cls, "~", mode, origin=origin))
    for index in outside.calls:
        if index < len(call.args):
            for target in walker.linker.named(walker.ref, state.canonical(call.args[index])):
                for inner, _ in walker.summary(target).inner:
                    way = below(call.line, target, inner)
                    bound = replace(inner, instance="~", dropped=(), flags="", final=inner.final or final, origin=way)
                    if not inner.flags:
                        walker.record.happens(state, bound)
