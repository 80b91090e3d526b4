# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Random functions run twice: over the statements they were made from, and over their graphs. Both do the same.

`ask(n)` and `#if Kn` are answered by a table, so that a run is determined; guards show what is left, and when.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewtool.csource.body import Body
from reviewtool.csource.facts import Assign, Branch, Call, Config, Enter, Exit, Leave, Return, Switch

LIMIT = 60
VARIABLES = 3

# programs: statements as nested tuples, `(kind, ...)`

Cond = tuple[Any, ...]
Stmt = tuple[Any, ...]


def conditions(depth: int) -> st.SearchStrategy[Cond]:
    small = st.one_of(
        st.tuples(st.just("ask"), st.integers(0, 3)),
        st.tuples(st.just("var"), st.integers(0, VARIABLES - 1)),
        st.tuples(st.just("const"), st.integers(0, 1)),
    )
    if depth == 0:
        return small
    inner = conditions(depth - 1)
    return st.one_of(
        small,
        st.tuples(st.just("not"), inner),
        st.tuples(st.sampled_from(["and", "or"]), inner, inner),
        st.tuples(st.just("choose"), inner, inner, inner),
        st.tuples(st.just("set"), st.integers(0, VARIABLES - 1), inner),
    )


COND = conditions(2)
LABEL = st.integers(0, 2)


def statements(depth: int, *, loop: bool, switch: bool) -> st.SearchStrategy[Stmt]:
    leaves = [
        st.tuples(st.just("call"), st.integers(0, 9)),
        st.tuples(st.just("call"), st.integers(0, 9)),
        st.tuples(st.just("guard"), st.integers(0, 9)),
        st.tuples(st.just("set"), st.integers(0, VARIABLES - 1), COND),
        st.tuples(st.just("return"), st.none() | COND),
        st.tuples(st.just("goto"), LABEL),
        st.tuples(st.just("label"), LABEL),
    ]
    if loop or switch:
        leaves.append(st.just(("break",)))
    if loop:
        leaves.append(st.just(("continue",)))
    if depth == 0:
        return st.one_of(leaves)
    body = block(depth - 1, loop=loop, switch=switch)
    looped = block(depth - 1, loop=True, switch=False)
    cases = st.lists(block(depth - 1, loop=loop, switch=True), min_size=1, max_size=3)
    return st.one_of(
        st.one_of(leaves),
        st.tuples(st.just("if"), COND, body, st.none() | body),
        st.tuples(st.just("while"), COND, looped),
        st.tuples(st.just("do"), looped, COND),
        st.tuples(st.just("for"), st.none() | COND, looped),
        st.tuples(st.just("switch"), st.integers(0, 4), st.integers(-1, 3), cases),
        st.tuples(st.just("scoped"), st.integers(0, 9), block(depth - 1, loop=True, switch=False)),
        st.tuples(st.just("config"), st.integers(0, 2), body, st.none() | body),
        st.tuples(st.just("block"), body),
    )


def block(depth: int, *, loop: bool, switch: bool) -> st.SearchStrategy[tuple[Stmt, ...]]:
    return st.lists(statements(depth, loop=loop, switch=switch), min_size=min(depth, 2), max_size=4).map(tuple)


# as C


def cond_text(cond: Cond) -> str:
    match cond:
        case ("ask", number):
            return f"ask({number})"
        case ("var", number):
            return f"v{number}"
        case ("const", number):
            return str(number)
        case ("not", inner):
            return f"!({cond_text(inner)})"
        case ("set", number, inner):
            return f"(v{number} = {cond_text(inner)})"
        case ("choose", test, one, other):
            return f"({cond_text(test)} ? {cond_text(one)} : {cond_text(other)})"
        case (op, one, other):
            return f"({cond_text(one)} {'&&' if op == 'and' else '||'} {cond_text(other)})"
    raise AssertionError(cond)


def lines(body: tuple[Stmt, ...]) -> Iterator[str]:
    for stmt in body:
        match stmt:
            case ("call", number):
                yield f"\te{number}();"
            case ("guard", number):
                yield f"\tguard(g{number})(&l);"
            case ("set", number, cond):
                yield f"\tv{number} = {cond_text(cond)};"
            case ("return", cond):
                yield f"\treturn {cond_text(cond) if cond else ''};"
            case ("goto", label):
                yield f"\tgoto L{label};"
            case ("label", label):
                yield f"\tL{label}: ;"
            case ("break",) | ("continue",):
                yield f"\t{stmt[0]};"
            case ("if", cond, then, other):
                yield f"\tif ({cond_text(cond)}) {{"
                yield from lines(then)
                if other is not None:
                    yield "\t} else {"
                    yield from lines(other)
                yield "\t}"
            case ("do", inner, cond):
                yield "\tdo {"
                yield from lines(inner)
                yield f"\t}} while ({cond_text(cond)});"
            case ("switch", subject, default, cases):
                yield f"\tswitch (pick({subject})) {{"
                for number, inner in enumerate(cases):
                    yield "\tdefault:" if number == default else f"\tcase {number}:"
                    yield from lines(inner)
                    yield "\t;"
                yield "\t}"
            case ("config", number, then, other):
                yield f"#if K{number}"
                yield from lines(then)
                if other is not None:
                    yield "#else"
                    yield from lines(other)
                yield "#endif"
            case ("block", inner):
                yield "\t; {"
                yield from lines(inner)
                yield "\t}"
            case (_, head, inner):
                yield f"\t{header(stmt[0], head)} {{"
                yield from lines(inner)
                yield "\t}"


def header(kind: str, head: object) -> str:
    if kind == "scoped":
        return f"scoped_guard (g{head}, &l)"
    condition = cond_text(head) if isinstance(head, tuple) else ""
    return f"while ({condition})" if kind == "while" else f"for (e10(); {condition}; e11())"


# only jumps that C allows


def legal(body: tuple[Stmt, ...]) -> tuple[Stmt, ...]:
    """Keep each label once, and only those gotos that have one and do not jump past a guard into its scope."""
    labels: dict[int, tuple[int, ...]] = {}
    counter = iter(range(1 << 20))
    last: tuple[int, ...] = ()

    def place(inner: tuple[Stmt, ...], guards: tuple[int, ...]) -> tuple[Stmt, ...]:
        nonlocal last
        kept: list[Stmt] = []
        for stmt in inner:
            kind = stmt[0]
            if kind == "config":
                then = place(stmt[2], guards)
                other = None if stmt[3] is None else place(stmt[3], last)
                guards = last
                kept.append((kind, stmt[1], then, other))
                continue
            if kind == "label":
                if stmt[1] in labels:
                    continue
                labels[stmt[1]] = guards
            if kind == "guard":
                guards = (*guards, next(counter))
            own = (*guards, next(counter)) if kind == "scoped" else guards
            kept.append(("goto", stmt[1], guards) if kind == "goto" else children(stmt, partial(place, guards=own)))
        last = guards
        return tuple(kept)

    def check(inner: tuple[Stmt, ...]) -> tuple[Stmt, ...]:
        kept = []
        for stmt in inner:
            if stmt[0] == "goto":
                wanted = labels.get(stmt[1])
                if wanted is None or stmt[2][: len(wanted)] != wanted:
                    continue
                stmt = stmt[:2]
            kept.append(children(stmt, check))
        return tuple(kept)

    body = plain_arms(body)
    for label in range(3):
        if holds(("block", body), ("goto", label)) and not holds(("block", body), ("label", label)):
            at = label * len(body) // 2
            body = (*body[:at], ("label", label), *body[at:])
    return check(place(body, ()))


def plain_arms(body: tuple[Stmt, ...], without: tuple[str, ...] = ()) -> tuple[Stmt, ...]:
    """No guard stands in a case but in a block, for other cases would jump past it, and no label in an `#if`."""
    kept = []
    for stmt in body:
        kind = stmt[0]
        if kind in without:
            continue
        labels = ("label",) if kind == "config" or "label" in without else ()
        guards = ("guard",) if kind == "switch" or (kind == "config" and "guard" in without) else ()
        inner = (*labels, *guards)
        kept.append(children(stmt, partial(plain_arms, without=inner)))
    return tuple(kept)


def children(stmt: Stmt, change: Callable[[tuple[Stmt, ...]], tuple[Stmt, ...]]) -> Stmt:
    match stmt:
        case ("if" | "config", head, then, other):
            return (stmt[0], head, change(then), None if other is None else change(other))
        case ("while" | "for" | "scoped", head, inner):
            return (stmt[0], head, change(inner))
        case ("do", inner, cond):
            return ("do", change(inner), cond)
        case ("switch", subject, default, cases):
            return ("switch", subject, default, [change(inner) for inner in cases])
        case ("block", inner):
            return ("block", change(inner))
    return stmt


def holds(stmt: Stmt, wanted: Stmt) -> bool:
    """Whether the statement is the wanted one, or has it inside."""
    found = stmt == wanted

    def look(inner: tuple[Stmt, ...]) -> tuple[Stmt, ...]:
        nonlocal found
        found = found or any(holds(part, wanted) for part in inner)
        return inner

    children(stmt, look)
    return found


class StopError(Exception):
    """Enough was seen."""


@dataclass
class World:
    """The answers, the variables, and what happened."""

    answers: list[int]
    values: dict[str, int] = field(default_factory=dict)
    trace: list[str] = field(default_factory=list)
    asked: int = 0
    steps: int = 0

    def __post_init__(self) -> None:
        self.values = {f"v{number}": self.answers[number] & 1 for number in range(VARIABLES)}

    def see(self, what: str) -> None:
        self.trace.append(what)
        if len(self.trace) >= LIMIT:
            raise StopError

    def step(self) -> None:
        self.steps += 1
        if self.steps > 100 * LIMIT:
            raise StopError

    def answer(self, what: str) -> int:
        self.see(what)
        self.asked += 1
        value = self.answers[self.asked % len(self.answers)]
        return value if what.startswith("pick") else value & 1

    def config(self, number: int) -> bool:
        return bool(self.answers[number] & 2)


class WayError(Exception):
    """A jump on its way out: `break`, `continue`, `return...`, or the number of a label."""

    def __init__(self, to: str | int) -> None:
        super().__init__(to)
        self.to = to


def configured(body: tuple[Stmt, ...], world: World) -> tuple[Stmt, ...]:
    """What the preprocessor leaves."""
    kept: list[Stmt] = []
    for stmt in body:
        if stmt[0] == "config":
            kept += configured(stmt[2] if world.config(stmt[1]) else stmt[3] or (), world)
        else:
            kept.append(children(stmt, partial(configured, world=world)))
    return tuple(kept)


class Runner:
    """Runs the statements. `seek` is the label that a jump looks for, or None."""

    def __init__(self, world: World) -> None:
        self.world = world

    def function(self, body: tuple[Stmt, ...]) -> None:
        try:
            self.block(configured(body, self.world), None)
        except WayError as way:
            self.world.see(str(way.to))
        else:
            self.world.see("return")

    def test(self, cond: Cond) -> bool:
        world = self.world
        match cond:
            case ("ask", number):
                return bool(world.answer(f"ask({number})"))
            case ("var", number):
                return bool(world.values[f"v{number}"])
            case ("const", number):
                return bool(number)
            case ("not", inner):
                return not self.test(inner)
            case ("set", number, inner):
                world.values[f"v{number}"] = int(self.test(inner))
                return bool(world.values[f"v{number}"])
            case ("choose", test, one, other):
                return self.test(one) if self.test(test) else self.test(other)
            case ("and", one, other):
                return self.test(one) and self.test(other)
            case (_, one, other):
                return self.test(one) or self.test(other)
        raise AssertionError(cond)

    def block(self, body: tuple[Stmt, ...], seek: int | None, start: int = 0) -> None:
        """Guards end with their block; a jump to a label of this block ends those that come after it."""
        guards: list[tuple[int, int]] = []
        index = start
        while index < len(body):
            self.world.step()
            try:
                if seek is None or holds(body[index], ("label", seek)):
                    wanted, seek = seek, None
                    self.statement(body[index], wanted)
                    if body[index][0] == "guard":
                        guards.append((index, body[index][1]))
                index += 1
            except WayError as way:
                index = next((at for at, stmt in enumerate(body) if holds(stmt, ("label", way.to))), -1)
                self.leave(guards, index)
                if index < 0:
                    raise
                seek = int(way.to)
        self.leave(guards, -1)

    def leave(self, guards: list[tuple[int, int]], after: int) -> None:
        while guards and guards[-1][0] > after:
            self.world.see(f"leave g{guards.pop()[1]}")

    def statement(self, stmt: Stmt, seek: int | None) -> None:
        world = self.world
        match stmt:
            case ("call", number):
                world.see(f"e{number}")
            case ("guard", number):
                world.see(f"enter g{number}")
            case ("set", number, cond):
                world.values[f"v{number}"] = int(self.test(cond))
            case ("return", cond):
                raise WayError(f"return {int(self.test(cond))}" if cond else "return")
            case ("goto", to):
                raise WayError(to)
            case ("break",) | ("continue",):
                raise WayError(stmt[0])
            case ("block", inner):
                self.block(inner, seek)
            case ("if", cond, then, other):
                if self.test(cond) if seek is None else holds(("block", then), ("label", seek)):
                    self.block(then, seek)
                elif other is not None:
                    self.block(other, seek)
            case ("scoped", number, inner):
                self.scoped(number, inner, seek)
            case ("switch", subject, default, cases):
                self.switch(subject, default, cases, seek)
            case ("while" | "for" | "do", *_):
                self.loop(stmt, seek)

    def loop(self, stmt: Stmt, seek: int | None) -> None:
        world = self.world
        kind = stmt[0]
        cond, inner = (stmt[2], stmt[1]) if kind == "do" else (stmt[1], stmt[2])
        if kind == "for" and seek is None:
            world.see("e10")
        tested = kind == "do"
        while True:
            world.step()
            if seek is None and not tested and cond is not None and not self.test(cond):
                return
            try:
                self.block(inner, seek)
            except WayError as way:
                if way.to == "break":
                    return
                if way.to != "continue":
                    raise
            seek = None
            if kind == "for":
                world.see("e11")
            if tested and not self.test(cond):
                return

    def scoped(self, number: int, inner: tuple[Stmt, ...], seek: int | None) -> None:
        if seek is None:
            self.world.see(f"enter g{number}")
        to: str | int = "break"
        try:
            self.block(inner, seek)
        except WayError as way:
            to = way.to
        self.world.see(f"leave g{number}")
        if to not in ("break", "continue"):
            raise WayError(to)

    def switch(self, subject: int, default: int, cases: list[tuple[Stmt, ...]], seek: int | None) -> None:
        start = 0
        if seek is None:
            value = self.world.answer(f"pick({subject})")
            found = value if value < len(cases) and value != default else default
            if not 0 <= found < len(cases):
                return
            start = sum(len(inner) for inner in cases[:found])
        try:
            self.block(tuple(stmt for inner in cases for stmt in inner), seek, start)
        except WayError as way:
            if way.to != "break":
                raise


def run_graph(body: Body, world: World) -> None:
    names: dict[int, str] = {}
    number = 0
    while True:
        world.step()
        block = body.blocks[number]
        for event in block.events:
            match event:
                case Call(_, callee, args, result):
                    if callee.startswith("e"):
                        world.see(callee)
                        continue
                    value = world.answer(f"{callee}({args[0]})")
                    if result:
                        world.values[result] = value
                case Assign(_, target, _, text):
                    world.values[target] = evaluate(text, world)
                case Enter(_, scope, _, name):
                    names[scope] = name
                    world.see(f"enter {name}")
                case Leave(_, scope):
                    world.see(f"leave {names[scope]}")
                case Return(_, text):
                    world.see(f"return {evaluate(text, world)}" if text else "return")
                    return
                case _:
                    raise AssertionError(event)
        number = block.succs[way_on(block.exit, world)]


def way_on(exit_: Exit | None, world: World) -> int:
    match exit_:
        case Branch(_, left):
            return int(not evaluate(left, world))
        case Config(_, text):
            return int(not world.config(int(text.removeprefix("K"))))
        case Switch(_, subject, labels):
            value = str(world.values[subject])
            return labels.index(value) if value in labels else labels.index("")
    return 0


def evaluate(text: str, world: World) -> int:
    """The value of an expression of names, numbers, `!`, `&&`, `||`, `?:` and parentheses."""
    while inner := re.search(r"\(([^()]*)\)", text):
        text = f"{text[: inner.start()]}{evaluate(inner[1], world)}{text[inner.end() :]}"
    if "?" in text:
        test, one, other = re.split("[?:]", text)
        text = one if evaluate(test, world) else other
    return int(any(all(atom(word, world) for word in part.split("&&")) for part in text.split("||")))


def atom(text: str, world: World) -> bool:
    word = text.lstrip("!")
    value = bool(int(word) if word.isdigit() else world.values[word])
    return value != bool((len(text) - len(word)) % 2)


def traced(run: Callable[[World], None], answers: list[int]) -> list[str]:
    world = World(answers)
    with contextlib.suppress(StopError):
        run(world)
    return world.trace


@given(block(3, loop=False, switch=False), st.lists(st.lists(st.integers(0, 4), min_size=7, max_size=7), min_size=6))
@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_graph_does_what_the_statements_do(
    lowered: Callable[[str], Body], program: tuple[Stmt, ...], answers: list[list[int]]
) -> None:
    body = legal(program)
    graph = lowered("\n".join(["int f(int v0, int v1, int v2)", "{", *lines(body), "}", ""]))
    for row in answers:
        wanted = traced(lambda world: Runner(world).function(body), row)
        assert traced(lambda world: run_graph(graph, world), row) == wanted
