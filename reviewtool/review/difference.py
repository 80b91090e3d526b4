# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""From the findings of each snapshot to those of each patch: what it introduces, what it removes, what was there.

A finding is followed from snapshot to snapshot by its fingerprint, and through renames: where a lock class or a
function vanishes and another appears in the same patch, a finding that differs in that name alone is the same one. And
where several ways lead to one trouble, the checks show the best; that another one is the best now is no news.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from reviewtool.finding.model import Finding, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotFindings:
    """What the checks say of one snapshot."""

    findings: Mapping[str, Finding]
    """By fingerprint."""
    classes: frozenset[str]
    """Labels of the lock classes that exist."""
    functions: frozenset[str]
    """Names of the functions that exist."""


@dataclass(slots=True)
class _Life:
    """One finding's way through the snapshots."""

    first: Finding
    since: int
    last: Finding
    until: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The findings of a series."""

    introduced: tuple[Finding, ...]
    """With patch, snapshot, status and until filled in; in order of patches, then of severity and place."""
    resolved: tuple[Finding, ...]
    """`patch` is the one that removes it, `snapshot` the last that has it."""
    pre_existing: tuple[Finding, ...]
    """What the base has; `until` is the patch that removes it."""


def difference(snapshots: Sequence[SnapshotFindings]) -> Difference:
    """Compare the snapshots 0..N one after the other."""
    lives = [_Life(finding, 0, finding) for finding in snapshots[0].findings.values()]
    alive = {life.last.fingerprint: life for life in lives}
    for number in range(1, len(snapshots)):
        before, after = snapshots[number - 1], snapshots[number]
        if after is before:
            continue
        alive = _next(number, before, after, alive, lives)
    introduced = [_told(life) for life in lives if life.since]
    pre_existing = [_old(life) for life in lives if not life.since]
    return Difference(
        introduced=tuple(sorted(introduced, key=in_order)),
        resolved=tuple(sorted((_gone(life) for life in lives if life.until is not None), key=in_order)),
        pre_existing=tuple(sorted(pre_existing, key=in_order)),
    )


def _next(
    number: int, before: SnapshotFindings, after: SnapshotFindings, alive: dict[str, _Life], lives: list[_Life]
) -> dict[str, _Life]:
    now: dict[str, _Life] = {}
    fresh: list[Finding] = []
    for fingerprint, finding in after.findings.items():
        life = alive.get(fingerprint)
        if life is None:
            fresh.append(finding)
        else:
            life.last = replace(finding, snapshot=number)
            now[fingerprint] = life
    lost = [life for fingerprint, life in alive.items() if fingerprint not in after.findings]
    for finding in fresh:
        same = next((life for life in lost if _renamed(life.last, finding, before, after)), None)
        same = same or next((life for life in lost if _other_way(life.last, finding)), None)
        if same is not None:
            lost.remove(same)
            same.last = replace(finding, snapshot=number)
            now[finding.fingerprint] = same
            continue
        born = _Life(replace(finding, snapshot=number), number, replace(finding, snapshot=number))
        lives.append(born)
        now[finding.fingerprint] = born
    for life in lost:
        life.until = number
    return now


def _renamed(old: Finding, new: Finding, before: SnapshotFindings, after: SnapshotFindings) -> bool:
    """The same finding under new names."""
    if old.rule != new.rule or len(old.locks) != len(new.locks) or len(old.witness) != len(new.witness):
        return False
    for was, now in zip(old.locks, new.locks, strict=True):
        if was != now and (was in after.classes or now in before.classes):
            return False
    if old.function != new.function:
        return old.function not in after.functions and new.function not in before.functions
    if old.path != new.path:
        return True
    return old.locks != new.locks


def _other_way(old: Finding, new: Finding) -> bool:
    """The same trouble, of the same locks and with the same end, shown by another way that leads to it."""
    if old.rule != new.rule or old.locks != new.locks or not old.witness or not new.witness:
        return False
    last, end = old.witness[-1], new.witness[-1]
    return (last.path, last.function, last.event) == (end.path, end.function, end.event)


def _told(life: _Life) -> Finding:
    status = Status.INTRODUCED if life.until is None else Status.FIXED_LATER
    return replace(life.first, patch=life.since, status=status, until=life.until)


def _old(life: _Life) -> Finding:
    return replace(life.first, status=Status.PRE_EXISTING, until=life.until)


def _gone(life: _Life) -> Finding:
    assert life.until is not None
    status = Status.FIXED_LATER if life.since else Status.PRE_EXISTING
    return replace(life.last, patch=life.until, status=status, until=life.until)


def in_order(finding: Finding) -> tuple[int, int, str, int, str]:
    """Sorts findings: by patch, then the worst first, then by place."""
    order = ("error", "warning", "note").index(finding.severity.value)
    return (finding.patch, order, finding.path, finding.line, finding.rule)
