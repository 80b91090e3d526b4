# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Objects that are copied with the locks in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reviewtool.checks.check import make_finding
from reviewtool.csource.facts import Assign, Call
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking import ctypes
from reviewtool.locking.linker import FunctionId, FunctionRef
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.program import Program
from reviewtool.ruleset.model import Effect

DEEPEST: Final = 4
"""Records in records in which a lock is looked for."""


def check_copies(model: LockModel) -> Iterator[Finding]:
    """One finding for each copy."""
    if not isinstance(model.linker, Program):
        return
    records = Records(model.linker)
    words = model.ruleset.values.copies
    for function, ref in sorted(model.functions.items()):
        for block in ref.facts.blocks:
            for event in block.events:
                copied = ""
                if isinstance(event, Assign):
                    whole = event.op == "=" and "*" in (event.value[:1], event.target[:1])
                    copied = event.target if whole else ""
                elif isinstance(event, Call) and event.callee in words and len(event.args) > 2:
                    copied = _of_whole(event, records.kind_of(ref, _pointed(event.args[0])))
                lock = records.lock_of(ref, copied) if copied else None
                if lock is not None and not _made_anew(model, ref, event.line, lock):
                    yield from _tell(model, function, event.line, copied, lock)


def _pointed(pointer: str) -> str:
    return pointer[1:] if pointer.startswith("&") else f"*{pointer}"


def _of_whole(call: Call, kind: str) -> str:
    """The object of this type that a call copies to; "" if it may be a part of it."""
    target = _pointed(call.args[0])
    whole = {f"sizeof({text})".replace(" ", "") for text in (target, _pointed(call.args[1]), kind)}
    return target if call.args[-1].replace(" ", "") in whole else ""


class Records:
    """Which records have a lock inside; worked out once for each."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._known: dict[tuple[str, str], str] = {}

    def lock_of(self, ref: FunctionRef, text: str) -> str | None:
        """The lock in an object: `struct foo.lock`; None if there is none, or its type is not known."""
        return self._inside(self.kind_of(ref, text), ref.id.path, 0) or None

    def kind_of(self, ref: FunctionRef, text: str) -> str:
        """The type of an object, as text; "" if it is not known."""
        kind = self._program.type_of(ref, text)
        return self._program.typer.followed(kind, ref.id.path) if kind is not None else ""

    def _inside(self, kind: str, path: str, depth: int) -> str:
        if depth > DEEPEST or not kind.startswith(ctypes.RECORDS) or ctypes.is_pointer(kind):
            return ""
        if (kind, path) not in self._known:
            self._known[kind, path] = ""
            self._known[kind, path] = self._search(kind, path, depth)
        return self._known[kind, path]

    def _search(self, kind: str, path: str, depth: int) -> str:
        site = self._program.symbols.record(ctypes.without_arrays(kind), path)
        families = self._program.ruleset.families
        for field in site.fact.fields if site is not None else ():
            type_ = ctypes.normal(field.type)
            if ctypes.is_pointer(type_):
                continue
            family = families.get(self._program.classes.family_of(type_, path))
            if family is not None:
                if family.owned and family.order:
                    return f"{kind}.{field.name}"
                continue
            found = self._inside(self._program.typer.followed(ctypes.without_arrays(type_), path), path, depth + 1)
            if found:
                return found
        return ""


def _made_anew(model: LockModel, ref: FunctionRef, line: int, lock: str) -> bool:
    """Whether the function initialises the lock of the copy afterwards."""
    for block in ref.facts.blocks:
        for event in block.events:
            primitive = model.ruleset.primitives.get(event.callee) if isinstance(event, Call) else None
            if primitive is None or not isinstance(event, Call) or event.line < line or not event.args:
                continue
            if any(operation.effect is Effect.INIT for operation in primitive.operations):
                made = model.linker.lock_of(ref, event.args[0])
                if made is not None and made.cls.name == lock:
                    return True
    return False


def _tell(model: LockModel, function: FunctionId, line: int, copied: str, lock: str) -> Iterator[Finding]:
    message = f"{copied} is overwritten by a copy, with the lock {lock} in it"
    finding = make_finding(
        model,
        "lock-copied",
        Certainty.LIKELY,
        function,
        line,
        message,
        identity=(lock, copied),
        locks=(lock,),
        witness=(model.witnesses.step(function, line, message),),
    )
    if finding is not None:
        yield finding
