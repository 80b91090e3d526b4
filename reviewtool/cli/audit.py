# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""`reviewtool audit`: report on a tree without a series."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from reviewtool.cli.options import wanted, work_options
from reviewtool.cli.output import write_pieces, write_report
from reviewtool.cli.running import Run
from reviewtool.report.visible import visible_block
from reviewtool.review.events import ParseDone
from reviewtool.review.request import AuditRequest


@click.command("audit", short_help="Report on the tree and its locking document, without a series.")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--parse-report", is_flag=True, help="Measure how much of the source the parser understands instead.")
@work_options
def command(paths: tuple[str, ...], parse_report: bool, **options: Any) -> int:
    """Report on the tree and its locking document, without a series.

    PATHs are relative to the tree and limit what is reported, not what is read.
    """
    from reviewtool.review import engine

    if parse_report and options["format_"] not in (None, "text"):
        raise click.UsageError("--parse-report is text, it has no other format", click.get_current_context())
    choice = wanted(options)
    request = AuditRequest(paths=paths, parse_report=parse_report, settings=choice.settings)
    run = Run([(request.label, partial(engine.audit_tree, request))], choice.fail_on)
    if parse_report:
        write_pieces((visible_block(end.report) for end in run.ends(ParseDone)), choice.output)
    else:
        write_report(run.reviews(), choice)
    return run.status
