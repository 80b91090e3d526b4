# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A control-flow graph as text, for tests and for looking at one."""

from __future__ import annotations

from collections.abc import Sequence

from reviewtool.csource.facts import (
    Assign,
    Block,
    Branch,
    Call,
    Config,
    Enter,
    Event,
    Exit,
    Iterate,
    Leave,
    Read,
    Return,
)


def render(blocks: Sequence[Block], *, lines: bool = False) -> str:
    """Return one line a block: `0: f(x); r = g() | r < 0 -> 1 2`. With `lines`, events have theirs as `@3`."""
    return "\n".join(_block(number, block, lines) for number, block in enumerate(blocks))


def _block(number: int, block: Block, lines: bool) -> str:
    events = "; ".join(_at(_event(event), event.line, lines) for event in block.events)
    return " ".join(part for part in (f"{number}:", events, _way(block, lines)) if part)


def _at(text: str, line: int, lines: bool) -> str:
    return f"{text} @{line}" if lines else text


def _event(event: Event) -> str:
    match event:
        case Call(_, callee, args, result):
            return f"{result + ' = ' if result else ''}{callee}({', '.join(args)})"
        case Assign(_, target, op, value):
            return f"{target} {op} {value}" if value else f"{target}{op}"
        case Read(_, path):
            return f"?{path}"
        case Enter(_, scope, form, name, args, variable):
            return f"+{scope} {form} {name}({', '.join(args)}){' ' + variable if variable else ''}"
        case Leave(_, scope, word):
            return f"-{scope} {word}".rstrip()
        case Return(_, value):
            return f"return {value}".rstrip()
        case Iterate(_, macro, args):
            return f"each {macro}({', '.join(args)})"


def _way(block: Block, lines: bool) -> str:
    succs = " ".join(map(str, block.succs))
    if block.exit is None:
        return f"-> {succs}" if succs else ""
    return f"| {_at(_exit(block.exit, block.succs), block.exit.line, lines)}"


def _exit(exit_: Exit, succs: tuple[int, ...]) -> str:
    match exit_:
        case Branch(_, left, op, right):
            tested = left if not op else f"{left} ?" if op == "?" else f"{left} {op} {right}"
            return f"{tested} -> {' '.join(map(str, succs))}"
        case Config(_, text):
            return f"#if {text} -> {' '.join(map(str, succs))}"
        case _:
            ways = " ".join(f"{label or 'default'}:{succ}" for label, succ in zip(exit_.labels, succs, strict=True))
            return f"switch {exit_.subject} -> {ways}"
