# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The examples of the rule pages of some groups report what they say, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reviewtool.review.examples import run_examples
from reviewtool.ruleset import load
from reviewtool.ruleset.model import Group

RULES = load()
NAMES = sorted(
    name
    for name, rule in RULES.rules.items()
    if rule.group in (Group.BALANCE, Group.ORDER, Group.RCU, Group.LIFETIME) and rule.examples
)


@pytest.mark.parametrize("name", NAMES)
def test_examples_report_what_they_say(name: str) -> None:
    for done in run_examples(RULES, [name]):
        assert (done.missing, done.unexpected) == ((), ())


@pytest.mark.parametrize("name", NAMES)
def test_every_page_has_an_example_that_reports(name: str) -> None:
    assert any(example.wanted for example in RULES.rules[name].examples)


@pytest.mark.parametrize("name", NAMES)
def test_an_example_that_asks_for_another_line_fails(name: str) -> None:
    rule = RULES.rules[name]
    moved = tuple(
        replace(example, wanted=tuple((line + 1, wanted) for line, wanted in example.wanted))
        for example in rule.examples
        if example.wanted
    )
    ruleset = replace(RULES, rules={name: replace(rule, examples=moved)})
    assert all(done.missing and done.unexpected for done in run_examples(ruleset, [name]))
