# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The source lines that travel with a review."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.model import Step
from reviewtool.review.events import ReviewDone
from reviewtool.review.lines import collect, places, reader
from reviewtool.review.model import Review
from reviewtool.ruleset.model import Group, Severity


@dataclass
class Snapshot:
    """A snapshot in memory that counts reads."""

    number: int
    files: Mapping[str, bytes]
    reads: list[str] = field(default_factory=list)

    def read(self, path: str) -> bytes | None:
        self.reads.append(path)
        return self.files.get(path)

    def read_many(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        return {path: self.files[path] for path in paths if path in self.files}

    def identity(self, path: str) -> str | None:
        return None

    def list(self, prefix: str = "") -> tuple[str, ...]:
        return tuple(self.files)

    def changed(self) -> frozenset[str]:
        return frozenset()


def step(path: str, line: int) -> Step:
    return Step(path=path, line=line, function="f", event="acquires a")


FINDING = Finding(
    rule="r",
    group=Group.ORDER,
    severity=Severity.ERROR,
    certainty=Certainty.PROVED,
    fingerprint="f",
    path="a.c",
    line=2,
    function="f",
    message="m",
    witness=(step("a.c", 1),),
    other=(step("b.c", 1),),
    places=(step("a.c", 9),),
    snapshot=1,
)


def test_lines_are_those_of_the_findings_snapshot() -> None:
    snapshots = [Snapshot(0, {"a.c": b"old\nold\n"}), Snapshot(1, {"a.c": b"one\r\n\xfftwo\n", "b.c": b"bee"})]
    lines = collect(places([FINDING]), snapshots)
    read = reader(lines)
    assert read(1, "a.c", 1) == "one"
    assert read(1, "a.c", 2) == "\ufffdtwo"
    assert read(1, "b.c", 1) == "bee"
    assert read(1, "a.c", 9) == ""
    assert read(0, "a.c", 1) == ""
    assert snapshots[0].reads == []
    assert sorted(snapshots[1].reads) == ["a.c", "b.c"]


def test_what_is_not_there_is_left_out() -> None:
    assert collect([(5, "a.c", 1), (0, "gone.c", 1), (0, "a.c", 0)], [Snapshot(0, {"a.c": b"x"})]) == ()


def test_events_travel_between_processes() -> None:
    event = ReviewDone(review=Review(source="s", subject="s", author=None, revision=1, base=None, findings=(FINDING,)))
    assert pickle.loads(pickle.dumps(event)) == event


def test_a_note_never_reaches_a_level() -> None:
    def review(*severities: Severity) -> Review:
        findings = tuple(
            Finding(
                rule="r",
                group=Group.ORDER,
                severity=severity,
                certainty=Certainty.QUESTION,
                fingerprint="f",
                path="a.c",
                line=1,
                function="f",
                message="m",
            )
            for severity in severities
        )
        return Review(source="s", subject="s", author=None, revision=1, base=None, findings=findings)

    assert not review(Severity.NOTE).reaches(Severity.NOTE)
    assert not review(Severity.NOTE).reaches(Severity.WARNING)
    assert review(Severity.NOTE, Severity.WARNING).reaches(Severity.WARNING)
    assert not review(Severity.WARNING).reaches(Severity.ERROR)
    assert review(Severity.ERROR).reaches(Severity.WARNING)
