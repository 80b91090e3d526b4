# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""`reviewtool explain`: the page of a rule."""

from __future__ import annotations

import sys
from typing import Any

import click

from reviewtool.cli.options import rule_options
from reviewtool.cli.output import write
from reviewtool.cli.ruleset import load_ruleset
from reviewtool.report.page import render_page
from reviewtool.report.paint import for_stream
from reviewtool.ruleset.errors import unknown


@click.command("explain", short_help="Show the page of a rule.")
@click.argument("rule")
@rule_options
def command(rule: str, **options: Any) -> None:
    """Show the page of a RULE: what it reports, why that is bad, what it gets wrong, and examples."""
    rules = load_ruleset(options).rules
    if rule not in rules:
        raise click.UsageError(unknown("rule", rule, rules), click.get_current_context())
    write(f"{line}\n" for line in render_page(rules[rule], for_stream(sys.stdout)))
