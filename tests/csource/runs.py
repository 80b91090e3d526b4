# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A random function run twice: over the statements it was made from, and over its graph.

`ask(n)` and `#if Kn` are answered by a table, so that a run is determined; guards show what is left, and when.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from reviewtool.csource.body import Body
from reviewtool.csource.facts import Assign, Branch, Call, Config, Enter, Exit, Leave, Return, Switch
from tests.csource.programs import VARIABLES, Cond, Stmt, children, holds

LIMIT = 60
"""Events after which a run is ended."""


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
