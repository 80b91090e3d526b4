# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Pointers and lists that readers follow, handled as if there were none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from reviewtool.checks.check import make_finding
from reviewtool.checks.containers import containers_of
from reviewtool.checks.removers import is_teardown
from reviewtool.csource.facts import Assign, Block, Call, Event, Iterate, Read
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.classes import is_open
from reviewtool.locking.linker import FunctionId, FunctionRef
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass
from reviewtool.locking.program import Program
from reviewtool.locking.values import constant

_LAST: Final = re.compile(r"(?:->|\.)(\w+)(?:\[[^\[\]]*\])?\Z")
_ON: Final = re.compile(r"^(.*?(?:->|\.)(\w+)(?:\[[^\[\]]*\])?)->\w")


def check_plain(model: LockModel) -> Iterator[Finding]:
    """One finding for each place."""
    if not isinstance(model.linker, Program):
        return
    followed = _followed(model, model.linker)
    names = {name.rpartition(".")[2] for name in followed}
    for function, ref in sorted(model.functions.items()) if names else ():
        for block in ref.facts.blocks:
            for event in block.events:
                path, what = _access(model, event, names)
                if path and not _proper(model, block, path, event) and _class(model, ref, path) in followed:
                    yield from _told(model, function, event.line, path, what)
    yield from _lists(model)


def _followed(model: LockModel, program: Program) -> frozenset[str]:
    """The fields that say that readers follow them, by the name of their class."""
    words = model.ruleset.values.followed
    return frozenset(
        f"{name}.{field.name}"
        for table in program.symbols.tables.values()
        for name, sites in table.records.items()
        for site in sites
        for field in site.fact.fields
        if any(attribute.name in words for attribute in field.attributes)
    )


def _access(model: LockModel, event: Event, names: set[str]) -> tuple[str, str]:
    """The path that an event handles as a plain pointer, and how; "" if it does not."""
    if isinstance(event, Read):
        match = _ON.match(event.path)
        return (match[1], "followed") if match is not None and match[2] in names else ("", "")
    if isinstance(event, Assign) and event.op == "=":
        match = _LAST.search(event.target)
        if match is not None and match[1] in names and constant(event.value, model.ruleset.values) != "0":
            return event.target, "written"
        match = _LAST.search(event.value)
        if match is not None and match[1] in names and event.target.isidentifier():
            return event.value, "read"
    return "", ""


def _proper(model: LockModel, block: Block, path: str, event: Event) -> bool:
    """A function for such pointers is given this one nearby."""
    rules = model.ruleset
    return any(
        isinstance(other, Call)
        and (other.callee in rules.accesses or other.callee in rules.handlings)
        and any(path in argument for argument in other.args)
        for other in block.events
    )


def _class(model: LockModel, ref: FunctionRef, path: str) -> str:
    found = model.linker.lock_of(ref, f"&{path}")
    return found.cls.name if found is not None and not is_open(found.cls) else ""


def _told(model: LockModel, function: FunctionId, line: int, path: str, what: str) -> Iterator[Finding]:
    finding = make_finding(
        model,
        "rcu-pointer-plain-access",
        Certainty.LIKELY,
        function,
        line,
        f"{path} is {what} like a plain pointer, but readers follow it",
        identity=(path, what),
    )
    if finding is not None:
        yield finding


def _lists(model: LockModel) -> Iterator[Finding]:
    """Lists that are walked by readers, and changed as if there were none."""
    walked: dict[LockClass, tuple[FunctionId, int]] = {}
    known = containers_of(model)
    accesses = model.ruleset.accesses
    for function, found in known.sites:
        access = accesses.get(found.name)
        if (
            access is not None
            and access.walks
            and found.container is not None
            and _unconditional(model, function, found.line)
        ):
            walked.setdefault(found.container, (function, found.line))
    for function, found in known.sites if walked else ():
        if found.handling.does not in ("publish", "remove") or found.handling.readers:
            continue
        container = next((home for home in known.of(found) if home in walked), None)
        if container is None or len(known.of(found)) != 1 or is_teardown(model, function):
            continue
        walker, line = walked[container]
        finding = make_finding(
            model,
            "rcu-list-changed-plainly",
            Certainty.QUESTION,
            function,
            found.line,
            f"{found.name}() changes {container.label}, which {walker.name}() walks as a reader",
            identity=(found.name, container.name),
            witness=(model.witnesses.step(walker, line, f"walks {container.label}"),),
        )
        if finding is not None:
            yield finding


def _unconditional(model: LockModel, function: FunctionId, line: int) -> bool:
    """Whether the walk at a line relies on readers alone."""
    for block in model.functions[function].facts.blocks:
        for event in block.events:
            if isinstance(event, Iterate) and event.line == line:
                access = model.ruleset.accesses.get(event.macro)
                return access is not None and bool(access.within)
    return False
