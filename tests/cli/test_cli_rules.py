# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""`reviewtool rules`: the list, what is missing, both as text and JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reviewtool.cli.app import run


def rules(capfd: pytest.CaptureFixture[str], *words: str) -> str:
    assert run(["rules", *words]) == 0
    return capfd.readouterr().out


def test_without_a_subcommand_it_lists(capfd: pytest.CaptureFixture[str]) -> None:
    plain = rules(capfd)
    assert plain == rules(capfd, "list")
    assert any(line.split()[:3] == ["missing-unlock", "balance", "error"] for line in plain.splitlines())


def test_an_unproven_rule_is_marked(capfd: pytest.CaptureFixture[str]) -> None:
    listed = json.loads(rules(capfd, "--format", "json"))["rules"]
    unproven = {rule["id"] for rule in listed if rule["unproven"]}
    marked = {line.split()[0] for line in rules(capfd).splitlines() if line.split()[3] == "unproven"}
    assert marked == unproven
    assert "missing-unlock" not in marked


def test_what_is_missing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "own.toml").write_text(
        '[catalogue]\nFOO1 = "foo before bar"\nFOO2 = "bar"\n[missing]\nFOO1 = "needs types"\n'
    )
    words = ("--missing", "--rules", str(tmp_path))
    text = rules(capfd, *words)
    assert "FOO1 foo before bar\n     needs types\nFOO2 bar\n     nobody wrote down why\n" in text
    found = json.loads(rules(capfd, *words, "--format", "json"))
    assert found["version"] == 1
    assert {"id": "FOO1", "title": "foo before bar", "reason": "needs types"} in found["missing"]
    assert {"id": "FOO2", "title": "bar", "reason": None} in found["missing"]
    assert "B01" not in {item["id"] for item in found["missing"]}


def test_options_in_front_of_a_subcommand_are_refused(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "--missing", "test"]) == 2
    assert "behind test" in capfd.readouterr().err
