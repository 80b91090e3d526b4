# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""From the names of a document to lock classes and declarations, by the document's own habits.

`kvm->lock`: a field of `struct kvm`, or of what variables of that name mostly point to. `kvm_arch::tsc_write_lock`: a
field of that record. A plain name: a variable, a function that stands for the lock it takes, or a field that only one
record has. `synchronize_srcu(&kvm->srcu)`: a wait for that lock.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from reviewtool.csource.facts import Field
from reviewtool.lockdoc.model import Mention
from reviewtool.lockdoc.vocabulary import Declared, Vocabulary
from reviewtool.locking import ctypes
from reviewtool.locking.model import LockClass
from reviewtool.locking.typing_ import Place
from reviewtool.ruleset.model import Effect

_JOINT: Final = re.compile(r"->|::|\.")
_ARGUMENT: Final = re.compile(r"\(\s*(&?[\w>.-]+)\s*\)\Z")


class Fate(Enum):
    """What became of a name."""

    FOUND = 1
    MISSING = 2
    """The record is known, and has no such field."""
    UNKNOWN = 3
    """Nothing is known under this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a name is in one world."""

    mention: Mention
    fate: Fate
    cls: LockClass | None = None
    """The lock; if the name is MISSING, the one that it must mean (`meant`)."""
    sync: bool = False
    """It is waited for, not taken."""
    declared: Declared | None = None
    record: str = ""
    """MISSING: the record that lacks the field; else the one that holds it."""
    meant: str = ""
    """MISSING: how the name has to be written today, if one other declaration fits."""
    field: str = ""
    """The last component."""


class Names:
    """Resolves names in one world."""

    def __init__(self, vocabulary: Vocabulary, path: str = "") -> None:
        """`path` is the file in which the names stand: what it has itself comes first."""
        self.vocabulary = vocabulary
        self._home = path
        self._program = vocabulary.program
        self._known: dict[tuple[str, bool], Named] = {}

    def named(self, mention: Mention) -> Named:
        """What a name is here."""
        key = (mention.text, mention.open)
        if key not in self._known:
            self._known[key] = self._look(mention)
        return replace(self._known[key], mention=mention)

    def _look(self, mention: Mention) -> Named:
        if mention.open:
            fate = Fate.FOUND if self.vocabulary.begins(mention.bare) else Fate.UNKNOWN
            return Named(mention=mention, fate=fate)
        if mention.is_call:
            return self._function(mention)
        parts = _JOINT.split(mention.bare)
        if len(parts) > 1:
            return self._path(mention, parts)
        return self._plain(mention)

    def _function(self, mention: Mention) -> Named:
        """A function: the lock that it takes or waits for, where it stands for that."""
        name = mention.bare
        if not name.isidentifier():
            return Named(mention=mention, fate=Fate.FOUND)
        primitive = self.vocabulary.model.ruleset.primitives.get(name)
        for operation in primitive.operations if primitive is not None else ():
            if operation.effect not in (Effect.ACQUIRE, Effect.WAIT, Effect.ASSERT_HELD):
                continue
            sync = operation.effect is Effect.WAIT
            if isinstance(operation.subject, str):
                return Named(
                    mention=mention, fate=Fate.FOUND, cls=self._program.class_named(operation.subject), sync=sync
                )
            argument = _ARGUMENT.search(mention.text)
            if argument is not None:
                inner = self.named(Mention(text=argument[1].lstrip("&"), line=mention.line, worlds=mention.worlds))
                return Named(mention=mention, fate=Fate.FOUND, cls=inner.cls, sync=sync)
        fate = Fate.FOUND if self.vocabulary.knows(name) else Fate.UNKNOWN
        return Named(mention=mention, fate=fate, cls=self._left_held(name), sync=False, field=name)

    def _left_held(self, name: str) -> LockClass | None:
        """The one lock that a function returns with."""
        found: set[LockClass] = set()
        for ref in self._program.functions().values():
            if ref.id.name == name:
                for outcome in self.vocabulary.model.summary(ref.id).outcomes:
                    found.update(lock.cls for lock in outcome.held)
        found = {cls for cls in found if not cls.name.startswith(("@", "*", "?"))}
        return found.pop() if len(found) == 1 else None

    def _record(self, base: str) -> str | None:
        """The record that the first component of a path stands for."""
        symbols = self.vocabulary.symbols
        for keyword in ctypes.RECORDS:
            record = f"{keyword}{base}"
            if symbols.record(record, self.vocabulary.home_of(record, self._home)) is not None:
                return record
        for site in self.vocabulary.globals.get(base, ()):
            kind = self._program.typer.settled(site.fact.type, Place(site.path))
            record = ctypes.split_base(kind)[0] if kind is not None else ""
            if record.startswith(ctypes.RECORDS):
                return record
        return self.vocabulary.variables.get(base)

    def _path(self, mention: Mention, parts: list[str]) -> Named:
        record = self._record(parts[0])
        if record is None:
            return Named(mention=mention, fate=Fate.UNKNOWN, field=parts[-1])
        typer = self._program.typer
        seen = [record]
        for number, part in enumerate(parts[1:], 1):
            place = self._place(record)
            field = typer.field(record, part, place)
            if field is None:
                if self.vocabulary.symbols.record(record, place.path) is None:
                    return Named(mention=mention, fate=Fate.UNKNOWN, field=parts[-1])
                return self._missing(mention, parts, number, seen)
            kind = typer.settled(field.type, place)
            if number == len(parts) - 1:
                return self._field(mention, record, field, kind)
            record = self._held_record(kind)
            if record is None:
                return Named(mention=mention, fate=Fate.UNKNOWN, field=parts[-1])
            seen.append(record)
        return Named(mention=mention, fate=Fate.UNKNOWN, field=parts[-1])

    def _place(self, record: str) -> Place:
        """Where the fields of a record are looked up."""
        return Place(self.vocabulary.home_of(record, self._home))

    def _settled(self, record: str, field: Field) -> str | None:
        return self._program.typer.settled(field.type, self._place(record))

    def _held_record(self, kind: str | None) -> str | None:
        base = ctypes.split_base(self._program.typer.followed(kind, ""))[0] if kind is not None else ""
        return base if base.startswith(ctypes.RECORDS) else None

    def _field(self, mention: Mention, record: str, field: Field, kind: str | None) -> Named:
        path = self.vocabulary.home_of(record, self._home)
        site = self.vocabulary.symbols.record(record, path)
        declared = None
        if site is not None:
            declared = Declared(path=site.path, line=site.base + field.line, type=kind or field.type, fact=field)
        cls = self.vocabulary.class_of_field(record, field.name, path)
        return Named(mention=mention, fate=Fate.FOUND, cls=cls, declared=declared, record=record, field=field.name)

    def _missing(self, mention: Mention, parts: list[str], number: int, seen: list[str]) -> Named:
        """A field that its record has not: the same name elsewhere on the path, or in the only record that has it."""
        last = parts[-1]
        for depth, record in reversed(list(enumerate(seen[:-1]))):
            field = self._program.typer.field(record, last, self._place(record))
            if field is not None:
                found = self._field(mention, record, field, self._settled(record, field))
                return self._instead(mention, seen[-1], found, _rejoined(mention.bare, parts, depth, last))
        others = self._holders(last)
        if len(others) == 1:
            record, field = others[0]
            found = self._field(mention, record, field, self._settled(record, field))
            return self._instead(mention, seen[-1], found, f"{record.partition(' ')[2]}->{last}")
        return Named(mention=mention, fate=Fate.MISSING, record=seen[-1], field=parts[number])

    def _instead(self, mention: Mention, record: str, found: Named, meant: str) -> Named:
        return Named(
            mention=mention, fate=Fate.MISSING, cls=found.cls, declared=found.declared, record=record, meant=meant,
            field=found.field,
        )  # fmt: skip

    def _holders(self, name: str) -> list[tuple[str, Field]]:
        """The records that have a field of this name; `#if` alternatives of one record count once."""
        holders: dict[str, Field] = {}
        for record, field, _, _ in self.vocabulary.fields.get(name, ()):
            holders.setdefault(record, field)
        return list(holders.items())

    def _plain(self, mention: Mention) -> Named:
        name = mention.bare
        sites = self.vocabulary.globals.get(name, ())
        if sites:
            site = sites[0]
            kind = self._program.typer.settled(site.fact.type, Place(site.path)) or site.fact.type
            declared = Declared(path=site.path, line=site.line, type=kind, fact=site.fact)
            cls = self.vocabulary.class_of_global(name)
            return Named(mention=mention, fate=Fate.FOUND, cls=cls, declared=declared, field=name)
        if name in self.vocabulary.model.ruleset.primitives:
            return self._function(mention)
        holders = self._holders(name)
        if len(holders) == 1:
            record, field = holders[0]
            return self._field(mention, record, field, self._settled(record, field))
        fate = Fate.FOUND if self.vocabulary.knows(name) else Fate.UNKNOWN
        subject = name if name in self._subjects() else ""
        cls = self._program.class_named(subject) if subject else self._left_held(name)
        return Named(mention=mention, fate=fate, cls=cls, field=name)

    def _subjects(self) -> frozenset[str]:
        """Locks that primitives name themselves."""
        return frozenset(
            operation.subject
            for primitive in self.vocabulary.model.ruleset.primitives.values()
            for operation in primitive.operations
            if isinstance(operation.subject, str)
        )


def _rejoined(text: str, parts: list[str], keep: int, last: str) -> str:
    """The path with its first `keep` + 1 components, then the last one."""
    joints = _JOINT.findall(text)
    head = parts[0]
    for joint, part in zip(joints[:keep], parts[1 : keep + 1], strict=True):
        head += joint + part
    return f"{head}{'->' if keep == 0 and '::' not in joints else joints[keep]}{last}"
