# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The engine: a series or a tree goes in, events come out, the last of them the review.

Errors of the input are events (`Refused`), not exceptions; an exception that leaves the engine is a fault of the tool.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace

from reviewtool.changelog.thread import raised_by
from reviewtool.csource.ctags import CtagsError
from reviewtool.finding.evidence import Evidence
from reviewtool.finding.model import Finding
from reviewtool.locking.scope import Scope, find_scope
from reviewtool.locking.worlds import concerned
from reviewtool.mail.errors import MailError
from reviewtool.mail.gitrange import range_thread
from reviewtool.mail.model import Series, Thread
from reviewtool.mail.source import read_thread, select_series
from reviewtool.review.changes import changes_of, result_of, touched
from reviewtool.review.complete import check_tree, incomplete, trouble_line
from reviewtool.review.difference import SnapshotFindings, difference, in_order
from reviewtool.review.documents import Bookshelf
from reviewtool.review.doubt import Half, halves_of, with_doubts
from reviewtool.review.events import Event, Fault, Notice, PatchDone, Progress, Refused, ReviewDone, SeriesRead, Stage
from reviewtool.review.examples import run_examples
from reviewtool.review.guarding import claims_of, guarded_findings
from reviewtool.review.judging import inside, judge, wanted_by, within
from reviewtool.review.lines import collect, places
from reviewtool.review.model import ChangedPath, Earlier, PatchResult, Review, Stats
from reviewtool.review.named import named_paths, named_tree
from reviewtool.review.papers import Papers, with_documents
from reviewtool.review.parsing import measure
from reviewtool.review.paths import changed_paths
from reviewtool.review.rail import order_done, patch_detail
from reviewtool.review.replaying import contrasts, with_both_replays, with_replay
from reviewtool.review.request import AuditRequest, ReviewRequest
from reviewtool.review.revisions import compared, not_compared, revision_before, unfit
from reviewtool.review.stepping import Stepping, with_steps
from reviewtool.review.workshop import Models, Workshop
from reviewtool.ruleset.errors import RulesetError
from reviewtool.tree.error import TreeError
from reviewtool.tree.model import Snapshot, Stack
from reviewtool.tree.opening import Tree, standing_in

__all__ = ["audit_tree", "review_source", "run_examples"]


def review_source(request: ReviewRequest) -> Iterator[Event]:
    """Review one series. Events as described in events.py; the last is ReviewDone or Refused."""
    try:
        yield from _review(request)
    except (MailError, TreeError) as error:
        yield Refused(source=request.label, fault=Fault.INPUT, message=str(error))
    except RulesetError as error:
        yield Refused(source=request.label, fault=Fault.USAGE, message=str(error))


def audit_tree(request: AuditRequest) -> Iterator[Event]:
    """Report on a tree without a series. The last event is ReviewDone, ParseDone or Refused."""
    try:
        yield from _audit(request)
    except TreeError as error:
        yield Refused(source=request.label, fault=Fault.INPUT, message=str(error))
    except (RulesetError, CtagsError) as error:
        yield Refused(source=request.label, fault=Fault.USAGE, message=str(error))


def _read(request: ReviewRequest) -> Thread:
    if request.range is None:
        return read_thread(request.source, revision=request.revision)
    settings = request.settings
    return range_thread(settings.tree if settings.tree is not None else standing_in(), request.range)


def _review(request: ReviewRequest) -> Iterator[Event]:
    settings = request.settings
    told: list[str] = []
    with Workshop(settings, told.append) as workshop:
        yield Progress(stage=Stage.FETCH)
        thread = _read(request)
        series = select_series(thread, request.revision)
        yield SeriesRead(source=request.label, series=series)
        with named_tree(settings) as tree:
            yield Progress(stage=Stage.APPLY, total=series.expected)
            stack = tree.stack(changes_of(series), wanted=settings.base or "", thread_base=series.base_commit)
            check_tree(series, stack)
            analysis = _Analysis(workshop, request, series, stack)
            yield from analysis.run()
            review = analysis.review(request.label, thread)
            before = revision_before(thread, series) if request.compare else None
            if before is not None:
                earlier = yield from _earlier(request, tree, thread, before, (analysis, review))
                review = replace(review, earlier=earlier)
            yield from (Notice(text=line) for line in told)
            yield ReviewDone(review=review)


def _earlier(
    request: ReviewRequest, tree: Tree, thread: Thread, before: Series, now: tuple[_Analysis, Review]
) -> Generator[Event, None, Earlier]:
    """What became of the revision before, which is analysed like any other."""
    analysis, review = now
    yield Progress(stage=Stage.COMPARE, what=f"v{before.revision}")
    try:
        stack = tree.stack(changes_of(before), wanted=request.settings.base or "", thread_base=before.base_commit)
        check_tree(before, stack)
    except TreeError as error:
        return not_compared(before, analysis.series, str(error))
    reason = unfit(analysis.series, analysis.stack) or unfit(before, stack)
    if reason:
        return not_compared(before, analysis.series, reason)
    older = analysis.beside(before, stack)
    yield from (event for event in older.run() if isinstance(event, Progress))
    return compared(before, analysis.series, older.review(request.label, thread).findings, review.findings)


class _Analysis:
    """The snapshots of one series, one after the other."""

    def __init__(self, workshop: Workshop, request: ReviewRequest, series: Series, stack: Stack) -> None:
        self._request = request
        self._workshop = workshop
        self._settings = request.settings
        self._details = request.details
        self._wish = request.paths
        self._changed: list[ChangedPath] = []
        self.series = series
        self.stack = stack
        self._paths = touched(series)
        self._found: list[SnapshotFindings] = []
        self._contrasts: dict[tuple[str, int], Evidence] = {}
        self._halves: dict[int, Half] = {}
        self._models: Models = ()
        self._stepping: Stepping | None = None
        self._scope = Scope(files=(), worlds=())
        self._papers = Papers(series, (), workshop.ruleset)

    def beside(self, series: Series, stack: Stack) -> _Analysis:
        """The analysis of another revision, without details for an interactive front end."""
        return _Analysis(self._workshop, replace(self._request, details=False), series, stack)

    def run(self) -> Iterator[Event]:
        """Analyse snapshot after snapshot; says which patches are done."""
        snapshots = self.stack.snapshots
        total = len(snapshots) - 1
        yield Progress(stage=Stage.READ, total=total)
        self._scope = find_scope(snapshots[-1], self._workshop.ruleset, self._paths)
        worlds = concerned(self._paths, self._scope.worlds)
        yield Progress(stage=Stage.ANALYSE, total=total)
        self._models = self._workshop.models(snapshots[0], self._scope, worlds)
        self._found.append(judge(self._models, self._settings))
        self._papers = Papers(self.series, self._scope.documents, self._workshop.ruleset)
        self._papers.see(0, self._models, snapshots[0], True)
        for number in range(1, len(snapshots)):
            changed = changed_between(snapshots[number - 1], snapshots[number], self._paths)
            models = self._workshop.advanced(self._models, snapshots[number], changed) if changed else self._models
            same = all(new is old for new, old in zip(models, self._models, strict=True))
            before = self._found[-1]
            self._papers.see(number, models, snapshots[number], bool(changed))
            self._found.append(before if same else with_steps(judge(models, self._settings), self._steps(models)))
            fresh = _fresh(before, self._found[-1], number)
            gone = [old for key, old in before.findings.items() if key not in self._found[-1].findings]
            self._contrasts.update(contrasts(gone, models, number))
            self._contrasts.update(contrasts(fresh, self._models, number))
            advanced = (new for new, old in zip(models, self._models, strict=True) if new is not old)
            touched_now = (function for model in advanced for function in model.changed)
            self._halves |= halves_of(self.stack.applications, number, touched_now)
            if self._wish is not None:
                self._changed += changed_paths(number, self._models, models, changed, self._wish)
            yield PatchDone(result=self._result(number), findings=fresh)
            if self._details:
                pair = (snapshots[number - 1], snapshots[number])
                yield patch_detail(number, self.series.patches[number - 1], pair, (self._models, models), fresh)
            self._models = models
            yield Progress(stage=Stage.ANALYSE, done=number, total=total)
        if self._details:
            yield order_done(self._models)

    def _steps(self, models: Models) -> dict[str, Finding]:
        if self._stepping is None:
            self._stepping = Stepping(self._models, lambda finding: wanted_by(finding, self._settings))
        return self._stepping.see(self._models, models, claims_of(self._papers.agreements.values()))

    def _result(self, number: int) -> PatchResult:
        return result_of(self.stack.applications[number - 1], self.series.patches[number - 1])

    def review(self, label: str, thread: Thread) -> Review:
        """The result; call it after `run`."""
        change = difference(self._found)
        texts = [finding for finding in self._papers.findings() if wanted_by(finding, self._settings)]
        told = (with_replay(each, self._contrasts) for each in with_documents(change.introduced, texts))
        introduced = sorted(with_doubts(told, self.stack.applications, self._halves), key=in_order)
        older = (with_replay(each, {}) for each in (change.pre_existing if self._settings.pre_existing else ()))
        findings = tuple(
            replace(finding, raised_by=raised_by(finding, self.series)) for finding in (*introduced, *older)
        )
        resolved = tuple(with_both_replays(finding, self._contrasts) for finding in change.resolved)
        wanted = places((*findings, *resolved))
        return Review(
            source=label,
            subject=self.series.subject,
            author=self.series.author,
            revision=self.series.revision,
            base=self.stack.base,
            patches=tuple(self._result(number) for number in range(1, len(self.stack.snapshots))),
            findings=findings,
            resolved=resolved,
            claims=self._papers.claims(),
            stats=stats_of(self._models, self._scope, len(change.pre_existing)),
            notes=(*map(trouble_line, thread.troubles), *self.stack.notes, *self._scope.bounded),
            series=self.series,
            lines=collect(wanted, self.stack.snapshots),
            scope=self._scope.subsystems,
            incomplete=incomplete(self.series, thread),
            paths=tuple(self._changed),
        )


def _fresh(before: SnapshotFindings, after: SnapshotFindings, number: int) -> tuple[Finding, ...]:
    return tuple(
        replace(finding, patch=number, snapshot=number)
        for key, finding in after.findings.items()
        if key not in before.findings
    )


def changed_between(one: Snapshot, other: Snapshot, paths: Sequence[str]) -> tuple[str, ...]:
    """Those of the paths whose content differs between two snapshots."""
    return tuple(path for path in paths if one.identity(path) != other.identity(path))


def stats_of(models: Models, scope: Scope, pre_existing: int = 0) -> Stats:
    """What was looked at."""
    return Stats(
        unknown_calls=sum(summary.unknown_calls for model in models for summary in model.summaries.values()),
        pre_existing=pre_existing,
        functions=sum(len(model.functions) for model in models),
        files=len(scope.files),
    )


def _audit(request: AuditRequest) -> Iterator[Event]:
    settings = request.settings
    told: list[str] = []
    with Workshop(settings, told.append) as workshop, named_tree(settings) as tree:
        yield Progress(stage=Stage.READ)
        base = tree.base(settings.base or "")
        snapshot = tree.snapshot(base)
        paths = named_paths(request.paths, snapshot, base, workshop.ruleset)
        if request.parse_report:
            yield from measure(request.label, snapshot, paths, workshop.ruleset.syntax)
            return
        scope = find_scope(snapshot, workshop.ruleset, paths)
        yield Progress(stage=Stage.ANALYSE)
        models = workshop.models(snapshot, scope, concerned(paths, scope.worlds))
        found = judge(models, settings)
        findings = sorted(
            (
                *(with_replay(finding, {}) for finding in found.findings.values() if within(finding, request.paths)),
                *_of_documents(models, scope, snapshot, request),
            ),
            key=lambda finding: (finding.path, finding.line, finding.rule, finding.fingerprint),
        )
        yield from (Notice(text=line) for line in told)
        yield ReviewDone(
            review=Review(
                source=request.label,
                subject=" ".join(request.paths) or "the tree",
                author=None,
                revision=None,
                base=base,
                findings=tuple(findings),
                stats=stats_of(models, scope),
                notes=scope.bounded,
                lines=collect(places(findings), (snapshot,)),
                scope=scope.subsystems,
            )
        )


def _of_documents(models: Models, scope: Scope, snapshot: Snapshot, request: AuditRequest) -> Iterator[Finding]:
    """What documents and order comments of the scope say wrongly: all of it, or what is about the PATHs, a document
    that is one of them included. And accesses to what they, or the code, say is guarded.
    """
    shelf = Bookshelf()
    found = [finding for finding in shelf.comment_findings(models).values() if within(finding, request.paths)]
    agreements = shelf.agreements(models, scope.documents, snapshot)
    for path, agreement in agreements.items():
        named = inside(path, request.paths)
        found += (finding for finding in agreement.findings() if named or within(finding, request.paths))
    guarded = guarded_findings(models, claims_of(agreements.values()))
    found += (finding for finding in guarded.values() if within(finding, request.paths))
    yield from (finding for finding in found if wanted_by(finding, request.settings))
