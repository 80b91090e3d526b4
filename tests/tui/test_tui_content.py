# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What the terminal UI shows is what the report says, whoever wrote the mail."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from reviewtool.report.json_report import review_object
from reviewtool.review.events import ReviewDone, SeriesRead
from reviewtool.tui.lines import LinesView
from reviewtool.tui.mailrows import LETTER
from reviewtool.tui.panes import Bar
from reviewtool.tui.row import Kind

EVIL = "\x1b]0;owned\x07\x1b[31m[bold red]x[/] \u202eevil\u2028 [@click=app.bell]y[/]"


@pytest.mark.parametrize("sample", ["inversion", "unlock", "story", "clean"])
async def test_content_is_that_of_the_json_report(
    sample: str, samples: ModuleType, sample_threads: Path, settle: Callable[[Any], Any]
) -> None:
    events = samples.real_events(sample_threads / sample)
    assert isinstance(events[-1], ReviewDone), events[-1]
    report: Any = review_object(events[-1].review)
    app = samples.make_app(events)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        screen = app.review_screen
        listed = {screen.patches.line_at(i).target: screen.patches.line_at(i).text for i in range(screen.patches.count)}
        for patch in report["patches"]:
            found = [finding for finding in report["findings"] if finding["patch"] == patch["number"]]
            for severity, letter in LETTER.items():
                count = sum(finding["severity"] == severity.value for finding in found)
                assert (f" {letter}{count}" in listed[patch["number"]]) == bool(count)
            screen.open(patch["number"])
            rows = [row for row in screen.mail.rows if row.kind is Kind.FINDING and row.first]
            assert sorted(row.key for row in rows) == sorted(finding["fingerprint"] for finding in found)
            claims = [claim for claim in report["claims"] if claim["patch"] == patch["number"]]
            shown = [row for row in screen.mail.rows if row.kind is Kind.CLAIM and row.first]
            assert len(shown) == len(claims)
            head = "\n".join(row.text for row in screen.mail.rows if row.kind is Kind.HEADER)
            assert f"Applied: {patch['applied']}" in head
            for finding in found:
                screen.open_finding(finding["fingerprint"])
                await pilot.pause()
                said = "\n".join(screen.inspector.line_at(i).text for i in range(screen.inspector.count))
                assert all(f"{step['path'].rpartition('/')[2]}:{step['line']}" in said for step in finding["witness"])
        top = app.screen.query_one("#top", Bar).text
        errors = sum(finding["severity"] == "error" for finding in report["findings"])
        assert (f"{errors} error" in top) == bool(errors)
        assert ("nothing to report" in top) == (not report["findings"])


async def test_the_mail_is_shown_as_it_was_sent(
    samples: ModuleType, sample_threads: Path, settle: Callable[[Any], Any]
) -> None:
    app = samples.make_app(samples.made_events(sample_threads / "inversion"))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        app.review_screen.open(2)
        mail = app.review_screen.mail
        body = mail.patch.mail.body.rstrip("\n").split("\n")
        shown = {row.body_line: row for row in mail.rows if row.body_line}
        left_out = [text for number, text in enumerate(body, 1) if number not in shown]
        assert all(text.startswith(("index ", "--- a/", "+++ b/")) for text in left_out)
        for number, row in shown.items():
            if row.kind is Kind.CODE:
                assert row.sign + row.raw == body[number - 1]


def _hostile(samples: ModuleType, sample: Path) -> tuple[Any, ...]:
    events = samples.made_events(sample)
    review = events[-1].review
    series = review.series
    patch = series.patches[1]
    mail = replace(
        patch.mail,
        subject=EVIL,
        author=replace(patch.mail.author, name=EVIL),
        body="\n".join(
            line + EVIL if not line.startswith(("diff", "@@")) else line for line in patch.mail.body.split("\n")
        ),
    )
    patch = replace(patch, mail=mail, subject=EVIL, changelog=patch.changelog + EVIL)
    replies = tuple(
        replace(
            reply,
            mail=replace(reply.mail, author=replace(reply.mail.author, name=EVIL), body=EVIL),
            comments=tuple(replace(comment, text=EVIL, quoted=(EVIL,)) for comment in reply.comments),
        )
        for reply in series.follow_ups
    )
    series = replace(series, subject=EVIL, patches=(series.patches[0], patch, None), follow_ups=replies)
    steps = tuple(replace(step, event=EVIL, function=EVIL) for step in samples.FINDING.witness)
    finding = replace(
        samples.FINDING, message=EVIL, explanation=EVIL, locks=(EVIL, EVIL), witness=steps, suggestion=EVIL
    )
    review = replace(review, series=series, findings=(finding,), notes=(EVIL,), source=EVIL)
    told = [replace(event, series=series) if isinstance(event, SeriesRead) else event for event in events[:-1]]
    return (*told, ReviewDone(review=review))


async def test_a_hostile_mail_is_harmless(
    samples: ModuleType, sample_threads: Path, settle: Callable[[Any], Any]
) -> None:
    app = samples.make_app(_hostile(samples, sample_threads / "inversion"))
    seen: list[str] = []
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        for number in (0, 1, 2, 3):
            app.review_screen.open(number)
            await pilot.pause()
            seen += _texts(app)
        app.review_screen.open_finding(samples.FINDING.fingerprint)
        await pilot.pause()
        seen += _texts(app)
        for keys in (("t",), ("e",), ("o",), ("p",), ("D",), ("R",), ("r",), ("/", *"zz", "enter")):
            app.review_screen.open_finding(samples.FINDING.fingerprint)
            await pilot.press(*keys)
            await pilot.pause()
            seen += _texts(app)
            if app.screen is not app.review_screen:
                await pilot.press("escape")
                await pilot.pause()
        seen.append(app.export_screenshot())
    text = "\n".join(seen)
    assert "^[]0;owned^G^[[31m[bold red]x[/] <U+202E>evil<U+2028>" in text
    for char in set(text) - {"\n"}:
        assert unicodedata.category(char) not in ("Cc", "Cf", "Zl", "Zp"), repr(char)


def _texts(app: Any) -> list[str]:
    found = []
    for view in app.screen.query(LinesView):
        shown = [view.render_line(y) for y in range(min(view.count, view.size.height))]
        found += ["".join(segment.text for segment in strip) for strip in shown]
        found += [view.line_at(index).text for index in range(view.count)]
    return found + [bar.text for bar in app.screen.query(Bar)]


async def test_partial_results_stay_after_cancel(samples: ModuleType, sample_threads: Path) -> None:
    events = samples.made_events(sample_threads / "inversion")
    app = samples.make_app(events, hold=8)
    async with app.run_test(size=(120, 36)) as pilot:
        for _ in range(200):
            await pilot.pause(0.01)
            if 2 in app.desk.results and app.review_screen.mail.number >= 0:
                break
        assert "analysing" in app.screen.query_one("#top", Bar).text
        await pilot.press("ctrl+x")
        await pilot.pause()
        assert app.engine.cancelled.is_set()
        assert "stopped after 2" in app.screen.query_one("#top", Bar).text
        app.review_screen.open(2)
        assert {row.key for row in app.review_screen.mail.rows if row.kind is Kind.FINDING}
        assert "ctrl+x" not in {key for action in app.screen.actions() for key in app.keymap.keys(action.id)}


async def test_limit_and_search(samples: ModuleType, sample_threads: Path, settle: Callable[[Any], Any]) -> None:
    app = samples.make_app(samples.made_events(sample_threads / "inversion"))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        for words, wanted in {
            "s:error": (2,), "f:assign.c": (1, 2), "r:order c:proved": (2,), "p:3": (3,), "table": (3,),
            "s:warning": (3,),
        }.items():  # fmt: skip
            await pilot.press("l", "ctrl+u", *words, "enter")
            await pilot.pause()
            assert app.review_screen.numbers == wanted, words
        await pilot.press("l", "ctrl+u", "enter", ":", "2", "enter", "/", *"moved under", "enter")
        await pilot.pause()
        assert "moved under" in app.review_screen.mail.row.text
