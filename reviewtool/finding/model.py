# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The finding: one thing to tell the reviewer. Its fields are a public contract (the JSON report)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from reviewtool.finding.evidence import Evidence
from reviewtool.locking.model import Step
from reviewtool.ruleset.model import Group, Severity


class Certainty(StrEnum):
    """How sure the tool is."""

    PROVED = "proved"
    LIKELY = "likely"
    QUESTION = "question"


class Status(StrEnum):
    """Where a finding stands in the series."""

    INTRODUCED = "introduced"
    FIXED_LATER = "fixed-later"
    PRE_EXISTING = "pre-existing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What the simulator made of the witness."""

    schedule: str
    verdict: str
    states: int
    summary: str = ""
    """How it ended and how much was searched, in words; no part of the JSON contract, as are the next two."""
    before: str = ""
    """How it ends before the patch that brings or removes the finding; "" where that was not asked."""
    after: str = ""
    """The same after the patch."""

    @property
    def words(self) -> str:
        """How it ended, before and after the patch, and the schedule that repeats it."""
        ended = self.summary or f"{self.verdict}, {self.states:,} states"
        if self.before and self.after:
            ended = f"{self.before}; {self.after}"
        return f"{ended}{f'; schedule {self.schedule}' if self.schedule else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """The paragraph of a document that a finding is about."""

    path: str
    line: int
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to tell; `patch`, `snapshot`, `status` and `until` are filled in by the review."""

    rule: str
    group: Group
    severity: Severity
    certainty: Certainty
    fingerprint: str
    """Hex; stable across unrelated line changes. Its first 8 characters are the finding's ID."""
    path: str
    line: int
    function: str
    message: str
    locks: tuple[str, ...] = ()
    witness: tuple[Step, ...] = ()
    other: tuple[Step, ...] = ()
    """The opposite path of a cycle, or the second place of a pair; printed beside the witness."""
    other_snapshot: int | None = None
    """The snapshot that `other` is of, where that is not the finding's own: a claim that comes true later."""
    world: tuple[str, ...] = ()
    patch: int = 0
    snapshot: int = 0
    replay: Replay | None = None
    document: Citation | None = None
    suggestion: str | None = None
    status: Status | None = None
    until: int | None = None
    raised_by: str | None = None
    places: tuple[Step, ...] = field(default=())
    """Further places with the same cause."""
    explanation: str = ""
    """Why this is wrong here, a few sentences: what can happen and under which condition."""
    evidence: Evidence = ()
    """What a replay is made of; no part of the report."""
    contrast: Evidence = ()
    """The same ways in the snapshot that does not have the finding: before the patch that brings it, or after the one
    that removes it; no part of the report."""
