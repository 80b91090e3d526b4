# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The flow analysis against an interpreter that follows every path of small functions by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, product

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from reviewtool.locking import events, operations
from reviewtool.locking.values import NEGATIVE, POSITIVE, ZERO, signs
from tests.locking.flows import model_of, summary_of

PARAMETERS = ("a", "b")
SIGNS = {"0": ZERO, "1": POSITIVE, "-EINVAL": NEGATIVE}
numbers = count()
"""Tells unknown conditions apart: the same call twice is taken to give the same result."""
ROUNDS = 2
"""How often the interpreter goes round a loop at most."""


# --- programs -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Do:
    """lock or unlock of one of two locks."""

    what: str
    lock: int


@dataclass(frozen=True)
class Test:
    """A condition: a parameter, an unknown, or an attempt to take a lock; perhaps negated, or two joined."""

    __test__ = False
    kind: str
    name: str = ""
    lock: int = 0
    parts: tuple[Test, ...] = ()


@dataclass(frozen=True)
class If:
    test: Test
    then: tuple[Statement, ...]
    other: tuple[Statement, ...]


@dataclass(frozen=True)
class While:
    body: tuple[Statement, ...]


@dataclass(frozen=True)
class Guarded:
    lock: int
    body: tuple[Statement, ...]


@dataclass(frozen=True)
class Leave:
    """return with a value, break, or continue."""

    how: str
    value: str = ""


Statement = Do | If | While | Guarded | Leave
Program = tuple[Statement, ...]


def text_of_test(test: Test) -> str:
    match test.kind:
        case "parameter":
            return test.name
        case "unknown":
            return f"opaque({test.lock})"
        case "not":
            return f"!({text_of_test(test.parts[0])})"
        case "and":
            return f"({text_of_test(test.parts[0])} && {text_of_test(test.parts[1])})"
        case "try":
            return f"mutex_trylock(&x->m{test.lock})"
    return f"mutex_lock_interruptible(&x->m{test.lock})"


def text_of(program: Program, depth: int = 1) -> str:
    tab = "\t" * depth
    lines = []
    for each in program:
        match each:
            case Do(what, lock):
                lines.append(f"{tab}mutex_{what}(&x->m{lock});")
            case If(test, then, other):
                lines.append(f"{tab}if ({text_of_test(test)}) {{\n{text_of(then, depth + 1)}{tab}}} else {{")
                lines.append(f"{text_of(other, depth + 1)}{tab}}}")
            case While(body):
                lines.append(f"{tab}while (opaque({next(numbers)})) {{\n{text_of(body, depth + 1)}{tab}}}")
            case Guarded(lock, body):
                lines.append(f"{tab}{{\n{tab}\tguard(mutex)(&x->m{lock});\n{text_of(body, depth + 1)}{tab}}}")
            case Leave(how, value):
                lines.append(f"{tab}{how} {value};".replace(" ;", ";"))
    return "".join(line + "\n" for line in lines)


def code_of(program: Program) -> str:
    """A C function; what uses no lock at all is not analysed, so it begins with one."""
    looked = "\tspin_lock(&x->s);\n\tspin_unlock(&x->s);\n"
    return f"int f(struct box *x, int a, int b)\n{{\n{looked}{text_of(program)}\treturn 0;\n}}\n"


# --- the interpreter ------------------------------------------------------------------------------------------------


class MisuseError(Exception):
    """A lock is taken twice, or released without being held: not what is compared here."""


Held = frozenset[int]


def take(held: Held, lock: int) -> Held:
    if lock in held:
        raise MisuseError
    return held | {lock}


def give(held: Held, lock: int) -> Held:
    if lock not in held:
        raise MisuseError
    return held - {lock}


def truths(test: Test, values: dict[str, bool], held: Held) -> Iterator[tuple[bool, Held]]:
    match test.kind:
        case "parameter":
            yield values[test.name], held
        case "unknown":
            yield True, held
            yield False, held
        case "not":
            for truth, after in truths(test.parts[0], values, held):
                yield not truth, after
        case "and":
            for truth, after in truths(test.parts[0], values, held):
                if truth:
                    yield from truths(test.parts[1], values, after)
                else:
                    yield False, after
        case "try":
            yield True, take(held, test.lock)
            yield False, held
        case _:
            yield False, take(held, test.lock)
            yield True, held


def run(program: Program, values: dict[str, bool], held: Held) -> Iterator[tuple[str, Held]]:
    """The ways through a list of statements: how each ends (a value, `break`, `continue` or ""), and what is held."""
    if not program:
        yield "", held
        return
    first, rest = program[0], program[1:]
    for end, after in run_one(first, values, held):
        if end:
            yield end, after
        else:
            yield from run(rest, values, after)


def run_one(each: Statement, values: dict[str, bool], held: Held) -> Iterator[tuple[str, Held]]:
    match each:
        case Do("lock", lock):
            yield "", take(held, lock)
        case Do(_, lock):
            yield "", give(held, lock)
        case If(test, then, other):
            for truth, after in truths(test, values, held):
                yield from run(then if truth else other, values, after)
        case While(body):
            yield from rounds(body, values, held, ROUNDS)
        case Guarded(lock, body):
            for end, after in run(body, values, take(held, lock)):
                yield end, give(after, lock)
        case Leave(how, value):
            yield value or how, held


def rounds(body: Program, values: dict[str, bool], held: Held, left: int) -> Iterator[tuple[str, Held]]:
    yield "", held
    if not left:
        return
    for end, after in run(body, values, held):
        if end == "break":
            yield "", after
        elif end in ("", "continue"):
            yield from rounds(body, values, after, left - 1)
        else:
            yield end, after


def expected(program: Program) -> set[tuple[int, Held]]:
    found = set()
    for choice in product((False, True), repeat=len(PARAMETERS)):
        for end, held in run(program, dict(zip(PARAMETERS, choice, strict=True)), frozenset()):
            found.add((SIGNS[end or "0"], held))
    return found


# --- what the analysis says -----------------------------------------------------------------------------------------


def analysed(program: Program) -> tuple[set[tuple[int, Held]], bool, bool]:
    """The same pairs, whether it looked closely, and whether it gave up."""
    summary = summary_of(model_of(code_of(program)), "f")
    found: set[tuple[int, Held]] = set()
    for way in summary.leavings:
        held = frozenset(int(lock.instance[-1]) if lock.instance != "x->s" else 9 for lock in way.held)
        found.update((sign, held) for sign in (NEGATIVE, ZERO, POSITIVE) if signs(way.value) & sign)
    return found, bool(summary.leaks or any(way.owed for way in summary.leavings)), summary.bounded


locks = st.integers(0, 1)
simple = st.one_of(
    st.sampled_from([Test("parameter", name) for name in PARAMETERS]),
    st.builds(lambda: Test("unknown", lock=next(numbers))),
    st.builds(lambda lock: Test("try", lock=lock), locks),
    st.builds(lambda lock: Test("interruptible", lock=lock), locks),
)
tests = st.recursive(
    simple,
    lambda inner: st.one_of(
        st.builds(lambda one: Test("not", parts=(one,)), inner),
        st.builds(lambda one, two: Test("and", parts=(one, two)), inner, inner),
    ),
    max_leaves=3,
)
returns = st.builds(lambda value: Leave("return", value), st.sampled_from(sorted(SIGNS)))


def blocks(inside_loop: bool, depth: int) -> st.SearchStrategy[Program]:
    choices: list[st.SearchStrategy[Statement]] = [st.builds(Do, st.sampled_from(["lock", "unlock"]), locks), returns]
    if inside_loop:
        choices.append(st.sampled_from([Leave("break"), Leave("continue")]))
    if depth:
        choices.append(st.builds(If, tests, blocks(inside_loop, depth - 1), blocks(inside_loop, depth - 1)))
        choices.append(st.builds(Guarded, locks, blocks(inside_loop, depth - 1)))
        choices.append(st.builds(While, blocks(True, depth - 1)))
    return st.lists(st.one_of(choices), max_size=4).map(tuple)


def disagreement(program: Program) -> str:
    """What the analysis missed, or claimed although it looked closely; "" if nothing."""
    try:
        right = expected(program)
    except MisuseError:
        return "misuse"
    found, closely, bounded = analysed(program)
    if bounded:
        return ""
    if right - found:
        return f"missed {right - found}"
    return f"claimed {found - right}" if closely and found - right else ""


@settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(blocks(False, 3))
def test_ways_out_agree_with_all_paths(program: Program) -> None:
    wrong = disagreement(program)
    assume(wrong != "misuse")
    assert not wrong, code_of(program)


CORRELATED: Program = (
    If(Test("and", parts=(Test("parameter", "a"), Test("parameter", "b"))), (Do("lock", 0),), ()),
    If(Test("and", parts=(Test("parameter", "a"), Test("parameter", "b"))), (Do("unlock", 0),), ()),
)
LOST: Program = (
    Do("lock", 0),
    If(Test("unknown", lock=next(numbers)), (Leave("return", "-EINVAL"),), ()),
    Guarded(1, (If(Test("parameter", "a"), (Leave("return", "1"),), ()),)),
    Do("unlock", 0),
)


@pytest.mark.parametrize("program", [CORRELATED, LOST])
def test_examples_agree(program: Program) -> None:
    assert disagreement(program) == ""


@pytest.mark.parametrize(("module", "name"), [(operations, "release"), (events, "_leave"), (operations, "acquire")])
def test_the_oracle_notices_a_broken_analysis(module: object, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, name, lambda *given, **named: None)
    assert disagreement(LOST) not in ("", "misuse")
