# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Definitions of guard classes whose destructor does not release what the constructor acquires."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from reviewtool.checks.check import make_finding
from reviewtool.csource.facts import Invocation
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.program import Program
from reviewtool.locking.tables import Site
from reviewtool.ruleset.model import Effect

_CALLED: Final = re.compile(r"([A-Za-z_]\w*)\(")


def check_guard_classes(model: LockModel) -> Iterator[Finding]:
    """One finding for each definition."""
    words = model.ruleset.values.defines_guard
    if not words or not isinstance(model.linker, Program):
        return
    for table in model.linker.tables.values():
        for site in table.invocations:
            if site.fact.name in words and len(site.fact.args) >= 3:
                yield from _definition(model, site)


def _definition(model: LockModel, site: Site[Invocation]) -> Iterator[Finding]:
    *_, constructor, destructor = site.fact.args
    taken = _families(model, constructor, Effect.ACQUIRE)
    given = _families(model, destructor, Effect.RELEASE)
    if not taken or given is None or taken & given:
        return
    name = site.fact.args[0]
    finding = make_finding(
        model,
        "guard-class-unbalanced",
        Certainty.PROVED,
        FunctionId(site.path, ""),
        site.line,
        f"the guard class {name} acquires a lock ({' or '.join(sorted(taken))}) that its destructor does not release",
        identity=(name,),
    )
    if finding is not None:
        yield finding


def _families(model: LockModel, text: str, effect: Effect) -> frozenset[str] | None:
    """The kinds of locks that the calls of an expression take or release; None if a call is not known."""
    found: set[str] = set()
    for name in _CALLED.findall(text):
        primitive = model.ruleset.primitives.get(name)
        if primitive is None:
            return None
        found.update(op.family for op in primitive.operations if op.effect is effect and isinstance(op.subject, int))
    return frozenset(found)
