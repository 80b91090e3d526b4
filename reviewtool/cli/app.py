# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The entry point: finds the subcommand, and turns every way to end into an exit status and at most a line."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from collections.abc import Sequence

import click

import reviewtool
from reviewtool.cli.exitcode import ExitCode

COMMANDS = {
    "audit": ("reviewtool.cli.audit", "Report on the tree and its locking document, without a series."),
    "batch": ("reviewtool.cli.batch", "Review series and write a report."),
    "cache": ("reviewtool.cli.cache", "Show where the cache is and how large, or clear it."),
    "check": ("reviewtool.cli.check", "Check one mail for b4."),
    "explain": ("reviewtool.cli.explain", "Show the page of a rule."),
    "replay": ("reviewtool.cli.replay", "Show a finding's paths run beside each other, step by step."),
    "graph": ("reviewtool.cli.graph", "Show the order in which locks are taken."),
    "reply": ("reviewtool.cli.reply", "Write drafts of replies to the patches."),
    "review": ("reviewtool.cli.review", "Review a series in the terminal."),
    "rules": ("reviewtool.cli.rules", "List the rules, or run the examples of their pages."),
}
"""Each command's module, which has it as `command`, and its line of help: so that --help imports none of them."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command; None if there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(COMMANDS[cmd_name][0]).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in --help, from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in sorted(COMMANDS.items())])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(reviewtool.__version__, prog_name="reviewtool", message="%(prog)s %(version)s")
def app() -> None:
    """Review what patches do to locking in the kernel.

    A report goes to standard output, everything else to standard error. Exit status: 0 nothing to report, 1 findings at
    or above --fail-on, 2 usage or configuration, 3 input that could not be had or read, 4 a fault of the tool.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its status. Never raises but for what cannot be caught."""
    try:
        result = app.main(args=arguments, prog_name="reviewtool", standalone_mode=False)
    except click.ClickException as error:
        return usage(error)
    except (KeyboardInterrupt, click.Abort):
        return ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the promise is a line, never a traceback
        return ExitCode.PIPE if _reader_gone(error) else internal(error)
    return result if isinstance(result, int) else ExitCode.CLEAN


def _reader_gone(error: Exception) -> bool:
    from reviewtool.cli.output import ReaderGoneError

    return isinstance(error, ReaderGoneError)


def usage(error: click.ClickException) -> int:
    """One line about an option or argument, with where to read on."""
    from reviewtool.cli.narrate import complain

    context = error.ctx if isinstance(error, click.UsageError) else None
    hint = f" (see {context.command_path} --help)" if context is not None else ""
    complain(" ".join(error.format_message().split()) + hint)
    return ExitCode.USAGE


def internal(error: Exception) -> int:
    """One line about a fault of the tool; with $REVIEWTOOL_DEBUG also where it came from."""
    from reviewtool.cli.narrate import complain

    if os.environ.get("REVIEWTOOL_DEBUG"):
        traceback.print_exception(error)
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""  # noqa: PTH119
    text = " ".join(str(error).split())
    complain(f"internal fault: {type(error).__name__}{place}: {text} (REVIEWTOOL_DEBUG=1 shows more; please report it)")
    return ExitCode.INTERNAL
