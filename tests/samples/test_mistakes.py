# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The sample `mistakes`: each patch makes one mistake and gets the report of one rule, whose page says so."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from reviewtool.cli.app import run
from reviewtool.ruleset import load

NAME = "mistakes"
ROW = re.compile(r"^\| (\d+)/24 \| `([\w-]+)`, (error|warning|note)(, twice)? \|", re.MULTILINE)


def promised(readme: str) -> list[tuple[int, str, str]]:
    """The rows of the README's table: number of the patch, rule, severity; those that say so twice."""
    rows = ROW.findall(readme[readme.index(f"### {NAME}\n") :])
    return [(int(number), rule, severity) for number, rule, severity, twice in rows for _ in range(2 if twice else 1)]


def reported(where: Path, out: Path, *words: str) -> dict[str, Any]:
    """The JSON report of the sample."""
    run(
        ["batch", str(where / "thread.mbox"), "--tree", str(where / "tree"), "--format", "json", "-o", str(out), *words]
    )
    (review,) = json.loads(out.read_text(encoding="utf-8"))["reviews"]
    assert isinstance(review, dict)
    return review


@pytest.fixture(scope="module")
def readme() -> str:
    path = Path(__file__).resolve().parents[2] / "sample-threads/README.md"
    return path.read_text(encoding="utf-8")


def test_each_patch_gets_what_the_readme_promises_and_no_more(
    readme: str, sample_threads: Path, tmp_path: Path
) -> None:
    review = reported(sample_threads / NAME, tmp_path / "report.json", "--no-config")
    found = sorted((f["patch"], f["rule"], f["severity"]) for f in review["findings"] if f["status"] != "pre-existing")
    assert found == promised(readme)
    assert [number for number, *_ in dict.fromkeys(found)] == list(range(1, 25))
    assert {f["status"] for f in review["findings"] if f["patch"]} == {"introduced"}


def test_the_inversion_of_the_base_is_there_before_the_series(sample_threads: Path, tmp_path: Path) -> None:
    review = reported(sample_threads / NAME, tmp_path / "report.json", "--no-config", "--pre-existing")
    assert [f["rule"] for f in review["findings"] if f["status"] == "pre-existing"] == ["lock-order-inversion"]


def test_the_rules_that_fire_are_those_that_name_the_sample(readme: str) -> None:
    named = {rule.id for rule in load().rules.values() if f"sample {NAME}" in rule.fired}
    assert named == {rule for _, rule, _ in promised(readme)}
