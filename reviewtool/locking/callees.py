# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Which functions a function's summary depends on, and whether it does anything to locks by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reviewtool.csource.facts import Call, Enter, Iterate
from reviewtool.locking.calls import EXPANSIONS
from reviewtool.locking.demands import declares_need, is_named, touches_named
from reviewtool.locking.linker import FunctionId, FunctionRef, Linker


@dataclass(frozen=True, slots=True)
class Callees:
    """The answer for one function."""

    functions: tuple[FunctionId, ...]
    """Those it calls, or passes to one that may call them; sorted."""
    direct: bool
    """It uses a primitive, a guard, a known outside function, one that needs a lock, or calls a parameter."""
    sites: tuple[tuple[FunctionId, int], ...]
    """Each target of each call, with the call's line (relative)."""


def callees(linker: Linker, ref: FunctionRef) -> Callees:
    """The callees of a function."""
    direct = declares_need(linker.ruleset, ref.facts) or any(
        touches_named(linker.ruleset, event) for block in ref.facts.blocks for event in block.events
    )
    sites: dict[tuple[FunctionId, int], None] = {}
    for call in _calls(linker, ref):
        if _known(linker, call.callee):
            direct = True
            if call.callee in linker.ruleset.primitives:
                continue
        elif is_named(linker.ruleset, call.callee):
            direct = True
        targets = linker.targets(ref, call)
        if targets.parameter is not None:
            direct = True
            continue
        for function in targets.functions:
            sites[function, call.line] = None
        for argument in call.args:
            for function in linker.named(ref, argument):
                sites[function, call.line] = None
    functions = tuple(sorted({function for function, _ in sites}))
    return Callees(functions, direct, tuple(sites))


def _known(linker: Linker, name: str) -> bool:
    rules = linker.ruleset
    return name in rules.primitives or name in rules.outside or name in rules.accesses or name in rules.handlings


def _calls(linker: Linker, ref: FunctionRef) -> Iterator[Call]:
    rules = linker.ruleset
    for block in ref.facts.blocks:
        for event in block.events:
            if isinstance(event, Call):
                yield from _expanded(linker, ref, event, 0)
            elif isinstance(event, Iterate) and (event.macro in rules.primitives or event.macro in rules.accesses):
                yield Call(event.line, event.macro, event.args)
            elif isinstance(event, Enter) and event.name in rules.guards:
                yield Call(event.line, rules.guards[event.name].acquire, event.args)


def _expanded(linker: Linker, ref: FunctionRef, call: Call, depth: int) -> Iterator[Call]:
    if depth < EXPANSIONS and not _known(linker, call.callee):
        targets = linker.targets(ref, call)
        if not targets.functions and targets.parameter is None:
            expansion = linker.expansion(ref, call)
            if expansion is not None:
                for inner in expansion:
                    yield from _expanded(linker, ref, inner, depth + 1)
                return
    yield call
