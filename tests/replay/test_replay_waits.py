# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Findings about waits are played to their end: a worker, a timer, a thread, who signals; and the way out completes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reviewtool.checks.aftermath import evidence_after
from reviewtool.checks.registry import findings_of
from reviewtool.finding.model import Finding
from reviewtool.replay.finding import run_contrast, run_finding
from reviewtool.replay.program import Kind
from reviewtool.replay.trace import replay
from reviewtool.replay.verdict import Bound, Verdict
from tests.replay.boxes import model

BOUND = Bound(states=20_000, seconds=5.0)

CODES = {
    "work": """
static void job(struct work_struct *work)
{
	struct box *box = container_of(work, struct box, work);
	mutex_lock(&box->lock);
	mutex_unlock(&box->lock);
}
static void box_init(struct box *box)
{
	INIT_WORK(&box->work, job);
}
static void box_stop(struct box *box)
{
	mutex_lock(&box->lock);
	flush_work(&box->work);
	mutex_unlock(&box->lock);
}
""",
    "timer": """
static void tick(struct timer_list *t)
{
	struct box *box = from_timer(box, t, timer);
	spin_lock(&box->count_lock);
	spin_unlock(&box->count_lock);
}
static void box_init(struct box *box)
{
	timer_setup(&box->timer, tick, 0);
}
static void box_stop(struct box *box)
{
	spin_lock_bh(&box->count_lock);
	del_timer_sync(&box->timer);
	spin_unlock_bh(&box->count_lock);
}
""",
    "own": """
static void job(struct work_struct *work)
{
	struct box *box = container_of(work, struct box, work);
	flush_work(&box->work);
}
static void box_init(struct box *box)
{
	INIT_WORK(&box->work, job);
}
""",
    "thread": """
struct jar { struct task_struct *task; struct mutex lock; };
static int run(void *data)
{
	struct jar *jar = data;
	mutex_lock(&jar->lock);
	mutex_unlock(&jar->lock);
	return 0;
}
static void jar_init(struct jar *jar)
{
	jar->task = kthread_run(run, jar, "jar");
}
static void jar_stop(struct jar *jar)
{
	mutex_lock(&jar->lock);
	kthread_stop(jar->task);
	mutex_unlock(&jar->lock);
}
""",
    "event": """
struct jar { struct completion done; struct mutex lock; };
static void jar_finish(struct jar *jar)
{
	mutex_lock(&jar->lock);
	complete(&jar->done);
	mutex_unlock(&jar->lock);
}
static void jar_wait(struct jar *jar)
{
	mutex_lock(&jar->lock);
	wait_for_completion(&jar->done);
	mutex_unlock(&jar->lock);
}
""",
}


def waits(code: str) -> Finding:
    """The finding about waiting."""
    (found,) = [each for each in findings_of((model(code),)).values() if each.evidence]
    return found


@pytest.mark.parametrize(
    ("case", "kind", "verdict"),
    [
        ("work", Kind.WORKER, Verdict.DEADLOCK),
        ("timer", Kind.SOFTIRQ, Verdict.DEADLOCK),
        ("thread", Kind.KTHREAD, Verdict.DEADLOCK),
        ("own", Kind.WORKER, Verdict.SELF_DEADLOCK),
        ("event", Kind.TASK, Verdict.DEADLOCK),
    ],
)
def test_a_wait_is_played_to_its_end(case: str, kind: Kind, verdict: Verdict) -> None:
    run = run_finding(waits(CODES[case]), BOUND)
    assert run is not None
    assert run.outcome.verdict is verdict
    assert kind in {context.kind for context in run.program.contexts}
    assert replay(run.program, run.outcome.schedule).verdict is verdict


def outside(code: str, wait: str) -> str:
    """The same code, with the wait behind the release of the lock around it."""
    lines = code.split("\n")
    at = next(number for number, line in enumerate(lines) if wait in line)
    lines[at], lines[at + 1] = lines[at + 1], lines[at]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("case", "wait"),
    [
        ("work", "flush_work("),
        ("timer", "del_timer_sync("),
        ("thread", "kthread_stop("),
        ("event", "wait_for_completion("),
    ],
)
def test_outside_of_the_lock_it_completes(case: str, wait: str) -> None:
    found = waits(CODES[case])
    after = replace(found, contrast=evidence_after(model(outside(CODES[case], wait)), found.evidence))
    run = run_contrast(after, BOUND)
    assert run is not None
    assert run.outcome.verdict is Verdict.NONE
