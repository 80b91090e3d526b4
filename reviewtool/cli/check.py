# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""`reviewtool check`: what b4 runs on patches. The contracts are b4 0.16's (see reply/b4_checks.py, b4_agent.py)."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from reviewtool.cli.exitcode import ExitCode
from reviewtool.cli.handed import Outcome, review_commit, review_thread
from reviewtool.cli.narrate import complain
from reviewtool.cli.options import Wanted, engine_options, wanted
from reviewtool.cli.output import write
from reviewtool.mail.diff import read_diff
from reviewtool.mail.limits import MAX_SOURCE_BYTES
from reviewtool.mail.message import ReadMail, read_mail
from reviewtool.reply.b4_checks import Json, check_lines, not_checked, patch_result, series_result
from reviewtool.reply.b4_commit import commit_of
from reviewtool.reply.b4_tracking import Tracking, read_thread, read_tracking_file
from reviewtool.reply.errors import ReplyError
from reviewtool.review.events import Fault


@click.command("check", short_help="Check one mail for b4.")
@click.argument("prompt", nargs=-1)
@click.option("--series", is_flag=True, help="Check the whole series, for b4.review-series-check-cmd.")
@click.option("--lines", is_flag=True, help="Write lines, for b4.am-perpatch-check-cmd and b4.prep-perpatch-check-cmd.")
@click.option("--agent-files", is_flag=True, help="Write comments for b4 review, for b4.review-agent-command.")
@click.option("--branch", default="HEAD", metavar="NAME", help="With --agent-files: the review branch (default: HEAD).")
@engine_options
def command(prompt: tuple[str, ...], series: bool, lines: bool, agent_files: bool, branch: str, **options: Any) -> int:
    """Check the mail on standard input and write the JSON that `b4 review` expects of b4.review-perpatch-check-cmd.

    What was before the patch comes from the thread that b4 has ($B4_TRACKING_FILE), else from the commit of the tree
    that the patch is, else the patch has to apply by itself. One that cannot be checked, because it builds on patches
    that are not here, gets no result and a line on standard error. PROMPT is what b4 gives to an agent; it is
    not read.
    """
    choice = wanted(options)
    try:
        if agent_files:
            from reviewtool.cli.agent import write_agent_files

            return write_agent_files(choice, branch)
        if prompt:
            raise click.UsageError("the mail comes on standard input", click.get_current_context())
        return _check_series(choice) if series else _check_patch(choice, lines)
    except ReplyError as error:
        complain(str(error))
        return ExitCode.INPUT


def _tracking() -> Tracking:
    name = os.environ.get("B4_TRACKING_FILE")
    return read_tracking_file(Path(name)) if name else Tracking()


def _check_series(choice: Wanted) -> int:
    """Never looks at standard input: there stands whatever mail b4 takes for the cover letter."""
    tracking = _tracking()
    thread = read_thread(tracking, choice.settings.tree or Path())
    if thread is None:
        return _silent("the series was not checked: b4 hands its thread over only when it has a review branch")
    outcome = review_thread(choice.settings, thread, tracking, tracking.revision)
    if outcome.review is None:
        return _refused(outcome, lines=False)
    _results(series_result(outcome.review))
    return ExitCode.FINDINGS if outcome.review.reaches(choice.fail_on) else ExitCode.CLEAN


def _check_patch(choice: Wanted, lines: bool) -> int:
    raw = sys.stdin.buffer.read(MAX_SOURCE_BYTES)
    mail = read_mail(raw)
    if mail is None:
        complain("no mail on standard input; b4 gives one to each check")
        return ExitCode.INPUT
    if not _is_patch(mail):
        return _silent("", lines=lines)
    tracking = _tracking()
    thread = read_thread(tracking, choice.settings.tree or Path())
    number = mail.subject.number
    commit = _commit(mail, choice) if thread is None else ""
    if commit:
        outcome, number = review_commit(choice.settings, commit), 1
    else:
        outcome = review_thread(choice.settings, thread or raw, tracking, mail.subject.revision if thread else None)
    review = outcome.review
    if review is None:
        return _refused(outcome, lines=lines)
    reason = not_checked(review, number)
    if reason:
        return _silent(reason, lines=lines)
    if lines:
        write(f"{line}\n" for line in check_lines(review, number))
    else:
        _results(patch_result(review, number))
    return ExitCode.FINDINGS if outcome.reaches(choice.fail_on, number) else ExitCode.CLEAN


def _commit(mail: ReadMail, choice: Wanted) -> str:
    """The commit of the tree that this patch is; "" if there is none, or the tree has no history."""
    try:
        files = read_diff(mail.body.text, mail.body.diff_start).files
        return commit_of(files, choice.settings.tree or Path())
    except ReplyError:
        return ""


def _is_patch(mail: ReadMail) -> bool:
    return not mail.subject.reply and mail.subject.number > 0 and mail.body.diff_start >= 0


def _results(*results: Json) -> None:
    write([json.dumps(list(results), indent=2) + "\n"])


def _silent(reason: str, status: ExitCode = ExitCode.CLEAN, *, lines: bool = False) -> int:
    """No result, and why. As lines the reason goes to standard output: b4 takes one on standard error for a failure."""
    if lines:
        write([f"{reason}\n"] if reason else [])
    else:
        write(["[]\n"])
        if reason:
            complain(reason)
    return status


def _refused(outcome: Outcome, *, lines: bool) -> int:
    """A thread that cannot be had is no failure of the patch; a wrong configuration is for everybody to see."""
    if outcome.fault is Fault.INPUT:
        return _silent(outcome.message, ExitCode.INPUT, lines=lines)
    complain(outcome.message)
    return ExitCode.USAGE if outcome.fault is Fault.USAGE else ExitCode.INTERNAL
