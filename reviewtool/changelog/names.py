# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What the names in a text mean in one model: functions, lock classes, fields."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from reviewtool.changelog.mentions import Mention, Shape
from reviewtool.locking import ctypes
from reviewtool.locking.classes import is_open
from reviewtool.locking.graph import UNKNOWN
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass
from reviewtool.locking.program import Program
from reviewtool.locking.typing_ import Place
from reviewtool.ruleset.model import Effect

_POINTEE: Final = re.compile(r"(?:const )?((?:struct|union) \w{1,80})\b")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_]\w*")
_PARTS: Final = re.compile(r"->|\.|::")


@dataclass(frozen=True, slots=True)
class Thing:
    """Data: a field of a record, or (record "") a global variable."""

    record: str
    name: str


class Names:
    """Answers for one model; everything is worked out when it is first asked for."""

    def __init__(self, model: LockModel) -> None:
        self.model = model
        self._program = model.linker if isinstance(model.linker, Program) else None
        self._locks: dict[Mention, tuple[LockClass, ...]] = {}

    @cached_property
    def _by_name(self) -> dict[str, tuple[FunctionId, ...]]:
        found: dict[str, list[FunctionId]] = {}
        for function in self.model.functions:
            found.setdefault(function.name, []).append(function)
        return {name: tuple(sorted(ids)) for name, ids in found.items()}

    def functions(self, mention: Mention) -> tuple[FunctionId, ...]:
        """The definitions of that name; none for a primitive, whose effect the rules know."""
        if mention.shape is Shape.PATH or mention.text in self.model.ruleset.primitives:
            return ()
        return self._by_name.get(mention.text, ())

    def locks(self, mention: Mention) -> tuple[LockClass, ...]:
        """The lock classes that a name can mean here; several if it is ambiguous."""
        known = self._locks.get(mention)
        if known is None:
            known = self._locks[mention] = tuple(dict.fromkeys(self._find_locks(mention)))
        return known

    def _find_locks(self, mention: Mention) -> Iterable[LockClass]:
        if mention.shape is Shape.CALL:
            return self._primitive(mention)
        if mention.shape is Shape.PATH:
            return self._of_path(_PARTS.split(mention.text))
        return self._of_word(mention.text)

    def _primitive(self, mention: Mention) -> Iterable[LockClass]:
        """What a primitive acquires: the lock it always takes, or the one that its argument names."""
        primitive = self.model.ruleset.primitives.get(mention.text)
        if primitive is None:
            return ()
        found: list[LockClass] = []
        args = [arg.strip().lstrip("&*( ") for arg in mention.args.split(",")]
        for operation in primitive.operations:
            subject = operation.subject
            if operation.effect is not Effect.ACQUIRE:
                continue
            if isinstance(subject, int):
                if subject < len(args) and _IDENTIFIER.match(args[subject]):
                    parts = _PARTS.split(args[subject])
                    found.extend(self._of_path(parts) if len(parts) > 1 else self._of_word(parts[0]))
            elif not re.search(r"@\d|@return", subject):
                found.append(self.model.linker.class_named(subject))
        return [cls for cls in found if cls.family]

    def _of_word(self, word: str) -> Iterable[LockClass]:
        cls = self.model.linker.class_named(word)
        if cls.family:
            return (cls,)
        return self._by_field.get(word, ())

    def _of_path(self, parts: list[str]) -> Iterable[LockClass]:
        head, *rest = parts
        records = self._records(head)
        found = {cls for record in records for cls in self._walk(record, rest)}
        if found:
            return sorted(found, key=lambda cls: cls.name)
        fields = self._by_field.get(rest[-1], ())
        return fields if len(fields) == 1 and not records else ()

    def _records(self, head: str) -> tuple[str, ...]:
        """The records that a name stands for in prose: its own tag, else those that variables of that name point to."""
        head = head.partition("(")[0]
        if self._program is not None:
            for keyword in ctypes.RECORDS:
                if keyword + head in self.records:
                    return (keyword + head,)
        return self._variables.get(head, ())

    def _walk(self, record: str, fields: list[str]) -> Iterable[LockClass]:
        for field in fields[:-1]:
            match = _POINTEE.match(self._field_type(record, field))
            if match is None:
                return
            record = match[1]
        cls = self._lock_fields.get((record, fields[-1]))
        if cls is None:
            cls = self.model.linker.class_named(f"{record}.{fields[-1]}")
        if cls.family:
            yield cls

    def _field_type(self, record: str, field: str) -> str:
        """The type of a record's field, as text; "" if there is none."""
        if self._program is None:
            return ""
        for table in self._program.symbols.tables.values():
            for site in table.records.get(record, ()):
                for each in site.fact.fields:
                    if each.name == field:
                        return each.type
        return self._program.typer.field_type(record, field, Place("")) or ""

    @cached_property
    def _lock_fields(self) -> dict[tuple[str, str], LockClass]:
        """The fields of the records that are read, as far as they are locks."""
        found: dict[tuple[str, str], LockClass] = {}
        program = self._program
        for path, table in program.symbols.tables.items() if program is not None else ():
            for tag, sites in table.records.items():
                for field in (field for site in sites for field in site.fact.fields):
                    family = program.classes.family_of(field.type, path) if program is not None and field.name else ""
                    if family:
                        found.setdefault((tag, field.name), LockClass(f"{tag}.{field.name}", family))
        return found

    @cached_property
    def records(self) -> frozenset[str]:
        """The records that the files which are read declare: `struct tag`."""
        tables = self._program.symbols.tables.values() if self._program is not None else ()
        return frozenset(tag for table in tables for tag in table.records)

    @cached_property
    def _variables(self) -> dict[str, tuple[str, ...]]:
        """By name: the records that parameters and locals of that name are, the most frequent first."""
        counts: dict[str, dict[str, int]] = {}
        for ref in self.model.functions.values():
            for variable in (*ref.facts.params, *ref.facts.locals):
                match = _POINTEE.match(variable.type)
                if match is not None:
                    records = counts.setdefault(variable.name, {})
                    records[match[1]] = records.get(match[1], 0) + 1
        return {name: tuple(sorted(found, key=lambda tag: -found[tag])) for name, found in counts.items()}

    @cached_property
    def _by_field(self) -> dict[str, tuple[LockClass, ...]]:
        """Lock classes by the last part of their name: declared ones, and those that code takes."""
        found: dict[str, dict[LockClass, None]] = {}
        for cls in (*self._declared(), *self._taken()):
            if cls.family and not is_open(cls) and not cls.name.startswith((UNKNOWN, "@")):
                short = cls.name.rpartition(":")[2].rpartition(".")[2]
                found.setdefault(short, {})[cls] = None
        return {name: tuple(classes) for name, classes in found.items()}

    def _declared(self) -> Iterable[LockClass]:
        program = self._program
        if program is None:
            return
        yield from self._lock_fields.values()
        for path, table in program.symbols.tables.items():
            for name, variables in table.globals.items():
                if variables[0].fact.static:
                    yield from (
                        cls for cls in (program.class_named(f"{path}:{name}"),) if cls.name in self._taken_names
                    )

    def _taken(self) -> Iterable[LockClass]:
        for summary in self.model.summaries.values():
            for inner, _ in summary.inner:
                yield inner.cls

    @cached_property
    def _taken_names(self) -> frozenset[str]:
        return frozenset(cls.name for cls in self._taken())

    def thing(self, mention: Mention) -> Thing | None:
        """The field or the global variable that a name means; None if there is none, or several."""
        program = self._program
        if program is None or mention.shape is Shape.CALL:
            return None
        if mention.shape is Shape.WORD:
            known = any(mention.text in table.globals for table in program.symbols.tables.values())
            return Thing("", mention.text) if known else self._field_named(mention.text)
        head, *rest = _PARTS.split(mention.text)
        found = {Thing(record, rest[-1]) for record in self._records(head) if self._has(record, rest)}
        return found.pop() if len(found) == 1 and len(rest) == 1 else None

    def _has(self, record: str, fields: list[str]) -> bool:
        return len(fields) == 1 and bool(self._field_type(record, fields[0]))

    def _field_named(self, name: str) -> Thing | None:
        records = self._fields.get(name, ())
        return Thing(records[0], name) if len(records) == 1 else None

    @cached_property
    def _fields(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, dict[str, None]] = {}
        for table in self._program.symbols.tables.values() if self._program is not None else ():
            for tag, sites in table.records.items():
                for site in sites:
                    for field in site.fact.fields:
                        found.setdefault(field.name, {})[tag] = None
        return {name: tuple(tags) for name, tags in found.items()}

    def declared_here(self, cls: LockClass) -> bool:
        """Whether the declaration of a lock is in the files that are read."""
        program = self._program
        if program is None:
            return False
        bare = cls.name.rpartition(":")[2]
        record, dot, _ = bare.rpartition(".")
        if dot:
            return record in self.records
        return any(bare in table.globals for table in program.symbols.tables.values())
