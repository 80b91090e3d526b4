# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Code that others wait for: which function runs for what, and what is held while it does."""

from __future__ import annotations

import pytest

from reviewtool.checks.registry import findings_of
from reviewtool.finding.model import Certainty, Finding
from reviewtool.review.replaying import with_replay
from tests.locking.flows import model_of

HEAD = """
struct crate {
	spinlock_t lock; struct mutex big; int n; int irq; struct task_struct *thread;
	struct work_struct work; struct timer_list timer; struct hrtimer hr; struct completion done;
};
static struct workqueue_struct *box_wq;
"""
TAKE_MUTEX = "	mutex_lock(&b->big);\n	b->n++;\n	mutex_unlock(&b->big);\n"
TAKE_SPIN = "	spin_lock(&b->lock);\n	b->n++;\n	spin_unlock(&b->lock);\n"
WORK = "static void run(struct work_struct *w)\n{\n	struct crate *b = container_of(w, struct crate, work);\n%s}\n"
TIMER = "static void run(struct timer_list *t)\n{\n	struct crate *b = container_of(t, struct crate, timer);\n%s}\n"
HRTIMER = (
    "static enum hrtimer_restart run(struct hrtimer *t)\n{\n	struct crate *b = container_of(t, struct crate, hr);\n"
    "%s	return 0;\n}\n"
)
IRQ = "static irqreturn_t run(int irq, void *data)\n{\n	struct crate *b = data;\n%s	return 0;\n}\n"
THREAD = "static int run(void *data)\n{\n	struct crate *b = data;\n%s	return 0;\n}\n"
SETUP = "void setup(struct crate *b)\n{\n	%s\n}\n"
STOP = "void stop(struct crate *b)\n{\n	%s\n	%s\n	%s\n}\n"
MUTEX = ("mutex_lock(&b->big);", "mutex_unlock(&b->big);")
SPIN = ("spin_lock_irq(&b->lock);", "spin_unlock_irq(&b->lock);")

FINISH = """
void finish(struct crate *b)
{
	mutex_lock(&b->big);
	complete(&b->done);
	mutex_unlock(&b->big);
}
"""

BOTH_SIDES = {
    "a work": (WORK % TAKE_MUTEX, "INIT_WORK(&b->work, run);", MUTEX, "cancel_work_sync(&b->work);"),
    "a queue": (
        WORK % TAKE_MUTEX,
        "INIT_WORK(&b->work, run);\n	queue_work(box_wq, &b->work);",
        MUTEX,
        "flush_workqueue(box_wq);",
    ),
    "a timer": (TIMER % TAKE_SPIN, "timer_setup(&b->timer, run, 0);", SPIN, "del_timer_sync(&b->timer);"),
    "a field": (HRTIMER % TAKE_SPIN, "b->hr.function = run;", SPIN, "hrtimer_cancel(&b->hr);"),
    "an interrupt": (IRQ % TAKE_SPIN, 'request_irq(b->irq, run, 0, "box", b);', SPIN, "synchronize_hardirq(b->irq);"),
    "a thread": (THREAD % TAKE_MUTEX, 'b->thread = kthread_run(run, b, "box");', MUTEX, "kthread_stop(b->thread);"),
    "a thread by way of a local": (
        THREAD % TAKE_MUTEX,
        'struct task_struct *t = kthread_run(run, b, "box");\n	b->thread = t;',
        MUTEX,
        "kthread_stop(b->thread);",
    ),
}


def found(code: str, rule: str) -> list[Finding]:
    return [finding for finding in findings_of((model_of(HEAD + code),)).values() if finding.rule == rule]


def code_of(name: str) -> str:
    callback, setup, (take, give), wait = BOTH_SIDES[name]
    return callback + SETUP % setup + STOP % (take, wait, give)


@pytest.mark.parametrize("name", BOTH_SIDES)
def test_a_wait_under_a_lock_that_the_callback_takes(name: str) -> None:
    (finding,) = found(code_of(name), "wait-under-callback-lock")
    assert (finding.certainty, finding.function) == (Certainty.PROVED, "stop")
    assert any(step.function == "run" for step in finding.other)


@pytest.mark.parametrize("name", BOTH_SIDES)
def test_no_lock_no_finding(name: str) -> None:
    callback, setup, _, wait = BOTH_SIDES[name]
    assert not found(callback + SETUP % setup + STOP % ("", wait, ""), "wait-under-callback-lock")


@pytest.mark.parametrize("name", ["a work", "a timer"])
def test_the_replay_gets_stuck(name: str) -> None:
    (finding,) = found(code_of(name), "wait-under-callback-lock")
    replay = with_replay(finding, {}).replay
    assert replay is not None
    assert replay.verdict == "deadlock"


def test_a_queue_on_which_the_work_never_is() -> None:
    callback, _, (take, give), wait = BOTH_SIDES["a queue"]
    assert not found(
        callback + SETUP % "INIT_WORK(&b->work, run);" + STOP % (take, wait, give), "wait-under-callback-lock"
    )


def test_a_wait_that_ends_by_itself_is_none() -> None:
    stop = STOP % (MUTEX[0], "%s(&b->done%s);", MUTEX[1])
    assert found(FINISH + stop % ("wait_for_completion", ""), "wait-under-waker-lock")
    assert not found(FINISH + stop % ("wait_for_completion_timeout", ", 10"), "wait-under-waker-lock")


def test_an_event_that_somebody_else_may_signal() -> None:
    stop = STOP % (MUTEX[0], "wait_for_completion(&b->done);", MUTEX[1])
    lend = "void lend(struct crate *b)\n{\n	box_submit(b, &b->done);\n}\n"
    assert not found(FINISH + stop + lend, "wait-under-waker-lock")


def test_a_wakeup_function_and_its_caller() -> None:
    code = """
static int woken(struct wait_queue_entry *wait, unsigned int mode, int sync, void *key)
{
	struct crate *b = wait->private;

	spin_lock(&b->lock);
	spin_unlock(&b->lock);
	return 0;
}

void watch(struct crate *b, struct wait_queue_entry *wait, struct eventfd_ctx *ctx)
{
	init_waitqueue_func_entry(wait, woken);
	spin_lock_irq(&b->lock);
	eventfd_signal(ctx);
	spin_unlock_irq(&b->lock);
}
"""
    wait = "struct wait_queue_head { spinlock_t lock; };\n"
    assert found(wait + code, "lock-order-inversion")


@pytest.mark.parametrize(
    ("after", "told"),
    [("return -EINVAL;", True), ("r = -EINVAL;\n		goto out;", False), ("goto out;", False), ("return 0;", False)],
)
def test_an_error_path_that_forgets_what_was_set_up(after: str, told: bool) -> None:
    code = f"""
struct pool {{ struct srcu_struct srcu; int n; }};

int pool_init(struct pool *p)
{{
	int r = init_srcu_struct(&p->srcu);

	if (r)
		return r;
	if (p->n > 2) {{
		{after}
	}}
	if (p->n > 1)
		goto out;
	return 0;
out:
	cleanup_srcu_struct(&p->srcu);
	return -EINVAL;
}}
"""
    assert bool(found(code, "init-not-undone")) is told


def test_loops_over_the_same_things_go_the_same_way() -> None:
    body = """
void zap(struct kvm *kvm, struct list_head *all)
{
	struct item *i;

	list_for_each_entry(i, all, link)
		kvm_mmu_invalidate_begin(kvm);
	work(kvm);
	list_for_each_entry(i, %s, link)
		kvm_mmu_invalidate_end(kvm);
}
"""
    assert not found(body % "all", "invalidation-not-ended")
    assert found(body % "others", "invalidation-not-ended")
