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
from reviewtool.locking.linker import FunctionRef, Linker
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
        embedded = _EMBEDDED.match(event.args[handling.link]) if handling.link < len(event.args) else None
        return embedded[1] if embedded is not None else ""
    else:
        text = event.result if isinstance(event, Call) else ""
    return text if is_plain(text) else ""


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
