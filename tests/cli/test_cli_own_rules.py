# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Rules of one's own, written as rules/README.md says, on a tree of one's own; severities as the user wants them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from reviewtool.cli.app import run

CODE = """
struct foo {
	struct mutex lock;
	struct mutex inner_lock;
	spinlock_t slock;
	int count;
};

struct bar {
	struct mutex lock;
	struct foo *foo;
};

int foo_first(struct foo *foo);
int foo_wait_idle(struct foo *foo);
void foo_lock(struct foo *foo);
void foo_unlock(struct foo *foo);
void foo_register_callback(struct foo *foo, void (*callback)(struct foo *foo));

"""
"""What every tree begins with."""


@dataclass(frozen=True)
class Ground:
    """A tree with one file, a directory of rules, and the command run over both."""

    path: Path
    capfd: pytest.CaptureFixture[str]

    def audit(self, code: str, rules: str = "", *words: str, status: int = 1) -> list[dict[str, Any]]:
        """The findings of `code` with these rules, as the JSON report has them."""
        self.write(code, rules)
        where = ("--tree", str(self.path / "tree"), "--no-cache", "--rules", str(self.path / "rules"))
        assert run(["audit", "drivers/foo", *where, "--format", "json", *words]) == status
        (review,) = json.loads(self.capfd.readouterr().out)["reviews"]
        found: list[dict[str, Any]] = review["findings"]
        return found

    def write(self, code: str, rules: str = "") -> None:
        """Write the tree and the rules."""
        place = self.path / "tree" / "drivers" / "foo"
        place.mkdir(parents=True, exist_ok=True)
        (place / "foo.c").write_text(CODE + code)
        (self.path / "rules").mkdir(exist_ok=True)
        (self.path / "rules" / "mine.toml").write_text(rules)

    def refused(self, rules: str) -> str:
        """What is said of rules that cannot be used."""
        self.write("", rules)
        assert run(["rules", "--rules", str(self.path / "rules")]) == 2
        return self.capfd.readouterr().err


@pytest.fixture
def ground(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Ground:
    return Ground(tmp_path, capfd)


def places(findings: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(finding["rule"], finding["function"], finding["severity"]) for finding in findings]


NESTED = """
void bar_then_foo(struct bar *bar)
{
	mutex_lock(&bar->lock);
	mutex_lock(&bar->foo->lock);
	mutex_unlock(&bar->foo->lock);
	mutex_unlock(&bar->lock);
}
"""


def test_an_order(ground: Ground) -> None:
    rules = """
[rule.foo-before-bar]
group = "order"
severity = "warning"
summary = "foo->lock is taken outside of bar->lock"
why = "The reset path takes all bars of a foo."

[[order]]
rule = "foo-before-bar"
outer = "struct foo.lock"
inner = "struct bar.lock"
source = "drivers/foo/README"
"""
    (finding,) = ground.audit(NESTED, rules)
    assert (finding["rule"], finding["group"], finding["function"]) == ("foo-before-bar", "order", "bar_then_foo")
    assert finding["severity"] == "warning"
    turned = (
        rules.replace("struct foo.lock", "X")
        .replace("struct bar.lock", "struct foo.lock")
        .replace("X", "struct bar.lock")
    )
    assert ground.audit(NESTED, turned, status=0) == []


def test_something_forbidden_under_a_lock(ground: Ground) -> None:
    code = """
void foo_stop(struct foo *foo)
{
	mutex_lock(&foo->lock);
	foo_wait_idle(foo);
	mutex_unlock(&foo->lock);
	foo_wait_idle(foo);
}
"""
    rules = """
[[forbidden-under]]
under = ["struct foo.lock"]
calls = ["foo_wait_idle"]
message = "the interrupt handler takes foo->lock"
"""
    (finding,) = ground.audit(code, rules)
    assert (finding["rule"], finding["line"]) == ("forbidden-under-lock", CODE.count("\n") + 5)
    assert "the interrupt handler takes foo->lock" in f"{finding['message']} {finding['explanation']}"


def test_a_required_lock(ground: Ground) -> None:
    code = """
void foo_reset(struct foo *foo)
{
	foo->count = 0;
	mutex_lock(&foo->lock);
	foo->count = 1;
	mutex_unlock(&foo->lock);
}

void foo_create(struct foo *foo)
{
	foo->count = 2;
}

static long foo_ioctl(struct file *file, unsigned int number, unsigned long argument)
{
	foo_reset(file->private_data);
	return 0;
}

static const struct file_operations foo_operations = { .unlocked_ioctl = foo_ioctl };
"""
    rules = """
[[required-lock]]
locks = ["struct foo.lock"]
writes = ["struct foo.count"]
unless = ["foo_create"]
"""
    (finding,) = ground.audit(code, rules)
    assert places([finding]) == [("required-lock-missing", "foo_ioctl", "warning")]
    assert [(step["function"], step["line"] - CODE.count("\n")) for step in finding["witness"]] == [
        ("foo_ioctl", 17),
        ("foo_reset", 4),
    ]


def test_a_lock_that_needs_another_and_a_field_that_is_read(ground: Ground) -> None:
    code = """
static long foo_ioctl(struct file *file, unsigned int number, unsigned long argument)
{
	struct foo *foo = file->private_data;
	int count;

	count = foo->count;
	mutex_lock(&foo->lock);
	spin_lock(&foo->slock);
	count += foo->count;
	spin_unlock(&foo->slock);
	mutex_unlock(&foo->lock);
	return count;
}

static int foo_flush(struct file *file, fl_owner_t id)
{
	struct foo *foo = file->private_data;

	spin_lock(&foo->slock);
	spin_unlock(&foo->slock);
	return 0;
}

static int foo_open(struct inode *inode, struct file *file)
{
	struct foo *foo = kzalloc(sizeof(*foo), GFP_KERNEL);

	if (foo->count)
		return -1;
	file->private_data = foo;
	return 0;
}

static const struct file_operations foo_operations = {
	.unlocked_ioctl = foo_ioctl,
	.open = foo_open,
	.flush = foo_flush,
};
"""
    rules = """
[[required-lock]]
locks = ["struct foo.lock"]
acquires = ["struct foo.slock"]

[[required-lock]]
locks = ["struct foo.lock", "struct foo.inner_lock"]
reads = ["struct foo.count"]
"""
    found = ground.audit(code, rules)
    assert [(finding["line"] - CODE.count("\n"), finding["locks"]) for finding in found] == [
        (7, ["foo->lock", "foo->inner_lock"]),
        (20, ["foo->lock"]),
    ]


def test_a_primitive(ground: Ground) -> None:
    code = """
int foo_get(struct foo *foo)
{
	foo_lock(foo);
	if (foo->count < 0)
		return -1;
	foo_unlock(foo);
	return 0;
}
"""
    rules = """
[primitive."drivers/foo/foo.h"]
foo_lock = "acquire mutex at=&@0->lock"
foo_unlock = "release mutex at=&@0->lock"
"""
    assert ground.audit(code, status=0) == []
    assert places(ground.audit(code, rules)) == [("missing-unlock", "foo_get", "error")]


def test_a_context(ground: Ground) -> None:
    code = """
static void foo_callback(struct foo *foo)
{
	mutex_lock(&foo->lock);
	mutex_unlock(&foo->lock);
}

void foo_start(struct foo *foo)
{
	foo_register_callback(foo, foo_callback);
}
"""
    rules = """
[context.foo-callback]
call = ["foo_register_callback"]
argument = 1
kind = "softirq"
holds = ["@bh"]
sleeps = false
source = "drivers/foo/core.c"
"""
    assert ground.audit(code, status=0) == []
    (finding,) = ground.audit(code, rules)
    assert (finding["rule"], finding["function"]) == ("sleep-in-atomic", "foo_callback")


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ('[[order]]\nouter = "a"\nsource = "s"\n', ("order[1]", "inner")),
        ('[[order]]\nouter = "a"\ninner = "a"\nsource = "s"\n', ("order[1]", "outside of itself")),
        ('[[forbidden-under]]\nunder = ["a"]\ncals = ["b"]\n', ("forbidden-under[1]", '"cals"', '"calls"')),
        ('[[forbidden-under]]\nunder = ["a"]\neffects = ["sleeep"]\n', ("forbidden-under[1].effects", '"sleep"')),
        ('[[required-lock]]\nlocks = []\nwrites = ["a"]\n', ("required-lock[1]", "`locks` is empty")),
        ('[[required-lock]]\nrule = "mine"\nlocks = ["a"]\nwrites = ["a"]\n', ("required-lock[1].rule", '"mine"')),
        ('[primitive."foo.h"]\nfoo_lock = "aquire mutex"\n', ("foo_lock", '"aquire"', '"acquire"')),
        ('[primitive."foo.h"]\nfoo_lock = "acquire mutx"\n', ("foo_lock", '"mutx"', '"mutex"')),
        ('[context.foo]\nsource = "s"\n', ("context.foo", "field, call or macro")),
        ('[context.foo]\ncall = ["f"]\nkind = "hardirg"\nsource = "s"\n', ("context.foo.kind", '"hardirq"')),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(ground: Ground, rules: str, words: tuple[str, ...]) -> None:
    said = ground.refused(rules)
    assert said.count("\n") == 1
    assert all(word in said for word in ("mine.toml", *words)), said


LEAKS = """
int foo_get(struct foo *foo)
{
	mutex_lock(&foo->lock);
	if (foo->count < 0)
		return -1;
	mutex_unlock(&foo->lock);
	return 0;
}
"""


def severities(
    ground: Ground, text: str, status: int, code: str = LEAKS, rules: str = ""
) -> list[tuple[str, str, str]]:
    (ground.path / "config.toml").write_text(text)
    return places(ground.audit(code, rules, "--config", str(ground.path / "config.toml"), status=status))


def test_the_user_lowers_a_severity(ground: Ground) -> None:
    assert severities(ground, "", 1) == [("missing-unlock", "foo_get", "error")]
    assert severities(ground, '[severity]\nmissing-unlock = "warning"\n', 1) == [
        ("missing-unlock", "foo_get", "warning")
    ]
    assert severities(ground, '[severity]\nmissing-unlock = "note"\n', 0) == [("missing-unlock", "foo_get", "note")]
    assert severities(ground, 'disable = ["missing-unlock"]\n', 0) == []


MINE = """
[rule.mine]
severity = "note"
summary = "foo first"

[[order]]
rule = "mine"
outer = "struct foo.lock"
inner = "struct bar.lock"
source = "drivers/foo/README"
"""


def test_the_user_raises_a_severity_as_far_as_the_evidence_goes(ground: Ground) -> None:
    assert severities(ground, "", 0, NESTED, MINE) == [("mine", "bar_then_foo", "note")]
    ((rule, _, severity),) = severities(ground, '[severity]\nmine = "error"\n', 1, NESTED, MINE)
    (finding,) = ground.audit(NESTED, MINE, status=0)
    assert (rule, severity) == ("mine", "error" if finding["certainty"] == "proved" else "warning")


def test_a_severity_for_no_rule(ground: Ground, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[severity]\nmissing-unlok = "note"\n')
    assert run(["rules", "--config", str(tmp_path / "config.toml")]) == 2
    assert 'severity: unknown rule "missing-unlok"; did you mean "missing-unlock"?' in ground.capfd.readouterr().err


def test_a_tree_configures_nothing(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    ground.write(LEAKS)
    text = 'disable = ["missing-unlock"]\n[severity]\nmissing-unlock = "note"\n'
    for name in ("reviewtool.toml", ".reviewtool.toml", "config.toml", ".config/reviewtool/config.toml"):
        place = ground.path / "tree" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    monkeypatch.chdir(ground.path / "tree")
    assert places(ground.audit(LEAKS)) == [("missing-unlock", "foo_get", "error")]
