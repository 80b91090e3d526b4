# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What the ruleset wants done under some lock only, by what is done: a call, an access to a field, an acquisition."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from reviewtool.csource.facts import Assign, Block, Call, Event, Function, Read
from reviewtool.locking.linker import FunctionRef, Linker
from reviewtool.locking.model import LockClass
from reviewtool.locking.paths import OPAQUE, is_plain, roots
from reviewtool.locking.summary import Origin, Requirement
from reviewtool.ruleset.model import Effect, Mode, RequiredLock, Ruleset

_LAST: Final = re.compile(r"(?:->|\.)(\w+)(?:\[[^\[\]]*\])*\Z")
_MODES: Final = frozenset(Mode)

_HELD: Final = ("holds", "holds-shared")

Table = dict[str, tuple[RequiredLock, ...]]


@dataclass(frozen=True, slots=True)
class _Index:
    """The declared demands by what makes them."""

    calls: Table
    reads: Table
    writes: Table
    acquires: Table
    forbidden: frozenset[str]
    """Calls that must not happen under some lock."""
    fields: frozenset[str]
    """The last components of the fields of `reads` and `writes`."""
    allocates: frozenset[str]
    """Functions that allocate: whoever has their result is alone with it."""


_indexes: Final[dict[str, _Index]] = {}


def _index(ruleset: Ruleset) -> _Index:
    known = _indexes.get(ruleset.digest)
    if known is None:
        reads, writes = (_table(ruleset, attribute) for attribute in ("reads", "writes"))
        known = _indexes[ruleset.digest] = _Index(
            calls=_table(ruleset, "calls"),
            reads=reads,
            writes=writes,
            acquires=_table(ruleset, "acquires"),
            forbidden=frozenset(name for forbidden in ruleset.forbidden for name in forbidden.calls),
            fields=frozenset(name.rpartition(".")[2] for name in (*reads, *writes)),
            allocates=frozenset(
                primitive.name
                for primitive in ruleset.primitives.values()
                if any(op.effect is Effect.SLEEP and isinstance(op.subject, int) for op in primitive.operations)
            ),
        )
    return known


def _table(ruleset: Ruleset, attribute: str) -> Table:
    found: dict[str, list[RequiredLock]] = {}
    for required in ruleset.required:
        for name in getattr(required, attribute):
            found.setdefault(name, []).append(required)
    return {name: tuple(each) for name, each in found.items()}


def is_named(ruleset: Ruleset, name: str) -> bool:
    """Whether the ruleset says when this function may be called."""
    index = _index(ruleset)
    return name in index.calls or name in index.forbidden


def is_forbidden(ruleset: Ruleset, name: str) -> bool:
    """Whether there is a lock under which this function must not be called."""
    return name in _index(ruleset).forbidden


def touches_named(ruleset: Ruleset, event: Event) -> bool:
    """Whether an event reads or writes something that is called as a field which the ruleset names."""
    index = _index(ruleset)
    if not index.fields:
        return False
    path, _ = _accessed(event)
    return bool(path) and _named(index, path)


def of_call(linker: Linker, ref: FunctionRef, call: Call) -> Iterator[Requirement]:
    """What a call needs."""
    for required in _index(linker.ruleset).calls.get(call.callee, ()):
        if ref.id.name not in required.calls:
            yield from _requirement(linker, required, call.line)


def declares_need(ruleset: Ruleset, facts: Function) -> bool:
    """Whether an annotation of a function says that its callers hold something."""
    return any(ruleset.values.declares.get(attribute.name) in _HELD for attribute in facts.attributes)


def of_annotations(linker: Linker, ref: FunctionRef) -> Iterator[Requirement]:
    """What a function's own annotations say that its callers hold."""
    for attribute in ref.facts.attributes:
        if linker.ruleset.values.declares.get(attribute.name) not in _HELD:
            continue
        for argument in attribute.args:
            lock = linker.lock_of(ref, argument if argument.startswith("&") else f"&{argument}")
            if lock is not None and lock.cls.family:
                yield Requirement(lock.cls, lock.instance.lstrip("&"), None, origin=Origin(ref.facts.line))


def of_acquisition(linker: Linker, cls: LockClass, line: int) -> Iterator[Requirement]:
    """What the acquisition of a lock needs."""
    for required in _index(linker.ruleset).acquires.get(cls.name, ()):
        yield from _requirement(linker, required, line)


def of_access(linker: Linker, ref: FunctionRef, event: Event) -> Iterator[Requirement]:
    """What reading or writing a field needs; nothing where the object was allocated by the same function."""
    path, writes = _accessed(event)
    index = _index(linker.ruleset)
    if not path or not _named(index, path):
        return
    lock = linker.lock_of(ref, f"&{path}")
    if lock is None or _made_here(index, ref.facts.blocks, path):
        return
    for required in (index.writes if writes else index.reads).get(lock.cls.name, ()):
        yield from _requirement(linker, required, event.line)


def _requirement(linker: Linker, required: RequiredLock, line: int) -> Iterator[Requirement]:
    """The demand of a declaration, if it speaks for this world and names a lock that can be told."""
    locks = [named_lock(linker, name) for name in required.locks if not re.search(r"@\d", name)]
    if not locks or not linker.speaks_for(required.worlds):
        return
    (first, mode), *others = locks
    yield Requirement(
        first,
        OPAQUE,
        mode if required.locks[0].endswith(f":{mode}") else None,
        others=tuple(cls for cls, _ in others),
        rule=required.rule,
        message=required.message,
        unless=required.unless,
        origin=Origin(line),
    )


def _accessed(event: Event) -> tuple[str, bool]:
    """The path that an event writes (true) or reads; "" if it does neither, or only to a local."""
    if isinstance(event, Assign):
        path, writes = event.target, True
    elif isinstance(event, Call):
        path, writes = event.result, True
    elif isinstance(event, Read):
        path, writes = event.path, False
    else:
        return "", False
    return ("", False) if is_plain(path) else (path, writes)


def _named(index: _Index, path: str) -> bool:
    """Whether a path ends in a field that is called as one which the ruleset names."""
    match = _LAST.search(path)
    return match is not None and match[1] in index.fields


def _made_here(index: _Index, blocks: tuple[Block, ...], path: str) -> bool:
    bases = roots(path)
    return any(
        isinstance(event, Call) and event.callee in index.allocates and event.result in bases
        for block in blocks
        for event in block.events
    )


def named_lock(linker: Linker, name: str) -> tuple[LockClass, Mode]:
    """The class and mode that data names: `cpu_hotplug_lock:shared`, `struct mm_struct.mmap_lock`, `@irq`."""
    plain, _, mode = name.rpartition(":")
    if mode in _MODES:
        return linker.class_named(plain), Mode(mode)
    return linker.class_named(name), Mode.EXCLUSIVE
