# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What one run works with: rules, cache, the store of facts; and the models it makes of snapshots."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Self

from reviewtool import __version__
from reviewtool.cache.disk import Cache
from reviewtool.cache.model import KeyValueStore, NullCache, default_directory
from reviewtool.csource.store import FactStore
from reviewtool.locking.assembly import advance, build_program, changed_functions, make_library
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.program import Program
from reviewtool.locking.scope import Scope
from reviewtool.review.request import Settings
from reviewtool.ruleset import load
from reviewtool.ruleset.model import Ruleset
from reviewtool.tree.model import Snapshot

Models = tuple[LockModel, ...]
"""One snapshot's models, one for each world."""


class Workshop:
    """Rules, cache and facts of one run. Use it in a `with` statement."""

    def __init__(self, settings: Settings, tell: Callable[[str], None] = lambda line: None) -> None:
        """`tell` gets a line if the cache cannot be used. Raises RulesetError for rules that cannot be read."""
        self.ruleset: Ruleset = load(settings.rules, disable=settings.disable, severity=settings.severity)
        self._cache: KeyValueStore = NullCache()
        if not settings.no_cache:
            self._cache = Cache(settings.cache_dir or default_directory(), version=__version__, tell=tell)
        store = FactStore(self.ruleset.syntax, self.ruleset.syntax_digest, self._cache)
        self._library = make_library(self.ruleset, store, self._cache)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._library.save()
        self._cache.close()

    def models(self, snapshot: Snapshot, scope: Scope, worlds: Sequence[str]) -> Models:
        """The models of a snapshot."""
        return tuple(LockModel.build(world, build_program(self._library, snapshot, scope, world)) for world in worlds)

    def advanced(self, models: Models, snapshot: Snapshot, changed: Iterable[str]) -> Models:
        """The models of the next snapshot, what is unaffected shared; `changed` are the paths whose content differs."""
        paths = tuple(changed)
        return tuple(self._advanced(model, snapshot, paths) for model in models)

    def _advanced(self, model: LockModel, snapshot: Snapshot, changed: tuple[str, ...]) -> LockModel:
        old = model.linker
        assert isinstance(old, Program)
        new = advance(self._library, old, snapshot, changed)
        return model if new is old else model.advance(new, changed_functions(old, new))
