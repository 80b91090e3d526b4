# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Nothing that was typed or decided is lost."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from reviewtool.tui.state import Book

_TYPIST = """
import asyncio, os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import tui_samples as samples

async def main():
    app = samples.make_app(samples.made_events(Path(sys.argv[2])), hold=8)
    async with app.run_test(size=(120, 36)) as pilot:
        while app.review_screen.mail.number < 0 or 2 not in app.desk.details:
            await pilot.pause(0.01)
        await pilot.press(":", "2", "enter", "d", "full_stop", "full_stop")
        await pilot.press("a", "l", "r", "w", "h", "y")
        await pilot.pause()
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


def test_kill_9_while_a_comment_is_typed_and_the_analysis_runs(samples: ModuleType, sample_threads: Path) -> None:
    words = [sys.executable, "-c", _TYPIST, str(Path(samples.__file__ or "").parent), str(sample_threads / "inversion")]
    ended = subprocess.run(words, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    book = Book()
    book.open(samples.made_review(sample_threads / "inversion").series)
    assert book.mark(2) == "done"
    assert book.verdict(samples.QUESTION.fingerprint) == "later"
    assert list(book.comments(2).values()) == ["why"]
    assert book.at == 2


async def test_the_next_time_all_is_there(
    samples: ModuleType, sample_threads: Path, settle: Callable[[Any], Any]
) -> None:
    events = samples.made_events(sample_threads / "inversion")
    app = samples.make_app(events)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await pilot.press("right_square_bracket", "x", "right_curly_bracket", "z", "a", "Q")
    again = samples.make_app(events)
    async with again.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        mail = again.review_screen.mail
        assert mail.number == 1
        assert again.book.mark(1) == "skip"
        assert mail.folds.closed == {"h0.1"}
        assert mail.row.kind.name == "HUNK"


def test_verdicts_follow_the_change_id_to_the_next_revision(samples: ModuleType, sample_threads: Path) -> None:
    series = replace(samples.made_review(sample_threads / "inversion").series, change_id="20260202-route-1")
    book = Book()
    book.open(series)
    book.set_verdict("f" * 32, "disagree")
    book.set_mark(1, "done")
    other = replace(series, revision=2, patches=())
    later = Book()
    later.open(other)
    assert later.verdict("f" * 32) == "disagree"
    assert later.mark(1) == ""


def test_a_file_that_cannot_be_read_is_put_aside(samples: ModuleType, sample_threads: Path, tmp_path: Path) -> None:
    series = samples.made_review(sample_threads / "inversion").series
    book = Book(tmp_path)
    book.open(series)
    book.set_mark(1, "done")
    (file,) = tmp_path.glob("*.json")
    file.write_text("{")
    again = Book(tmp_path)
    again.open(series)
    assert again.mark(1) == ""
    assert ".bad" in again.trouble
    again.set_mark(2, "skip")
    assert json.loads(file.read_text())["patches"]
    assert file.with_suffix(".bad").read_text() == "{"


def test_a_directory_that_cannot_be_written_is_told(samples: ModuleType, sample_threads: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    book = Book(tmp_path / "file" / "below")
    book.open(samples.made_review(sample_threads / "inversion").series)
    book.set_mark(1, "done")
    assert "not kept" in book.trouble
    assert book.mark(1) == "done"


async def test_an_editor_that_fails_costs_nothing(
    samples: ModuleType, sample_threads: Path, settle: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = samples.make_app(samples.made_events(sample_threads / "inversion"))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        for editor in ("/nonexistent/editor", "false", "'unbalanced"):
            monkeypatch.setenv("EDITOR", editor)
            await pilot.press("e", "e")
            await pilot.pause()
            assert app.screen.kind == "drafts"
            assert app.book.draft(2) == ""
            await pilot.press("q")
            await pilot.pause()


async def test_a_draft_with_a_comment_is_written(
    samples: ModuleType, sample_threads: Path, settle: Callable[[Any], Any], isolated_home: Path
) -> None:
    app = samples.make_app(samples.made_events(sample_threads / "inversion"))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await pilot.press(":", "1", "enter", "right_curly_bracket", "j", "r", *"really", "escape")
        await pilot.pause()
        await pilot.press("e")
        await pilot.pause()
        page = app.screen.query_one("#page")
        index = next(i for i in range(page.count) if "[x] N" in page.line_at(i).text)
        page.to(index)
        await pilot.press("i", "ctrl+y")
        await pilot.pause()
    files = sorted((isolated_home / "state").rglob("*.eml"))
    assert [file.name[:4] for file in files] == ["0001", "0002"]
    assert "\n\nreally\n" in files[0].read_text()
    second = files[1].read_text()
    assert "hv_assign->lock" in second
    assert "is the order of these two meant" not in second
