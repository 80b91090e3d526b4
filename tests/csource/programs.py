# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Random structured C functions: made, printed, and kept to the jumps that C allows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from random import Random
from typing import Any

VARIABLES = 3

Cond = tuple[Any, ...]
"""`(kind, ...)`, with conditions inside."""
Stmt = tuple[Any, ...]
"""`(kind, ...)`, with conditions and blocks inside."""

LABELS = 3


class Maker:
    """Makes random programs. `loop` and `switch`: a `continue` or a `break` may stand there."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def number(self, most: int) -> int:
        return self.random.randint(0, most)

    def condition(self, depth: int = 2) -> Cond:
        kinds = ["ask", "ask", "var", "var", "const"]
        kind = self.random.choice(kinds if depth == 0 else [*kinds[:4], "not", "and", "or", "choose", "set"])
        if kind in ("ask", "var", "const"):
            return (kind, self.number({"ask": 3, "var": VARIABLES - 1, "const": 1}[kind]))
        head = (self.number(VARIABLES - 1),) if kind == "set" else ()
        parts = {"not": 1, "set": 1, "choose": 3}.get(kind, 2)
        return (kind, *head, *(self.condition(depth - 1) for _ in range(parts)))

    def statement(self, depth: int, *, loop: bool, switch: bool) -> Stmt:
        kinds = ["call", "call", "guard", "guard", "set", "return", "goto", "label"]
        kinds += ["break"] * (loop or switch) + ["continue"] * loop
        if depth:
            kinds += ["if", "if", "while", "do", "for", "switch", "scoped", "config", "config", "block"]
        kind = self.random.choice(kinds)
        if kind in ("break", "continue"):
            return (kind,)
        if kind in ("call", "guard"):
            return (kind, self.number(9))
        if kind in ("goto", "label"):
            return (kind, self.number(LABELS - 1))
        if kind == "set":
            return (kind, self.number(VARIABLES - 1), self.condition())
        if kind == "return":
            return (kind, self.condition() if self.number(1) else None)
        return self.compound(kind, depth - 1, loop=loop, switch=switch)

    def compound(self, kind: str, depth: int, *, loop: bool, switch: bool) -> Stmt:
        if kind == "switch":
            cases = [self.block(depth, loop=loop, switch=True) for _ in range(1 + self.number(2))]
            return (kind, self.number(4), self.number(4) - 1, cases)
        if kind in ("while", "for", "do", "scoped"):
            inner = self.block(depth, loop=True, switch=False)
            if kind == "do":
                return (kind, inner, self.condition())
            if kind == "scoped":
                return (kind, self.number(9), inner)
            return (kind, None if kind == "for" and not self.number(3) else self.condition(), inner)
        inner = self.block(depth, loop=loop, switch=switch)
        if kind == "block":
            return (kind, inner)
        other = self.block(depth, loop=loop, switch=switch) if self.number(1) else None
        return (kind, self.number(2) if kind == "config" else self.condition(), inner, other)

    def block(self, depth: int, *, loop: bool = False, switch: bool = False) -> tuple[Stmt, ...]:
        length = self.random.randint(1, 4)
        return tuple(self.statement(depth, loop=loop, switch=switch) for _ in range(length))

    def program(self) -> tuple[Stmt, ...]:
        """A function body in which every jump is one that C allows."""
        return legal(tuple(part for _ in range(2) for part in self.block(3)))


def function_text(body: tuple[Stmt, ...]) -> str:
    """The body as a C function of the variables."""
    return "\n".join(["int f(int v0, int v1, int v2)", "{", *lines(body), "}", ""])


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
    for label in range(LABELS):
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
