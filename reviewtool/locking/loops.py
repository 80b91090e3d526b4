# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The loops of a flow graph: back edges, bodies, ways out, and what changes in them.

Blocks are numbered in reverse post-order, so an edge to a block that is not later is a back edge.
"""

from __future__ import annotations

from dataclasses import dataclass

from reviewtool.csource.facts import Assign, Block, Call, Iterate
from reviewtool.locking.linker import FunctionRef, Linker
from reviewtool.locking.paths import is_plain
from reviewtool.locking.walker import iterated


@dataclass(frozen=True, slots=True)
class Loops:
    """What the flow needs to know of them."""

    variables: dict[tuple[int, int], frozenset[str]]
    """By back edge: the variables that the loop assigns."""
    exits: frozenset[tuple[int, int]]
    """Edges that leave a loop."""


def bodies(blocks: tuple[Block, ...]) -> list[frozenset[int]]:
    """The blocks of each loop, one entry for each head."""
    before = _before(blocks)
    found: dict[int, set[int]] = {}
    for tail, block in enumerate(blocks):
        for head in block.succs:
            if head <= tail:
                found.setdefault(head, set()).update(_body(before, tail, head))
    return [frozenset(body) for body in found.values()]


def reaches(blocks: tuple[Block, ...], first: int, then: int) -> bool:
    """Whether a way leads from an event at one line to one at a later line, without going round a loop."""
    at = [{event.line for event in block.events} for block in blocks]
    stack = [index for index, lines in enumerate(at) if first in lines]
    seen: set[int] = set()
    while stack:
        index = stack.pop()
        if index in seen:
            continue
        seen.add(index)
        if then in at[index]:
            return True
        stack.extend(succ for succ in blocks[index].succs if succ > index)
    return False


def _before(blocks: tuple[Block, ...]) -> list[list[int]]:
    before: list[list[int]] = [[] for _ in blocks]
    for index, block in enumerate(blocks):
        for succ in block.succs:
            before[succ].append(index)
    return before


def find_loops(blocks: tuple[Block, ...], linker: Linker, ref: FunctionRef) -> Loops:
    """The loops of a function."""
    back = [(index, succ) for index, block in enumerate(blocks) for succ in block.succs if succ <= index]
    if not back:
        return Loops({}, frozenset())
    before = _before(blocks)
    variables: dict[tuple[int, int], frozenset[str]] = {}
    exits: set[tuple[int, int]] = set()
    for tail, head in back:
        body = _body(before, tail, head)
        variables[tail, head] = frozenset(
            name for index in body for name in _assigned(blocks[index], linker, ref) if is_plain(name)
        )
        exits.update((index, succ) for index in body for succ in blocks[index].succs if succ not in body)
    return Loops(variables, frozenset(exits))


def _body(before: list[list[int]], tail: int, head: int) -> set[int]:
    body = {head, tail}
    stack = [tail] if tail != head else []
    while stack:
        for index in before[stack.pop()]:
            if index not in body and index > head:
                body.add(index)
                stack.append(index)
    return body


def _assigned(block: Block, linker: Linker, ref: FunctionRef) -> list[str]:
    names: list[str] = []
    for event in block.events:
        if isinstance(event, Assign):
            names.append(event.target)
        elif isinstance(event, Call):
            names.append(event.result)
        elif isinstance(event, Iterate):
            names.extend(iterated(event, linker, ref))
    return names
