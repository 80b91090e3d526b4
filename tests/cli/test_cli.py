# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The command line against an engine that plays what a test wants: statuses, streams, options."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import reviewtool.review
from reviewtool.cli.app import run
from reviewtool.finding.model import Certainty, Finding
from reviewtool.review.events import (
    Event,
    ExampleDone,
    Fault,
    Notice,
    Progress,
    Refused,
    ReviewDone,
    Stage,
)
from reviewtool.review.model import Review
from reviewtool.review.request import AuditRequest, ReviewRequest
from reviewtool.ruleset.model import Group, Severity

Play = Callable[[Any], Iterator[Event]]


def review(source: str, *severities: Severity) -> Review:
    """A review with a finding of each severity."""
    findings = tuple(
        Finding(
            rule="some-rule",
            group=Group.BALANCE,
            severity=severity,
            certainty=Certainty.PROVED,
            fingerprint="0123456789",
            path="a.c",
            line=1,
            function="f",
            message="m",
            patch=1,
        )
        for severity in severities
    )
    return Review(source=source, subject="s", author=None, revision=1, base=None, findings=findings)


@dataclasses.dataclass
class Engine:
    """What the engine was asked, and what it plays."""

    play: Play
    requests: list[Any] = dataclasses.field(default_factory=list)

    def start(self, request: Any) -> Iterator[Event]:
        """Remember the request and play."""
        self.requests.append(request)
        return self.play(request)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """An engine in place of the real one; a test sets what it plays."""
    fake = Engine(play=lambda request: iter([ReviewDone(review=review(request.label))]))
    module = ModuleType("reviewtool.review.engine")
    module.__dict__.update(review_source=fake.start, audit_tree=fake.start)
    monkeypatch.setitem(sys.modules, "reviewtool.review.engine", module)
    monkeypatch.setattr(reviewtool.review, "engine", module, raising=False)
    return fake


def by_source(events: dict[str, list[Event]]) -> Play:
    """An engine that plays these events for each source."""
    return lambda request: iter(events[request.label])


def done(source: str, *severities: Severity) -> list[Event]:
    return [ReviewDone(review=review(source, *severities))]


def refused(source: str, fault: Fault) -> list[Event]:
    return [Refused(source=source, fault=fault, message="it is not there; name another")]


E, W, N = Severity.ERROR, Severity.WARNING, Severity.NOTE


@pytest.mark.parametrize(
    ("severities", "options", "status"),
    [
        ([], [], 0),
        ([N], [], 0),
        ([W], [], 1),
        ([E], [], 1),
        ([W, N], ["--fail-on", "error"], 0),
        ([E], ["--fail-on", "error"], 1),
    ],
)
def test_exit_status_by_severity(engine: Engine, severities: list[Severity], options: list[str], status: int) -> None:
    engine.play = by_source({"m": done("m", *severities)})
    assert run(["batch", "m", *options]) == status


@pytest.mark.parametrize(
    ("kinds", "status"),
    [(["clean", "found"], 1), (["found", "input"], 3), (["input", "found", "fault"], 4), (["crash", "clean"], 4)],
)
def test_the_worst_of_several_sources_decides_and_none_costs_the_others(
    engine: Engine, kinds: list[str], status: int, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    def crash(request: ReviewRequest) -> Iterator[Event]:
        plays = {
            "clean": done("clean"),
            "found": done("found", E),
            "input": refused("input", Fault.INPUT),
            "fault": refused("fault", Fault.INTERNAL),
        }
        if request.source == "crash":
            raise RuntimeError("two\nlines")
        yield from plays[request.source]

    engine.play = crash
    assert run(["batch", "--format", "json", *kinds]) == status
    out, err = capfdbinary.readouterr()
    assert [item["source"] for item in json.loads(out)["reviews"]] == [k for k in kinds if k in ("clean", "found")]
    lines = err.decode().splitlines()
    assert len(lines) == sum(kind in ("input", "fault", "crash") for kind in kinds)
    assert not any("Traceback" in line for line in lines)


def test_bad_input_is_one_clean_line(engine: Engine, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    engine.play = by_source({"x\x1b": [Refused(source="x\x1b", fault=Fault.INPUT, message="no \u202ething")]})
    assert run(["batch", "x\x1b"]) == 3
    assert capfdbinary.readouterr() == (b"", b"reviewtool: x^[: no <U+202E>thing\n")


def test_a_usage_fault_stops_the_batch(engine: Engine) -> None:
    engine.play = by_source({"a": refused("a", Fault.USAGE), "b": done("b", E)})
    assert run(["batch", "a", "b"]) == 2
    assert [request.source for request in engine.requests] == ["a"]


def test_an_engine_that_ends_without_a_review_is_a_fault(engine: Engine) -> None:
    engine.play = by_source({"m": []})
    assert run(["batch", "m"]) == 4


@pytest.mark.parametrize(
    "words",
    [
        ["batch"],
        ["batch", "m", "--range", "A..B"],
        ["batch", "-", "-"],
        ["batch", "m", "--format", "pdf"],
        ["batch", "m", "--tree", "/nonexistent"],
        ["batch", "m", "--revision", "0"],
        ["batch", "m", "--jobs", "0"],
        ["batch", "m", "--no-such-option"],
        ["batch", "m", "--config", "/nonexistent.toml"],
        ["batch", "m", "--config", "x.toml", "--no-config"],
        ["batch", "m", "-o", "/nonexistent/report"],
        ["batch", "m", "--fail-on", "note"],
        ["no-such-command"],
        ["explain"],
        ["explain", "no-such-rule"],
        ["explain", "x", "--rules", "/nonexistent"],
    ],
)
def test_wrong_usage_is_status_2_and_one_line(
    engine: Engine, words: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(words) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("reviewtool: ")
    assert err.count("\n") == 1
    assert engine.requests == []


def test_options_reach_the_engine(engine: Engine, tmp_path: Path) -> None:
    words = ["batch", "m", "--revision", "2", "--tree", str(tmp_path), "--base", "v6.1", "--rules", str(tmp_path)]
    words += ["--disable", "a-rule", "--disable", "b-rule", "--group", "order", "--cache-dir", str(tmp_path / "c")]
    words += ["--no-cache", "--pre-existing", "--jobs", "2", "--no-config"]
    assert run(words) == 0
    (request,) = engine.requests
    assert isinstance(request, ReviewRequest)
    assert (request.source, request.range, request.revision) == ("m", None, 2)
    settings = request.settings
    assert settings.tree == tmp_path
    assert settings.base == "v6.1"
    assert settings.rules == (tmp_path,)
    assert settings.disable == {"a-rule", "b-rule"}
    assert settings.groups == {Group.ORDER}
    assert settings.cache_dir == tmp_path / "c"
    assert settings.no_cache
    assert settings.pre_existing
    assert settings.jobs == 2


def test_a_range_needs_no_source(engine: Engine) -> None:
    assert run(["batch", "--range", "A..B"]) == 0
    assert engine.requests[0].range == "A..B"
    assert engine.requests[0].source == ""


def test_audit(engine: Engine, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(["audit", "virt/kvm", "arch/x86/kvm", "--tree", str(tmp_path)]) == 0
    (request,) = engine.requests
    assert isinstance(request, AuditRequest)
    assert request.paths == ("virt/kvm", "arch/x86/kvm")
    assert not request.parse_report
    assert b"nothing to report" in capfdbinary.readouterr().out


def test_configuration_below_options(engine: Engine, tmp_path: Path, isolated_home: Path) -> None:
    file = isolated_home / "config/reviewtool/config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(f'tree = "{tmp_path}"\njobs = 3\npre-existing = true\ndisable = ["a-rule"]\nfail-on = "error"\n')
    engine.play = by_source({"m": done("m", W)})
    assert run(["batch", "m", "--disable", "b-rule"]) == 0
    settings = engine.requests[-1].settings
    assert (settings.tree, settings.jobs, settings.pre_existing) == (tmp_path, 3, True)
    assert settings.disable == {"a-rule", "b-rule"}
    assert run(["batch", "m", "--jobs", "1", "--no-pre-existing", "--fail-on", "warning"]) == 1
    settings = engine.requests[-1].settings
    assert (settings.jobs, settings.pre_existing) == (1, False)
    assert run(["batch", "m", "--no-config"]) == 1
    assert engine.requests[-1].settings.tree is None


def test_a_report_in_a_file_has_the_same_bytes(
    engine: Engine, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    engine.play = by_source({"m": done("mä\udcff", E)})
    assert run(["batch", "m"]) == 1
    out = capfdbinary.readouterr().out
    assert "mä<U+DCFF>".encode() in out
    assert run(["batch", "m", "-o", str(tmp_path / "report")]) == 1
    assert capfdbinary.readouterr().out == b""
    assert (tmp_path / "report").read_bytes() == out


def test_notices_go_to_standard_error_and_progress_only_to_a_terminal(
    engine: Engine, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    events = [Progress(stage=Stage.APPLY, done=1, total=2, what="p"), Notice(text="base guessed"), *done("m")]
    engine.play = by_source({"m": events})
    assert run(["batch", "m"]) == 0
    assert capfdbinary.readouterr().err == b"reviewtool: m: base guessed\n"

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert run(["batch", "m"]) == 0
    assert "\r\x1b[Km: applying 1/2 p" in terminal.getvalue()
    assert "reviewtool: m: base guessed\n" in terminal.getvalue()


def test_interruption(engine: Engine) -> None:
    def interrupt(request: ReviewRequest) -> Iterator[Event]:
        raise KeyboardInterrupt

    engine.play = interrupt
    assert run(["batch", "m"]) == 130


def test_a_reader_that_goes_away(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        assert run(["batch", "m"]) == 141
    assert capfd.readouterr().err == ""


def test_examples_of_rules(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    results = [
        ExampleDone(rule="a", path="a.md"),
        ExampleDone(rule="b", path="b.md", missing=((7, "b"),), unexpected=((9, "c"),)),
    ]
    module = ModuleType("reviewtool.review.engine")
    module.__dict__["run_examples"] = lambda ruleset, names: iter(results)
    monkeypatch.setitem(sys.modules, "reviewtool.review.engine", module)
    monkeypatch.setattr(reviewtool.review, "engine", module, raising=False)
    assert run(["rules", "test"]) == 1
    out = capfd.readouterr().out
    assert out == "b.md:7: b is not reported here\nb.md:9: c is reported here\n2 examples, 1 failed\n"
    results.pop()
    assert run(["rules", "test"]) == 0


def test_cache_is_shown_and_cleared(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    from reviewtool.cache.disk import Cache

    place = tmp_path / "cache"
    assert run(["cache", "--cache-dir", str(place)]) == 0
    assert "nothing there yet" in capfd.readouterr().out
    cache = Cache(place)
    cache.put_many({b"k": b"v"})
    cache.close()
    assert run(["cache", "--cache-dir", str(place)]) == 0
    assert "1 entries" in capfd.readouterr().out
    assert run(["cache", "--cache-dir", str(place), "clear"]) == 0
    assert run(["cache", "--cache-dir", str(place)]) == 0
    assert "0 entries" in capfd.readouterr().out
