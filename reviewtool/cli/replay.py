# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""`reviewtool replay`: the paths of a finding, or of a changed function, run beside each other, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import click

from reviewtool.cli.narrate import complain
from reviewtool.cli.options import engine_options, wanted
from reviewtool.cli.output import write_pieces
from reviewtool.cli.running import Run
from reviewtool.finding.model import Finding
from reviewtool.replay.program import Program
from reviewtool.replay.render_json import render_json
from reviewtool.replay.render_lockdep import render_lockdep
from reviewtool.replay.render_svg import render_svg
from reviewtool.replay.render_text import render_text
from reviewtool.replay.schedule import ScheduleError
from reviewtool.replay.trace import Trace, replay
from reviewtool.report.finding_text import ID_LENGTH
from reviewtool.report.visible import visible
from reviewtool.review.model import ChangedPath, Review
from reviewtool.review.request import PathWish, ReviewRequest
from reviewtool.review.staging import Stage, stage_finding, stage_path

_FORMATS: dict[str, Callable[[Trace], str]] = {
    "text": render_text,
    "lockdep": render_lockdep,
    "json": lambda trace: render_json(trace).decode(),
    "svg": render_svg,
}
_BY_SUFFIX = {".svg": "svg", ".json": "json"}
_SHORTEST_ID = 4
_LOCKS_LISTED = 6


@click.command("replay", short_help="Show paths of the code run beside each other, step by step.")
@click.argument("source", required=False, metavar="SOURCE")
@click.option("--range", "range_", metavar="A..B", help="Review these commits of the tree in place of a SOURCE.")
@click.option("--revision", type=click.IntRange(min=1), metavar="N", help="Revision of the series (default: newest).")
@click.option("--finding", "wanted_id", metavar="ID", help="Replay this finding (its first characters do).")
@click.option("--function", "function", metavar="F", help="Replay this changed function, F or PATH:F.")
@click.option("--patch", "patch", type=click.IntRange(min=0), metavar="N", help="Only what this patch brings.")
@click.option("--list", "listing", is_flag=True, help="List the findings and changed functions that can be replayed.")
@click.option(
    "--contrast",
    is_flag=True,
    help="Run the snapshot beside it: before the patch, or after the one that removes the finding.",
)
@click.option("--preempt-rt", is_flag=True, help="Run it as PREEMPT_RT does, whose spinlocks sleep.")
@click.option("--schedule", metavar="S", help="Run exactly this schedule: a2ba is two steps of a, one of b, one of a.")
@click.option("--format", "form", type=click.Choice(sorted(_FORMATS)), help="Default: text, or what FILE's name says.")
@click.option("-o", "--output", "place", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Write to this file; NAME.svg is a picture.")  # fmt: skip
@engine_options
def command(source: str | None, range_: str | None, revision: int | None, **options: Any) -> int:
    """Show the schedule of a finding of SOURCE, or of a function that it changes: who takes which lock when, to the
    deadlock or to the end.

    Without --finding and --function it shows the only finding that can be replayed, else it lists what can be. What a
    patch removes can be replayed too: it is run as it was before.
    """
    from reviewtool.review import engine

    context = click.get_current_context()
    if (source is None) == (range_ is None):
        raise click.UsageError("give a SOURCE or --range A..B", context)
    if options["function"] is not None and options["wanted_id"] is not None:
        raise click.UsageError("give --finding or --function, not both", context)
    choice = wanted(options)
    wish = None if options["wanted_id"] else PathWish(function=options["function"] or "", patch=options["patch"])
    request = ReviewRequest(source=source or "", range=range_, revision=revision, settings=choice.settings, paths=wish)
    run = Run([(request.label, partial(engine.review_source, request))], choice.fail_on)
    for review in run.reviews():
        pieces = list(
            _function(review, options, context) if options["function"] else _finding(review, options, context)
        )
        if pieces:
            write_pieces(pieces, options["place"])
        else:
            complain(f"{review.source}: there is nothing to replay")
    return run.status


def _function(review: Review, options: dict[str, Any], context: click.Context) -> Iterable[str]:
    """The replay of a changed function: as the last patch that changes it leaves it, unless one was named."""
    name = options["function"]
    if not review.paths:
        by = f"patch {options['patch']}" if options["patch"] is not None else "the series"
        raise click.UsageError(f"{by} changes no function {name} that has to do with locks; see --list", context)
    places = sorted({path.path for path in review.paths})
    if len(places) > 1:
        raise click.UsageError(f"{name}() is in {', '.join(places)}: name one as PATH:{name}", context)
    path = max(review.paths, key=lambda each: each.patch)
    stage = stage_path(path, preempt_rt=options["preempt_rt"], contrast=options["contrast"])
    if stage is None:
        raise click.UsageError(f"no path of {name}() has to do with locks there", context)
    return _shown(path.title, stage, options, context)


def _finding(review: Review, options: dict[str, Any], context: click.Context) -> Iterable[str]:
    """The replay of the finding that was named, or of the only one; a list if there are several."""
    found = _candidates(review, options["patch"], options["wanted_id"], context)
    if options["listing"] or len({finding.fingerprint for finding in found}) != 1:
        if options["schedule"] is not None or options["place"] is not None:
            raise click.UsageError(f"{len(found)} findings can be replayed: name one with --finding", context)
        return (*_listed(found), *_changed(review.paths))
    stage = stage_finding(found[0], preempt_rt=options["preempt_rt"], contrast=options["contrast"])
    if stage is None:
        raise click.UsageError("nothing of this finding can be run there", context)
    head = f"{found[0].fingerprint[:ID_LENGTH]} {found[0].rule}: {found[0].message}"
    return _shown(head, stage, options, context)


def _format(options: dict[str, Any]) -> str:
    place = options["place"]
    return str(options["form"] or (_BY_SUFFIX.get(place.suffix, "text") if place is not None else "text"))


def _candidates(review: Review, patch: int | None, wanted_id: str | None, context: click.Context) -> list[Finding]:
    """What can be replayed: what patches bring, then what they remove, which may be the same once more.

    Raises click.UsageError for an ID that is not there or cannot be.
    """
    known = [each for each in (*review.findings, *review.resolved) if patch is None or each.patch == patch]
    if wanted_id is None:
        return [finding for finding in known if finding.replay is not None]
    if len(wanted_id) < _SHORTEST_ID:
        raise click.UsageError(f"--finding needs at least {_SHORTEST_ID} characters of the ID", context)
    named = [finding for finding in known if finding.fingerprint.startswith(wanted_id.lower())]
    if not named:
        raise click.UsageError(f"there is no finding {wanted_id}; reviewtool batch shows the IDs in brackets", context)
    if all(finding.replay is None for finding in named):
        raise click.UsageError(f"{wanted_id} ({named[0].rule}) has no paths that could be replayed", context)
    return [finding for finding in named if finding.replay is not None]


def _listed(findings: Iterable[Finding]) -> Iterable[str]:
    for finding in findings:
        assert finding.replay is not None
        head = f"{finding.fingerprint[:ID_LENGTH]}  {finding.patch:>3}  {finding.rule}: {finding.message}"
        yield f"{visible(head)}\n               {visible(finding.replay.words)}\n"


def _changed(paths: Iterable[ChangedPath]) -> Iterable[str]:
    for path in paths:
        more = f" and {len(path.locks) - _LOCKS_LISTED} more" if len(path.locks) > _LOCKS_LISTED else ""
        locks = f"{', '.join(path.locks[:_LOCKS_LISTED])}{more}"
        yield visible(f"function  {path.patch:>3}  {path.function}() in {path.path}: {locks}") + "\n"


def _shown(head: str, stage: Stage, options: dict[str, Any], context: click.Context) -> Iterable[str]:
    """The pieces of the output. Raises click.UsageError for a schedule that does not fit."""
    trace = _run(stage.program, options["schedule"] or stage.schedule, context)
    form = _format(options)
    text = _FORMATS[form](trace)
    if not text:
        complain("this run ends without a deadlock, and lockdep has no table for that; try --format text")
    if form != "text":
        return [text]
    return [f"{visible(head)}\n\n", text, f"replay: {visible(stage.words)}\n"]


def _run(program: Program, schedule: str, context: click.Context) -> Trace:
    try:
        return replay(program, schedule)
    except ScheduleError as error:
        raise click.UsageError(str(error), context) from None
