# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The replay of a finding: its program, what came of running it, and whether that bears the finding out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from reviewtool.finding.evidence import Evidence
from reviewtool.finding.model import Finding, Replay
from reviewtool.replay.build import Built, build_path, build_program
from reviewtool.replay.explore import explore
from reviewtool.replay.partners import is_documented, swapped
from reviewtool.replay.program import Program, ProgramError
from reviewtool.replay.verdict import Bound, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A program that was run in all ways, up to a bound."""

    program: Program
    outcome: Outcome


def run_built(built: Built, bound: Bound) -> Run | None:
    """Run a program; None if it does what its objects do not allow."""
    try:
        outcome = explore(built.program, bound=bound, atomic=built.atomic, deadlocks=built.deadlocks)
    except ProgramError:
        return None
    return Run(program=built.program, outcome=outcome)


def run_evidence(evidence: Evidence, name: str, bound: Bound, *, preempt_rt: bool = False) -> Run | None:
    """Run what the evidence shows; None if there is nothing to run."""
    built = build_program(evidence, name, preempt_rt=preempt_rt)
    return run_built(built, bound) if built is not None else None


def run_finding(finding: Finding, bound: Bound, *, preempt_rt: bool = False) -> Run | None:
    """Run the finding's evidence."""
    return run_evidence(finding.evidence, title_of(finding), bound, preempt_rt=preempt_rt)


def run_contrast(finding: Finding, bound: Bound) -> Run | None:
    """Run the finding's ways in the snapshot that does not have it, looking for the same trouble."""
    built = contrast_of(finding)
    return run_built(built, bound) if built is not None else None


def contrast_of(finding: Finding) -> Built | None:
    """The program of the snapshot that does not have the finding; None if nothing of it is there."""
    own = build_program(finding.evidence, title_of(finding))
    other = build_path(
        swapped(finding.contrast), title_of(finding), preempt_rt=own is not None and own.program.preempt_rt
    )
    if own is None or other is None:
        return None
    return replace(other, atomic=own.atomic, deadlocks=own.deadlocks)


def title_of(finding: Finding) -> str:
    """The rule and the locks: the name of the finding's program."""
    return f"{finding.rule}: {', '.join(finding.locks)}"


def program_of(finding: Finding) -> Program | None:
    """The program that a finding's schedules are for."""
    built = build_program(finding.evidence, title_of(finding))
    return built.program if built is not None else None


def as_replay(run: Run, before: str = "", after: str = "") -> Replay:
    """What the finding carries of a run; `before` and `after` say how it ends around the patch."""
    outcome = run.outcome
    return Replay(
        schedule=outcome.schedule,
        verdict=outcome.verdict,
        states=outcome.states,
        summary=outcome.summary,
        before=before,
        after=after,
    )


def rests_on_document(finding: Finding) -> bool:
    """Whether a document or a declared order stands for one of the finding's ways: then it needs no proof by a run."""
    return finding.document is not None or any(is_documented(actor) for actor in finding.evidence)
