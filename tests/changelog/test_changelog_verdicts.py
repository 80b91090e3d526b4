# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Claims of varied wording at each snapshot of a small series."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from reviewtool.changelog.claims import claims_of
from reviewtool.changelog.findings import claim_findings
from reviewtool.changelog.sentences import split
from reviewtool.changelog.verdicts import Models, Verdict, judge
from reviewtool.ruleset.model import Ruleset, Severity

FILE = "lib/hub.c"

BASE = """
DEFINE_MUTEX(hub_lock);
static DEFINE_RAW_SPINLOCK(count_lock);
static int usage_count;
struct hub { struct mutex lock; spinlock_t ring_lock; rwlock_t map_lock; int users; int ring; int maps; };
struct port { struct mutex mutex; struct hub *hub; int state; };

int hub_online_cb(unsigned int cpu)
{
	raw_spin_lock(&count_lock);
	usage_count++;
	raw_spin_unlock(&count_lock);
	return 0;
}

static void hub_ring_add(struct hub *hub)
{
	hub->ring++;
}

void hub_ring_push(struct hub *hub)
{
	spin_lock(&hub->ring_lock);
	hub_ring_add(hub);
	spin_unlock(&hub->ring_lock);
}

static void port_start(struct port *port)
{
	port->state = 1;
}

void hub_attach(struct hub *hub, struct port *port)
{
	mutex_lock(&hub->lock);
	mutex_lock(&port->mutex);
	hub->users++;
	port_start(port);
	mutex_unlock(&port->mutex);
	mutex_unlock(&hub->lock);
}

static void hub_touch(struct hub *hub)
{
	hub->maps = 1;
}

void hub_map(struct hub *hub)
{
	write_lock(&hub->map_lock);
	hub_touch(hub);
	write_unlock(&hub->map_lock);
}

static int hub_look(struct hub *hub)
{
	return hub->maps;
}

int hub_peek(struct hub *hub)
{
	int maps;

	read_lock(&hub->map_lock);
	maps = hub_look(hub);
	read_unlock(&hub->map_lock);
	return maps;
}

int hub_probe(void)
{
	cpus_read_lock();
	cpus_read_unlock();
	return 0;
}

int hub_probe_all(void)
{
	return hub_probe();
}

void hub_poll(void)
{
	local_irq_disable();
	hub_quiet();
	local_irq_enable();
}
"""

QUIET = "\nstatic void hub_quiet(void)\n{\n\tusage_count = 0;\n}\n"
FIRST = QUIET + BASE
SECOND = FIRST.replace("static DEFINE_RAW_SPINLOCK(count_lock);\n", "").replace("raw_spin_", "mutex_").replace(
    "&count_lock", "&hub_lock"
)  # fmt: skip
THIRD = (
    SECOND
    + """
void hub_reset(struct hub *hub)
{
	hub->ring = 0;
}
"""
)
FOURTH = (
    SECOND
    + """
void hub_reset(struct hub *hub)
{
	mutex_lock(&hub_lock);
	spin_lock(&hub->ring_lock);
	hub->ring = 0;
	spin_unlock(&hub->ring_lock);
	mutex_unlock(&hub_lock);
}

void port_detach(struct port *port)
{
	mutex_lock(&port->mutex);
	hub_online_cb(0);
	port_start(port);
	mutex_unlock(&port->mutex);
}
"""
)
TREES = [{FILE: FIRST}, {FILE: FIRST}, {FILE: SECOND}, {FILE: THIRD}, {FILE: FOURTH}]
"""Patch 1 changes nothing, 2 replaces count_lock by hub_lock, 3 adds hub_reset(), 4 lets it take locks."""

HOLDS = "holds holds holds holds"
NOTHING = "no-evidence no-evidence no-evidence no-evidence"

TABLE = [
    # a function takes a lock
    ("hub_online_cb() takes hub_lock.", "not-yet:2 holds holds holds"),
    ("hub_online_cb() acquires hub_lock, so the setup has to use a lock of its own.", "not-yet:2 holds holds holds"),
    ("The setup is done first because hub_online_cb() grabs hub_lock.", "not-yet:2 holds holds holds"),
    ("Note that the hub_lock mutex is taken by hub_online_cb().", "not-yet:2 holds holds holds"),
    ("CPU hotplug calls hub_online_cb(), which takes the hub_lock.", "not-yet:2 holds holds holds"),
    ("It takes hub_lock in hub_online_cb().", "not-yet:2 holds holds holds"),
    ("hub_online_cb() takes count_lock.", "holds holds no-longer:2 no-longer:2"),
    ("hub_online_cb() does not take hub_lock.", "holds holds no-longer:2 no-longer:2"),
    ("hub_online_cb() never acquires hub_lock.", "holds holds no-longer:2 no-longer:2"),
    ("hub_probe_all() takes cpus_read_lock() to look at every CPU.", HOLDS),
    ("hub_probe() and hub_probe_all() both take cpus_read_lock().", HOLDS),
    ("hub_attach() takes hub->lock and port->mutex.", HOLDS),
    ("hub_map() takes map_lock for write.", HOLDS),
    ("hub_map() takes map_lock for read.", NOTHING),
    ("hub_peek() takes hub->map_lock for reading.", HOLDS),
    ("hub_attach() takes hub_lock.", "contradicted contradicted contradicted contradicted"),
    ("hub_ring_push() acquires hub->lock.", "contradicted contradicted contradicted contradicted"),
    ("hub_reset() takes hub_lock.", "not-yet:4 not-yet:4 not-yet:4 holds"),
    ("`hub_reset` acquires `hub->ring_lock`.", "not-yet:4 not-yet:4 not-yet:4 holds"),
    ("hub_reset() will take hub_lock.", "not-yet:4 not-yet:4 not-yet:4 holds"),
    ("In the future hub_attach() takes hub_lock.", NOTHING),
    ("If hub_attach() takes hub_lock, this deadlocks.", NOTHING),
    # called with a lock held
    ("hub_ring_add() is called with ring_lock held.", HOLDS),
    ("hub_ring_add() is only called under hub->ring_lock.", HOLDS),
    ("hub_ring_add() must be called with hub->ring_lock held.", HOLDS),
    ("hub_ring_push() calls hub_ring_add() with ring_lock held.", HOLDS),
    ("ring_lock is held when calling hub_ring_add().", HOLDS),
    ("Callers of hub_ring_add() must hold ring_lock.", HOLDS),
    ("hub_ring_add() expects ring_lock to be held.", HOLDS),
    ("hub_ring_add() runs under hub->lock.", "contradicted contradicted contradicted contradicted"),
    ("hub_ring_add() is never called with hub->lock held.", HOLDS),
    ("hub_ring_add() must not be called under ring_lock.", "contradicted contradicted contradicted contradicted"),
    ("port_start() is called with hub->lock held.", "holds holds holds holds"),
    ("port_start() is called while holding port->mutex.", HOLDS),
    ("hub_quiet() is called with interrupts disabled.", HOLDS),
    ("hub_quiet() runs with preemption disabled.", NOTHING),
    ("hub_attach() holds hub->lock across port_start().", HOLDS),
    ("hub_touch() is called with map_lock held for write.", HOLDS),
    ("hub_look() is called with map_lock held for read.", HOLDS),
    ("hub_look() is called with map_lock held for write.", NOTHING),
    # orders
    ("port->mutex is taken under hub->lock.", HOLDS),
    ("hub->lock is taken outside port->mutex.", HOLDS),
    ("hub->lock must be acquired before port->mutex.", HOLDS),
    ("port->mutex nests inside hub->lock.", HOLDS),
    ("hub_attach() acquires port->mutex while holding hub->lock.", HOLDS),
    ("The lock order is hub->lock -> port->mutex.", HOLDS),
    ("hub->lock is taken inside port->mutex.", "contradicted contradicted contradicted contradicted"),
    ("ring_lock is taken inside hub_lock.", "not-yet:4 not-yet:4 not-yet:4 holds"),
    ("hub_lock is taken under port->mutex.", "not-yet:4 not-yet:4 not-yet:4 holds"),
    ("hub_lock is never taken inside port->mutex.", "holds holds holds holds"),
    # protection
    ("hub->ring is protected by ring_lock.", HOLDS),
    ("hub->lock protects hub->users.", HOLDS),
    ("hub_lock protects usage_count.", NOTHING),
    ("ring_lock serialises hub_ring_add().", HOLDS),
    ("port->state is modified with port->mutex held.", HOLDS),
    # sleeping
    ("hub_attach() can sleep.", HOLDS),
    ("hub_online_cb() may sleep.", "not-yet:2 holds holds holds"),
    ("hub_ring_push() cannot sleep.", HOLDS),
    # the whole
    ("No functional change intended.", "holds no-evidence holds contradicted"),
]


@pytest.fixture(scope="module")
def snapshots(models_of: Callable[..., dict[int, Models]]) -> dict[int, Models]:
    return models_of(TREES)


def verdict(sentence: str, patch: int, snapshots: dict[int, Models]) -> Verdict:
    """The verdict on the first claim of a sentence; all its claims have the same."""
    found = judge(claims_of(split(sentence), patch), snapshots)
    assert found, sentence
    return found[0]


def short(found: Verdict) -> str:
    number = found.since if found.outcome == "not-yet" else found.until if found.outcome == "no-longer" else None
    return found.outcome + (f":{number}" if number else "")


@pytest.mark.parametrize(("sentence", "expected"), TABLE)
def test_verdict_at_each_patch(sentence: str, expected: str, snapshots: dict[int, Models]) -> None:
    assert " ".join(short(verdict(sentence, patch, snapshots)) for patch in range(1, 5)) == expected


def test_the_table_is_large_enough() -> None:
    assert len({sentence for sentence, _ in TABLE}) >= 40


def test_not_yet_has_both_lines(snapshots: dict[int, Models]) -> None:
    found = verdict("The setup is done first because hub_online_cb() takes hub_lock.", 1, snapshots)
    here, later = (evidence.steps[-1] for evidence in found.evidence)
    assert [evidence.snapshot for evidence in found.evidence] == [1, 2]
    assert (here.function, here.event) == ("hub_online_cb", "acquires count_lock")
    assert (later.function, later.event) == ("hub_online_cb", "acquires hub_lock")
    lines = FIRST.split("\n"), SECOND.split("\n")
    assert "&count_lock" in lines[0][here.line - 1]
    assert "&hub_lock" in lines[1][later.line - 1]


def test_names_that_come_later_are_explained(snapshots: dict[int, Models]) -> None:
    found = verdict("hub_reset() takes hub_lock.", 1, snapshots)
    assert found.explanation == (
        "hub_reset() does not exist here; it comes with patch 3; hub_reset() takes hub_lock from patch 4 on."
    )


def test_names_that_mean_nothing_are_no_claims(snapshots: dict[int, Models]) -> None:
    assert judge(claims_of(split("foo_bar() takes baz_lock. hub_attach() takes baz_lock."), 1), snapshots) == ()


def test_a_cover_letter_speaks_of_the_whole_series(snapshots: dict[int, Models]) -> None:
    found = verdict("hub_reset() takes hub_lock.", 0, snapshots)
    assert (found.outcome, found.since) == ("holds", 4)


@pytest.mark.parametrize(
    ("sentence", "rule", "severity"),
    [
        ("Do it first, because hub_online_cb() takes hub_lock.", "claim-not-yet-true", Severity.WARNING),
        ("hub_online_cb() takes hub_lock.", "claim-not-yet-true", Severity.NOTE),
        ("This is safe, since hub_ring_push() takes hub->lock.", "claim-contradicted", Severity.WARNING),
        ("hub_ring_push() takes hub->lock.", "claim-contradicted", Severity.NOTE),
    ],
)
def test_what_is_argued_from_weighs_more(
    sentence: str, rule: str, severity: Severity, snapshots: dict[int, Models], ruleset: Ruleset
) -> None:
    (finding,) = claim_findings([verdict(sentence, 1, snapshots)], ruleset)
    assert (finding.rule, finding.severity, finding.patch) == (rule, severity, 1)
    assert finding.document is not None
    assert finding.document.quote == sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "hub_online_cb() will take hub_lock.",
        "If hub_online_cb() takes hub_lock, it deadlocks.",
        "Avoid that hub_online_cb() takes hub_lock.",
        "Instead of hub_online_cb() taking hub_lock, do nothing.",
        "A later patch makes hub_online_cb() take hub_lock.",
        "hub_online_cb() previously took hub_lock.",
        "hub_probe() takes cpus_read_lock().",
        "Why does hub_online_cb() take hub_lock?",
        "It is not required that callers of hub_ring_add() hold hub->lock.",
        "hub_ring_add() is called with hub->lock held, or during teardown.",
    ],
)
def test_doubts_plans_and_truths_give_no_finding(sentence: str, snapshots: dict[int, Models], ruleset: Ruleset) -> None:
    verdicts = judge(claims_of(split(sentence), 1), snapshots)
    assert list(claim_findings(verdicts, ruleset)) == []


def test_a_denied_change_is_a_note(snapshots: dict[int, Models], ruleset: Ruleset) -> None:
    (finding,) = claim_findings([verdict("No functional change intended.", 4, snapshots)], ruleset)
    assert (finding.rule, finding.severity) == ("functional-change-denied", Severity.NOTE)
    assert replace(finding, message="").witness


PASSED = """
DEFINE_MUTEX(hub_lock);
struct hub { int users; };

static void hub_zap(struct hub *hub)
{
	hub->users = 0;
}

static void hub_each(struct hub *hub, void (*handler)(struct hub *hub))
{
	LOCK
	handler(hub);
	UNLOCK
}

void hub_reset(struct hub *hub)
{
	hub_each(hub, hub_zap);
}
"""


@pytest.mark.parametrize("locked", [True, False])
def test_a_function_that_is_passed_on_is_not_called_there(
    locked: bool, models_of: Callable[..., dict[int, Models]]
) -> None:
    lock, unlock = ("mutex_lock(&hub_lock);", "mutex_unlock(&hub_lock);") if locked else ("", "")
    tree = {FILE: PASSED.replace("UNLOCK", unlock).replace("LOCK", lock)}
    claims = claims_of(split("hub_zap() is called with hub_lock held."), 1)
    (verdict,) = judge(claims, models_of([tree, tree]))
    assert verdict.outcome == "no-evidence"
