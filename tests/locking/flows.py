# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Lock models of a few lines of C, and what can be asked of them shortly."""

from __future__ import annotations

from functools import cache

from reviewtool.cache.model import NullCache
from reviewtool.checks.registry import findings_of
from reviewtool.csource.store import FactStore
from reviewtool.locking.assembly import build_program, make_library
from reviewtool.locking.headers import Library
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.scope import Scope
from reviewtool.locking.summary import Kind, Summary
from reviewtool.ruleset import load
from reviewtool.tree.memory import MemorySnapshot

PATH = "unit.c"
SCOPE = Scope(files=(PATH,), worlds=("",))

TYPES = """
struct box {
	struct mutex m0; struct mutex m1; spinlock_t s; struct rw_semaphore rw; rwlock_t rl;
	struct box *next; int n; int on; int want;
};
int opaque(int which);
"""


@cache
def library() -> Library:
    """The built-in rules, one store of facts for all tests."""
    ruleset = load()
    return make_library(ruleset, FactStore(ruleset.syntax, ruleset.syntax_digest, NullCache()))


def model_of(code: str) -> LockModel:
    """The model of a file that begins with `TYPES`."""
    snapshot = MemorySnapshot({PATH: TYPES + code})
    return LockModel.build("", build_program(library(), snapshot, SCOPE, ""))


def summary_of(model: LockModel, name: str) -> Summary:
    """The summary of the one function of that name."""
    (found,) = [function for function in model.functions if function.name == name]
    return model.summary(found)


def rules_of(code: str, *ignored: str) -> list[str]:
    """The ids of the rules that fire, sorted; those of lock changes without a word about it only if asked for."""
    quiet = {"unannotated-lock-change", *ignored}
    return sorted(finding.rule for finding in findings_of((model_of(code),)).values() if finding.rule not in quiet)


def places_of(code: str, rule: str) -> list[str]:
    """The lines of code, stripped, at which a rule fires."""
    lines = (TYPES + code).splitlines()
    found = [finding.line for finding in findings_of((model_of(code),)).values() if finding.rule == rule]
    return [lines[line - 1].strip() for line in sorted(found)]


def held_at_end(code: str, name: str) -> set[tuple[str, ...]]:
    """What is held at the ways out of a function: the fields' names."""
    summary = summary_of(model_of(code), name)
    return {tuple(sorted(lock.cls.name.rpartition(".")[2] for lock in way.held)) for way in summary.leavings}


def orders_of(code: str) -> set[tuple[str, str]]:
    """The pairs of locks that are taken one inside the other."""
    found = set()
    for _, relation in model_of(code).relations():
        if relation.inner.kind is Kind.LOCK:
            found.add((relation.outer.cls.name.rpartition(".")[2], relation.inner.cls.name.rpartition(".")[2]))
    return found
