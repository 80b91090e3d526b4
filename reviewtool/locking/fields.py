# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Fields of records, and which code writes and reads them: `struct kvm.created_vcpus`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from reviewtool.csource.facts import Assign, Call, Event, Read
from reviewtool.locking.expr import Member, Node, parse, plain
from reviewtool.locking.holding import Seen
from reviewtool.locking.linker import FunctionId, FunctionRef
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.paths import is_plain, roots
from reviewtool.locking.program import Program
from reviewtool.ruleset.model import Effect

_LAST: Final = re.compile(r"(?:->|\.)(\w+)(?:\[[^\[\]]*\])*\Z")
_WORD: Final = re.compile(r"[a-z]+")
_DEEPEST: Final = 4
"""Callers that are followed to see whether a function is only called where an object is made."""


@dataclass(frozen=True, slots=True)
class Access:
    """A field is written or read."""

    function: FunctionId
    seen: Seen
    path: str
    """As the code has it."""
    write: bool


def accessed(event: Event) -> tuple[str, bool] | None:
    """The path that an event writes (true) or reads (false); None if it does neither, or only to a local."""
    if isinstance(event, Assign) and not is_plain(event.target):
        return event.target, True
    if isinstance(event, Call) and event.result and not is_plain(event.result):
        return event.result, True
    if isinstance(event, Read) and not is_plain(event.path):
        return event.path, False
    return None


def last_name(path: str) -> str:
    """The field that a path ends in, by its name alone; "" if it ends otherwise."""
    match = _LAST.search(path)
    return match[1] if match is not None else ""


class Fields:
    """The accesses of one model, by field. Worked out for the fields that are asked for."""

    def __init__(self, model: LockModel) -> None:
        self._model = model
        self._named: dict[tuple[FunctionId, str], str | None] = {}
        self._found: dict[tuple[str, bool], tuple[Access, ...]] = {}
        self._alone: dict[FunctionId, bool] = {}

    def of(self, ref: FunctionRef, path: str) -> str | None:
        """The field that a path ends in, `struct kvm.users`; None if it has none, or its type is not known."""
        key = (ref.id, path)
        if key not in self._named:
            self._named[key] = self._typed(ref, path)
        return self._named[key]

    def accesses(self, field: str, *, write: bool) -> tuple[Access, ...]:
        """The writes (or the reads) of a field, those of functions that are alone with the object left out."""
        key = (field, write)
        if key not in self._found:
            self._found[key] = tuple(self._accesses(field, write))
        return self._found[key]

    def names(self) -> Iterator[str]:
        """The last components of all paths that are written."""
        yield from (name for name, write in self._index if write)

    def writers(self, name: str) -> tuple[FunctionId, ...]:
        """The functions that write something whose last component is called so."""
        return self._index.get((name, True), ())

    def written_by(self, function: FunctionId, name: str) -> Iterator[str]:
        """The fields of that name that a function writes."""
        ref = self._model.functions[function]
        for block in ref.facts.blocks:
            for event in block.events:
                access = accessed(event)
                match = _LAST.search(access[0]) if access is not None and access[1] else None
                field = self.of(ref, access[0]) if access is not None and match and match[1] == name else None
                if field is not None:
                    yield field

    def is_alone(self, function: FunctionId) -> bool:
        """Whether a function makes or takes down an object that nobody else sees then.

        It says so in its name (`builds` of the value words), or initialises a lock, or only such functions call it.
        """
        known = self._alone.get(function)
        if known is None:
            known = self._alone[function] = self._is_alone(function, 0)
        return known

    def is_fresh(self, ref: FunctionRef, path: str) -> bool:
        """Whether a path leads into an object that the function made itself, or that is on its stack."""
        own = {local.name: local.type for local in ref.facts.locals if not local.static}
        for name in roots(path):
            kind = own.get(name)
            if kind is not None and ("*" not in kind or self._made_here(ref, name)):
                return True
        return False

    @cached_property
    def _index(self) -> dict[tuple[str, bool], tuple[FunctionId, ...]]:
        found: dict[tuple[str, bool], dict[FunctionId, None]] = {}
        for function, ref in self._model.functions.items():
            for block in ref.facts.blocks:
                for event in block.events:
                    access = accessed(event)
                    match = _LAST.search(access[0]) if access is not None else None
                    if access is not None and match is not None:
                        found.setdefault((match[1], access[1]), {})[function] = None
        return {key: tuple(functions) for key, functions in found.items()}

    def _accesses(self, field: str, write: bool) -> Iterator[Access]:
        name = field.rpartition(".")[2]
        for function in self._index.get((name, write), ()):
            if self.is_alone(function):
                continue
            ref = self._model.functions[function]
            for seen in self._model.holding.events(function):
                access = accessed(seen.event)
                if access is None or access[1] != write:
                    continue
                path = access[0]
                if self.of(ref, path) == field and not self.is_fresh(ref, path):
                    yield Access(function, seen, path, write)

    def _typed(self, ref: FunctionRef, path: str) -> str | None:
        program = self._model.linker
        match = _LAST.search(path)
        if match is None or not isinstance(program, Program):
            return None
        node: Node | None = parse(path[: match.end(1)])
        node = plain(node) if node is not None else None
        if not isinstance(node, Member):
            return None
        record = program.typer.record_of(node.base, node.arrow, program.place(ref))
        return f"{record}.{node.field}" if record is not None else None

    def _is_alone(self, function: FunctionId, depth: int) -> bool:
        ref = self._model.functions.get(function)
        words = self._model.ruleset.values.builds
        if ref is None or any(word in words for word in _WORD.findall(function.name.lower())):
            return True
        if any(attribute.name in words for attribute in ref.facts.attributes) or self._initialises(ref):
            return True
        callers = self._model.callers.get(function, ())
        if not callers or depth >= _DEEPEST or function in self._model.roots:
            return False
        return all(caller != function and self._is_alone(caller, depth + 1) for caller, _ in callers)

    def _initialises(self, ref: FunctionRef) -> bool:
        primitives = self._model.ruleset.primitives
        return any(
            isinstance(event, Call)
            and (primitive := primitives.get(event.callee)) is not None
            and any(operation.effect in (Effect.INIT, Effect.DESTROY) for operation in primitive.operations)
            for block in ref.facts.blocks
            for event in block.events
        )

    def _made_here(self, ref: FunctionRef, name: str) -> bool:
        """A local gets what an allocator returns: a primitive whose allocation flags decide whether it sleeps."""
        primitives = self._model.ruleset.primitives
        for block in ref.facts.blocks:
            for event in block.events:
                if isinstance(event, Call) and event.result == name:
                    primitive = primitives.get(event.callee)
                    if primitive is not None and any(
                        op.effect is Effect.SLEEP and isinstance(op.subject, int) and op.subject >= 0
                        for op in primitive.operations
                    ):
                        return True
        return False
