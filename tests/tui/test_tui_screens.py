# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Every screen at three sizes, as pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SIZES = ((80, 24), (120, 36), (200, 50))

SCREENS = {
    "review": (":", "2", "enter", "full_stop", "full_stop"),
    "rail": (":", "2", "enter", "right_curly_bracket", "j", "j", "j", "j", "j", "j", "j"),
    "folded": (":", "2", "enter", "z", "M"),
    "failed": (":", "3", "enter"),
    "inspector": (":", "2", "enter", "G", "comma", "enter", "j", "j"),
    "patches": (":", "1", "enter", "d", "shift+tab"),
    "chord": ("z",),
    "help": ("question_mark",),
    "rule": (":", "2", "enter", "G", "comma", "R"),
    "replay": (":", "2", "enter", "G", "comma", "p", "l", "l"),
    "replay-end": (":", "2", "enter", "G", "comma", "p", "e"),
    "replay-side": (":", "2", "enter", "G", "comma", "p", "l", "b"),
    "steps": (":", "2", "enter", "G", "comma", "comma", "comma", "comma", "p", "l"),
    "source": (":", "2", "enter", "G", "comma", "p", "L", "enter"),
    "drafts": ("e",),
    "graph": ("o", "j", "enter"),
    "document": ("D",),
    "thread": ("t",),
    "palette": ("ctrl+p",),
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("screen", SCREENS)
async def test_picture(
    screen: str,
    size: tuple[int, int],
    samples: ModuleType,
    sample_threads: Path,
    settle: Callable[[Any], Any],
    same_picture: Callable[[Any, str], None],
) -> None:
    app = samples.make_app(samples.made_events(sample_threads / "inversion"))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        for key in SCREENS[screen]:
            await pilot.press(key)
        await pilot.pause()
        if screen == "palette":
            app.screen.query_one("Input").cursor_blink = False
            await pilot.pause(0.2)
        same_picture(app, f"{screen}-{size[0]}x{size[1]}")


async def test_a_terminal_that_is_too_small_does_no_harm(
    samples: ModuleType, sample_threads: Path, settle: Callable[[Any], Any]
) -> None:
    app = samples.make_app(samples.made_events(sample_threads / "inversion"))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await pilot.press(":", "2", "enter", "G")
        for size in ((20, 6), (1, 1), (200, 50), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            await pilot.press("k", "full_stop")
        assert app.review_screen.mail.number == 2
        assert app.is_running
