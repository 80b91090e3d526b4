# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Where a reader is demanded, and where none is: the borders of the rcu group."""

from __future__ import annotations

import pytest

from reviewtool.checks.registry import findings_of
from reviewtool.finding.model import Certainty, Finding
from tests.locking.flows import model_of

CODE = """
struct item { int n; struct list_head link; };
struct hub {
	struct list_head items; struct srcu_struct srcu; struct srcu_struct other; struct mutex lock; struct mutex far;
	struct item __rcu *first;
};
struct hub hub;
"""
ROOT = """
static long hub_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
%s
}
static const struct file_operations hub_fops = { .unlocked_ioctl = hub_ioctl };
"""
WALK = """
static int hub_sum(struct hub *h)
{
	struct item *item;
	int sum = 0;

	list_for_each_entry_rcu(item, &h->items, link%s)
		sum += item->n;
	return sum;
}
"""


def found(code: str) -> list[Finding]:
    groups = [finding for finding in findings_of((model_of(CODE + code),)).values() if finding.group == "rcu"]
    return sorted(groups, key=lambda finding: finding.line)


def asked(code: str) -> list[tuple[str, Certainty]]:
    return [(finding.rule, finding.certainty) for finding in found(code)]


WALKED = "list-walked-outside-reader"


def test_a_function_that_nobody_known_calls_is_not_judged() -> None:
    assert asked(WALK % "") == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", [(WALKED, Certainty.PROVED)]),
        ("rcu_read_lock();", "rcu_read_unlock();", []),
        ("preempt_disable();", "preempt_enable();", []),
        ("spin_lock(&slock);", "spin_unlock(&slock);", []),
        ("arg = srcu_read_lock(&hub.other);", "srcu_read_unlock(&hub.other, arg);", [(WALKED, Certainty.PROVED)]),
        ("mutex_lock(&hub.far);", "mutex_unlock(&hub.far);", [(WALKED, Certainty.PROVED)]),
        ("mutex_lock(&hub.lock);", "mutex_unlock(&hub.lock);", [(WALKED, Certainty.QUESTION)]),
    ],
)
def test_what_the_caller_holds_decides(before: str, after: str, expected: list[tuple[str, Certainty]]) -> None:
    changer = """
static DEFINE_SPINLOCK(slock);
static void hub_add(struct hub *h, struct item *item)
{
	mutex_lock(&h->lock);
	list_add_rcu(&item->link, &h->items);
	mutex_unlock(&h->lock);
}
"""
    body = f"\tint sum;\n\t{before}\n\tsum = hub_sum(&hub);\n\t{after}\n\treturn sum;"
    assert asked(changer + WALK % "" + ROOT % body) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (", lockdep_is_held(&h->lock)", []),
        (", srcu_read_lock_held(&h->srcu) || lockdep_is_held(&h->lock)", []),
        (", srcu_read_lock_held(&h->srcu)", [WALKED]),
        (", lockdep_is_held(&h->far) || 0", [WALKED]),
        (", lockdep_is_held(&h->far) || h->first", []),
        (", true", []),
    ],
)
def test_a_condition_names_what_will_do_as_well(condition: str, expected: list[str]) -> None:
    body = "\tint sum;\n\tmutex_lock(&hub.lock);\n\tsum = hub_sum(&hub);\n\tmutex_unlock(&hub.lock);\n\treturn sum;"
    assert [finding.rule for finding in found(WALK % condition + ROOT % body)] == expected


def test_a_reader_on_some_way_is_left_to_conditions() -> None:
    body = """
	int sum;
	if (arg)
		rcu_read_lock();
	sum = hub_sum(&hub);
	if (cmd)
		rcu_read_unlock();
	return sum;"""
    assert asked(WALK % "" + ROOT % body) == []


def test_one_bad_caller_of_several_is_told_itself() -> None:
    good = """
static int hub_good(void)
{
	int n;

	rcu_read_lock();
	n = hub_sum(&hub);
	rcu_read_unlock();
	return n;
}
"""
    (finding,) = found(WALK % "" + good + ROOT % "\treturn hub_good() + hub_sum(&hub);")
    assert finding.function == "hub_ioctl"
    (finding,) = found(WALK % "" + ROOT % "\treturn hub_sum(&hub);")
    assert finding.function == "hub_sum"


@pytest.mark.parametrize(
    "body",
    [
        "\treturn rcu_dereference(hub.first)->n;",
        "\tstruct item *item = READ_ONCE(*&rcu_dereference(hub.first));\n\treturn item->n;",
        "\tif (rcu_dereference(hub.first))\n\t\treturn 1;\n\treturn 0;",
        "\tif (cmd || !rcu_dereference(hub.first))\n\t\treturn 1;\n\treturn 0;",
        "\topaque(rcu_dereference(hub.first)->n);\n\treturn 0;",
        "\treturn (long)(rcu_dereference(hub.first));",
        "\treturn srcu_dereference(hub.first, &hub.srcu)->n;",
    ],
)
def test_a_pointer_is_seen_wherever_it_stands(body: str) -> None:
    assert [finding.rule for finding in found(ROOT % body)] == ["rcu-pointer-outside-reader"]


@pytest.mark.parametrize(
    "body",
    [
        "\treturn rcu_access_pointer(hub.first) != NULL;",
        "\treturn rcu_dereference_raw(hub.first)->n;",
        "\treturn rcu_dereference_protected(hub.first, 1)->n;",
        "\treturn sizeof(rcu_dereference(hub.first)->n);",
    ],
)
def test_what_demands_nothing(body: str) -> None:
    assert asked(ROOT % body) == []
