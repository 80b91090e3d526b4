# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""`reviewtool review`: the terminal UI."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from reviewtool.cli.narrate import complain
from reviewtool.cli.options import configuration, ui_options, wanted
from reviewtool.review.request import ReviewRequest


@click.command("review", short_help="Review a series in the terminal.")
@click.argument("source", required=False, metavar="SOURCE")
@click.option("--range", "range_", metavar="A..B", help="Review these commits of the tree in place of a SOURCE.")
@click.option("--revision", type=click.IntRange(min=1), metavar="N", help="Revision of the series (default: newest).")
@click.option("--keys", is_flag=True, help="List the actions and their keys, as [keys] may change them, and exit.")
@ui_options
def command(source: str | None, range_: str | None, revision: int | None, keys: bool, **options: Any) -> int:
    """Review SOURCE in the terminal: the patches as they were sent, the locks beside the code, findings in place.

    A SOURCE is a message-id, a lore URL, the path of an mbox, a maildir or a public-inbox archive, or - for a thread on
    standard input. A path that exists wins over a message-id.
    """
    context = click.get_current_context()
    known = configuration(options["config"], options["no_config"])
    if keys:
        return _list_keys(known.keys)
    if (source is None) == (range_ is None):
        raise click.UsageError("give a SOURCE or --range A..B", context)
    choice = wanted({**options, "fail_on": None, "format_": None, "output": None})
    request = ReviewRequest(
        source=source or "", range=range_, revision=revision, settings=choice.settings, details=True
    )
    with _terminal(request) as request:
        if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
            raise click.UsageError("the review needs a terminal; reviewtool batch writes a report", context)
        from reviewtool.review.child import EngineProcess

        engine = EngineProcess(request)
        try:
            from reviewtool.tui import run

            return run(engine, request, known, label=source or range_ or "")
        finally:
            engine.cancel()


def _list_keys(changes: dict[str, str]) -> int:
    from reviewtool.cli.output import write
    from reviewtool.tui.keys import Keymap, KeymapError

    try:
        keymap = Keymap(changes)
    except KeymapError as error:
        raise click.UsageError(str(error), click.get_current_context()) from None
    for clash in keymap.clashes:
        complain(clash)
    write(f"{name:<16} {keymap.label(name):<14} {action.text}\n" for name, action in keymap.actions.items())
    return 0


@contextmanager
def _terminal(request: ReviewRequest) -> Iterator[ReviewRequest]:
    """For a thread on standard input: its mails in a private file, and the terminal as standard input."""
    if request.source != "-":
        yield request
        return
    with tempfile.TemporaryDirectory(prefix="reviewtool-") as folder:
        file = Path(folder) / "thread.mbox"
        file.write_bytes(sys.stdin.buffer.read())
        try:
            terminal = os.open("/dev/tty", os.O_RDWR)
        except OSError:
            raise click.UsageError("there is no terminal to review in", click.get_current_context()) from None
        os.dup2(terminal, 0)
        os.close(terminal)
        yield replace(request, source=str(file))
