# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The lifetime group: objects used when nothing keeps them, and freed while something still needs them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reviewtool.checks.check import make_finding
from reviewtool.checks.removers import is_waited_for, remover
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import Step
from reviewtool.locking.summary import Problem, Trouble

_RULES: Final = {
    Trouble.FREED_USE: ("used-after-free", "{0} is used here, but it was freed already"),
    Trouble.FREED_EARLY: (
        "freed-before-grace-period",
        "{0} is freed without a grace period since it was unlinked: readers may still look at it",
    ),
    Trouble.FREED_HELD: ("freed-while-locked", "{0} is freed while its own {1} is held"),
    Trouble.PUT_HELD: (
        "put-under-own-lock",
        "a reference to {0} is dropped while its own {1} is held: if it was the last one, the unlock comes too late",
    ),
    Trouble.BARE_GET: (
        "reference-without-check",
        "a reference to {0} is taken inside a reader only: its last one may have been dropped already",
    ),
    Trouble.WALK_ON: ("walk-continued-stale", "the walk goes on from {0}, which may be gone since {1} was let go of"),
    Trouble.LATE_INIT: ("initialised-after-publish", "{1} is initialised when others can find {0} already"),
    Trouble.DESTROYED_HELD: ("destroyed-while-held", "{1} is destroyed while it is held here"),
}
_BEFORE: Final = {
    Trouble.FREED_USE: "frees it",
    Trouble.FREED_EARLY: "unlinks it",
    Trouble.BARE_GET: "finds it",
    Trouble.WALK_ON: "lets go of it",
}
_ASKED: Final = frozenset({Trouble.PUT_HELD, Trouble.WALK_ON, Trouble.BARE_GET})
_CERTAIN: Final = frozenset({Trouble.FREED_HELD, Trouble.DESTROYED_HELD, Trouble.FREED_USE})


def check_lifetime(model: LockModel) -> Iterator[Finding]:
    """All findings of the group."""
    for function, summary in model.summaries.items():
        for problem in summary.problems:
            if problem.trouble in (Trouble.LOOSE_USE, Trouble.LATE_GET):
                yield from _loose(model, function, problem)
            elif problem.trouble in _RULES:
                yield from _wrong(model, function, problem, bounded=summary.bounded)


def _loose(model: LockModel, function: FunctionId, problem: Problem) -> Iterator[Finding]:
    """An object outlives the section that it was found in: told if somebody is seen to free such objects meanwhile."""
    name, _, held_in = problem.detail.partition("|")
    container = model.linker.class_named(held_in) if held_in else None
    if container is None or problem.other is None:
        return
    family = model.ruleset.families.get(problem.cls.family)
    reader = family is not None and not family.exclusive
    other = None if reader else remover(model, function, problem.line, container, problem.cls)
    late = problem.trouble is Trouble.LATE_GET
    if other is None and not (late or reader):
        return
    if reader and is_waited_for(model, function, problem.line, container):
        return
    steps: tuple[Step, ...] = ()
    who = ""
    if other is not None:
        site, found = other
        steps = (model.witnesses.step(site, found.line, f"takes it out of {container.label}, and frees it"),)
        who = f"; {site.name}() may have freed it"
    lock = problem.cls.label.lstrip("@")
    finding = make_finding(
        model,
        "pointer-escapes-reader" if reader else "reference-after-unlock" if late else "used-after-unlock",
        Certainty.LIKELY if other is not None else Certainty.QUESTION,
        function,
        problem.line,
        f"{'a reference to ' if late else ''}{name} is {'taken' if late else 'used'} after {lock} was released, "
        f"under which it was found in {container.label}{who}",
        identity=(problem.cls.name, container.name, name),
        locks=(problem.cls.label,),
        witness=(
            model.witnesses.step(function, problem.other.line, f"releases {lock}", (problem.cls.label,)),
            model.witnesses.step(function, problem.line, f"{'takes a reference to' if late else 'uses'} {name}"),
        ),
        other=steps,
    )
    if finding is not None:
        yield finding


def _wrong(model: LockModel, function: FunctionId, problem: Problem, *, bounded: bool) -> Iterator[Finding]:
    rule, text = _RULES[problem.trouble]
    message = text.format(problem.detail.partition("|")[0], problem.cls.label.lstrip("@"))
    steps: list[Step] = []
    if problem.other is not None:
        before = _BEFORE.get(problem.trouble, f"acquires {problem.cls.label}")
        steps.extend(model.witnesses.down(function, problem.other, before))
    steps.append(model.witnesses.step(function, problem.line, message))
    certain = problem.trouble in _CERTAIN and not bounded
    finding = make_finding(
        model,
        rule,
        Certainty.PROVED if certain else Certainty.QUESTION if problem.trouble in _ASKED else Certainty.LIKELY,
        function,
        problem.line,
        message,
        identity=(problem.cls.name, problem.detail),
        locks=() if problem.cls.name.startswith("@") else (problem.cls.label,),
        witness=tuple(steps),
    )
    if finding is not None:
        yield finding
