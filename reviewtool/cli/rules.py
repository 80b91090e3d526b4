# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""`reviewtool rules`: the list of rules, what no rule looks for, and the examples of the pages run as tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

import click

from reviewtool.cli.exitcode import ExitCode
from reviewtool.cli.narrate import complain
from reviewtool.cli.options import rule_options
from reviewtool.cli.output import write
from reviewtool.cli.ruleset import load_ruleset
from reviewtool.report.visible import visible
from reviewtool.review.events import ExampleDone
from reviewtool.ruleset.coverage import unserved
from reviewtool.ruleset.errors import unknown
from reviewtool.ruleset.model import Rule, Ruleset

F = TypeVar("F", bound=Callable[..., Any])

VERSION = 1
"""Of the JSON that is written here."""


def _list_options(command: F) -> F:
    """--missing and --format."""
    which = click.option("--missing", is_flag=True, help="List what no rule looks for, and why.")
    how = click.option(
        "--format", "format_", type=click.Choice(["text", "json"]), default="text", help="Format (default: text)."
    )
    return which(how(command))


@click.group("rules", short_help="List the rules, or run the examples of their pages.", invoke_without_command=True)
@_list_options
@rule_options
@click.pass_context
def command(context: click.Context, /, **options: Any) -> None:
    """List the rules, or what no rule looks for; or run the examples of the rules' pages."""
    if context.invoked_subcommand is None:
        _list(options)
        return
    if any(context.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT for name in options):
        raise click.UsageError(f"options have to stand behind {context.invoked_subcommand}", context)


@command.command("list")
@_list_options
@rule_options
def list_rules(**options: Any) -> None:
    """List all rules: id, group, severity and what each is about; or what no rule looks for."""
    _list(options)


def _list(options: dict[str, Any]) -> None:
    ruleset = load_ruleset(options)
    rules = sorted(ruleset.rules.values(), key=lambda rule: (rule.group, rule.id))
    if options["format_"] == "json":
        known = {"missing": _missing_values(ruleset)} if options["missing"] else {"rules": [*map(_values, rules)]}
        write([json.dumps({"version": VERSION, **known}, indent=2) + "\n"])
    elif options["missing"]:
        write(
            f"{visible(item.id):<4} {visible(item.title)}\n     {visible(item.reason or 'nobody wrote down why')}\n"
            for item in unserved(ruleset)
        )
    else:
        column = max((len(rule.id) for rule in rules), default=0)
        write(_line(rule, column) for rule in rules)


def _line(rule: Rule, column: int) -> str:
    mark = "unproven" if rule.unproven else ""
    head = f"{visible(rule.id):<{column}}  {rule.group.value:<9}  {rule.severity.value:<7}  {mark:<8}"
    return f"{head}  {visible(rule.summary)}\n"


def _values(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "group": rule.group.value,
        "severity": rule.severity.value,
        "unproven": rule.unproven,
        "summary": rule.summary,
        "catalogue": list(rule.catalogue),
    }


def _missing_values(ruleset: Ruleset) -> list[dict[str, str | None]]:
    return [{"id": item.id, "title": item.title, "reason": item.reason or None} for item in unserved(ruleset)]


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
