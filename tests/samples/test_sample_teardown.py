# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Each patch of the sample `teardown` makes one mistake, and that is what the tool says of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from reviewtool.cli.app import run
from reviewtool.ruleset import load

MEANT = (
    ("error: wait-under-callback-lock", "note: section-widened"),
    ("warning: pending-is-no-wait",),
    ("error: callback-waits-for-itself",),
    ("warning: wait-under-waker-lock", "note: section-widened"),
    ("note: freed-while-callback-runs", "note: freed-while-callback-runs"),
    ("error: init-result-ignored",),
    ("error: destroy-without-init",),
    ("error: lock-used-after-destroy",),
    ("error: lock-used-before-init",),
    ("error: lock-key-not-static",),
    ("note: reference-after-unlock",),
    ("note: put-under-own-lock",),
    ("note: rcu-list-changed-plainly",),
    ("note: guard-widens-section",),
    ("warning: rcu-update-without-lock",),
    ("error: used-after-free",),
    ("warning: freed-before-grace-period",),
    ("error: hotplug-lock-recursion",),
    ("error: cpuslocked-without-lock",),
    ("error: nested-reader",),
    ("warning: invalidation-not-ended",),
    ("error: guard-and-unlock",),
    ("error: conditional-guard-unchecked",),
    ("warning: guard-variant-changed",),
    ("error: cleanup-order",),
    ("warning: callback-without-barrier",),
    ("error: freed-while-locked", "error: guard-on-freed-object"),
)
"""What is said of each patch in order, severity and rule."""


@pytest.fixture
def review(sample_threads: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.chdir(tmp_path)
    sample = sample_threads / "teardown"
    words = ["batch", "--no-config", "--no-cache", "--tree", str(sample / "tree"), "--format", "json", "-o", "out.json"]
    assert run([*words, str(sample / "thread.mbox")]) == 1
    found: dict[str, Any] = json.loads((tmp_path / "out.json").read_text())["reviews"][0]
    return found


def test_each_patch_has_the_finding_that_is_meant(review: dict[str, Any]) -> None:
    said: dict[int, list[str]] = {number: [] for number in range(1, len(MEANT) + 1)}
    for finding in review["findings"]:
        said[finding["patch"]].append(f"{finding['severity']}: {finding['rule']}")
    assert {number: sorted(each) for number, each in said.items()} == {
        number: sorted(each) for number, each in enumerate(MEANT, 1)
    }


def test_the_rules_that_the_sample_proves_are_those_that_fire_in_it() -> None:
    fired = {rule.id for rule in load().rules.values() if "sample teardown" in rule.fired}
    meant = {re.sub(r".*: ", "", said) for patch in MEANT for said in patch}
    assert fired <= meant
    assert meant - fired <= {"section-widened"}
