# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""`reviewtool check --agent-files`: comments for the review branch of b4 that is checked out."""

from __future__ import annotations

from pathlib import Path

from reviewtool.cli.exitcode import ExitCode
from reviewtool.cli.handed import review_thread
from reviewtool.cli.narrate import complain
from reviewtool.cli.options import Wanted
from reviewtool.cli.output import write
from reviewtool.mail.model import Series
from reviewtool.reply.b4_agent import patch_file, series_file, write_files
from reviewtool.reply.b4_tracking import Tracking, git, read_thread, read_tracking_branch
from reviewtool.reply.drafts import Choice, points_of
from reviewtool.reply.errors import ReplyError
from reviewtool.reply.phrases import Phrases
from reviewtool.report.visible import visible
from reviewtool.review.events import Fault
from reviewtool.review.model import Review

_DIFF = ("diff", "--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/", "--dst-prefix=b/")


def write_agent_files(choice: Wanted, branch: str) -> int:
    """Review the series of a review branch, and put the files where b4 looks for them. Raises ReplyError."""
    top = Path(_line(choice.settings.tree or Path(), "rev-parse", "--show-toplevel"))
    tip = _line(top, "rev-parse", "--verify", "--end-of-options", f"{branch}^{{commit}}")
    tracking = read_tracking_branch(top, tip)
    thread = read_thread(tracking, top)
    if thread is None and not tracking.message_id:
        raise ReplyError(f"{branch}: b4 has neither the thread nor its message-id; track the series again")
    outcome = review_thread(choice.settings, thread, tracking, tracking.revision)
    review = outcome.review
    if review is None:
        complain(outcome.message)
        return {Fault.INPUT: ExitCode.INPUT, Fault.USAGE: ExitCode.USAGE}.get(outcome.fault, ExitCode.INTERNAL)
    files = _files(review, tracking, top, tip, Phrases(choice.configuration.reply))
    if files:
        directory = top / ".git" / "b4-review" / tip
        write_files(directory, files)
        write([f"{visible(str(directory))}\n"])
    else:
        complain(f"{branch}: nothing to say")
    return ExitCode.FINDINGS if review.reaches(choice.fail_on) else ExitCode.CLEAN


def _files(review: Review, tracking: Tracking, top: Path, tip: str, phrases: Phrases) -> dict[str, str]:
    series = review.series
    if series is None or not tracking.first_commit:
        return {}
    commits = git(top, "rev-list", "--reverse", f"{tracking.first_commit}~1..{tip}~1").decode().split()
    points = points_of(review, Choice(), phrases)
    files: dict[str, str] = {}
    for index, commit in enumerate(commits):
        number = _number(series, tracking, index)
        patch = series.patches[number - 1] if 0 < number <= len(series.patches) else None
        if patch is None or number not in points:
            continue
        diff = git(top, *_DIFF, f"{commit}~1", commit).decode("utf-8", "replace")
        findings = [finding for finding in review.findings if finding.patch == number]
        files[f"{index + 1:04}.txt"] = patch_file(patch, points[number], findings, diff)
    if files or 0 in points:
        files["series.txt"] = series_file(points.get(0, ()), review.findings)
    return files


def _number(series: Series, tracking: Tracking, index: int) -> int:
    """The patch that stands at an index of the branch: by its message-id, for some may have been left out."""
    wanted = tracking.message_ids[index] if index < len(tracking.message_ids) else ""
    for number, patch in enumerate(series.patches, 1):
        if patch is not None and wanted and patch.mail.message_id == wanted:
            return number
    return index + 1


def _line(repository: Path, *words: str) -> str:
    return git(repository, *words).decode("utf-8", "surrogateescape").rstrip("\n")
