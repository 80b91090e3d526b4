# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Where code writes a field or a global variable, or hands its address to somebody who may."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from reviewtool.changelog.names import Thing
from reviewtool.csource.facts import Assign, Call
from reviewtool.locking.expr import Member, parse
from reviewtool.locking.linker import FunctionId, FunctionRef
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.program import Program

MOST: Final = 60
"""Places; with more of them nothing is concluded."""

_INDEX: Final = re.compile(r"(?:\[[^\[\]]{0,80}\])+\Z")


def writes_of(model: LockModel, thing: Thing) -> tuple[tuple[FunctionId, int], ...]:
    """Functions and relative lines; none if there are more than MOST."""
    program = model.linker
    if not isinstance(program, Program):
        return ()
    found: dict[tuple[FunctionId, int], None] = {}
    for ref in tuple(model.functions.values()):
        for line, target in _targets(ref):
            if _is(target, thing, ref, program):
                found[ref.id, line] = None
                if len(found) > MOST:
                    return ()
    return tuple(found)


def _targets(ref: FunctionRef) -> Iterator[tuple[int, str]]:
    for block in ref.facts.blocks:
        for event in block.events:
            if isinstance(event, Assign):
                yield event.line, event.target
            elif isinstance(event, Call):
                if event.result and event.result[0] != "%":
                    yield event.line, event.result
                yield from ((event.line, arg[1:]) for arg in event.args if arg[:1] == "&")


def _is(target: str, thing: Thing, ref: FunctionRef, program: Program) -> bool:
    target = _INDEX.sub("", target)
    if not target.endswith(thing.name):
        return False
    place = program.place(ref)
    if not thing.record:
        return target == thing.name and target not in place.variables
    node = parse(target)
    if not isinstance(node, Member) or node.field != thing.name:
        return False
    return program.typer.record_of(node.base, node.arrow, place) == thing.record
