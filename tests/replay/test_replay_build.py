# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Findings of small pieces of code become programs that show what the findings say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reviewtool.checks.aftermath import evidence_after
from reviewtool.checks.registry import findings_of
from reviewtool.finding.evidence import Act, Actor, Move
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.model import LockClass
from reviewtool.replay.finding import Run, run_contrast, run_evidence, run_finding
from reviewtool.replay.program import Kind
from reviewtool.replay.trace import replay
from reviewtool.replay.verdict import Bound, Verdict
from reviewtool.review.replaying import with_replay
from reviewtool.ruleset.model import Severity
from tests.replay.boxes import BOX, RULES, model

BOUND = Bound(states=20_000, seconds=5.0)


def finding(code: str, rule: str) -> Finding:
    """The one finding of this rule."""
    found = [each for each in findings_of((model(code),)).values() if each.rule == rule]
    assert len(found) == 1, found
    return found[0]


def ran(code: str, rule: str) -> Run:
    """The run of the one finding of this rule; its schedule leads to its verdict again."""
    run = run_finding(finding(code, rule), BOUND)
    assert run is not None
    if run.outcome.verdict.trouble:
        assert replay(run.program, run.outcome.schedule).verdict is run.outcome.verdict
    return run


def inversion(first: str = "", then: str = "", last: str = "", other: str = "", again: str = "") -> str:
    """Two functions that take two locks of a box in both orders, with something before each."""
    return f"""
static void box_open(struct box *box, int slow)
{{
	{first}
	mutex_lock(&box->lock);
	mutex_lock(&box->lid);
	mutex_unlock(&box->lid);
	mutex_unlock(&box->lock);
	{then}
}}

static void box_turn(struct box *box)
{{
	{other}
	mutex_lock(&box->lid);
	mutex_lock(&box->lock);
	mutex_unlock(&box->lock);
	mutex_unlock(&box->lid);
	{again}
}}
{last}
"""


def test_an_inversion_deadlocks_at_the_lines_of_the_code() -> None:
    run = ran(inversion(), "lock-order-inversion")
    assert run.outcome.verdict is Verdict.DEADLOCK
    assert run.outcome.steps == 2
    text = (BOX + inversion()).split("\n")
    events = [event for context in run.program.contexts for event in context.events if event.source is not None]
    assert len(events) == 4
    for event in events:
        assert event.source is not None
        field = event.target.rpartition(".")[2]
        assert f"mutex_lock(&box->{field})" in text[event.source.line - 1]


ASSERTED = "lockdep_assert_held(&box->key);"
TAKEN, GIVEN = "mutex_lock(&boxes);", "mutex_unlock(&boxes);"


@pytest.mark.parametrize(
    ("code", "apart"),
    [
        (inversion(TAKEN, GIVEN, other=TAKEN, again=GIVEN), "boxes"),
        (inversion(ASSERTED, other=ASSERTED), "box->key"),
        (inversion(TAKEN, GIVEN), ""),
        (inversion(ASSERTED), ""),
        (inversion(f"if (slow) {TAKEN}", f"if (slow) {GIVEN}", other=TAKEN, again=GIVEN), ""),
        (inversion(ASSERTED, other="struct box *all = first_box(); lockdep_assert_held(&all->key);"), ""),
    ],
    ids=["global", "asserted", "one side", "one side asserts", "not on every path", "of another box"],
)
def test_a_lock_around_both_ways_keeps_them_apart(code: str, apart: str) -> None:
    told = with_replay(finding(code, "lock-order-inversion"), {})
    assert told.replay is not None
    if apart:
        assert (told.severity, told.certainty) == (Severity.NOTE, Certainty.QUESTION)
        assert told.replay.verdict == Verdict.NONE
        assert told.explanation.endswith(f"states, complete): {apart} keeps them apart.")
    else:
        assert told.severity is Severity.ERROR
        assert told.replay.verdict == Verdict.DEADLOCK
        assert not told.explanation


def test_what_repairs_it_completes() -> None:
    old = finding(inversion(), "lock-order-inversion")
    fixed = """
static void box_open(struct box *box, int slow)
{
	mutex_lock(&box->lock);
	mutex_lock(&box->lid);
	mutex_unlock(&box->lid);
	mutex_unlock(&box->lock);
}
static void box_turn(struct box *box)
{
	mutex_lock(&box->lid);
	mutex_unlock(&box->lid);
	mutex_lock(&box->lock);
	mutex_unlock(&box->lock);
}
"""
    evidence = evidence_after(model(fixed), old.evidence)
    assert sorted(len(actor.moves) for actor in evidence) == [2, 4]
    run = run_evidence(evidence, "after", BOUND)
    assert run is not None
    assert run.outcome.verdict is Verdict.NONE
    same = run_evidence(evidence_after(model(inversion()), old.evidence), "still there", BOUND)
    assert same is not None
    assert same.outcome.verdict is Verdict.DEADLOCK


def test_what_other_paths_of_the_function_do_is_another_matter() -> None:
    both = """
static void box_top(struct box *box)
{
	mutex_lock(&box->lock);
	box_one(box);
	box_two(box);
	mutex_unlock(&box->lock);
}
"""
    taking = "static void box_{}(struct box *box)\n{{\n\t{}\n}}\n"
    takes = "mutex_lock(&box->lid);\n\tmutex_unlock(&box->lid);"
    turn = inversion().partition("static void box_turn")
    one, two = taking.format("one", takes), taking.format("two", takes)
    old = finding(one + taking.format("two", "box->x = 1;") + both + turn[1] + turn[2], "lock-order-inversion")
    now = model(taking.format("one", "box->x = 1;") + two + both + turn[1] + turn[2])
    run = run_evidence(evidence_after(now, old.evidence), "after", BOUND)
    assert run is not None
    assert run.outcome.verdict is Verdict.NONE


def test_readers_deadlock_when_writers_come_between() -> None:
    code = inversion().replace("mutex_lock", "down_read").replace("mutex_unlock", "up_read")
    run = ran(code.replace("->lock", "->in").replace("->lid", "->out"), "lock-order-inversion")
    assert run.outcome.verdict is Verdict.DEADLOCK
    assert [context.name for context in run.program.contexts[2:]] == ["a writer of box->in", "a writer of box->out"]


CHAIN = "".join(
    f"""
static void chain_{a}_{b}(struct box *box)
{{
	mutex_lock(&box->{a});
	mutex_lock(&box->{b});
	mutex_unlock(&box->{b});
	mutex_unlock(&box->{a});
}}
"""
    for a, b in (("lock", "lid"), ("lid", "key"), ("key", "lock"))
)


def test_a_chain_of_three_has_three_contexts() -> None:
    run = ran(CHAIN, "lock-order-inversion")
    assert run.outcome.verdict is Verdict.DEADLOCK
    assert len(run.program.contexts) == 3


@pytest.mark.parametrize(
    ("line", "rule", "rt"),
    [
        ("mutex_lock(&box->lock); mutex_unlock(&box->lock);", "sleep-in-atomic", False),
        ("synchronize_srcu(&box->srcu);", "sleep-in-atomic", False),
        ("msleep(1);", "sleep-in-atomic", False),
        ("spin_lock(&box->count_lock); spin_unlock(&box->count_lock);", "invalid-wait-context", True),
    ],
)
def test_what_sleeps_where_it_must_not(line: str, rule: str, rt: bool) -> None:
    held = f"raw_spin_lock(&box->raw);\n\t{line}\n\traw_spin_unlock(&box->raw);"
    code = f"static void f(struct box *box)\n{{\n\t{held}\n}}"
    run = ran(code, rule)
    assert run.outcome.verdict is Verdict.SLEEP_IN_ATOMIC
    assert run.program.preempt_rt is rt


WAIT = "\tsynchronize_srcu(&box->srcu);\n"
READER = """
static void reader(struct box *box)
{
	int idx = srcu_read_lock(&box->srcu);

	mutex_lock(&box->lock);
	mutex_unlock(&box->lock);
	srcu_read_unlock(&box->srcu, idx);
}
static void waiter(struct box *box)
{
	mutex_lock(&box->lock);
	synchronize_srcu(&box->srcu);
	mutex_unlock(&box->lock);
}
"""


def test_a_grace_period_under_what_its_readers_take() -> None:
    run = ran(READER, "sync-under-reader-lock")
    assert run.outcome.verdict is Verdict.DEADLOCK
    assert run.outcome.steps == 3


def job(family: str, lock: str) -> tuple[Actor, Actor]:
    """Who waits for a job under a lock that the job takes."""
    what, under = LockClass("struct box.job", family), LockClass("struct box.lock", lock)
    waiter = Actor(moves=(Move(act=Act.TAKES, cls=under), Move(act=Act.WAITS, cls=what)))
    return waiter, Actor(moves=(Move(act=Act.HOLDS, cls=what), Move(act=Act.TAKES, cls=under)))


@pytest.mark.parametrize(
    ("family", "lock", "kind"),
    [
        ("work", "mutex", Kind.WORKER),
        ("timer", "spinlock", Kind.SOFTIRQ),
        ("hrtimer", "raw-spinlock", Kind.HARDIRQ),
        ("irq-work", "raw-spinlock", Kind.HARDIRQ),
        ("irq-line", "spinlock", Kind.HARDIRQ),
        ("task", "mutex", Kind.KTHREAD),
    ],
)
def test_a_wait_for_a_job_that_wants_the_lock_deadlocks(family: str, lock: str, kind: Kind) -> None:
    waiter, runner = job(family, lock)
    run = run_evidence((waiter, runner), "job", BOUND)
    assert run is not None
    assert run.outcome.verdict is Verdict.DEADLOCK
    assert run.program.contexts[1].kind is kind
    idle = run_evidence((waiter, replace(runner, moves=runner.moves[:1])), "idle job", BOUND)
    assert idle is not None
    assert idle.outcome.verdict is Verdict.NONE


def test_a_job_that_waits_for_itself() -> None:
    cls = LockClass("struct box.job", "work")
    actor = Actor(moves=(Move(act=Act.HOLDS, cls=cls), Move(act=Act.WAITS, cls=cls)))
    run = run_evidence((actor,), "own work", BOUND)
    assert run is not None
    assert run.outcome.verdict is Verdict.SELF_DEADLOCK


def test_an_interrupt_waits_for_what_it_interrupted() -> None:
    run = ran(
        """
static irqreturn_t box_irq(int irq, void *data)
{
	struct box *box = data;

	spin_lock(&box->count_lock);
	spin_unlock(&box->count_lock);
	return IRQ_HANDLED;
}
static long box_ioctl(struct file *file, unsigned int op, unsigned long arg)
{
	struct box *box = file->private_data;

	spin_lock(&box->count_lock);
	spin_unlock(&box->count_lock);
	return 0;
}
static const struct file_operations box_fops = {
	.unlocked_ioctl = box_ioctl,
};
static int box_probe(struct box *box)
{
	return request_irq(5, box_irq, 0, "box", box);
}
""",
        "irq-unsafe-lock",
    )
    assert run.outcome.verdict is Verdict.INTERRUPT_DEADLOCK
    assert [context.cpu for context in run.program.contexts] == [0, 0]


DECLARED = """
struct kvm {
	struct mutex lock;
};
struct kvm_vcpu {
	struct kvm *kvm;
	struct mutex mutex;
};
static void vcpu_work(struct kvm_vcpu *vcpu)
{
	mutex_lock(&vcpu->mutex);
	mutex_lock(&vcpu->kvm->lock);
	mutex_unlock(&vcpu->kvm->lock);
	mutex_unlock(&vcpu->mutex);
}
"""


def test_the_partner_of_a_declared_order_is_drawn_from_the_declaration() -> None:
    run = ran(DECLARED, "declared-order-violated")
    assert run.outcome.verdict is Verdict.DEADLOCK
    one, other = run.program.contexts
    assert not one.documented
    order = next(order for order in RULES.orders if order.inner == "struct kvm_vcpu.mutex")
    assert other.documented == order.source
    assert all(event.source is None for event in other.events)


def test_the_partner_is_code_where_code_has_the_declared_order() -> None:
    code = (
        DECLARED
        + """
static void vm_work(struct kvm *kvm, struct kvm_vcpu *vcpu)
{
	mutex_lock(&kvm->lock);
	mutex_lock(&vcpu->mutex);
	mutex_unlock(&vcpu->mutex);
	mutex_unlock(&kvm->lock);
}
"""
    )
    told = finding(code, "declared-order-violated")
    assert [step.function for step in told.other] == ["vm_work", "vm_work"]
    run = run_finding(told, BOUND)
    assert run is not None
    assert run.outcome.verdict is Verdict.DEADLOCK
    assert not any(context.documented for context in run.program.contexts)


def test_a_declared_order_needs_no_deadlock_to_be_told() -> None:
    gated = DECLARED.replace("\tmutex_lock(&vcpu->mutex);", "\tmutex_lock(&boxes);\n\tmutex_lock(&vcpu->mutex);")
    gated = gated.replace("\tmutex_unlock(&vcpu->mutex);", "\tmutex_unlock(&vcpu->mutex);\n\tmutex_unlock(&boxes);")
    told = with_replay(finding(gated, "declared-order-violated"), {})
    assert told.severity is Severity.ERROR


def test_two_of_one_class_are_run_as_lockdep_sees_them() -> None:
    code = """
static void box_swap(struct box *one, struct box *two)
{
	mutex_lock(&one->lock);
	mutex_lock(&two->lock);
	mutex_unlock(&two->lock);
	mutex_unlock(&one->lock);
}
"""
    run = ran(code, "same-class-nesting")
    assert run.outcome.verdict is Verdict.DEADLOCK
    assert [context.documented for context in run.program.contexts] == ["", "lockdep"]
    old = finding(code, "same-class-nesting")
    apart = evidence_after(
        model(code.replace("mutex_lock(&two->lock)", "mutex_lock_nested(&two->lock, 1)")), old.evidence
    )
    after = run_contrast(replace(old, contrast=apart), BOUND)
    assert after is not None
    assert after.outcome.verdict is Verdict.NONE


def test_a_reader_waits_for_itself() -> None:
    code = READER.replace("\tmutex_lock(&box->lock);\n\tmutex_unlock(&box->lock);\n", WAIT, 1)
    run = ran(code, "own-reader-sync")
    assert run.outcome.verdict is Verdict.SELF_DEADLOCK


def test_findings_without_paths_have_no_replay() -> None:
    told = finding("static void f(struct box *box)\n{\n\tmutex_lock(&box->lock);\n\tif (box->x)\n\t\treturn;\n"
                   "\tmutex_unlock(&box->lock);\n}\n", "missing-unlock")  # fmt: skip
    assert with_replay(told, {}) == told
    assert told.replay is None
