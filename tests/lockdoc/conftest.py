# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Models of small trees held in memory, as fixtures."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Final

import pytest

from reviewtool.cache.model import NullCache
from reviewtool.csource.store import FactStore
from reviewtool.lockdoc.document import read_document
from reviewtool.lockdoc.model import Document
from reviewtool.locking.assembly import build_program, make_library
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.scope import find_scope
from reviewtool.ruleset import load
from reviewtool.ruleset.model import Ruleset
from reviewtool.tree.memory import MemorySnapshot

DOCUMENT: Final = "Documentation/virt/kvm/locking.rst"
Models = tuple[LockModel, ...]
Tree = tuple[MemorySnapshot, Models, Document]


@functools.cache
def rules() -> Ruleset:
    """The built-in rules."""
    return load()


def build(snapshot: MemorySnapshot) -> Models:
    """The models of all worlds of a snapshot."""
    store = FactStore(rules().syntax, rules().syntax_digest, NullCache())
    library = make_library(rules(), store)
    scope = find_scope(snapshot, rules(), ["virt/kvm/main.c"])
    return tuple(LockModel.build(world, build_program(library, snapshot, scope, world)) for world in scope.worlds)


@pytest.fixture
def models_of() -> Callable[[MemorySnapshot], Models]:
    """`models_of(snapshot)`: the models of all its worlds."""
    return build


@pytest.fixture
def tree() -> Callable[[Mapping[str, str]], Tree]:
    """`tree(files)`: a snapshot, its models, and its document (an empty one if it has none)."""

    def make(files: Mapping[str, str]) -> Tree:
        snapshot = MemorySnapshot(files)
        return snapshot, build(snapshot), read_document(DOCUMENT, files.get(DOCUMENT, ""))

    return make
