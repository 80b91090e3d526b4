# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""All names of one world: what a plain word of a document can be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from reviewtool.csource.facts import Field, Function, Global
from reviewtool.lockdoc.accesses import Accesses, Touched
from reviewtool.locking import ctypes
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass
from reviewtool.locking.program import Program
from reviewtool.locking.summary import Kind
from reviewtool.locking.symbols import Symbols
from reviewtool.locking.tables import Site
from reviewtool.locking.typing_ import Place

_SORTS: Final = ("functions", "globals", "macros", "constants", "typedefs", "prototypes")
_IT: Final = "it"
"""The variable through which a field is looked at; any name would do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """Where something is declared."""

    path: str
    line: int
    type: str
    fact: Field | Global


class Vocabulary:
    """The names of one model's world, indexed when first asked for."""

    def __init__(self, model: LockModel, touched: Touched | None = None) -> None:
        """Raises TypeError for a model that was not linked from a snapshot."""
        if not isinstance(model.linker, Program):
            raise TypeError("a document can be compared with a linked program only")
        self.model = model
        self.program: Program = model.linker
        self.touched = touched or Touched()
        self.accesses = Accesses(model, self.touched)

    @property
    def symbols(self) -> Symbols:
        """The names of the program."""
        return self.program.symbols

    @cached_property
    def fields(self) -> dict[str, tuple[tuple[str, Field, str, int], ...]]:
        """By name: the records of the scope that have such a field, the field, its file and its line."""
        found: dict[str, list[tuple[str, Field, str, int]]] = {}
        for table in self.symbols.tables.values():
            for record, sites in table.records.items():
                for site in sites:
                    for field in site.fact.fields:
                        line = site.base + field.line
                        found.setdefault(field.name, []).append((record, field, site.path, line))
        return {name: tuple(entries) for name, entries in found.items()}

    @cached_property
    def variables(self) -> dict[str, str]:
        """By name of a parameter or a local: the record that it is or points to, where it most often is one."""
        counts: dict[str, Counter[str]] = {}
        for ref in self.program.functions().values():
            for variable in (*ref.facts.params, *ref.facts.locals):
                base = ctypes.split_base(ctypes.normal(variable.type))[0] if variable.type else ""
                record = base if base.startswith(ctypes.RECORDS) else ""
                counts.setdefault(variable.name, Counter())[record] += 1
        usual = {name: min(found, key=lambda each: (-found[each], not each, each)) for name, found in counts.items()}
        return {name: record for name, record in usual.items() if record}

    @cached_property
    def globals(self) -> dict[str, tuple[Site[Global], ...]]:
        """By name: the variables of the scope, static ones of every file too; definitions first."""
        found: dict[str, list[Site[Global]]] = {}
        for table in self.symbols.tables.values():
            for name, sites in table.globals.items():
                found.setdefault(name, []).extend(sites)
        return {
            name: tuple(sorted(sites, key=lambda site: (site.fact.extern, site.path))) for name, sites in found.items()
        }

    @cached_property
    def functions(self) -> dict[str, tuple[Function, ...]]:
        """By name: the functions of the scope."""
        found: dict[str, list[Function]] = {}
        for ref in self.program.functions().values():
            found.setdefault(ref.id.name, []).append(ref.facts)
        return {name: tuple(functions) for name, functions in found.items()}

    @cached_property
    def words(self) -> frozenset[str]:
        """Every name that the scope's files declare, parameters and locals included."""
        found: set[str] = {*self.fields, *self.globals, *self.functions, *self.variables}
        for table in self.symbols.tables.values():
            found.update(table.macros, table.constants, table.typedefs, table.prototypes)
            found.update(name.partition(" ")[2] for name in table.records)
            for site in table.invocations:
                found.update((site.fact.name, *site.fact.args))
        for ref in self.program.functions().values():
            found.update(variable.name for variable in (*ref.facts.params, *ref.facts.locals))
        return frozenset(found)

    @cached_property
    def ruled(self) -> frozenset[str]:
        """Names that the rules know: primitives, guards, types of locks, static subjects."""
        rules = self.model.ruleset
        found = {*rules.primitives, *rules.guards, *rules.definers, *rules.typed_macros, *rules.outside}
        found |= {*rules.syntax.loops, *rules.syntax.attributes}
        for family in rules.families.values():
            found.update(kind.rpartition(" ")[2] for kind in family.types)
        for primitive in rules.primitives.values():
            for operation in primitive.operations:
                if isinstance(operation.subject, str):
                    found.add(operation.subject.rpartition(":")[2].rpartition(".")[2])
        return frozenset(found)

    def knows(self, name: str) -> bool:
        """Whether a plain name exists in this world: in the scope, in the rules, or in a header that is included."""
        if name in self.words or name in self.ruled:
            return True
        if any(self.symbols.headers.table(name, sort) is not None for sort in ("functions", "globals", "macros")):
            return True
        if any(self.symbols.headers.table(name, sort) is not None for sort in ("constants", "typedefs", "prototypes")):
            return True
        return any(self.symbols.record(f"{keyword} {name}", "") is not None for keyword in ("struct", "union"))

    def begins(self, start: str) -> bool:
        """Whether some name of this world begins so."""
        return any(word.startswith(start) for word in self.words)

    def home_of(self, record: str, path: str) -> str:
        """A file in which a record is known: `path`, a header's "", or the C file that has it."""
        if self.symbols.record(record, path) is not None:
            return path
        return next((table.path for table in self.symbols.tables.values() if record in table.records), "")

    def class_of_field(self, record: str, field: str, path: str) -> LockClass | None:
        """The class of a field of a record that is known in a file; None if it is no lock."""
        place = Place(path)
        place.variables[_IT] = f"{record} *"
        lock = self.program.classes.lock_of(f"&{_IT}->{field}", place)
        return lock.cls if lock is not None and lock.cls.family else None

    def class_of_global(self, name: str) -> LockClass | None:
        """The class of a variable of the scope; None if there is none or if it is no lock."""
        for site in self.globals.get(name, ()):
            lock = self.program.classes.lock_of(f"&{name}", Place(site.path))
            if lock is not None and lock.cls.family:
                return lock.cls
        return None

    @cached_property
    def declared(self) -> Mapping[LockClass, Declared]:
        """The locks that the scope's files declare, each with its declaration."""
        found: dict[LockClass, Declared] = {}
        classes, typer = self.program.classes, self.program.typer
        for name, sites in self.globals.items():
            for site in sites:
                lock = classes.lock_of(f"&{name}", Place(site.path))
                if lock is not None and lock.cls.family and lock.cls not in found:
                    kind = typer.settled(site.fact.type, Place(site.path)) or site.fact.type
                    found[lock.cls] = Declared(path=site.path, line=site.line, type=kind, fact=site.fact)
        for name, holders in self.fields.items():
            for record, field, path, line in holders:
                settled = typer.settled(field.type, Place(path))
                if settled is None or not classes.family_of(settled, path):
                    continue
                cls = self.class_of_field(record, name, path)
                if cls is not None and cls not in found:
                    found[cls] = Declared(path=path, line=line, type=settled, fact=field)
        return found

    @cached_property
    def taken(self) -> frozenset[LockClass]:
        """The locks that some function of the scope acquires by itself."""
        return frozenset(
            inner.cls
            for summary in self.model.summaries.values()
            for inner, _ in summary.inner
            if inner.kind is Kind.LOCK and inner.origin.callee is None
        )


class Vocabularies:
    """The vocabularies of models, each made once while it is asked for, and what they share."""

    def __init__(self) -> None:
        self._known: dict[LockModel, Vocabulary] = {}
        self._touched = Touched()

    def of(self, models: Sequence[LockModel]) -> tuple[Vocabulary, ...]:
        """One for each model. Those of other models are forgotten: whoever needs them still holds them."""
        now = {model: self._known.get(model) or Vocabulary(model, self._touched) for model in models}
        self._known = now
        return tuple(now.values())
