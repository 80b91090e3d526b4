# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What a call does to an object: which one, and in which container it hangs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from reviewtool.csource.facts import Call, Iterate
from reviewtool.locking.classes import is_open
from reviewtool.locking.linker import FunctionId, FunctionRef, Linker
from reviewtool.locking.model import LockClass
from reviewtool.locking.paths import is_plain
from reviewtool.ruleset.access import Handling

_EMBEDDED: Final = re.compile(r"&(\w[\w~]*)->\w+(?:\.\w+|\[[^\[\]]*\])*\Z")
_CONTAINER: Final = re.compile(r"(&?)@(\d)\Z")


@dataclass(frozen=True, slots=True)
class Handled:
    """One thing that a function does to an object."""

    line: int
    name: str
    """What does it."""
    handling: Handling
    variable: str
    """The variable that points to the object; "" if it is not in one."""
    container: LockClass | None
    """The field or variable that it hangs in; None if that is not said here."""
    link: LockClass | None
    """The field by which it hangs."""


def handled(linker: Linker, ref: FunctionRef, event: Call | Iterate) -> Handled | None:
    """What an event does to an object; None if it does nothing to any."""
    name = event.callee if isinstance(event, Call) else event.macro
    handling = linker.ruleset.handlings.get(name)
    if handling is None:
        return None
    link = _link(linker, ref, event, handling)
    return Handled(
        event.line, name, handling, variable(event, handling), _container(linker, ref, event, handling), link
    )


def variable(event: Call | Iterate, handling: Handling) -> str:
    """The variable that points to the object; "" if it is not in one."""
    if handling.object is not None:
        text = event.args[handling.object].strip("()") if handling.object < len(event.args) else ""
    elif handling.link is not None:
        return embedding(event.args[handling.link]) if handling.link < len(event.args) else ""
    else:
        text = event.result if isinstance(event, Call) else ""
    return text if is_plain(text) else ""


def embedding(text: str) -> str:
    """The variable that points to the object of which the text is the address of a part; "" if it is none."""
    match = _EMBEDDED.match(text)
    return match[1] if match is not None else ""


def _container(linker: Linker, ref: FunctionRef, event: Call | Iterate, handling: Handling) -> LockClass | None:
    match = _CONTAINER.match(handling.container)
    if match is None or int(match[2]) >= len(event.args):
        return None
    return _field(linker, ref, match[1] + event.args[int(match[2])])


def _link(linker: Linker, ref: FunctionRef, event: Call | Iterate, handling: Handling) -> LockClass | None:
    if handling.link is not None and handling.link < len(event.args):
        return _field(linker, ref, event.args[handling.link])
    if handling.member is None or handling.object is None or handling.member >= len(event.args):
        return None
    return _field(linker, ref, f"&{event.args[handling.object]}->{event.args[handling.member]}")


def _field(linker: Linker, ref: FunctionRef, text: str) -> LockClass | None:
    found = linker.lock_of(ref, text)
    return None if found is None or is_open(found.cls) else found.cls


def all_handled(linker: Linker, ref: FunctionRef) -> Iterator[Handled]:
    """All that stands in a function, in the order of its blocks."""
    known = linker.ruleset.handlings
    for block in ref.facts.blocks:
        for event in block.events:
            if (isinstance(event, Call) and event.callee in known) or (
                isinstance(event, Iterate) and event.macro in known
            ):
                found = handled(linker, ref, event)
                if found is not None:
                    yield found


def does_to(linker: Linker, function: FunctionId, parameter: int, doings: frozenset[str], levels: int) -> bool:
    """Whether a function does one of these things to what it is given, or passes it to one that does."""
    ref = linker.functions().get(function)
    if ref is None or parameter >= len(ref.facts.params):
        return False
    return does_to_variable(linker, ref, ref.facts.params[parameter].name, doings, levels)


def does_to_variable(linker: Linker, ref: FunctionRef, name: str, doings: frozenset[str], levels: int) -> bool:
    """Whether a function does one of these things to what a variable points to, or calls one that does."""
    rules = linker.ruleset
    for block in ref.facts.blocks:
        for event in block.events:
            if not isinstance(event, Call):
                continue
            handling = rules.handlings.get(event.callee)
            if handling is not None and handling.does in doings and variable(event, handling) == name:
                return True
            if handling is not None or not levels or name not in event.args or event.callee in rules.primitives:
                continue
            index = event.args.index(name)
            if any(
                does_to(linker, target, index, doings, levels - 1) for target in linker.targets(ref, event).functions
            ):
                return True
    return False
