# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Where a report goes: the same bytes to a file and to standard output."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

import click

from reviewtool.cli.options import Wanted
from reviewtool.report.formats import FORMATS, Output, Renderer
from reviewtool.report.paint import for_stream
from reviewtool.report.text import DEFAULT_WIDTH
from reviewtool.review.model import Review
from reviewtool.ruleset.model import Rule

_LEAST_WIDTH, _MOST_WIDTH = 60, 120


def write_report(reviews: Iterable[Review], wanted: Wanted) -> None:
    """Render the reviews as they come and write them to the file that was asked for, else to standard output.

    Raises click.UsageError if the file cannot be written.
    """
    render: Renderer = FORMATS[wanted.format]
    rules = partial(_rules, wanted)
    if wanted.output is not None:
        _to_file(render(reviews, Output(rules=rules)), wanted.output)
        return
    terminal = sys.stdout.isatty()
    columns = shutil.get_terminal_size().columns
    width = min(max(columns, _LEAST_WIDTH), _MOST_WIDTH) if terminal else DEFAULT_WIDTH
    write(render(reviews, Output(paint=for_stream(sys.stdout), width=width, rules=rules)))


def write_pieces(pieces: Iterable[str], output: Path | None) -> None:
    """Write text to a file, or to standard output if there is none. Raises click.UsageError, ReaderGoneError."""
    if output is not None:
        _to_file(pieces, output)
    else:
        write(pieces)


def _rules(wanted: Wanted) -> Mapping[str, Rule]:
    """The pages of the rules that a report may name."""
    from reviewtool.ruleset import RulesetError, load

    try:
        return load(wanted.settings.rules).rules
    except RulesetError as error:
        raise click.UsageError(str(error)) from None


class ReaderGoneError(Exception):
    """Whoever read standard output has enough: `reviewtool batch ... | head`."""


def write(pieces: Iterable[str]) -> None:
    """Write pieces of text to standard output as UTF-8, whatever the locale says. Raises ReaderGoneError."""
    stream = sys.stdout.buffer
    for piece in pieces:
        data = piece.encode()
        try:
            stream.write(data)
            stream.flush()
        except BrokenPipeError:
            # The interpreter flushes standard output once more at exit, which must not fail again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise ReaderGoneError from None


def _to_file(pieces: Iterable[str], path: Path) -> None:
    try:
        stream = path.open("wb")
    except OSError as error:
        raise click.UsageError(f"{path}: {error.strerror}") from None
    with stream:
        for piece in pieces:
            stream.write(piece.encode())
