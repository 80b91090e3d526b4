# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""`reviewtool batch`: review series and write a report."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from reviewtool.cli.options import compare_option, wanted, work_options
from reviewtool.cli.output import write_report
from reviewtool.cli.running import Job, Run
from reviewtool.review.request import ReviewRequest


@click.command("batch", short_help="Review series and write a report.")
@click.argument("sources", nargs=-1, metavar="SOURCE...")
@click.option("--range", "range_", metavar="A..B", help="Review these commits of the tree in place of a SOURCE.")
@click.option("--revision", type=click.IntRange(min=1), metavar="N", help="Revision of the series (default: newest).")
@compare_option
@work_options
def command(sources: tuple[str, ...], range_: str | None, revision: int | None, compare: bool, **options: Any) -> int:
    """Review each SOURCE and write a report.

    A SOURCE is a message-id, a lore URL, the path of an mbox, a maildir or a public-inbox archive, or - for a thread on
    standard input. A path that exists wins over a message-id.
    """
    context = click.get_current_context()
    if range_ is not None and sources:
        raise click.UsageError("give a SOURCE or --range, not both", context)
    if range_ is None and not sources:
        raise click.UsageError("give a SOURCE or --range A..B", context)
    if sources.count("-") > 1:
        raise click.UsageError("standard input can be read only once", context)
    choice = wanted(options)
    requests = [
        ReviewRequest(source=source, range=range_, revision=revision, compare=compare, settings=choice.settings)
        for source in (sources or ("",))
    ]
    run = Run([_job(request) for request in requests], choice.fail_on)
    write_report(run.reviews(), choice)
    return run.status


def _job(request: ReviewRequest) -> Job:
    from reviewtool.review import engine

    return request.label, partial(engine.review_source, request)
