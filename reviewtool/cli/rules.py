# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""`reviewtool rules`: the list of rules, and the examples of their pages run as tests."""

from __future__ import annotations

from typing import Any

import click

from reviewtool.cli.exitcode import ExitCode
from reviewtool.cli.narrate import complain
from reviewtool.cli.options import rule_options
from reviewtool.cli.output import write
from reviewtool.cli.ruleset import load_ruleset
from reviewtool.report.visible import visible
from reviewtool.review.events import ExampleDone
from reviewtool.ruleset.errors import unknown


@click.group("rules", short_help="List the rules, or run the examples of their pages.")
def command() -> None:
    """List the rules, or run the examples of their pages."""


@command.command("list")
@rule_options
def list_rules(**options: Any) -> None:
    """List all rules: id, group, severity and what each is about."""
    rules = sorted(load_ruleset(options).rules.values(), key=lambda rule: (rule.group, rule.id))
    column = max((len(rule.id) for rule in rules), default=0)
    write(
        f"{visible(rule.id):<{column}}  {rule.group.value:<9}  {rule.severity.value:<7}  {visible(rule.summary)}\n"
        for rule in rules
    )


@command.command("test")
@click.argument("names", nargs=-1, metavar="[RULE]...")
@rule_options
def test_rules(names: tuple[str, ...], **options: Any) -> int:
    """Run the C examples of the rule pages (of all rules, or of these) and compare what is found with what they say.

    Exit status 1 if an example does not get what its lines ask for.
    """
    from reviewtool.review import engine

    ruleset = load_ruleset(options)
    for name in names:
        if name not in ruleset.rules:
            raise click.UsageError(unknown("rule", name, ruleset.rules), click.get_current_context())
    results = list(engine.run_examples(ruleset, names or tuple(ruleset.rules)))
    failed = [result for result in results if not result.passed]
    write(line for result in failed for line in _differences(result))
    write([f"{len(results)} examples, {len(failed)} failed\n"])
    if not results:
        complain("no rule has an example")
    return ExitCode.FINDINGS if failed else ExitCode.CLEAN


def _differences(result: ExampleDone) -> list[str]:
    place = visible(result.path)
    missing = [f"{place}:{line}: {visible(rule)} is not reported here\n" for line, rule in result.missing]
    return missing + [f"{place}:{line}: {visible(rule)} is reported here\n" for line, rule in result.unexpected]
