# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Reviews for the terminal UI: events played back, of the real engine or made by hand around a sample thread."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from reviewtool.finding.evidence import Act, Actor, Move
from reviewtool.finding.model import Certainty, Citation, Finding, Replay, Status
from reviewtool.locking.model import LockClass, Step
from reviewtool.mail.model import Series
from reviewtool.mail.source import read_thread, select_series
from reviewtool.review.detail import Excerpt, FunctionRail, Held, HunkPlace, OrderDone, OrderEdge, PatchDetail
from reviewtool.review.engine import review_source
from reviewtool.review.events import Event, PatchDone, Progress, ReviewDone, SeriesRead, Stage
from reviewtool.review.model import Claim, PatchResult, Review, Stats, Verdict
from reviewtool.review.request import ReviewRequest, Settings
from reviewtool.ruleset.model import Group, Rule, Severity
from reviewtool.tree.model import Applied, Base
from reviewtool.tui.app import ReviewApp
from reviewtool.tui.keys import Keymap
from reviewtool.tui.rulebook import RuleBook

ASSIGN, BYPASS, ROUTE = "virt/kvm/assign.c", "virt/kvm/bypass.c", "virt/kvm/irqroute.c"

RULE = Rule(
    id="lock-order-inversion",
    group=Group.ORDER,
    severity=Severity.ERROR,
    summary="two locks are taken in both orders",
    page="### What it does\n\nFinds [red]two[/red] orders.\n\n"
    "```c\nmutex_lock(&a); /* error: lock-order-inversion */\n```\n",
    path="rules/checks/order.md",
    examples=(),
)


class Played:
    """An engine that has all its events already; with `hold` it keeps the rest back after so many."""

    def __init__(self, events: Iterable[Event], hold: int | None = None) -> None:
        self._events = tuple(events)
        self._hold = hold
        self.cancelled = threading.Event()

    def events(self) -> Iterator[Event]:
        """The events."""
        yield from self._events[: self._hold]
        if self._hold is not None:
            self.cancelled.wait(10)

    def cancel(self) -> None:
        """Note it."""
        self.cancelled.set()


class OneRule(RuleBook):
    """A book of one page, so that the pages' wording is not in the pictures."""

    rules = {RULE.id: RULE}  # noqa: RUF012


def real_events(sample: Path, revision: int | None = None) -> tuple[Event, ...]:
    """What the engine says of a sample thread."""
    settings = Settings(tree=sample / "tree", no_cache=True)
    source = str(sample / "thread.mbox")
    return tuple(review_source(ReviewRequest(source=source, revision=revision, settings=settings, details=True)))


def step(path: str, line: int, function: str, event: str, *held: str) -> Step:
    """A step."""
    return Step(path=path, line=line, function=function, event=event, held=held)


IRQ_LOCK = LockClass("struct hv_vm.irq_lock", "mutex")
ASSIGN_LOCK = LockClass("struct hv_assign.lock", "mutex")


def takes(cls: LockClass, *steps: Step) -> Move:
    """A lock taken at the end of a way."""
    return Move(act=Act.TAKES, cls=cls, steps=steps)


WAYS = (
    Actor(
        moves=(
            takes(IRQ_LOCK, step(ROUTE, 55, "hv_irq_route_set", "acquires hv_vm->irq_lock")),
            takes(
                ASSIGN_LOCK,
                step(ROUTE, 70, "hv_irq_route_set", "calls hv_bypass_route_changed()"),
                step(BYPASS, 27, "hv_bypass_route_changed", "calls hv_assign_mark_pending()"),
                step(ASSIGN, 58, "hv_assign_mark_pending", "acquires hv_assign->lock"),
            ),
        )
    ),
    Actor(
        moves=(
            takes(ASSIGN_LOCK, step(ASSIGN, 29, "hv_assign_device", "acquires hv_assign->lock")),
            takes(IRQ_LOCK, step(ROUTE, 90, "hv_irq_route_attach", "acquires hv_vm->irq_lock")),
        )
    ),
)

FINDING = Finding(
    rule="lock-order-inversion",
    group=Group.ORDER,
    severity=Severity.ERROR,
    certainty=Certainty.PROVED,
    fingerprint="373074be00112233445566778899aabb",
    path=ASSIGN,
    line=58,
    function="hv_assign_mark_pending",
    message="acquires hv_assign->lock while hv_vm->irq_lock is held, and elsewhere the other way round",
    explanation="Two ioctls of one vm can wait for each other for ever.",
    locks=("hv_vm->irq_lock", "hv_assign->lock"),
    witness=(
        step(ROUTE, 55, "hv_irq_route_set", "acquires hv_vm->irq_lock"),
        step(ROUTE, 70, "hv_irq_route_set", "calls hv_bypass_route_changed()", "hv_vm->irq_lock"),
        step(BYPASS, 27, "hv_bypass_route_changed", "calls hv_assign_mark_pending()", "hv_vm->irq_lock"),
        step(ASSIGN, 58, "hv_assign_mark_pending", "acquires hv_assign->lock", "hv_vm->irq_lock"),
    ),
    other=(
        step(ASSIGN, 29, "hv_assign_device", "acquires hv_assign->lock"),
        step(ROUTE, 90, "hv_irq_route_attach", "acquires hv_vm->irq_lock", "hv_assign->lock"),
    ),
    patch=2,
    snapshot=2,
    status=Status.INTRODUCED,
    replay=Replay(
        schedule="ab",
        verdict="deadlock",
        states=7,
        before="none before, 10 states, complete",
        after="deadlock in 2 steps after, 7 states",
    ),
    evidence=WAYS,
    contrast=(Actor(moves=WAYS[0].moves[:1]), WAYS[1]),
    document=Citation(path="Documentation/virt/kvm/locking.rst", line=12, quote="- irq_lock is taken inside\n"),
    suggestion="--- a/x.rst\n+++ b/x.rst\n@@ -1,1 +1,2 @@\n line\n+- another\n",
)

QUESTION = replace(
    FINDING,
    rule="undocumented-order",
    severity=Severity.NOTE,
    certainty=Certainty.QUESTION,
    fingerprint="0011223344556677",
    path=BYPASS,
    line=29,
    function="hv_bypass_route_changed",
    message="is the order of these two meant?",
    witness=(step(BYPASS, 29, "hv_bypass_route_changed", "acquires hv_assign->lock"),),
    other=(),
    replay=None,
    evidence=(),
    contrast=(),
    document=None,
    suggestion=None,
)


def made_review(sample: Path) -> Review:
    """A review of the sample `inversion`, made by hand."""
    series = select_series(read_thread(str(sample / "thread.mbox")), None)
    return Review(
        source="thread.mbox",
        subject=series.subject,
        author=series.author,
        revision=series.revision,
        base=Base(revision="", label="tree", reason="a plain directory"),
        patches=tuple(_result(series, number) for number in range(1, len(series.patches) + 1)),
        findings=(FINDING, QUESTION),
        claims=(
            Claim(
                patch=2,
                sentence="hv_irq_route_set() is the only place where a route changes.",
                verdict=Verdict.CONTRADICTED,
                evidence=(step(ROUTE, 90, "hv_irq_route_attach", "changes a route"),),
            ),
        ),
        stats=Stats(unknown_calls=16, functions=3, files=5),
        series=series,
    )


def _result(series: Series, number: int) -> PatchResult:
    patch = series.patches[number - 1]
    assert patch is not None
    applied = Applied.YES if number < 3 else Applied.FAILED
    reason = "" if number < 3 else f"{ROUTE}, hunk 1: does not fit"
    return PatchResult(
        number=number, subject=patch.subject, message_id=patch.mail.message_id, applied=applied, reason=reason
    )


def made_events(sample: Path) -> tuple[Event, ...]:
    """The events of `made_review`."""
    review = made_review(sample)
    assert review.series is not None
    edge = OrderEdge(outer="hv_vm->irq_lock", inner="hv_assign->lock", kind="EN", witness=FINDING.witness)
    back = OrderEdge(outer="hv_assign->lock", inner="hv_vm->irq_lock", kind="EN", worlds=("x86",))
    detail = PatchDetail(
        number=2,
        before=(_rail(BYPASS, "hv_bypass_disconnect", 24, 8, ()),),
        after=(
            _rail(BYPASS, "hv_bypass_route_changed", 25, 7, (Held(label="hv_assign->lock"),)),
            _rail(BYPASS, "hv_bypass_disconnect", 33, 8, (Held(label="hv_vm->irq_lock", shared=True),)),
        ),
        places=(HunkPlace(path=BYPASS, hunk=1, old_shift=0, new_shift=0),),
        added=(edge,),
        removed=(back,),
        excerpts=tuple(_excerpt(sample, path) for path in (ASSIGN, BYPASS)),
    )
    events: list[Event] = [Progress(stage=Stage.FETCH), SeriesRead(source=review.source, series=review.series)]
    for result in review.patches:
        found = tuple(finding for finding in review.findings if finding.patch == result.number)
        events.append(PatchDone(result=result, findings=found))
        events.append(detail if result.number == 2 else PatchDetail(number=result.number))
        events.append(Progress(stage=Stage.ANALYSE, done=result.number, total=3))
    return (*events, OrderDone(edges=(edge, back)), ReviewDone(review=review))


def _rail(path: str, function: str, first: int, count: int, held: tuple[Held, ...]) -> FunctionRail:
    lines = tuple(held if 2 <= line < count - 1 else () for line in range(count))
    return FunctionRail(path=path, function=function, first=first, lines=lines)


def _excerpt(sample: Path, path: str) -> Excerpt:
    lines = (sample / "tree" / path).read_text().split("\n")
    return Excerpt(snapshot=2, path=path, first=1, lines=tuple(lines))


def make_app(events: Iterable[Event], *, hold: int | None = None, keys: dict[str, str] | None = None) -> ReviewApp:
    """An application that plays these events."""
    return ReviewApp(Played(events, hold), "thread.mbox", keymap=Keymap(keys), rules=OneRule())
