# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What the engine tells while it works. Frozen values that can be pickled: it may run in a child process.

A review is `SeriesRead`, then `Progress` and `PatchDone` in any mixture, and at the end one `ReviewDone`; or it ends
with `Refused`. An audit has no `SeriesRead` and no `PatchDone`; one that measures the parser ends with `ParseDone`,
what asks for the order graph with `GraphDone`, what asks how documents are understood with `DocumentsDone`. If a
request asks for details, a `PatchDetail` follows each `PatchDone`, and `OrderDone` the last of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from reviewtool.finding.model import Finding
from reviewtool.mail.model import Series
from reviewtool.review.detail import OrderDone, OrderEdge, PatchDetail
from reviewtool.review.model import PatchResult, ReadDocument, Review
from reviewtool.tree.model import Base


class Stage(StrEnum):
    """What the engine is doing; the value is how a front end says it."""

    FETCH = "fetching the thread"
    APPLY = "applying"
    READ = "reading sources"
    ANALYSE = "analysing"
    CHECK = "checking"
    REPLAY = "replaying"
    COMPARE = "comparing with the revision before"


class Fault(StrEnum):
    """Whose fault it is that there is no review."""

    USAGE = "usage"
    """An option, the configuration or a rule file."""
    INPUT = "input"
    """The thread or the tree could not be had or read."""
    INTERNAL = "internal"
    """A fault of the tool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRead:
    """The thread is there."""

    source: str
    series: Series


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a stage has come."""

    stage: Stage
    done: int = 0
    total: int = 0
    """0: not known."""
    what: str = ""
    """The patch, file or function at hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchDone:
    """A patch was analysed. `status` and `until` of its findings are final only in the review."""

    result: PatchResult
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One line of narration for stderr."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDone:
    """The last event of a review that came about."""

    review: Review


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The last event where there can be no review."""

    source: str
    fault: Fault
    message: str
    """One line: what is wrong, by the name of the mail, hunk or file, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseDone:
    """The last event of an audit that measures the parser."""

    source: str
    report: str
    """Lines of text, paths in them not yet cleaned for a terminal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphDone:
    """The last event where the order graph was asked for."""

    source: str
    base: Base
    paths: tuple[str, ...]
    """What the graph is limited to; empty: no limit."""
    edges: tuple[OrderEdge, ...]
    """By the names of the classes. `worlds` are named where an edge is not in all that were looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentsDone:
    """The last event where it was asked how the documents are understood."""

    source: str
    base: Base
    documents: tuple[ReadDocument, ...]
    """Documents in the order of the subsystem table, then comments by file and line."""


Event = (
    SeriesRead
    | Progress
    | PatchDone
    | PatchDetail
    | OrderDone
    | Notice
    | ReviewDone
    | ParseDone
    | GraphDone
    | DocumentsDone
    | Refused
)
"""What the engine yields."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleDone:
    """An example of a rule page was run. Not part of a review: `rules test` asks for these."""

    rule: str
    path: str
    """The page."""
    missing: tuple[tuple[int, str], ...] = ()
    """Lines of the page and rule ids that the example asks for and that were not reported."""
    unexpected: tuple[tuple[int, str], ...] = ()
    """Lines of the page and rule ids that were reported and that the example does not ask for."""

    @property
    def passed(self) -> bool:
        """Whether what was found is what the example asks for."""
        return not self.missing and not self.unexpected
