# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Findings about what a patch changed, followed through the snapshots like those about what a snapshot has.

Such a finding lives as long as the comparison with the snapshot before its patch gives it. One that a comparison with
the base does not give is none: the series only goes back to what was there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from reviewtool.checks.agreement import Claim
from reviewtool.checks.steps import step_findings
from reviewtool.finding.model import Finding
from reviewtool.review.difference import SnapshotFindings
from reviewtool.review.workshop import Models

Claims = Mapping[str, tuple[Claim, ...]]
"""What documents say of guarded fields, by world."""

NO_CLAIMS: Final[Claims] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Start:
    """A snapshot that later ones are compared with, and what its patch did."""

    models: Models
    found: frozenset[str]


class Stepping:
    """Goes along with an analysis from snapshot 1 on."""

    def __init__(self, base: Models, wanted: Callable[[Finding], bool]) -> None:
        self._base = base
        self._wanted = wanted
        self._starts: list[_Start] = []

    def see(self, old: Models, new: Models, claims: Claims = NO_CLAIMS) -> dict[str, Finding]:
        """What snapshot `new` has of this kind; `old` is the one before, `claims` as in `step_findings`."""
        alive: dict[str, Finding] = {}
        for start in self._starts:
            again = step_findings(start.models, new, claims)
            alive.update((key, again[key]) for key in start.found if key in again)
        fresh = {key: finding for key, finding in step_findings(old, new, claims).items() if self._wanted(finding)}
        if fresh and old is not self._base:
            whole = step_findings(self._base, new, claims)
            fresh = {key: found for key, found in fresh.items() if key in whole or self._is_new(found)}
        fresh = {key: finding for key, finding in fresh.items() if key not in alive}
        if fresh:
            self._starts.append(_Start(old, frozenset(fresh)))
        return alive | fresh

    def _is_new(self, finding: Finding) -> bool:
        """The base does not have the function."""
        return not any(
            function.name == finding.function and function.path == finding.path
            for model in self._base
            for function in model.functions
        )


def with_steps(judged: SnapshotFindings, steps: dict[str, Finding]) -> SnapshotFindings:
    """The findings of a snapshot, those about its changes included."""
    if not steps:
        return judged
    return SnapshotFindings(findings={**judged.findings, **steps}, classes=judged.classes, functions=judged.functions)
