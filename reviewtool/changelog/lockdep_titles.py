# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""How reports begin, and how one is known whose first line was cut off. Strings as in kernel/locking/lockdep.c."""

from __future__ import annotations

import re
from typing import Final

from reviewtool.changelog.lockdep import ReportKind

_HEAD: Final = r"(?:(?:WARNING|INFO|BUG): |\[ (?:BUG|INFO|WARNING): )?"

TITLES: Final = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (ReportKind.CIRCULAR, _HEAD + r"possible circular locking dependency detected"),
        (ReportKind.RECURSIVE, _HEAD + r"possible recursive locking detected"),
        (ReportKind.INCONSISTENT, _HEAD + r"inconsistent lock state"),
        (ReportKind.SAFE_UNSAFE, (_HEAD + r"(?:HARDIRQ|SOFTIRQ|RECLAIM_FS)-safe -> (?:HARDIRQ|SOFTIRQ|RECLAIM_FS)-"
                                         r"unsafe lock order")),
        (ReportKind.INVERSION, _HEAD + r"possible (?:irq|reclaim) lock inversion dependency detected"),
        (ReportKind.WAIT_CONTEXT, r"\[ BUG: Invalid wait context \]"),
        (ReportKind.NOT_NESTED, _HEAD + r"Nested lock was not taken"),
        (ReportKind.BAD_UNLOCK, _HEAD + r"bad unlock balance detected!"),
        (ReportKind.BAD_CONTENTION, _HEAD + r"bad contention detected!"),
        (ReportKind.FREED, _HEAD + r"held lock freed!"),
        (ReportKind.HELD_AT_EXIT, _HEAD + r"(?P<task>[^\s/]{1,32})/(?P<pid>\d{1,9}) still has locks held!"),
        (ReportKind.HELD_TO_USER, _HEAD + r"lock held when returning to user ?space!"),
        (ReportKind.RCU, _HEAD + r"suspicious (?:RCU|\w{1,40}\(\)) usage"),
        (ReportKind.NON_STATIC, r"INFO: trying to register non-static key"),
        (ReportKind.LIMIT, r"BUG: (?P<detail>[A-Z_]{4,60}) too low!"),
        (ReportKind.SLEEPING, r"BUG: sleeping function called from invalid context(?: at (?P<detail>\S{1,200}))?"),
        (ReportKind.SCHEDULING, (r"BUG: scheduling while atomic: (?P<task>.{1,32}?)/(?P<pid>\d{1,9})/(?P<detail>0x[0-9a"
                                r"-f]{1,16})")),
        (ReportKind.ATOMIC, r"BUG: assuming (?:atomic context|non migratable context) at (?P<detail>\S{1,200})"),
        (ReportKind.SPINLOCK, (r"BUG: (?:spinlock|rwlock|raw_spinlock) (?P<detail>[a-z -]{3,40}) on CPU#\d{1,5}, (?P<"
                              r"task>.{1,32}?)/(?P<pid>\d{1,9})")),
        (ReportKind.WORKQUEUE, (r"BUG: workqueue leaked (?:lock or atomic|atomic, lock or RCU): (?P<task>[^\s\[]{1,32})"
                               r"(?:\[|/)")),
        (ReportKind.HUNG, (r"INFO: task (?P<task>.{1,32}?):(?P<pid>\d{1,9}) blocked (?:in I/O wait )?for more than (?P<"
                          r"detail>\d{1,6}) seconds")),
        (ReportKind.RACE, r"BUG: KCSAN: (?P<detail>(?:data-race|assert: race) in .{1,160})"),
        (ReportKind.PREEMPTIBLE, r"BUG: using (?P<detail>\w{1,60})\(\) in preemptible"),
        (ReportKind.STALL, r"(?:rcu: )?INFO: \w{1,40} (?:self-)?detected (?:expedited )?stalls?"),
        (ReportKind.OBJECT, r"ODEBUG: (?P<detail>.{1,160})"),
        (ReportKind.PIN, (r"(?P<detail>releasing a pinned lock|pinning an unheld lock|unpinning an un(?:held|pinned) "
                         r"lock)")),
        (ReportKind.ASSERTION, r"(?P<detail>DEBUG_\w{1,40}\(.{1,160}\))\Z"),
        (ReportKind.ASSERTION, r"WARNING: (?:CPU: \d{1,5} PID: \d{1,9} )?at (?P<detail>\S{1,200}:\d{1,7} \S{1,100})"),
    )
)  # fmt: skip

CLUES: Final = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (ReportKind.CIRCULAR, (r"which lock already depends on the new lock|the existing dependency chain \(in reverse "
                              r"order\)")),
        (ReportKind.SAFE_UNSAFE, r"which would create a new lock dependency|but this new dependency connects an? "),
        (ReportKind.INVERSION, r"but this lock (?:took|was taken by) another"),
        (ReportKind.INCONSISTENT, r"inconsistent \{[\w-]{2,40}\} -> \{[\w-]{2,40}\} usage"),
        (ReportKind.RECURSIVE, r"May be due to missing lock nesting notation"),
        (ReportKind.WAIT_CONTEXT, r"context-\{\d:\d\}"),
        (ReportKind.NOT_NESTED, r"but this task is not holding:"),
        (ReportKind.BAD_UNLOCK, r"but there are no more locks to release!"),
        (ReportKind.HELD_TO_USER, r"is leaving the kernel with locks still held!"),
        (ReportKind.FREED, r"is freeing memory \S{1,40}, with a lock still held there!"),
        (ReportKind.RCU, r"rcu_scheduler_active = \d"),
        (ReportKind.SLEEPING, r"in_atomic\(\): \d, irqs_disabled\(\): \d"),
    )
)  # fmt: skip
"""Lines that tell the kind of a report without its title."""


def title_of(text: str) -> tuple[ReportKind, re.Match[str]] | None:
    """The kind that a line begins a report of."""
    line = text.strip(" =#*-") if text.strip(" =#*-")[:1] != "[" else text.strip()
    for kind, pattern in TITLES:
        match = pattern.match(line)
        if match is not None:
            return kind, match
    return None


def clue_of(text: str) -> ReportKind | None:
    """The kind that a line inside a report tells."""
    for kind, pattern in CLUES:
        if pattern.search(text):
            return kind
    return None
