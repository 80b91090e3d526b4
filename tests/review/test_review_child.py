# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The engine in a process of its own, and the details that it tells a terminal UI."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reviewtool.review.child import EngineProcess
from reviewtool.review.detail import OrderDone, PatchDetail
from reviewtool.review.engine import review_source
from reviewtool.review.events import Fault, Refused, ReviewDone
from reviewtool.review.request import ReviewRequest, Settings


def _request(sample: Path) -> ReviewRequest:
    settings = Settings(tree=sample / "tree", no_cache=True)
    return ReviewRequest(source=str(sample / "thread.mbox"), settings=settings, details=True)


def test_events_are_those_of_the_engine(sample_threads: Path) -> None:
    request = _request(sample_threads / "inversion")
    here, there = list(review_source(request)), list(EngineProcess(request).events())
    assert here == there
    assert isinstance(there[-1], ReviewDone)


def test_a_cancelled_process_ends_at_once(sample_threads: Path) -> None:
    process = EngineProcess(_request(sample_threads / "story"))
    stream = process.events()
    next(stream)
    process.cancel()
    assert not any(isinstance(event, (Refused, ReviewDone)) for event in stream)
    assert not process.running


def test_a_process_that_dies_is_told(sample_threads: Path) -> None:
    process = EngineProcess(_request(sample_threads / "story"))
    process._process.kill()
    (event,) = list(process.events())[-1:]
    assert isinstance(event, Refused)
    assert event.fault is Fault.INTERNAL


def test_rails_say_what_is_held(sample_threads: Path) -> None:
    events = list(review_source(_request(sample_threads / "inversion")))
    detail = next(event for event in events if isinstance(event, PatchDetail) and event.number == 2)
    text = _patched(events)
    rail = next(rail for rail in detail.after if rail.function == "hv_irq_route_set")
    call = next(line for line, code in text.items() if "hv_bypass_route_changed(vm" in code)
    taken = next(line for line, code in text.items() if "mutex_lock(&vm->irq_lock)" in code)
    assert [held.label for held in rail.at(call) or ()] == ["hv_vm->irq_lock"]
    assert rail.at(taken) == ()
    assert rail.at(rail.first - 1) is None
    assert {(edge.outer, edge.inner) for edge in detail.added} == {("hv_vm->irq_lock", "hv_assign->lock")}
    order = next(event for event in events if isinstance(event, OrderDone))
    assert ("hv_assign->lock", "hv_vm->irq_lock") in {(edge.outer, edge.inner) for edge in order.edges}


def _patched(events: Sequence[object]) -> dict[int, str]:
    """The lines of the excerpt around the second patch's change of irqroute.c."""
    detail = next(event for event in events if isinstance(event, PatchDetail) and event.number == 2)
    piece = next(piece for piece in detail.excerpts if piece.path.endswith("irqroute.c"))
    return dict(enumerate(piece.lines, piece.first))
