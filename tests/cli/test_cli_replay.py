# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""`reviewtool replay` on the samples and on small series: what it lists, shows, repeats and refuses."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reviewtool.cli.app import run

Capture = pytest.CaptureFixture[str]

BOX = """
struct box {
	struct mutex lock;
	struct mutex lid;
};
static void box_open(struct box *box)
{
	mutex_lock(&box->lock);
	mutex_lock(&box->lid);
	mutex_unlock(&box->lid);
	mutex_unlock(&box->lock);
}
"""
TURN = """
static void box_turn(struct box *box)
{
	mutex_lock(&box->lid);
	mutex_lock(&box->lock);
	mutex_unlock(&box->lock);
	mutex_unlock(&box->lid);
}
"""
FIXED = TURN.replace("box->", "BOX").replace("BOXlid", "box->lock", 1).replace("BOXlock", "box->lid", 1)
FIXED = FIXED.replace("BOXlock", "box->lid").replace("BOXlid", "box->lock")


@pytest.fixture
def sample(sample_repository: Callable[[str], tuple[Path, Any]]) -> list[str]:
    """The arguments for the sample with an inversion."""
    mbox, repository = sample_repository("inversion")
    return ["replay", str(mbox), "--tree", str(repository.path), "--no-cache"]


@pytest.fixture
def series(make_repository: Callable[..., Any]) -> list[str]:
    """The arguments for a range whose first commit adds an inversion and whose second one repairs it."""
    repository = make_repository({"virt/kvm/box.c": BOX})
    first = repository.git("rev-parse", "HEAD")
    repository.commit({"virt/kvm/box.c": BOX + TURN}, "box: turn it")
    repository.commit({"virt/kvm/box.c": BOX + FIXED}, "box: turn it the right way")
    return ["replay", "--range", f"{first}..HEAD", "--tree", str(repository.path), "--no-cache"]


def test_the_inversion_of_the_sample_deadlocks(sample: list[str], capfd: Capture) -> None:
    assert run(sample) == 1
    out, err = capfd.readouterr()
    assert err == ""
    assert "*** DEADLOCK ***" in out
    assert "CPU 0 waits for CPU 1 (hv_assign->lock)" in out
    assert "virt/kvm/irqroute.c:55  lock(hv_vm->irq_lock)" in out
    assert "replay: none before, " in out
    assert "complete; deadlock in 2 steps after, " in out


def test_the_same_schedule_gives_the_same_output(sample: list[str], capfd: Capture) -> None:
    run(sample)
    first = capfd.readouterr().out
    schedule = first.rstrip().rpartition("schedule ")[2]
    run([*sample, "--schedule", schedule])
    assert capfd.readouterr().out == first
    run([*sample, "--schedule", "a4b4"])
    assert "DEADLOCK" not in capfd.readouterr().out


def test_formats(sample: list[str], capfd: Capture, tmp_path: Path) -> None:
    run([*sample, "--format", "lockdep"])
    assert capfd.readouterr().out.startswith(" Possible unsafe locking scenario:")
    run([*sample, "--format", "json"])
    told = json.loads(capfd.readouterr().out)
    assert told["verdict"] == "deadlock"
    assert [step["function"] for step in told["program"]["contexts"][0]["events"][1]["stack"]] == [
        "hv_irq_route_set",
        "hv_bypass_route_changed",
    ]
    picture = tmp_path / "replay.svg"
    run([*sample, "-o", str(picture)])
    assert capfd.readouterr().out == ""
    assert ET.fromstring(picture.read_text(encoding="utf-8")).tag.endswith("svg")


def test_what_a_later_patch_repairs_completes_after_it(series: list[str], capfd: Capture) -> None:
    run(series)
    out = capfd.readouterr().out
    assert "*** DEADLOCK ***" in out
    run(["batch", *series[1:], "--format", "text"])
    removed = capfd.readouterr().out.partition("Removed by this series")[2]
    assert "replay: deadlocked before in 2 steps; none after, " in removed
    assert " states, complete; schedule ab" in removed
    run([*series, "--patch", "2", "--contrast"])
    out = capfd.readouterr().out
    assert "DEADLOCK" not in out
    assert "no deadlock on this schedule" in out


def test_several_are_listed_and_one_is_named(make_repository: Callable[..., Any], capfd: Capture) -> None:
    repository = make_repository({"virt/kvm/box.c": BOX})
    both = BOX + TURN + (BOX + TURN).replace("box", "jar")
    first = repository.git("rev-parse", "HEAD")
    repository.commit({"virt/kvm/box.c": both}, "box: turn boxes and jars")
    arguments = ["replay", "--range", f"{first}..HEAD", "--tree", str(repository.path), "--no-cache"]
    assert run(arguments) == 1
    listed = capfd.readouterr().out
    names = [line.split()[0] for line in listed.splitlines() if not line.startswith((" ", "function "))]
    assert sum(line.startswith("function ") for line in listed.splitlines()) == 3
    assert len(names) == 2
    run([*arguments, "--finding", names[1]])
    assert capfd.readouterr().out.startswith(names[1])
    assert run([*arguments, "-o", str(repository.path / "x.svg")]) == 2
    assert "name one with --finding" in capfd.readouterr().err
    assert run([*arguments, "--finding", names[0], "--patch", "7"]) == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--finding", "ffffffff"], "there is no finding ffffffff"),
        (["--finding", "f"], "at least 4 characters"),
        (["--schedule", "a99"], "CPU 0 has nothing more to do"),
        (["--schedule", "?"], "not a schedule"),
        (["--schedule", "ab2"], "cannot go on there"),
        (["--format", "sarif"], "sarif"),
    ],
)
def test_what_cannot_be_replayed_is_refused(
    sample: list[str], options: list[str], said: str, capfd: Capture, tmp_path: Path
) -> None:
    place = tmp_path / "out.svg"
    assert run([*sample, *options, *(["-o", str(place)] if "--schedule" in options else [])]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert said in err
    assert err.count("\n") == 1
    assert not place.exists()


def test_what_is_changed_is_listed_where_there_is_no_finding(
    sample_repository: Callable[[str], tuple[Path, Any]], capfd: Capture
) -> None:
    mbox, repository = sample_repository("clean")
    assert run(["replay", str(mbox), "--tree", str(repository.path), "--no-cache"]) == 0
    out, err = capfd.readouterr()
    assert err == ""
    assert all(line.startswith("function ") for line in out.splitlines())
    assert "hv_vm_disable_logging() in virt/kvm/" in out
    assert run(["replay"]) == 2
    assert run(["replay", str(mbox), "--range", "a..b"]) == 2


@pytest.fixture
def story(sample_repository: Callable[[str], tuple[Path, Any]]) -> list[str]:
    """The arguments for the first version of the sample in which CPU hotplug closes a cycle."""
    mbox, repository = sample_repository("story")
    return ["replay", str(mbox), "--revision", "1", "--tree", str(repository.path), "--no-cache"]


def test_the_story_has_the_hotplug_thread_and_its_lock_on_entry(story: list[str], capfd: Capture) -> None:
    run(story)
    out = capfd.readouterr().out
    assert "hotplug on CPU 0 (hotplug)" in out
    assert "write(cpu_hotplug_lock)  [on entry]" in out
    assert "CPU 1 waits for hotplug on CPU 0 (cpu_hotplug_lock)" in out


def test_a_changed_function_is_replayed_on_request(story: list[str], capfd: Capture) -> None:
    assert run([*story, "--function", "hv_hw_get"]) == 1
    out = capfd.readouterr().out
    assert out.startswith("patch 5: hv_hw_get() in virt/kvm/hv_main.c: cpu_hotplug_lock -> hv_lock is new; ")
    assert "there is an opposite way" in out
    assert "*** DEADLOCK ***" in out
    assert "replay: none before, " in out
    run([*story, "--function", "virt/kvm/hv_main.c:hv_hw_get", "--contrast"])
    assert "no deadlock on this schedule" in capfd.readouterr().out


def test_a_path_without_an_opposite_way_runs_beside_itself(story: list[str], capfd: Capture) -> None:
    run([*story, "--function", "hv_vendor_init", "--patch", "2"])
    out = capfd.readouterr().out
    assert "vendor_lock -> cpu_hotplug_lock is new; no way takes them the other way round" in out
    assert "CPU 0 and CPU 1 go this way:\n    !hv_ops.name (arch/x86/kvm/vendor.c:14)\n" in out
    assert "; none after, " in out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--function", "no_such"], "the series changes no function no_such that has to do with locks; see --list"),
        (["--function", "hv_hw_get", "--patch", "1"], "patch 1 changes no function hv_hw_get"),
        (["--function", "hv_hw_get", "--finding", "abcd"], "give --finding or --function, not both"),
    ],
)
def test_a_function_that_cannot_be_replayed_is_refused(
    story: list[str], options: list[str], said: str, capfd: Capture
) -> None:
    assert run([*story, *options]) == 2
    assert said in capfd.readouterr().err


IRQS = """
struct jar {
	raw_spinlock_t raw;
	spinlock_t lock;
};
static void jar_open(struct jar *jar)
{
	raw_spin_lock(&jar->raw);
	spin_lock(&jar->lock);
	spin_unlock(&jar->lock);
	raw_spin_unlock(&jar->raw);
}
"""


def test_preempt_rt_is_an_option(make_repository: Callable[..., Any], capfd: Capture) -> None:
    repository = make_repository({"virt/kvm/box.c": BOX})
    first = repository.git("rev-parse", "HEAD")
    repository.commit({"virt/kvm/box.c": BOX + IRQS}, "box: a jar")
    arguments = ["replay", "--range", f"{first}..HEAD", "--tree", str(repository.path), "--no-cache"]
    run([*arguments, "--function", "jar_open"])
    assert "; none after, " in capfd.readouterr().out
    run([*arguments, "--function", "jar_open", "--preempt-rt"])
    assert "*** SLEEP IN ATOMIC CONTEXT ***" in capfd.readouterr().out
