# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""One world's linked view of one snapshot: what the flow analysis asks (`linker.Linker`), answered lazily."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from reviewtool.csource.facts import Call, Macro
from reviewtool.locking.changes import Difference
from reviewtool.locking.classes import Classes
from reviewtool.locking.conditions import Conditions
from reviewtool.locking.growing import Growing
from reviewtool.locking.kconfig import Configuration
from reviewtool.locking.linker import FunctionId, FunctionRef, Targets
from reviewtool.locking.model import Lock, LockClass
from reviewtool.locking.pointers import Pointers
from reviewtool.locking.reading import Reading
from reviewtool.locking.scope import Scope
from reviewtool.locking.shapes import iterators, pure
from reviewtool.locking.stores import EMPTY, Contribution
from reviewtool.locking.symbols import ByName, Symbols
from reviewtool.locking.tables import FileTable
from reviewtool.locking.targets import Resolver
from reviewtool.locking.typing_ import Place, Typer
from reviewtool.ruleset.model import Ruleset


class Program:
    """See `linker.Linker` for the questions. Everything is worked out when it is first asked for."""

    def __init__(
        self, ruleset: Ruleset, scope: Scope, world: str, tables: Iterable[FileTable], headers: ByName
    ) -> None:
        self.ruleset = ruleset
        self.scope = scope
        self.world = world
        self.tables: Mapping[str, FileTable] = {table.path: table for table in tables}
        """The files of the scope in this world."""
        self.headers = headers
        configuration = Configuration(words=ruleset.values, settings=scope.settings.get(world, {}))
        self.symbols = Symbols(self.tables.values(), headers, configuration)
        self._configured = Conditions(lambda name: None, lambda name: None, configuration)
        self.typer = Typer(self.symbols, ruleset)
        self.classes = Classes(self.typer, ruleset)
        self._places: dict[FunctionId, Place] = {}
        self._functions = Growing()
        for table in self.symbols.tables.values():
            for ref in table.all_functions():
                self._functions[ref.id] = ref
        self.reading = Reading(self.typer, ruleset, self.place)
        self._resolver = Resolver(self.reading, lambda: self.pointers)
        self.typer.indirect = self._resolver.result_type
        self._pointers: Pointers | None = None
        self._since: tuple[weakref.ref[Program], Difference] | None = None
        self._earlier: Mapping[FunctionId | str, Contribution] = {}
        self._callers: dict[FunctionId, tuple[tuple[FunctionId, int], ...]] | None = None
        self._iterators: dict[tuple[str, str], tuple[int, ...]] = {}
        self._pure: dict[FunctionId, bool] = {}

    @property
    def pointers(self) -> Pointers:
        """What function pointers can hold."""
        if self._pointers is None:
            tables = tuple(self.symbols.tables.values())
            self._pointers = Pointers(self.reading, dict(self._functions), tables, self._earlier)
        return self._pointers

    def functions(self) -> Mapping[FunctionId, FunctionRef]:
        """All definitions in scope, and those header functions that were needed so far."""
        return MappingProxyType(self._functions)

    def functions_of(self, table: FileTable) -> Iterator[FunctionRef]:
        """The definitions of one file; of a template those of each inclusion."""
        if table.path in self.symbols.tables:
            yield from table.all_functions()
        else:
            yield from (ref for ref in self._functions.values() if ref.id.path == table.path)

    def take_over(self, earlier: Program, found: Difference) -> None:
        """Keep the answers of another snapshot about what the difference to it does not affect."""
        self._since = (weakref.ref(earlier), found)
        kept = self._functions.keys() & (earlier._functions.keys() - found.functions)
        self._places = {key: place for key, place in earlier._places.items() if key in kept}
        self._resolver.take_over(earlier._resolver, kept, found.names)
        if earlier._pointers is None:
            return
        contributions = earlier._pointers.contributions
        files = [
            path
            for path, table in self.symbols.tables.items()
            if table.facts is not None
            and earlier.symbols.tables.get(path) is table
            and not (table.has_initialisers() and found.mentioned_in(table))
        ]
        keys: list[FunctionId | str] = [*kept, *files]
        self._earlier = {key: contributions.get(key, EMPTY) for key in keys}

    def since(self, earlier: Program) -> Difference | None:
        """The difference to the snapshot that this one took answers over from, if that is the one asked for."""
        return self._since[1] if self._since is not None and self._since[0]() is earlier else None

    def place(self, ref: FunctionRef) -> Place:
        """Where the expressions of a function stand."""
        place = self._places.get(ref.id)
        if place is None:
            place = self._places[ref.id] = Place(self.symbols.homes.get(ref.id, ref.id.path), ref.facts)
        return place

    def lock_of(self, ref: FunctionRef, text: str) -> Lock | None:
        """The lock that an expression names; None if it can't be typed. See `classes.OPEN` for locks by type only."""
        return self.classes.lock_of(text, self.place(ref))

    def handle_of(self, ref: FunctionRef, text: str, family: str) -> Lock | None:
        """What a handle stands for: a thread, an interrupt line, a workqueue."""
        return self.classes.handle_of(text, self.place(ref), family)

    def class_named(self, name: str) -> LockClass:
        """The class that data names (`struct kvm.lock`, `kvm_lock`), its family looked up."""
        return self.classes.named(name)

    def type_of(self, ref: FunctionRef, text: str) -> str | None:
        """The C type of an expression in a function, as text (see ctypes.py); None if it is not known."""
        return self.typer.of_text(text, self.place(ref))

    def targets(self, ref: FunctionRef, call: Call) -> Targets:
        """The functions that a call may run now."""
        targets = self._resolver.targets(ref, call)
        for identity in targets.functions:
            if identity not in self._functions:
                self._enter(identity)
        return targets

    def expansion(self, ref: FunctionRef, call: Call) -> tuple[Call, ...] | None:
        """The calls that a function-like macro amounts to, arguments put in; None if it is not one."""
        return self._resolver.expansion(ref, call)

    def macro_of(self, ref: FunctionRef, name: str) -> Macro | None:
        """The macro that a call by this name uses in a function; None if it means something else."""
        return self._resolver.macro_of(ref, name)

    def named(self, ref: FunctionRef, text: str) -> tuple[FunctionId, ...]:
        """The functions that an argument's text names, or that the field holds which it is; empty if it names none."""
        found = self._resolver.named(ref, text)
        if found or text[:1] in "&*" or not text.rpartition(">")[2].rpartition(".")[2].isidentifier():
            return found
        field = text.rpartition(">")[2].rpartition(".")[2]
        if field == text or field not in self.pointers.field_names:
            return ()
        return self.targets(ref, Call(0, text)).functions

    def configured(self, condition: str) -> bool | None:
        """Whether the configuration makes a condition hold: of an `#if`, or `IS_ENABLED(CONFIG_X)`."""
        return self._configured.truth(condition)

    def speaks_for(self, worlds: tuple[str, ...]) -> bool:
        """Whether this world is one of those that data names; any is if it names none."""
        return not worlds or self.world in worlds

    def iterators(self, ref: FunctionRef, macro: str) -> tuple[int, ...]:
        """Which arguments of a loop macro it assigns each time round."""
        key = (macro, ref.id.path)
        if key not in self._iterators:
            self._iterators[key] = iterators(macro, ref.id.path, self.symbols)
        return self._iterators[key]

    def pure(self, function: FunctionId) -> bool:
        """It only computes an address from its arguments: same arguments, same result."""
        if function not in self._pure:
            self._pure[function] = False
            ref = self._functions.get(function)
            self._pure[function] = ref is not None and pure(ref, self)
        return self._pure[function]

    def callers(self, function: FunctionId) -> tuple[tuple[FunctionId, int], ...]:
        """Who calls a function, through pointers too, and the file's line of each call."""
        if self._callers is None:
            self._callers = self._all_callers()
        return self._callers.get(function, ())

    def _all_callers(self) -> dict[FunctionId, tuple[tuple[FunctionId, int], ...]]:
        found: dict[FunctionId, dict[tuple[FunctionId, int], None]] = {}
        for ref in self._functions.values():
            for block in ref.facts.blocks:
                for event in block.events:
                    if isinstance(event, Call):
                        for target in self._resolver.targets(ref, event).functions:
                            found.setdefault(target, {})[ref.id, ref.line(event.line)] = None
        return {target: tuple(sites) for target, sites in found.items()}

    def _enter(self, identity: FunctionId) -> None:
        """Make a header's function part of the program."""
        for ref in self.symbols.functions(identity.name, identity.path):
            self._functions[ref.id] = ref
