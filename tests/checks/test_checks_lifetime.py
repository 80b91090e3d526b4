# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What keeps an object alive, and what does not: the borders of the lifetime group."""

from __future__ import annotations

import pytest

from reviewtool.checks.registry import findings_of
from reviewtool.finding.model import Certainty, Finding
from reviewtool.ruleset.model import Severity
from tests.locking.flows import model_of

CODE = """
struct port { struct kref users; spinlock_t own; int number; int busy; struct list_head link; };
struct hub { struct mutex lock; struct mutex outer; struct srcu_struct srcu; struct list_head ports; };
struct hub hub;
void port_release(struct kref *users);
"""
DROP = """
static void hub_drop(int number)
{
	struct port *port, *next;

%s
	mutex_lock(&hub.lock);
	list_for_each_entry_safe(port, next, &hub.ports, link) {
		if (port->number == number) {
			list_del(&port->link);
			%s
		}
	}
	mutex_unlock(&hub.lock);
%s
}
"""
USE = """
static int hub_use(int number)
{
	struct port *port, *found = NULL;
	int busy = 0;

%s
	mutex_lock(&hub.lock);
	list_for_each_entry(port, &hub.ports, link) {
		if (port->number == number) {
			found = port;
			break;
		}
	}
%s
	return busy;
}
"""
ROOT = """
static long hub_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	if (cmd)
		hub_drop(arg);
	return hub_use(arg);
}
static const struct file_operations hub_fops = { .unlocked_ioctl = hub_ioctl };
"""
PUBLISHED = """
	mutex_lock(&hub.lock);
	%s(&port->link, &hub.ports);
	spin_lock_init(&port->own);
	mutex_unlock(&hub.lock);"""
LATE = "\tmutex_unlock(&hub.lock);\n\tif (found)\n\t\tbusy = found->busy;"


def found(code: str) -> list[Finding]:
    groups = ("rcu", "lifetime")
    findings = findings_of((model_of(CODE + code),)).values()
    return sorted((each for each in findings if each.group in groups), key=lambda each: each.line)


def rules(code: str) -> list[str]:
    return [finding.rule for finding in found(code)]


def test_a_use_after_the_unlock_is_told_with_who_frees() -> None:
    (finding,) = found(DROP % ("", "kfree(port);", "") + USE % ("", LATE) + ROOT)
    assert (finding.rule, finding.severity, finding.certainty) == (
        "used-after-unlock",
        Severity.WARNING,
        Certainty.LIKELY,
    )
    assert "hub_drop()" in finding.message
    assert [step.function for step in (*finding.witness, *finding.other)] == ["hub_use", "hub_use", "hub_drop"]


@pytest.mark.parametrize(
    "body",
    [
        "\tif (found)\n\t\tbusy = found->busy;\n\tmutex_unlock(&hub.lock);",
        "\tif (found)\n\t\tkref_get(&found->users);" + "\n" + LATE,
        "\tif (found)\n\t\tfound->busy = 1;" + "\n" + LATE,
        "\tif (found)\n\t\tlist_del(&found->link);" + "\n" + LATE,
        "\tmutex_unlock(&hub.lock);\n\tbusy = found != NULL;",
        "\tmutex_unlock(&hub.lock);\n\tfound = kzalloc(8, GFP_KERNEL);\n\tbusy = found->busy;",
    ],
    ids=["before", "reference", "marked", "owned", "not followed", "another"],
)
def test_what_keeps_it_silences(body: str) -> None:
    assert rules(DROP % ("", "kfree(port);", "") + USE % ("", body) + ROOT) == []


OUTER = ("\tmutex_lock(&hub.outer);", "mutex_unlock(&hub.outer);")
READER = ("\tint idx = srcu_read_lock(&hub.srcu);", "srcu_read_unlock(&hub.srcu, idx);")


@pytest.mark.parametrize(
    ("before", "frees", "after", "around", "within"),
    [
        ("", "", "", "", ""),
        (OUTER[0], "kfree(port);", OUTER[1], *OUTER),
        ("", "synchronize_srcu(&hub.srcu);kfree(port);", "", *READER),
    ],
    ids=["nobody frees", "another lock", "a reader that is waited for"],
)
def test_others_that_cannot_free_meanwhile(before: str, frees: str, after: str, around: str, within: str) -> None:
    code = DROP % (before, frees, after) + USE % (around, f"{LATE}\n\t{within}") + ROOT
    assert "used-after-unlock" not in rules(code)


def test_a_remover_that_no_common_entry_reaches_is_no_evidence() -> None:
    code = DROP % ("", "kfree(port);", "") + USE % ("", LATE) + ROOT.replace("hub_drop(arg);", ";")
    assert rules(code) == []


def test_a_reference_through_a_helper_counts() -> None:
    helper = "static void port_hold(struct port *p)\n{\n\tkref_get(&p->users);\n}\n"
    body = "\tif (found)\n\t\tport_hold(found);\n" + LATE
    assert rules(helper + DROP % ("", "kfree(port);", "") + USE % ("", body) + ROOT) == []


def test_a_put_frees_as_well() -> None:
    code = DROP % ("", "kref_put(&port->users, port_release);", "") + USE % ("", LATE) + ROOT
    assert rules(code) == ["used-after-unlock"]


def test_what_was_made_known_is_found_by_others() -> None:
    add = """
static int hub_use(int number)
{
	struct port *port = kzalloc(sizeof(*port), GFP_KERNEL);

	mutex_lock(&hub.lock);
	list_add(&port->link, &hub.ports);
	mutex_unlock(&hub.lock);
	return port->number;
}
"""
    assert rules(DROP % ("", "kfree(port);", "") + add + ROOT) == ["used-after-unlock"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("spin_lock(&port->own);\n\tkfree(port);", ["freed-while-locked"]),
        ("spin_lock(&port->own);\n\tspin_unlock(&port->own);\n\tkfree(port);", []),
        ("spin_lock(&other->own);\n\tkfree(port);\n\tspin_unlock(&other->own);", []),
        ("kfree(port);\n\tlist_del(&port->link);", ["used-after-free"]),
        ("kfree(port);\n\tport = other;\n\tport->busy = 1;", []),
        ("if (other)\n\t\tkfree(port);\n\telse\n\t\tport->busy = 1;", []),
        ("list_del_rcu(&port->link);\n\tkfree(port);", ["freed-before-grace-period"]),
        ("list_del_rcu(&port->link);\n\tsynchronize_rcu();\n\tkfree(port);", []),
        ("list_del_rcu(&port->link);\n\thub_wait();\n\tkfree(port);", []),
        ("list_del_rcu(&port->link);\n\tkfree_rcu(port, rcu);", []),
        ("list_del(&port->link);\n\tkfree(port);", []),
        (PUBLISHED % "list_add", []),
        (PUBLISHED % "list_add_rcu", ["initialised-after-publish"]),
        ("mutex_lock(&hub.lock);\n\tmutex_destroy(&hub.lock);", ["destroyed-while-held"]),
        ("mutex_lock(&hub.lock);\n\tmutex_destroy(&hub.outer);\n\tmutex_unlock(&hub.lock);", []),
    ],
)  # fmt: skip
def test_frees_and_their_order(body: str, expected: list[str]) -> None:
    wait = "static void hub_wait(void)\n{\n\tsynchronize_srcu(&hub.srcu);\n}\n"
    assert rules(f"{wait}static void f(struct port *port, struct port *other)\n{{\n\t{body}\n}}\n") == expected


def test_a_walk_that_frees_what_it_goes_on_from() -> None:
    walk = "static void f(void)\n{{\n\tstruct port *port, *next;\n\n\t{}\n\t\tkfree(port);\n}}\n"
    assert rules(walk.format("list_for_each_entry(port, &hub.ports, link)")) == ["used-after-free"]
    assert rules(walk.format("list_for_each_entry_safe(port, next, &hub.ports, link)")) == []


def test_a_lock_given_up_on_demand_is_left_to_its_result() -> None:
    walk = """
static void f(spinlock_t *lock)
{
	struct port *port;

restart:
	spin_lock(lock);
	list_for_each_entry(port, &hub.ports, link) {
		if (cond_resched_lock(lock))
			goto restart;
	}
	spin_unlock(lock);
}
"""
    assert "walk-continued-stale" not in rules(walk)
