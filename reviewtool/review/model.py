# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What a review says: the value that every front end shows. Its fields, but for the last five, are the JSON report's.

The engine fills these values in, the renderers print them, and a front end never computes what stands in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reviewtool.changelog.thread import OpenComment
from reviewtool.finding.evidence import Evidence, PathEvidence
from reviewtool.finding.model import Finding
from reviewtool.lockdoc.model import Document
from reviewtool.locking.model import Step
from reviewtool.mail.model import Address, Series
from reviewtool.ruleset.model import Severity
from reviewtool.tree.model import Applied, Base


class Verdict(StrEnum):
    """What became of a claim of a changelog."""

    HOLDS = "holds"
    NOT_YET = "not-yet"
    """True only after a later patch: `since`."""
    NO_LONGER = "no-longer"
    """True only until an earlier patch: `until`."""
    CONTRADICTED = "contradicted"
    NO_EVIDENCE = "no-evidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A sentence of a changelog about locking, checked."""

    patch: int
    """Number of the patch; 0 the cover letter."""
    sentence: str
    verdict: Verdict
    since: int | None = None
    """The patch after which it first holds."""
    until: int | None = None
    """The patch before which it last held."""
    evidence: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchResult:
    """A patch of the series and what became of it."""

    number: int
    subject: str
    message_id: str
    """Without the angle brackets; "" where the mail is missing."""
    applied: Applied
    reason: str = ""
    """One line: why it failed or was left out, or which file needed a merge; "" if there is nothing to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """Counts that say how much was looked at and how much could not be."""

    unknown_calls: int = 0
    """Calls out of the scope about which nothing is known."""
    pre_existing: int = 0
    """Findings that the base has already."""
    functions: int = 0
    """Functions that were changed, or in an audit those that were analysed."""
    files: int = 0
    """Files of the scope that were read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDocument:
    """A locking document or an order comment as it was understood."""

    document: Document
    """What is not in its statements, leaf sentence and records was not understood; `unread` has it as far as it speaks
    of locks."""
    comment: bool = False
    """It is a comment of a source file."""
    looked_up: bool = False
    """The code that it is about was read, so that its names could be looked up."""
    locks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By name as written: the labels of the lock classes that it stands for; several if architectures differ."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """Names of fields that do not exist, each with how it has to be written today, or ""."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """A line of a snapshot that a finding names, for those who show findings without the tree at hand."""

    snapshot: int
    path: str
    line: int
    """From 1."""
    text: str
    """Without the line end; not yet cleaned for a terminal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedPath:
    """A function that a patch changes."""

    patch: int
    path: str
    line: int
    function: str
    world: str
    locks: tuple[str, ...]
    """What it takes or waits for, itself or in what it calls."""
    shown: PathEvidence | None = None
    """Its path; None where that was not asked for."""
    before: Evidence = ()
    """The same in the snapshot before the patch; empty if the function is new there or has no locks."""

    @property
    def title(self) -> str:
        """The patch, the function and why this path."""
        head = f"patch {self.patch}: {self.function}() in {self.path}"
        if self.shown is None or self.shown.edge is None:
            return head
        order = " -> ".join(self.shown.edge)
        new = " is new" if self.shown.new else ""
        other = "there is an opposite way" if self.shown.opposite else "no way takes them the other way round"
        return f"{head}: {order}{new}; {other}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """A finding that the revision before had, too."""

    fingerprint: str
    """As this revision has it."""
    raised_by: str | None
    """The message-id of the reply that said so of the revision before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What became of the revision before."""

    revision: int
    reason: str = ""
    """Why findings were not compared, in one line; "" if they were."""
    gone: tuple[Finding, ...] = ()
    """Findings that this revision has no more; `patch` is that of the earlier one."""
    still: tuple[Still, ...] = ()
    new: tuple[str, ...] = ()
    """Fingerprints of the findings that only this revision has."""
    comments: tuple[OpenComment, ...] = ()
    """Reviewers' remarks on locking that this revision does not visibly answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """All that is to be said about one series, or in an audit about one tree."""

    source: str
    """As the user named it; for an audit the tree."""
    subject: str
    """Of the series, without the [PATCH ...] prefix; for an audit the paths that were asked for."""
    author: Address | None
    """None in an audit."""
    revision: int | None
    """None in an audit."""
    base: Base | None
    """None where no snapshot could be made."""
    patches: tuple[PatchResult, ...] = ()
    findings: tuple[Finding, ...] = ()
    """In the order of the patches that introduce them."""
    resolved: tuple[Finding, ...] = ()
    """What a patch removes; the finding's `patch` is the one that does so."""
    claims: tuple[Claim, ...] = ()
    earlier: Earlier | None = None
    """The revision before; None if the thread has none, or if it was not asked for."""
    stats: Stats = field(default_factory=Stats)
    notes: tuple[str, ...] = ()
    """Lines about what could not be read or had, each with what to do."""
    series: Series | None = None
    lines: tuple[SourceLine, ...] = ()
    """The source lines that findings, resolved ones and claims name."""
    scope: tuple[str, ...] = ()
    """The subsystems or directories whose bodies were read."""
    incomplete: tuple[str, ...] = ()
    """What of the series was not there or could not be read, a line each, with what to do."""
    paths: tuple[ChangedPath, ...] = ()
    """The functions that the patches change, if that was asked for."""

    @property
    def is_audit(self) -> bool:
        """Whether this is about a tree, without a series."""
        return self.revision is None

    def count(self, severity: Severity) -> int:
        """How many findings of this severity there are."""
        return sum(finding.severity is severity for finding in self.findings)

    def reaches(self, level: Severity) -> bool:
        """Whether a finding is at or above this level. A note never counts, whatever the level."""
        if level is Severity.ERROR:
            return self.count(Severity.ERROR) > 0
        return any(finding.severity is not Severity.NOTE for finding in self.findings)
