# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""`reviewtool audit`: report on a tree without a series."""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

import click

from reviewtool.cli.options import Wanted, wanted, work_options
from reviewtool.cli.output import write_pieces, write_report
from reviewtool.cli.running import Run
from reviewtool.report.document_json import render_documents_json
from reviewtool.report.document_text import render_documents
from reviewtool.report.paint import NO_PAINT, for_stream
from reviewtool.report.text import DEFAULT_WIDTH
from reviewtool.report.visible import visible_block
from reviewtool.review.events import DocumentsDone, ParseDone
from reviewtool.review.request import AuditRequest

_DOCUMENT_FORMATS = ("text", "json")


@click.command("audit", short_help="Report on the tree and its locking document, without a series.")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--parse-report", is_flag=True, help="Measure how much of the source the parser understands instead.")
@click.option("--document", is_flag=True, help="Show what is understood of documents and order comments instead.")
@work_options
def command(paths: tuple[str, ...], parse_report: bool, document: bool, **options: Any) -> int:
    """Report on the tree and its locking document, without a series.

    PATHs are relative to the tree and limit what is reported, not what is read.
    """
    from reviewtool.review import engine

    context = click.get_current_context()
    if parse_report and document:
        raise click.UsageError("give --parse-report or --document, not both", context)
    if parse_report and options["format_"] not in (None, "text"):
        raise click.UsageError("--parse-report is text, it has no other format", context)
    if document and options["format_"] not in (None, *_DOCUMENT_FORMATS):
        raise click.UsageError(f"--document has the formats {' and '.join(_DOCUMENT_FORMATS)}", context)
    choice = wanted(options)
    if document:
        return _documents(AuditRequest(paths=paths, settings=choice.settings), choice, options["format_"] or "text")
    request = AuditRequest(paths=paths, parse_report=parse_report, settings=choice.settings)
    run = Run([(request.label, partial(engine.audit_tree, request))], choice.fail_on)
    if parse_report:
        write_pieces((visible_block(end.report) for end in run.ends(ParseDone)), choice.output)
    else:
        write_report(run.reviews(), choice)
    return run.status


def _documents(request: AuditRequest, choice: Wanted, shape: str) -> int:
    from reviewtool.review import reading

    run = Run([(request.label, partial(reading.read_tree, request))])
    for end in run.ends(DocumentsDone):
        if shape == "json":
            write_pieces(render_documents_json(end.documents), choice.output)
        else:
            paint = NO_PAINT if choice.output is not None else for_stream(sys.stdout)
            write_pieces(render_documents(end.documents, paint, DEFAULT_WIDTH), choice.output)
    return run.status
