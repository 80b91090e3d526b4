# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The C examples of rule pages, run through the same path as real code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from reviewtool.cache.model import NullCache
from reviewtool.checks.registry import findings_of
from reviewtool.csource.store import FactStore
from reviewtool.locking.assembly import build_program, make_library
from reviewtool.locking.headers import Library
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.scope import Scope
from reviewtool.review.events import ExampleDone
from reviewtool.ruleset.model import Example, Rule, Ruleset
from reviewtool.tree.memory import MemorySnapshot

_FILE: Final = "example.c"


def run_examples(ruleset: Ruleset, names: Iterable[str]) -> Iterator[ExampleDone]:
    """Run the examples of these rules: what is reported on each line against what the lines ask for.

    Only reports of the page's own rule, and of rules that the example names, count: an example may well show
    something else that is wrong.
    """
    store = FactStore(ruleset.syntax, ruleset.syntax_digest, NullCache())
    library = make_library(ruleset, store)
    for name in names:
        rule = ruleset.rules[name]
        for example in rule.examples:
            yield _run(library, rule, example)


def _run(library: Library, rule: Rule, example: Example) -> ExampleDone:
    snapshot = MemorySnapshot({_FILE: example.code})
    scope = Scope(files=(_FILE,), worlds=("",))
    model = LockModel.build("", build_program(library, snapshot, scope, ""))
    named = {rule.id, *(wanted for _, wanted in example.wanted)}
    reported = {(finding.line, finding.rule) for finding in findings_of((model,)).values() if finding.rule in named}
    wanted = set(example.wanted)
    return ExampleDone(
        rule=rule.id,
        path=rule.path,
        missing=_on_page(example, wanted - reported),
        unexpected=_on_page(example, reported - wanted),
    )


def _on_page(example: Example, places: set[tuple[int, str]]) -> tuple[tuple[int, str], ...]:
    return tuple(sorted((example.line + line, name) for line, name in places))
