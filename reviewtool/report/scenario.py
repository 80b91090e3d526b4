# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The table that lockdep prints for a cycle: "Possible unsafe locking scenario" (kernel/locking/lockdep.c).

An order finding names the locks of its cycle in order: while `locks[0]` is held, its witness takes `locks[1]`; the
opposite path leads from there back to `locks[0]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from reviewtool.finding.model import Finding
from reviewtool.locking.model import Step
from reviewtool.report.visible import visible
from reviewtool.ruleset.model import Group

_COLUMN = 31
"""Where lockdep begins the column of CPU1."""

_SHARED = ("shared", "for reading")
_WAITS = ("waits", "synchronizes", "flushes")


def scenario(finding: Finding) -> tuple[str, ...]:
    """The lines of the table; none for a finding that is not about a cycle of locks."""
    if finding.group is not Group.ORDER or not finding.locks:
        return ()
    if len(finding.locks) == 1:
        return tuple(_recursion(finding)) if finding.witness else ()
    if not finding.other and finding.document is None:
        return ()
    return tuple(_cycle(finding))


def _recursion(finding: Finding) -> Iterator[str]:
    lock = finding.locks[0]
    yield " Possible unsafe locking scenario:"
    yield ""
    yield "       CPU0"
    yield "       ----"
    yield f"  {_call(lock, finding.witness)}"
    yield f"  {_call(lock, finding.witness[-1:])}"
    yield ""
    yield "  *** DEADLOCK ***"


def _cycle(finding: Finding) -> Iterator[str]:
    first, second, last = finding.locks[0], finding.locks[1], finding.locks[-1]
    if len(finding.locks) > 2:
        yield " Chain exists of:"
        yield "   " + " --> ".join(visible(lock) for lock in (*finding.locks[1:], first))
        yield ""
    yield " Possible unsafe locking scenario:"
    yield ""
    outer, inner = _call(first, finding.witness), _call(second, finding.witness)
    column = max(_COLUMN, len(outer) + 4, len(inner) + 4)
    rows = [
        ("       CPU0", "CPU1"),
        ("       ----", "----"),
        (f"  {outer}", ""),
        ("", _call(last, finding.other)),
        ("", _call(first, finding.other)),
        (f"  {inner}", ""),
    ]
    yield from (f"{left:<{column}}{right}".rstrip() for left, right in rows)
    yield ""
    yield "  *** DEADLOCK ***"
    if not finding.other and finding.document is not None:
        yield f"  (CPU1 as {visible(finding.document.path)}:{finding.document.line} has it)"


def _call(lock: str, steps: Iterable[Step]) -> str:
    """`lock(x);`, or lockdep's `rlock` and `sync` where the last step about this lock says so."""
    named = re.compile(rf"(?<![\w>]){re.escape(lock)}(?!\w)")
    about = [step.event for step in steps if named.search(step.event) and not step.event.startswith("calls ")]
    event = about[-1] if about else ""
    verb = "lock"
    if any(word in event for word in _WAITS):
        verb = "sync"
    elif any(word in event for word in _SHARED):
        verb = "rlock"
    return f"{verb}({visible(lock)});"
