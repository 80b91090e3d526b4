# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A rule says where it has fired, or it is marked as unproven and makes notes only."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from reviewtool.cache.model import NullCache
from reviewtool.checks.registry import findings_of
from reviewtool.csource.store import FactStore
from reviewtool.finding.model import Certainty, Finding
from reviewtool.finding.severity import severity_of
from reviewtool.locking.assembly import build_program, make_library
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.scope import Scope
from reviewtool.ruleset import RulesetError, load
from reviewtool.ruleset.model import Ruleset, Severity
from reviewtool.tree.memory import MemorySnapshot

RULES = load()
PLACE = re.compile(r"case [A-Z]\d\d|sample [\w-]+|tree \d+\.\d+")


def findings(ruleset: Ruleset, code: str) -> list[Finding]:
    store = FactStore(ruleset.syntax, ruleset.syntax_digest, NullCache())
    scope = Scope(files=("example.c",), worlds=("",))
    program = build_program(make_library(ruleset, store), MemorySnapshot({"example.c": code}), scope, "")
    return list(findings_of((LockModel.build("", program),)).values())


@pytest.mark.parametrize("name", sorted(RULES.rules))
def test_a_rule_has_fired_or_is_marked(name: str) -> None:
    rule = RULES.rules[name]
    assert rule.unproven != bool(rule.fired), "say in the page's head where the rule fired, or that it is unproven"
    assert all(PLACE.fullmatch(place) for place in rule.fired)


def test_samples_that_are_named_exist(sample_threads: Path) -> None:
    samples = {place.partition(" ")[2] for rule in RULES.rules.values() for place in rule.fired if "sample" in place}
    assert [name for name in sorted(samples) if not (sample_threads / name).is_dir()] == []


@pytest.mark.parametrize("certainty", list(Certainty))
def test_what_is_unproven_is_a_note_however_sure_it_is(certainty: Certainty) -> None:
    rule = replace(RULES.rules["missing-unlock"], unproven=True, severity=Severity.ERROR)
    assert severity_of(rule, certainty) is Severity.NOTE


def test_severity_follows_the_evidence() -> None:
    rule = replace(RULES.rules["missing-unlock"], unproven=False, severity=Severity.ERROR)
    found = {certainty: severity_of(rule, certainty) for certainty in Certainty}
    assert found == {
        Certainty.PROVED: Severity.ERROR,
        Certainty.LIKELY: Severity.WARNING,
        Certainty.QUESTION: Severity.NOTE,
    }
    low = replace(rule, severity=Severity.NOTE)
    assert {severity_of(low, certainty) for certainty in Certainty} == {Severity.NOTE}


@pytest.mark.parametrize("name", sorted(name for name, rule in RULES.rules.items() if rule.unproven and rule.examples))
def test_the_examples_of_an_unproven_rule_give_notes(name: str) -> None:
    codes = [example.code for example in RULES.rules[name].examples if example.wanted]
    found = [finding for code in codes for finding in findings(RULES, code) if finding.rule == name]
    if not found:
        pytest.skip("its examples are changes, or need a document")
    assert {finding.severity for finding in found} <= {Severity.NOTE}


def test_both_marks_exclude_each_other(tmp_path: Path) -> None:
    (tmp_path / "mine.md").write_text(
        '+++\nid = "mine"\ngroup = "order"\nseverity = "note"\nsummary = "s"\nunproven = true\n'
        'fired = ["case B02"]\n+++\n'
    )
    with pytest.raises(RulesetError, match="leave one of the two out"):
        load([tmp_path])
