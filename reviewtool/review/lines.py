# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The source lines that a report shows beside the steps of a finding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from reviewtool.finding.model import Finding
from reviewtool.locking.model import Step
from reviewtool.review.model import SourceLine
from reviewtool.tree.model import Snapshot

LineReader = Callable[[int, str, int], str]
"""From a snapshot's number, a path and a line (from 1) to the line's text; "" where it is not known."""


def places(findings: Iterable[Finding]) -> Iterator[tuple[int, str, int]]:
    """Snapshot, path and line of everything that findings point at."""
    for finding in findings:
        yield finding.snapshot, finding.path, finding.line
        for snapshot, steps in _steps(finding):
            yield from ((snapshot, step.path, step.line) for step in steps)


def other_snapshot(finding: Finding) -> int:
    """The snapshot that the steps of `other` are of."""
    return finding.snapshot if finding.other_snapshot is None else finding.other_snapshot


def _steps(finding: Finding) -> Iterator[tuple[int, tuple[Step, ...]]]:
    yield finding.snapshot, (*finding.witness, *finding.places)
    yield other_snapshot(finding), finding.other


def collect(wanted: Iterable[tuple[int, str, int]], snapshots: Sequence[Snapshot]) -> tuple[SourceLine, ...]:
    """Read the lines at these places; those that a snapshot does not have are left out.

    Each file is read and cut into lines once per snapshot, whatever the number of places in it.
    """
    by_file: dict[tuple[int, str], set[int]] = {}
    for number, path, line in wanted:
        by_file.setdefault((number, path), set()).add(line)
    found: list[SourceLine] = []
    for (number, path), numbers in sorted(by_file.items()):
        content = snapshots[number].read(path) if 0 <= number < len(snapshots) else None
        if content is None:
            continue
        text = content.decode("utf-8", "replace").split("\n")
        found += [
            SourceLine(snapshot=number, path=path, line=line, text=text[line - 1].rstrip("\r"))
            for line in sorted(numbers)
            if 0 < line <= len(text)
        ]
    return tuple(found)


def reader(lines: Iterable[SourceLine]) -> LineReader:
    """A function that answers from collected lines."""
    known: Mapping[tuple[int, str, int], str] = {(line.snapshot, line.path, line.line): line.text for line in lines}

    def read(snapshot: int, path: str, line: int) -> str:
        return known.get((snapshot, path, line), "")

    return read
