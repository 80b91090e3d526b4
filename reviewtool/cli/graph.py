# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""`reviewtool graph`: the order graph of a tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from reviewtool.cli.options import ui_options, wanted
from reviewtool.cli.output import write_pieces
from reviewtool.cli.running import Run
from reviewtool.report.graph_svg import render_graph_svg
from reviewtool.report.graph_text import render_graph_dot, render_graph_text
from reviewtool.review.detail import OrderEdge
from reviewtool.review.events import GraphDone
from reviewtool.review.request import GraphRequest

_FORMATS: dict[str, Callable[[Sequence[OrderEdge]], Iterator[str]]] = {
    "text": render_graph_text,
    "dot": render_graph_dot,
    "svg": render_graph_svg,
}


@click.command("graph", short_help="Show the order in which locks are taken.")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--format", "shape", type=click.Choice(sorted(_FORMATS)), default="text", help="Default: text.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File for the graph.")
@ui_options
def command(paths: tuple[str, ...], shape: str, output: Path | None, **options: Any) -> int:
    """Show which lock is taken while which is held, and which is waited for.

    PATHs are relative to the tree: only edges that their code takes part in are shown. An edge has one of lockdep's
    kinds: its outer lock is held exclusively (E) or shared (S), its inner one is taken as a recursive reader (R) or not
    (N).
    """
    from reviewtool.review import ordering

    request = GraphRequest(paths=paths, settings=wanted(options).settings)
    run = Run([(request.label, partial(ordering.graph_tree, request))])
    for end in run.ends(GraphDone):
        write_pieces(_FORMATS[shape](end.edges), output)
    return run.status
