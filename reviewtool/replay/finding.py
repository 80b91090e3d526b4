# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The replay of a finding: its program, what came of running it, and whether that bears the finding out."""

from __future__ import annotations

from dataclasses import dataclass

from reviewtool.finding.evidence import Evidence
from reviewtool.finding.model import Finding, Replay
from reviewtool.replay.build import build_program
from reviewtool.replay.explore import explore
from reviewtool.replay.partners import is_documented
from reviewtool.replay.program import Program, ProgramError
from reviewtool.replay.verdict import Bound, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A program that was run in all ways, up to a bound."""

    program: Program
    outcome: Outcome


def run_evidence(evidence: Evidence, name: str, bound: Bound) -> Run | None:
    """Run what the evidence shows; None if there is nothing to run."""
    built = build_program(evidence, name)
    if built is None:
        return None
    try:
        outcome = explore(built.program, bound=bound, atomic=built.atomic, deadlocks=not built.atomic)
    except ProgramError:
        return None
    return Run(program=built.program, outcome=outcome)


def run_finding(finding: Finding, bound: Bound) -> Run | None:
    """Run the finding's evidence."""
    return run_evidence(finding.evidence, title_of(finding), bound)


def title_of(finding: Finding) -> str:
    """The rule and the locks: the name of the finding's program."""
    return f"{finding.rule}: {', '.join(finding.locks)}"


def program_of(finding: Finding) -> Program | None:
    """The program that a finding's schedules are for."""
    built = build_program(finding.evidence, title_of(finding))
    return built.program if built is not None else None


def as_replay(run: Run, after: str = "") -> Replay:
    """What the finding carries of a run; `after` is how it ends once the finding is gone."""
    outcome = run.outcome
    return Replay(
        schedule=outcome.schedule,
        verdict=outcome.verdict,
        states=outcome.states,
        summary=outcome.summary,
        after=after,
    )


def rests_on_document(finding: Finding) -> bool:
    """Whether a document or a declared order stands for one of the finding's ways: then it needs no proof by a run."""
    return finding.document is not None or any(is_documented(actor) for actor in finding.evidence)
