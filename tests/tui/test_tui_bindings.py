# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Every key that is offered does something, and every key may be another one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from reviewtool.tui.app import ReviewApp
from reviewtool.tui.base import BaseScreen
from reviewtool.tui.keys import ACTIONS, Keymap, KeymapError

WAYS = {
    "review": (":", "2", "enter", "G", "comma"),
    "rule": (":", "2", "enter", "G", "comma", "R"),
    "replay": (":", "2", "enter", "G", "comma", "p"),
    "source": (":", "2", "enter", "G", "comma", "p", "L", "enter"),
    "drafts": ("e",),
    "graph": ("o",),
    "document": ("D",),
    "thread": ("t",),
    "help": ("question_mark",),
}
"""How each screen is reached."""

_TEXTUAL = {"comma": "comma", "+": "plus", "-": "minus"}


async def _reach(app: ReviewApp, pilot: Any, kind: str) -> None:
    app.review_screen.mail.folds.open_all()
    app.review_screen.mail.refold()
    app.review_screen.mail.to(0)
    for key in WAYS[kind]:
        await pilot.press(key)
    await pilot.pause()
    assert isinstance(app.screen, BaseScreen)
    assert app.screen.kind == kind


@pytest.mark.parametrize("kind", WAYS)
async def test_each_key_reaches_its_action(
    kind: str,
    samples: ModuleType,
    sample_threads: Path,
    settle: Callable[[Any], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []
    app = samples.make_app(samples.made_events(sample_threads / "inversion"))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await _reach(app, pilot, kind)
        offered = app.screen.actions()
        assert {"help", "quit", "down"} <= {action.id for action in offered}
        monkeypatch.setattr(app, "perform", done.append)
        for action in offered:
            for keys in app.keymap.keys(action.id):
                done.clear()
                for key in keys:
                    await pilot.press(_TEXTUAL.get(key, key))
                await pilot.pause()
                assert done == [action.id], f"{keys} on {kind}"


@pytest.mark.parametrize("kind", WAYS)
async def test_each_action_that_is_offered_can_be_done(
    kind: str,
    samples: ModuleType,
    sample_threads: Path,
    settle: Callable[[Any], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EDITOR", "false")
    app = samples.make_app(samples.made_events(sample_threads / "inversion"))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await _reach(app, pilot, kind)
        for name in [action.id for action in app.screen.actions() if action.id != "quit"]:
            assert app.perform(name), name
            await pilot.pause()
            while app.screen is not app.review_screen:
                app.pop_screen()
            app.review_screen.query_one("#prompt").remove_class("asking")
            app.review_screen.mail.focus()
            await pilot.pause()
            await _reach(app, pilot, kind)
        assert app.perform("quit")
        assert app.engine.cancelled.is_set()


async def test_the_footer_offers_only_what_works(
    samples: ModuleType, sample_threads: Path, settle: Callable[[Any], Any]
) -> None:
    app = samples.make_app(samples.made_events(sample_threads / "inversion"))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        for kind in ("review", "drafts", "replay"):
            await _reach(app, pilot, kind)
            text = app.screen.query_one("#footer").text
            for action in app.screen.actions():
                assert not action.footer or f" {action.footer} " in text
            assert len([action for action in app.screen.actions() if action.footer]) <= 9
            while app.screen is not app.review_screen:
                app.pop_screen()


@pytest.mark.parametrize("action", [action.id for action in ACTIONS])
def test_each_action_may_have_another_key(action: str) -> None:
    usual = Keymap()
    screen = usual.actions[action].screens.split()[0]
    changed = Keymap({action: "f9, z f9"})
    assert changed.find(screen, ("f9",)) == action
    assert changed.find(screen, ("z", "f9")) == action
    for keys in usual.keys(action):
        assert changed.find(screen, keys) != action


async def test_another_key_works_and_the_usual_one_does_not(
    samples: ModuleType, sample_threads: Path, settle: Callable[[Any], Any]
) -> None:
    app = samples.make_app(samples.made_events(sample_threads / "inversion"), keys={"next-patch": "f9", "done": "z x"})
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await pilot.press("right_square_bracket")
        assert app.review_screen.mail.number == 0
        await pilot.press("f9", "d")
        assert app.review_screen.mail.number == 1
        assert app.book.mark(1) == ""
        await pilot.press("z", "x")
        assert app.book.mark(1) == "done"


def test_an_action_that_there_is_not() -> None:
    with pytest.raises(KeymapError, match="did you mean next-patch"):
        Keymap({"next-pach": "x"})


def test_keys_of_two_actions_are_told() -> None:
    assert Keymap({"done": "x"}).clashes == ["x is both done and skip; done wins"]
    assert Keymap().clashes == []
