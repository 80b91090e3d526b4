# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The replay screen: stepping, playing, the other side, what it says after each step."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from reviewtool.tui.lines import LinesView
from reviewtool.tui.panes import Bar
from reviewtool.tui.replay import ReplayScreen

WAY = (":", "2", "enter", "G", "comma", "p")


@pytest.fixture
def opened(samples: ModuleType, sample_threads: Path, settle: Callable[[Any], Any]) -> Callable[[], Any]:
    """A context manager that gives a pilot and the replay screen of the sample."""

    @asynccontextmanager
    async def open_it() -> AsyncIterator[tuple[Any, ReplayScreen]]:
        app = samples.make_app(samples.made_events(sample_threads / "inversion"))
        async with app.run_test(size=(120, 36)) as pilot:
            await settle(pilot)
            for key in WAY:
                await pilot.press(key)
            await pilot.pause()
            assert isinstance(app.screen, ReplayScreen)
            yield pilot, app.screen

    return open_it


def shown(screen: ReplayScreen) -> str:
    """All lines of the page."""
    page = screen.query_one("#page", LinesView)
    return "\n".join(page.line_at(index).text for index in range(page.count))


def title(screen: ReplayScreen) -> str:
    """The line above it."""
    return str(screen.query_one("#top", Bar).text)


async def test_steps_forward_and_back(opened: Callable[[], Any]) -> None:
    async with opened() as (pilot, screen):
        assert "now: CPU 0 holds hv_vm->irq_lock" in shown(screen)
        assert "CPU 1 holds" not in shown(screen)
        await pilot.press("l")
        assert screen.now == 1
        assert "CPU 1 holds hv_assign->lock" in shown(screen)
        assert "DEADLOCK" not in shown(screen)
        await pilot.press("h")
        assert screen.now == 0
        await pilot.press("h")
        assert screen.now == 0


async def test_the_end_tells_who_waits_for_whom(opened: Callable[[], Any]) -> None:
    async with opened() as (pilot, screen):
        await pilot.press("e")
        text = shown(screen)
        assert "*** DEADLOCK ***" in text
        assert "CPU 0 waits for CPU 1 (hv_assign->lock)" in text
        assert "CPU 1 waits for CPU 0 (hv_vm->irq_lock)" in text
        await pilot.press("l", "L")
        assert screen.now == len(screen.trace.rows) - 1
        await pilot.press("0")
        assert screen.now == 0
        await pilot.press("L", "L", "H")
        assert screen.now == 1


async def test_the_source_of_the_step_stands_beside_it(opened: Callable[[], Any]) -> None:
    async with opened() as (pilot, screen):
        await pilot.press("l", "l")
        assert "virt/kvm/assign.c:58 hv_assign_mark_pending()" in shown(screen)
        assert screen.place is not None
        assert screen.place.line == 58


async def test_playing_goes_to_the_end_and_stops(opened: Callable[[], Any]) -> None:
    async with opened() as (pilot, screen):
        await pilot.press("+", "+", "+", "p")
        assert "playing, 8 a second" in title(screen)
        for _ in range(100):
            if screen.now == len(screen.trace.rows) - 1:
                break
            await pilot.pause(0.05)
        await pilot.pause()
        assert screen.now == len(screen.trace.rows) - 1
        assert "playing" not in title(screen)
        await pilot.press("-", "-", "-", "-", "p", "p")
        assert screen.now == 0


async def test_the_other_side_completes(opened: Callable[[], Any]) -> None:
    async with opened() as (pilot, screen):
        assert "after 2" in title(screen)
        await pilot.press("b", "e")
        assert "before 2" in title(screen)
        assert "no deadlock on this schedule" in shown(screen)
        await pilot.press("b")
        assert "after 2" in title(screen)


async def test_the_schedule_is_copied(opened: Callable[[], Any]) -> None:
    async with opened() as (pilot, screen):
        await pilot.press("y")
        assert pilot.app.clipboard == "ab"
        assert screen.trace.schedule == "ab"


async def test_a_step_is_chosen_and_then_its_source(opened: Callable[[], Any]) -> None:
    async with opened() as (pilot, screen):
        page = screen.query_one("#page", LinesView)
        for wanted in ("replay", "source"):
            screen.chosen(page, next(index for index in range(page.count) if page.line_at(index).target == 2))
            await pilot.pause()
            assert screen.now == 2
            assert pilot.app.screen.kind == wanted
