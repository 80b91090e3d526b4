# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The C examples of rule pages, run through the same path as real code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from reviewtool.cache.model import NullCache
from reviewtool.checks.guarded import check_guarded
from reviewtool.checks.registry import findings_of
from reviewtool.checks.steps import step_findings
from reviewtool.csource.store import FactStore
from reviewtool.finding.model import Finding
from reviewtool.locking.assembly import advance, build_program, changed_functions, make_library
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
    named = {rule.id, *(wanted for _, wanted in example.wanted)}
    reported = {(finding.line, finding.rule) for finding in _found(library, example) if finding.rule in named}
    wanted = set(example.wanted)
    return ExampleDone(
        rule=rule.id,
        path=rule.path,
        missing=_on_page(example, wanted - reported),
        unexpected=_on_page(example, reported - wanted),
    )


def _found(library: Library, example: Example) -> Iterator[Finding]:
    """The findings of an example; of a pair those that the second file has and the first one has not."""
    scope = Scope(files=(_FILE,), worlds=("",))
    after = MemorySnapshot({_FILE: example.code})
    if example.before is None:
        model = LockModel.build("", build_program(library, after, scope, ""))
        yield from findings_of((model,)).values()
        yield from check_guarded(model)
        return
    first = build_program(library, MemorySnapshot({_FILE: example.before}), scope, "")
    second = advance(library, first, after, (_FILE,))
    old = LockModel.build("", first)
    new = old.advance(second, changed_functions(first, second))
    known = findings_of((old,))
    yield from (finding for key, finding in findings_of((new,)).items() if key not in known)
    yield from step_findings((old,), (new,)).values()


def _on_page(example: Example, places: set[tuple[int, str]]) -> tuple[tuple[int, str], ...]:
    return tuple(sorted((example.line + line, name) for line, name in places))
