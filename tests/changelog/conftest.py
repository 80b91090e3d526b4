# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A small series held in memory: its snapshots' models, and the mails that a thread has of it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence

import pytest

from reviewtool.cache.model import NullCache
from reviewtool.changelog.verdicts import Models
from reviewtool.csource.store import FactStore
from reviewtool.locking.assembly import advance, build_program, changed_functions, make_library
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.program import Program
from reviewtool.locking.scope import find_scope
from reviewtool.ruleset import load
from reviewtool.ruleset.model import Ruleset
from reviewtool.tree.memory import MemorySnapshot


@functools.cache
def rules() -> Ruleset:
    """The built-in rules."""
    return load()


@pytest.fixture(scope="session")
def ruleset() -> Ruleset:
    """The built-in rules."""
    return rules()


def build(trees: Sequence[Mapping[str, str]]) -> dict[int, Models]:
    """The models of snapshots 0..N; each is made from the one before, and is the same object where nothing changed."""
    library = make_library(rules(), FactStore(rules().syntax, rules().syntax_digest, NullCache()))
    found: dict[int, Models] = {}
    for number, tree in enumerate(trees):
        snapshot = MemorySnapshot(tree, number)
        scope = find_scope(snapshot, rules(), sorted(tree))
        if number == 0:
            found[0] = tuple(LockModel.build(w, build_program(library, snapshot, scope, w)) for w in scope.worlds)
            continue
        before = trees[number - 1]
        changed = [path for path in tree if tree[path] != before.get(path)]
        models = []
        for model in found[number - 1]:
            assert isinstance(model.linker, Program)
            program = advance(library, model.linker, snapshot, changed)
            changes = changed_functions(model.linker, program)
            models.append(model if program is model.linker else model.advance(program, changes))
        found[number] = tuple(models)
    return found


@pytest.fixture(scope="session")
def models_of() -> Callable[[Sequence[Mapping[str, str]]], dict[int, Models]]:
    """`models_of([files0, files1, ...])`: the models of each snapshot."""
    return build
