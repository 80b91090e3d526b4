# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The ruleset that the options ask for."""

from __future__ import annotations

from typing import Any

import click

from reviewtool.cli.options import configuration, ratings, rule_choice
from reviewtool.ruleset import RulesetError, load
from reviewtool.ruleset.model import Ruleset


def load_ruleset(options: dict[str, Any]) -> Ruleset:
    """The built-in rules and those of the directories, as the user rates them, without the disabled ones.

    Raises click.UsageError.
    """
    known = configuration(options["config"], options["no_config"])
    rules, disable = rule_choice(options, known)
    try:
        return load(rules, disable, severity=ratings(known))
    except RulesetError as error:
        raise click.UsageError(str(error)) from None
