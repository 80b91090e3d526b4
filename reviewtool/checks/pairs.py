# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What is begun and not ended: `[[pair]]` of the rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from reviewtool.checks.check import make_finding
from reviewtool.csource.facts import Assign, Block, Branch, Call, Event, Function, Iterate, Return
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.paths import is_plain, roots
from reviewtool.ruleset.access import Pair

STEPS: Final = 4000
"""Blocks walked in one function, at most; one that needs more is let off."""

_WORD: Final = re.compile(r"[A-Za-z_%]\w*")

Decision = tuple[str, bool, int]
"""A condition, whether it was true, and the block that decided."""
Place = tuple[int, int, frozenset[Decision]]
"""A block, the line that began what is open there (or -1), and what has been decided."""


def check_pairs(model: LockModel) -> Iterator[Finding]:
    """One finding for each function and pair."""
    begins: dict[str, list[Pair]] = {}
    for pair in model.ruleset.pairs:
        for name in pair.begin:
            begins.setdefault(name, []).append(pair)
    for function, ref in sorted(model.functions.items()) if begins else ():
        calls = [event for block in ref.facts.blocks for event in block.events if isinstance(event, Call)]
        wanted = {id(pair): pair for call in calls for pair in begins.get(call.callee, ())}
        for pair in wanted.values():
            if ref.facts.name in (*pair.begin, *pair.end):
                continue
            if pair.token:
                yield from _tokens(model, function, pair, calls)
            elif any(call.callee in pair.end for call in calls):
                yield from _ways(model, function, pair)


# --- by what it returns -----------------------------------------------------------------------------------------------


def _tokens(model: LockModel, function: FunctionId, pair: Pair, calls: list[Call]) -> Iterator[Finding]:
    facts = model.functions[function].facts
    told: set[str] = set()
    for call in calls:
        if call.callee not in pair.begin or call.result in told or (call.result and not is_plain(call.result)):
            continue
        if not call.result or not _goes_on(facts, call):
            told.add(call.result)
            ends = f"{pair.end[0]}()"
            message = f"what {call.callee}() returns is given to no {ends}"
            yield from _tell(model, function, pair, call.line, message, Certainty.PROVED)


def _goes_on(facts: Function, begun: Call) -> bool:
    """Whether anything is done with the result."""
    for block in facts.blocks:
        for event in block.events:
            texts: tuple[str, ...] = ()
            if isinstance(event, Call) and event is not begun:
                texts = event.args
            elif isinstance(event, Assign | Return):
                texts = (event.value,)
            if any(begun.result in _WORD.findall(text) for text in texts):
                return True
        if isinstance(block.exit, Branch) and begun.result in _WORD.findall(f"{block.exit.left} {block.exit.right}"):
            return True
    return False


# --- by the ways through the function -------------------------------------------------------------------------------


def _ways(model: LockModel, function: FunctionId, pair: Pair) -> Iterator[Finding]:
    found = _unended(model.functions[function].facts.blocks, pair)
    if found is not None:
        begun, left = found
        line = model.functions[function].line(begun)
        message = f"returns without {pair.end[0]}() for what was begun at line {line}"
        yield from _tell(model, function, pair, left, message, Certainty.LIKELY, begun)


def _unended(blocks: tuple[Block, ...], pair: Pair) -> tuple[int, int] | None:
    """The lines of the beginning and of the way out of a way that does not end it."""
    pending: list[Place] = [(0, -1, frozenset())]
    seen: set[Place] = set()
    while pending:
        place = pending.pop()
        if place in seen:
            continue
        seen.add(place)
        if len(seen) > STEPS:
            return None
        index, opened, decided = place
        for event in blocks[index].events:
            if isinstance(event, Return) and opened >= 0:
                return opened, event.line
            if isinstance(event, Call) and event.callee in (*pair.begin, *pair.end):
                opened = event.line if event.callee in pair.begin else -1
            decided = _forgotten(decided, event)
        for number, following in enumerate(blocks[index].succs):
            after = _decide(blocks[index], index, number == 0, decided)
            if after is not None:
                pending.append((following, opened, after))
    return None


def _forgotten(decided: frozenset[Decision], event: Event) -> frozenset[Decision]:
    target = event.target if isinstance(event, Assign) else event.result if isinstance(event, Call) else ""
    if not target or not decided:
        return decided
    return frozenset(each for each in decided if not roots(each[0]) & roots(target))


def _decide(block: Block, index: int, truth: bool, decided: frozenset[Decision]) -> frozenset[Decision] | None:
    """What is decided after a branch; None if it has been decided the other way before."""
    leave = block.exit
    if not isinstance(leave, Branch):
        return decided
    if leave.op == "?":
        header = next((event for event in reversed(block.events) if isinstance(event, Iterate)), None)
        key = f"{leave.left}({','.join(header.args)})" if header is not None else f"{leave.left} {index}"
    else:
        truth = truth is (leave.op != "!=")
        key = f"{leave.left}{'==' if leave.op == '!=' else leave.op}{leave.right}"
    for known in decided:
        if known[0] == key:
            again = leave.op == "?" and known[2] == index
            if known[1] is not truth and not again:
                return None
            return decided if again else (decided - {known}) | {(key, truth, index)}
    return decided | {(key, truth, index)}


def _tell(
    model: LockModel,
    function: FunctionId,
    pair: Pair,
    line: int,
    message: str,
    certainty: Certainty,
    begun: int | None = None,
) -> Iterator[Finding]:
    steps = [] if begun is None else [model.witnesses.step(function, begun, "begins it")]
    reason = f": {pair.message}" if pair.message else ""
    finding = make_finding(
        model,
        pair.rule,
        certainty,
        function,
        line,
        f"{message}{reason}",
        identity=(pair.begin[0], message if begun is None else ""),
        witness=(*steps, model.witnesses.step(function, line, message)),
    )
    if finding is not None:
        yield finding
