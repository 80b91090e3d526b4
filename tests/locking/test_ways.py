# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A way is reported only if it can be gone: constants that are passed, objects that are chosen, things done once."""

from __future__ import annotations

import pytest

from reviewtool.checks.registry import findings_of
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.lockmodel import LockModel
from tests.locking.linking import linked

PRELUDE = """
#define FAST 1
#define SLOW 2
#define BARE 4
struct ops {
	void (*run)(struct box *x);
	void (*stop)(struct box *x);
};
struct walker {
	void (*each)(struct box *x);
	int n;
};
struct box {
	spinlock_t lock;
	struct mutex mutex;
	const struct ops *ops;
	bool ready;
	bool seen;
	int kind;
};
static void sleeper(struct box *x)
{
	mutex_lock(&x->mutex);
	mutex_unlock(&x->mutex);
}
static void quick(struct box *x)
{
	x->kind = 1;
}
"""


def found(code: str, more: dict[str, str] | None = None) -> list[Finding]:
    files = {"virt/kvm/a.c": PRELUDE + code, **(more or {})}
    model = LockModel.build("x86", linked(files, "x86"))
    return [each for each in findings_of((model,)).values() if each.rule == "sleep-in-atomic"]


def under_lock(call: str) -> str:
    return f"void top(struct box *x)\n{{\n\tspin_lock(&x->lock);\n\t{call}\n\tspin_unlock(&x->lock);\n}}\n"


SWITCH = """
static void choose(struct box *x, int how)
{
	switch (how) {
	case FAST:
		quick(x);
		break;
	case BARE:
		break;
	default:
		sleeper(x);
	}
}
static void hand_on(struct box *x, int way)
{
	choose(x, way);
}
"""
FLAGS = """
static void choose(struct box *x, int flags)
{
	if (flags & FAST)
		return;
	sleeper(x);
}
"""
MODE = """
static void choose(struct box *x, bool atomic)
{
	if (atomic)
		return;
	sleeper(x);
}
static void hand_on(struct box *x, int way)
{
	choose(x, way == FAST);
}
"""


@pytest.mark.parametrize(
    ("code", "call", "reported"),
    [
        (SWITCH, "choose(x, FAST);", False),
        (SWITCH, "choose(x, BARE);", False),
        (SWITCH, "choose(x, SLOW);", True),
        (SWITCH, "choose(x, x->kind);", True),
        (SWITCH, "hand_on(x, FAST);", False),
        (SWITCH, "hand_on(x, SLOW);", True),
        (FLAGS, "choose(x, FAST);", False),
        (FLAGS, "choose(x, FAST | BARE);", False),
        (FLAGS, "choose(x, SLOW | BARE);", True),
        (MODE, "hand_on(x, FAST);", False),
        (MODE, "hand_on(x, SLOW);", True),
    ],
)
def test_what_is_passed_decides(code: str, call: str, reported: bool) -> None:
    assert bool(found(code + under_lock(call))) is reported


def test_another_way_is_taken_where_the_nearest_is_shut() -> None:
    detour = "static void far(struct box *x)\n{\n\tsleeper(x);\n}\n"
    code = SWITCH + detour + under_lock("choose(x, FAST);\n\tfar(x);")
    (finding,) = found(code)
    assert [step.function for step in finding.witness] == ["top", "top", "far", "sleeper"]


WALK = """
static void walk(struct box *x, struct walker *w)
{
	w->each(x);
}
void outside(struct box *x)
{
	struct walker slow = { .each = sleeper, .n = 1 };

	walk(x, &slow);
}
"""


@pytest.mark.parametrize(("function", "reported"), [("quick", False), ("sleeper", True)])
def test_a_record_on_the_stack_is_the_one_that_is_used(function: str, reported: bool) -> None:
    body = f"struct walker w = {{ .each = {function}, .n = 2 }};\n\tspin_lock(&x->lock);\n\twalk(x, &w);"
    code = WALK + f"void top(struct box *x)\n{{\n\t{body}\n\tspin_unlock(&x->lock);\n}}\n"
    assert bool(found(code)) is reported


SECOND = """
struct ops {
	void (*run)(struct box *x);
	void (*stop)(struct box *x);
};
struct box {
	spinlock_t lock;
	struct mutex mutex;
	const struct ops *ops;
};
static void two_stop(struct box *x)
{
	mutex_lock(&x->mutex);
	mutex_unlock(&x->mutex);
}
static void two_run(struct box *x)
{
}
const struct ops two_ops = { .run = two_run, .stop = two_stop };
"""


def test_one_way_uses_the_operations_of_one_table() -> None:
    between = "void late(struct box *x)\n{\n\tx->ops->stop(x);\n}\n"
    start = "void begin(struct box *x)\n{\n\tspin_lock(&x->lock);\n\tx->ops->run(x);\n\tspin_unlock(&x->lock);\n}\n"
    own = "static void one_run(struct box *x)\n{\n\tlate(x);\n}\nextern void late(struct box *x);\n"
    table = "const struct ops one_ops = { .run = one_run, .stop = quick };\n"
    mixed = own + between + start + table
    assert found(mixed, {"virt/kvm/b.c": SECOND}) == []
    direct = between + under_lock("late(x);")
    assert found(direct, {"virt/kvm/b.c": SECOND})


ONCE = """
static void set_up(struct box *x)
{
	mutex_lock(&x->mutex);
	x->ready = true;
	mutex_unlock(&x->mutex);
}
static void use(struct box *x)
{
	if (!x->ready)
		set_up(x);
}
"""


def test_what_is_done_once_is_asked() -> None:
    (finding,) = found(ONCE + under_lock("use(x);"))
    assert finding.certainty is Certainty.QUESTION
    assert "set" in finding.explanation


def test_what_merely_changes_is_not_done_once() -> None:
    (finding,) = found(ONCE.replace("ready", "seen") + under_lock("use(x);"))
    assert finding.certainty is Certainty.PROVED


def test_a_lock_that_is_taken_for_the_first_time_work_is_no_excuse() -> None:
    body = "if (x->ready)\n\t\treturn;\n\tspin_lock(&x->lock);\n\tset_up(x);\n\tspin_unlock(&x->lock);"
    (finding,) = found(ONCE + f"void top(struct box *x)\n{{\n\t{body}\n}}\n")
    assert finding.certainty is Certainty.PROVED


NEEDED = """
static void choose(struct box *x, int cmd)
{
	bool need = cmd != FAST;

	if (need)
		spin_lock(&x->lock);
	switch (cmd) {
	case FAST:
		sleeper(x);
		break;
	case SLOW:
		%s(x);
		break;
	}
	if (need)
		spin_unlock(&x->lock);
}
"""


@pytest.mark.parametrize(("function", "reported"), [("quick", False), ("sleeper", True)])
def test_a_variable_stands_for_its_comparison(function: str, reported: bool) -> None:
    assert bool(found(NEEDED % function)) is reported


@pytest.mark.parametrize(("test", "reported"), [("in_atomic()", False), ("x->kind", True)])
def test_code_that_asks_whether_it_may_sleep(test: str, reported: bool) -> None:
    body = f"static void ask(struct box *x)\n{{\n\tif ({test})\n\t\treturn;\n\tsleeper(x);\n}}\n"
    assert bool(found(body + under_lock("ask(x);"))) is reported
