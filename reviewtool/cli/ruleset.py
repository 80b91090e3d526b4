# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The ruleset that the options ask for."""

from __future__ import annotations

from typing import Any

import click

from reviewtool.cli.options import configuration, rule_choice
from reviewtool.ruleset import RulesetError, load
from reviewtool.ruleset.model import Ruleset


def load_ruleset(options: dict[str, Any]) -> Ruleset:
    """The built-in rules, those of the directories, without the disabled ones. Raises click.UsageError."""
    rules, disable = rule_choice(options, configuration(options["config"], options["no_config"]))
    try:
        return load(rules, disable)
    except RulesetError as error:
        raise click.UsageError(str(error)) from None
