# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The rules by id; a page is taken apart only when somebody asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from reviewtool.ruleset.errors import RulesetError, unknown
from reviewtool.ruleset.files import PageText
from reviewtool.ruleset.model import Rule, Severity
from reviewtool.ruleset.pages import parse_page


class Shelf(Mapping[str, Rule]):
    """A read-only mapping of rule ids to rules; the names are there at once, a page when it is first looked at."""

    def __init__(self) -> None:
        self._rules: dict[str, Rule | PageText] = {}
        self._ratings: dict[str, Severity] = {}

    def put(self, path: object, name: str, rule: Rule | PageText) -> None:
        """Add a rule, or the page that it can be had from. Raises RulesetError if the id is taken."""
        if name in self._rules:
            other = self._rules[name].path
            raise RulesetError(str(path), name, f"this rule id is used already, in {other}")
        self._rules[name] = rule

    def disable(self, name: str) -> None:
        """Take a rule off the shelf. Raises RulesetError if there is none of that name."""
        if name not in self._rules:
            raise RulesetError("disable", "", unknown("rule", name, self._rules))
        del self._rules[name]

    def rate(self, name: str, severity: Severity) -> None:
        """Give a rule another severity. Raises RulesetError if there is none of that name."""
        if name not in self._rules:
            raise RulesetError("severity", "", unknown("rule", name, self._rules))
        self._ratings[name] = severity

    def __getitem__(self, name: str) -> Rule:
        rule = self._rules[name]
        if isinstance(rule, PageText):
            rule = parse_page(rule).rule
            self._rules[name] = rule
        if name in self._ratings:
            rule = replace(rule, severity=self._ratings.pop(name))
            self._rules[name] = rule
        return rule

    def __iter__(self) -> Iterator[str]:
        return iter(self._rules)

    def __len__(self) -> int:
        return len(self._rules)

    def __contains__(self, name: object) -> bool:
        return name in self._rules
