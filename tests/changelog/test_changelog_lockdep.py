# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Reports of all kinds, in the forms that mails have. All of them were written for this test."""

from __future__ import annotations

import textwrap

import pytest

from reviewtool.changelog.lockdep import Act, Report, ReportKind
from reviewtool.changelog.lockdep_parse import parse_reports

CIRCULAR = """\
======================================================
WARNING: possible circular locking dependency detected
6.12.0-hub+ #7 Not tainted
------------------------------------------------------
hubd/4711 is trying to acquire lock:
ffff888012345678 (hub_lock){+.+.}-{4:4}, at: hub_attach+0x2a/0x90 [hub]

but task is already holding lock:
ffffffff81234560 (&port->mutex){+.+.}-{4:4}, at: port_open+0x1c/0x80 [hub]

which lock already depends on the new lock.


the existing dependency chain (in reverse order) is:

-> #2 (&port->mutex){+.+.}-{4:4}:
       __mutex_lock+0x9a/0xb00
       port_start+0x33/0x70 [hub]

-> #1 (&hub->ring#3){++++}-{3:3}:
       _raw_read_lock+0x30/0x40
       hub_ring_walk+0x11/0x60 [hub]

-> #0 (hub_lock){+.+.}-{4:4}:
       __lock_acquire+0x1300/0x2200
       ? mark_lock+0x10/0x80
       hub_attach+0x2a/0x90 [hub]

other info that might help us debug this:

Chain exists of:
  hub_lock --> &hub->ring#3 --> &port->mutex

 Possible unsafe locking scenario:

       CPU0                    CPU1
       ----                    ----
  lock(&port->mutex);
                               rlock(&hub->ring#3);
                               lock(&port->mutex);
  lock(hub_lock);

 *** DEADLOCK ***

1 lock held by hubd/4711:
 #0: ffffffff81234560 (&port->mutex){+.+.}-{4:4}, at: port_open+0x1c/0x80 [hub]

stack backtrace:
CPU: 3 UID: 0 PID: 4711 Comm: hubd Not tainted 6.12.0-hub+ #7
Call Trace:
 <TASK>
 dump_stack_lvl+0x60/0x90
 hub_attach+0x2a/0x90 [hub]
 </TASK>
"""

INCONSISTENT = """\
================================
WARNING: inconsistent lock state
6.12.0-hub+ #7 Not tainted
--------------------------------
inconsistent {HARDIRQ-ON-W} -> {IN-HARDIRQ-W} usage.
swapper/2/0 [HC1[1]:SC0[0]:HE0:SE1] takes:
ffff888012345678 (&hub->slock){?.+.}-{3:3}, at: hub_irq+0x12/0x40
{HARDIRQ-ON-W} state was registered at:
  lock_acquire+0xc0/0x2b0
  hub_poll+0x20/0x50
irq event stamp: 1234
"""

SAFE_UNSAFE = """\
WARNING: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected
6.12.0-hub+ #7 Not tainted
hubd/12 [HC0[0]:SC0[0]:HE0:SE1] is trying to acquire:
ffff888000000010 (&hub->unsafe){+.+.}-{3:3}, at: hub_a+0x1/0x20

and this task is already holding:
ffff888000000020 (&hub->safe){-.-.}-{3:3}, at: hub_b+0x1/0x20
which would create a new lock dependency:
 (&hub->safe){-.-.}-{3:3} -> (&hub->unsafe){+.+.}-{3:3}

but this new dependency connects a HARDIRQ-irq-safe lock:
 (&hub->safe){-.-.}-{3:3}
... which became HARDIRQ-irq-safe at:
  hub_irq+0x12/0x40

to a HARDIRQ-irq-unsafe lock:
 (&hub->unsafe){+.+.}-{3:3}
... which became HARDIRQ-irq-unsafe at:
  hub_poll+0x12/0x40

 Possible interrupt unsafe locking scenario:

       CPU0                    CPU1
       ----                    ----
  lock(&hub->unsafe);
                               local_irq_disable();
                               lock(&hub->safe);
                               lock(&hub->unsafe);
  <Interrupt>
    lock(&hub->safe);

 *** DEADLOCK ***
"""

TASK = "hubd/12"
LOCK = "ffff888000000010 (&hub->lock){+.+.}-{4:4}, at: hub_a+0x1/0x20"

SHORT = [
    (ReportKind.RECURSIVE, (f"WARNING: possible recursive locking detected\n{TASK} is trying to acquire lock:\n{LOCK}\n"
                           f"but task is already holding lock:\n{LOCK}\nMay be due to missing lock nesting notation\n"
                    f"")),
    (ReportKind.INVERSION, ("WARNING: possible irq lock inversion dependency detected\n"
                           f"{TASK} just changed the state of lock:\n{LOCK}\n"
                           "but this lock took another, SOFTIRQ-unsafe lock in the past:\n (&hub->b){+.+.}-{3:3}\n")),
    (ReportKind.WAIT_CONTEXT, (f"[ BUG: Invalid wait context ]\n{TASK} is trying to lock:\n{LOCK}\n"
                              "other info that might help us debug this:\ncontext-{5:5}\n")),
    (ReportKind.NOT_NESTED, (f"WARNING: Nested lock was not taken\n{TASK} is trying to lock:\n{LOCK}\n"
                            "but this task is not holding:\nouter_lock\n")),
    (ReportKind.BAD_UNLOCK, (f"WARNING: bad unlock balance detected!\n"
                    f"{TASK} is trying to release lock (&hub->lock) at:\n"
                            "[<ffffffff81000000>] hub_a+0x1/0x20\nbut there are no more locks to release!\n")),
    (ReportKind.BAD_CONTENTION, ("WARNING: bad contention detected!\n"
                                f"{TASK} is trying to contend lock (&hub->lock) at:\n"
                                "[<ffffffff81000000>] hub_a+0x1/0x20\nbut there are no locks held!\n")),
    (ReportKind.FREED, (f"WARNING: held lock freed!\n{TASK} is freeing memory 0000000011111111-0000000022222222,"
                       f" with a lock still held there!\n{LOCK}\n")),
    (ReportKind.HELD_AT_EXIT, f"WARNING: {TASK} still has locks held!\n1 lock held by {TASK}:\n #0: {LOCK}\n"),
    (ReportKind.HELD_TO_USER, ("WARNING: lock held when returning to user space!\n"
                              f"{TASK} is leaving the kernel with locks still held!\n"
        f"1 lock held by {TASK}:\n #0: {LOCK}\n")),
    (ReportKind.RCU, ("WARNING: suspicious RCU usage\nlib/hub.c:12 suspicious rcu_dereference_check() usage!\n"
                     f"rcu_scheduler_active = 2, debug_locks = 1\n1 lock held by {TASK}:\n #0: {LOCK}\n")),
    (ReportKind.NON_STATIC, "INFO: trying to register non-static key.\nthe code is fine but needs an annotation.\n"),
    (ReportKind.LIMIT, "BUG: MAX_LOCK_DEPTH too low!\n"),
    (ReportKind.PIN, "releasing a pinned lock\n"),
    (ReportKind.ASSERTION, "WARNING: CPU: 1 PID: 12 at lib/hub.c:40 hub_a+0x1/0x20\n"),
    (ReportKind.ASSERTION, "DEBUG_LOCKS_WARN_ON(hub->depth > 3)\n"),
    (ReportKind.SLEEPING, ("BUG: sleeping function called from invalid context at lib/hub.c:12\n"
                          "in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: 12, name: hubd\n")),
    (ReportKind.SCHEDULING, "BUG: scheduling while atomic: hubd/12/0x00000002\n"),
    (ReportKind.ATOMIC, "BUG: assuming atomic context at lib/hub.c:12\n"),
    (ReportKind.SPINLOCK, "BUG: spinlock bad magic on CPU#1, hubd/12\n"),
    (ReportKind.WORKQUEUE, "BUG: workqueue leaked atomic, lock or RCU: hubd[12]\n"),
    (ReportKind.HUNG, "INFO: task hubd:12 blocked for more than 120 seconds.\n"),
    (ReportKind.RACE, "BUG: KCSAN: data-race in hub_a / hub_b\n"),
    (ReportKind.PREEMPTIBLE, "BUG: using smp_processor_id() in preemptible [00000000] code: hubd/12\n"),
    (ReportKind.STALL, "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n"),
    (ReportKind.OBJECT, "ODEBUG: free active (active state 0) object type: timer_list\n"),
]  # fmt: skip


def one(text: str) -> Report:
    (report,) = parse_reports(text)
    return report


def wrapped(text: str) -> str:
    """As a mailer breaks long lines."""
    lines = (
        textwrap.wrap(line, 72, drop_whitespace=True) or [""] if len(line) > 72 else [line] for line in text.split("\n")
    )
    return "\n".join(piece for pieces in lines for piece in pieces)


FORMS = {
    "plain": CIRCULAR,
    "quoted": textwrap.indent(CIRCULAR, "> ", lambda line: True),
    "quoted twice": textwrap.indent(CIRCULAR, "> > ", lambda line: True),
    "indented": textwrap.indent(CIRCULAR, "    "),
    "stamped": "\n".join(f"[  123.45678{n % 10}] {line}" for n, line in enumerate(CIRCULAR.split("\n"))),
    "with a task id": "\n".join(f"[  123.456789][ T4711] {line}" for line in CIRCULAR.split("\n")),
    "syslog": "\n".join(f"Jan 12 10:00:00 box kernel: [  123.456789] {line}" for line in CIRCULAR.split("\n")),
    "wrapped": wrapped(CIRCULAR),
    "no title": CIRCULAR.split("\n", 4)[4],
    "no separators": "\n".join(line for line in CIRCULAR.split("\n") if not line.startswith(("===", "---"))),
    "hashed": CIRCULAR.replace("ffff888012345678", "____ptrval____").replace("ffffffff81234560", "(ptrval)"),
    "old": CIRCULAR.replace("-{4:4}", "").replace("-{3:3}", ""),
    "no module": CIRCULAR.replace(" [hub]", ""),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_circular_report_in_all_forms(form: str) -> None:
    report = one(f"Hi,\n\nI got this:\n\n{FORMS[form]}\n\nAny idea?\n")
    assert report.kind is ReportKind.CIRCULAR
    assert (report.task, report.pid) == ("hubd", 4711)
    assert report.kernel == "6.12.0-hub+"
    assert report.wanted is not None
    assert (report.wanted.name, report.wanted.usage) == ("hub_lock", "+.+.")
    assert report.holding is not None
    assert report.holding.name == "&port->mutex"
    assert [(e.number, e.lock.name, e.lock.number) for e in report.chain] == [
        (2, "&port->mutex", 0), (1, "&hub->ring", 3), (0, "hub_lock", 0)
    ]  # fmt: skip
    assert [len(entry.stack) for entry in report.chain] == [2, 2, 3]
    assert [(outer.name, inner.name) for outer, inner, _ in report.edges()] == [
        ("hub_lock", "&port->mutex"), ("&port->mutex", "&hub->ring"), ("&hub->ring", "hub_lock")
    ]  # fmt: skip
    assert report.exists == ("hub_lock", "&hub->ring#3", "&port->mutex")
    assert [lock.name for lock in report.held] == ["&port->mutex"]
    assert [frame.function for frame in report.stack] == ["dump_stack_lvl", "hub_attach"]


def test_the_scenario_and_the_details() -> None:
    report = one(CIRCULAR)
    assert report.scenario == (
        Act(cpu=0, what="lock", lock="&port->mutex"),
        Act(cpu=1, what="rlock", lock="&hub->ring#3"),
        Act(cpu=1, what="lock", lock="&port->mutex"),
        Act(cpu=0, what="lock", lock="hub_lock"),
    )
    assert (report.line, report.title) == (2, "WARNING: possible circular locking dependency detected")
    wanted = report.wanted
    assert wanted is not None
    assert wanted.at is not None
    assert (wanted.outer, wanted.inner, wanted.address) == (4, 4, "ffff888012345678")
    assert (wanted.at.function, wanted.at.offset, wanted.at.module) == ("hub_attach", 0x2A, "hub")
    assert [frame.reliable for frame in report.chain[2].stack] == [True, False, True]


def test_a_trimmed_chain() -> None:
    start, end = CIRCULAR.index("       port_start"), CIRCULAR.index("-> #1")
    report = one(CIRCULAR[:start] + "       ...\n\n" + CIRCULAR[end:])
    assert [len(entry.stack) for entry in report.chain] == [1, 2, 3]
    assert len(report.edges()) == 3


def test_a_chain_with_a_gap_has_no_edges() -> None:
    start, end = CIRCULAR.index("-> #1"), CIRCULAR.index("-> #0")
    assert one(CIRCULAR[:start] + "[...]\n" + CIRCULAR[end:]).edges() == ()


def test_names_with_parentheses_and_subclasses() -> None:
    text = (
        f"WARNING: possible recursive locking detected\n{TASK} is trying to acquire lock:\n"
        "ffff888000000010 ((work_completion)(&hub->work)){+.+.}-{0:0}, at: f+0x1/0x2\n"
        "but task is already holding lock:\n"
        "ffff888000000010 (&p->lock#2/1){+.+.}-{4:4}, at: f+0x1/0x2\n"
    )
    report = one(text)
    assert report.wanted is not None
    assert report.holding is not None
    assert report.wanted.name == "(work_completion)(&hub->work)"
    assert (report.holding.name, report.holding.number, report.holding.subclass) == ("&p->lock", 2, 1)


def test_inconsistent_usage() -> None:
    report = one(INCONSISTENT)
    assert (report.kind, report.states) == (ReportKind.INCONSISTENT, ("HARDIRQ-ON-W", "IN-HARDIRQ-W"))
    assert (report.task, report.pid) == ("swapper/2", 0)
    assert report.wanted is not None
    assert report.wanted.name == "&hub->slock"


def test_safe_to_unsafe() -> None:
    report = one(SAFE_UNSAFE)
    assert report.kind is ReportKind.SAFE_UNSAFE
    assert (report.wanted and report.wanted.name, report.holding and report.holding.name) == (
        "&hub->unsafe",
        "&hub->safe",
    )
    assert [lock.name for lock in report.others] == ["&hub->safe", "&hub->unsafe", "&hub->safe", "&hub->unsafe"]
    assert [(act.cpu, act.lock) for act in report.scenario] == [
        (0, "&hub->unsafe"), (1, "&hub->safe"), (1, "&hub->unsafe"), (-1, "&hub->safe")
    ]  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), SHORT, ids=[f"{kind}-{n}" for n, (kind, _) in enumerate(SHORT)])
def test_every_kind(kind: ReportKind, text: str) -> None:
    for form in (text, textwrap.indent(text, "> "), "".join(f"[    1.000001] {x}\n" for x in text.splitlines())):
        assert one(form).kind is kind


@pytest.mark.parametrize(("kind", "text"), SHORT, ids=[f"{kind}-{n}" for n, (kind, _) in enumerate(SHORT)])
def test_only_chains_have_edges(kind: ReportKind, text: str) -> None:
    """What a report of another kind is about can be repaired while its locks stay in their order."""
    edges = [(outer.name, inner.name) for outer, inner, _ in one(text).edges()]
    assert edges == ([("&hub->lock", "&hub->lock")] if kind is ReportKind.RECURSIVE else [])


def test_every_kind_has_a_test() -> None:
    tested = {kind for kind, _ in SHORT} | {ReportKind.CIRCULAR, ReportKind.INCONSISTENT, ReportKind.SAFE_UNSAFE}
    assert tested == set(ReportKind)


@pytest.mark.parametrize(
    ("text", "lock", "task"),
    [
        (SHORT[0][1], "&hub->lock", TASK), (SHORT[2][1], "&hub->lock", TASK), (SHORT[4][1], "&hub->lock", TASK),
        (SHORT[6][1], "&hub->lock", TASK),
    ],
)  # fmt: skip
def test_the_lock_and_the_task(text: str, lock: str, task: str) -> None:
    report = one(text)
    assert report.wanted is not None
    assert (report.wanted.name, f"{report.task}/{report.pid}") == (lock, task)


def test_two_reports_in_one_mail() -> None:
    found = parse_reports(f"First:\n\n{CIRCULAR}\n\nSome prose here.\nAnd more of it.\nAnd more.\n\n{INCONSISTENT}")
    assert [report.kind for report in found] == [ReportKind.CIRCULAR, ReportKind.INCONSISTENT]
    assert found[0].end_line < found[1].line


def test_prose_is_no_report() -> None:
    assert parse_reports("The lock is taken in hub_attach().\n\nSigned-off-by: A <a@example.org>\n") == ()
