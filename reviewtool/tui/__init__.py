# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The terminal UI. It shows what `review` computed and computes nothing itself; Textual is imported by `run` alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewtool.config.settings import Configuration
from reviewtool.review.request import ReviewRequest

if TYPE_CHECKING:
    from reviewtool.tui.app import Engine


def run(engine: Engine, request: ReviewRequest, configuration: Configuration, *, label: str) -> int:
    """Run the terminal UI until the user leaves it; returns the exit status.

    Raises click's usage error for keys that the configuration gives to actions that there are not.
    """
    import click

    from reviewtool.tui.keys import Keymap, KeymapError

    try:
        keymap = Keymap(configuration.keys)
    except KeymapError as error:
        raise click.UsageError(str(error)) from None
    from reviewtool.tui.app import ReviewApp
    from reviewtool.tui.rulebook import RuleBook

    rules = RuleBook(request.settings.rules, request.settings.severity)
    app = ReviewApp(engine, label, keymap=keymap, theme=configuration.theme, rules=rules, wording=configuration.reply)
    result = app.run()
    return app.return_code or 0 if result is None else result
