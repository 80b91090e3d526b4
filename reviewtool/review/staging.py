# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What a front end shows of a replay: a finding's or a changed function's program, its schedule, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from reviewtool.finding.model import Finding
from reviewtool.replay.build import Built, build_path
from reviewtool.replay.finding import contrast_of, program_of, run_built, run_finding
from reviewtool.replay.program import Program
from reviewtool.replay.serial import serial_schedule
from reviewtool.replay.verdict import Bound, Outcome
from reviewtool.review.model import ChangedPath

BOUND: Final = Bound(states=200_000, seconds=10.0)
"""For a whole path that was asked for."""

QUICK: Final = Bound(states=20_000, seconds=1.0)
"""For the other side of a finding: its ways have some ten events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A program that is ready to be played."""

    program: Program
    schedule: str
    """To the trouble; where there is none, one context after the other."""
    words: str
    """How it ended and how much was searched."""


def stage_finding(finding: Finding, *, preempt_rt: bool = False, contrast: bool = False) -> Stage | None:
    """The stage of a finding, of the snapshot that has it or (`contrast`) of the one beside it that does not.

    None if there is nothing to run. `preempt_rt` runs it as a kernel does whose spinlocks sleep.
    """
    if contrast:
        return _staged(contrast_of(finding), QUICK)
    if preempt_rt:
        run = run_finding(finding, BOUND, preempt_rt=True)
        return _stage(run.program, run.outcome) if run is not None else None
    program = program_of(finding)
    if program is None or finding.replay is None:
        return None
    schedule = finding.replay.schedule or serial_schedule(program)
    return Stage(program=program, schedule=schedule, words=finding.replay.words)


def stage_path(path: ChangedPath, *, preempt_rt: bool = False, contrast: bool = False) -> Stage | None:
    """The stage of a changed function, after the patch or (`contrast`) before it; None if it has no locks there."""
    evidence = path.shown.evidence if path.shown is not None else ()
    before = _run(build_path(path.before, path.title, preempt_rt=preempt_rt))
    if contrast:
        return _stage(before[0], before[1]) if before is not None else None
    after = _run(build_path(evidence, path.title, preempt_rt=preempt_rt))
    if after is None:
        return None
    told = before[1].said("before") if before is not None else "nothing of it before"
    words = f"{told}; {after[1].said('after')}"
    return _stage(*after, words)


def _staged(built: Built | None, bound: Bound) -> Stage | None:
    run = _run(built, bound)
    return _stage(*run) if run is not None else None


def _run(built: Built | None, bound: Bound = BOUND) -> tuple[Program, Outcome] | None:
    run = run_built(built, bound) if built is not None else None
    return (run.program, run.outcome) if run is not None else None


def _stage(program: Program, outcome: Outcome, words: str = "") -> Stage:
    ended = words or outcome.summary
    named = f"{ended}; schedule {outcome.schedule}" if outcome.schedule else ended
    return Stage(program=program, schedule=outcome.schedule or serial_schedule(program), words=named)
