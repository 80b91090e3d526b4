# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What b4 0.16's own code makes of our results and comments: its runners and its import, without a screen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DRIVER = r"""
import argparse, json, os, subprocess, sys, logging
import b4, b4.review, b4.review.checks as checks
from b4.review import _review

mbox, base, tool = sys.argv[1:4]
top = os.getcwd()
b4.can_network = False
b4.setup_config(argparse.Namespace(config={'b4.attestation-policy': 'off'}), topdir=top)

def mails():
    return b4.get_msgs_from_mailbox_or_maildir(mbox)

def series():
    box = b4.LoreMailbox()
    for mail in mails():
        box.add_message(mail)
    return box.get_series(revision=None, sloppytrailers=False, reroll=True, codereview_trailers=False)

import io
am = io.BytesIO()
b4.save_git_am_mbox(series().get_am_ready(noaddtrailers=True), am)
b4.git_fetch_am_into_repo(top, am.getvalue(), at_base=base)
branch = 'b4/review/sample'
_review.create_review_branch(top, branch, base, series(), 'x', 'https://lists.example.org/%s')
cover, tracking = _review.load_tracking(top, branch)
blob = subprocess.run(['git', 'hash-object', '-w', mbox], capture_output=True, text=True, check=True).stdout.strip()
tracking['series']['thread-blob'] = blob
_review.save_tracking(top, cover, tracking)
with open('.git/tracking.json', 'w') as file:
    json.dump(tracking, file)

patches, replies = [], []
for mail in mails():
    subject = b4.LoreSubject(mail['Subject'])
    if subject.reply:
        replies.append(mail)
    elif subject.counter:
        patches.append((mail['Message-ID'].strip('<>'), mail))
handed = {'B4_TRACKING_FILE': os.path.abspath('.git/tracking.json')}
result = {
    'patches': list(checks.run_perpatch_checks(patches, [f'{tool} check --no-config'], top, extra_env=handed).values()),
    'series': checks.run_series_checks(
        ('id', replies[-1]), [f'{tool} check --series --no-config'], top, extra_env=handed),
    'lines': [
        b4.LoreMessage.run_local_check(checks.parse_cmd(f'{tool} check --lines --no-config'), msgid, mail, nocache=True)
        for msgid, mail in patches
    ],
}
agent = subprocess.run(checks.parse_cmd(f'{tool} check --agent-files --no-config') + ['Read and execute the prompt'],
                       capture_output=True, text=True)
result['agent'] = [agent.returncode, agent.stdout, agent.stderr]
cover, tracking = _review.load_tracking(top, branch)
first = tracking['series']['first-patch-commit']
words = ['git', 'rev-list', '--reverse', f'{first}~1..{branch}~1']
shas = subprocess.run(words, capture_output=True, text=True).stdout.split()
result['imported'] = _review._integrate_agent_reviews(top, cover, tracking, shas, tracking['patches'])
cover, tracking = _review.load_tracking(top, branch)
result['reviews'] = [patch.get('reviews', {}) for patch in tracking['patches']]
result['note'] = tracking['series'].get('reviews', {})
result['left'] = os.listdir('.git/b4-review') if os.path.isdir('.git/b4-review') else []
result['shown'] = []
for sha, reviews in zip(shas, result['reviews']):
    diff = subprocess.run(['git', 'diff', f'{sha}~1', sha], capture_output=True, text=True).stdout
    result['shown'].append(_review._render_quoted_diff_with_comments(diff, reviews, 'me@example.org'))
print(json.dumps(result))
"""

TOOL = f'{sys.executable} -c "from reviewtool.cli import main; main()"'


@pytest.fixture
def in_b4(sample_repository: Callable[[str], tuple[Path, Any]]) -> Callable[[str], dict[str, Any]]:
    """`in_b4("inversion")`: what b4 has after it ran our checks on a sample and imported our files."""

    def run(name: str) -> dict[str, Any]:
        mbox, repository = sample_repository(name)
        base = repository.git("rev-parse", "HEAD")
        done = subprocess.run(
            [sys.executable, "-c", DRIVER, str(mbox), base, TOOL],
            cwd=repository.path,
            capture_output=True,
            text=True,
            env={**os.environ, "GIT_AUTHOR_NAME": "A", "GIT_COMMITTER_NAME": "A"},
        )
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout.splitlines()[-1])
        assert isinstance(found, dict)
        return found

    return run


def test_b4_shows_results_and_comments(in_b4: Callable[[str], dict[str, Any]]) -> None:
    found = in_b4("inversion")
    assert [[(one["tool"], one["status"]) for one in results] for results in found["patches"]] == [
        [("reviewtool", "pass")],
        [("reviewtool", "fail")],
        [("reviewtool", "pass")],
    ]
    details = json.loads(found["patches"][1][0]["details"])
    assert details[0]["status"] == "fail"
    assert details[0]["description"].startswith("virt/kvm/assign.c:58: hv_assign_mark_pending(): ")
    assert {"status": "", "description": "the other way round:"} in details
    assert [one["status"] for one in found["series"]] == ["fail"]
    assert json.loads(found["series"][0]["details"])[0]["description"].startswith("2/3 virt/kvm/assign.c:58: ")

    assert found["agent"][0] == 1
    assert found["agent"][2] == ""
    assert found["imported"] is True
    assert found["left"] == []
    mine = "reviewtool@localhost"
    assert [list(reviews) for reviews in found["reviews"]] == [[], [mine], []]
    review = found["reviews"][1][mine]
    assert review["note"] == "reviewtool: 1 error"
    (comment,) = review["comments"]
    assert (comment["path"], comment["line"]) == ("b/virt/kvm/irqroute.c", 70)
    assert "*** DEADLOCK ***" in comment["text"]
    lines = found["shown"][1].split("\n")
    under = lines.index("| reviewtool <reviewtool@localhost>:")
    assert lines[under - 2] == "> +\thv_bypass_route_changed(vm, route->gsi);"
    assert found["note"][mine]["note"].startswith("reviewtool: 1 error")


def test_b4_gets_lines_for_am_and_prep(in_b4: Callable[[str], dict[str, Any]]) -> None:
    """The patches stand on the branch that is checked out, as they do for `b4 prep --check`."""
    found = in_b4("unlock")
    flags = [[flag for flag, _ in results] for results in found["lines"]]
    assert flags == [["success"], ["fail"], ["success"], ["success"]]
    assert "virt/kvm/ioevent.c:129: hv_ioevent_assign(): returns with " in found["lines"][1][0][1]


CHECK = "from reviewtool.cli import main; main()"


def check(directory: Path, mail: bytes, *options: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    words = [sys.executable, "-c", CHECK, "check", "--no-config", *options]
    return subprocess.run(words, cwd=directory, input=mail, capture_output=True, env={**os.environ, **environment})


@pytest.fixture
def mails(sample_threads: Path) -> list[bytes]:
    """The mails of a sample."""
    from reviewtool.mail.local import read_mbox_file

    return read_mbox_file(sample_threads / "inversion" / "thread.mbox")


def test_a_patch_that_builds_on_others_gets_no_verdict(
    mails: list[bytes], sample_repository: Callable[[str], tuple[Path, Any]]
) -> None:
    """2/3 applies by itself, but without 1/3 nothing is known of what it calls."""
    _, repository = sample_repository("inversion")
    done = check(repository.path, mails[2])
    assert (done.returncode, json.loads(done.stdout)) == (0, [])
    assert done.stderr == b"reviewtool: 2/3 was not checked, for it builds on what could not be had or applied: 1/3\n"
    lines = check(repository.path, mails[2], "--lines")
    assert (lines.returncode, lines.stderr) == (0, b"")
    assert lines.stdout.startswith(b"2/3 was not checked")
    assert b"ERROR:" not in lines.stdout


def test_the_commit_of_the_tree_gives_what_was_before(
    mails: list[bytes], sample_repository: Callable[[str], tuple[Path, Any]]
) -> None:
    _, repository = sample_repository("inversion")
    for mail in mails[1:4]:
        repository.git("am", "-q", stdin=mail.decode())
    found = [json.loads(check(repository.path, mail).stdout)[0]["status"] for mail in mails[1:4]]
    assert found == ["pass", "fail", "pass"]


@pytest.mark.parametrize("number", [0, 4])
def test_a_cover_letter_or_reply_has_no_result(
    number: int, mails: list[bytes], sample_repository: Callable[[str], tuple[Path, Any]]
) -> None:
    _, repository = sample_repository("inversion")
    done = check(repository.path, mails[number])
    assert (done.returncode, json.loads(done.stdout), done.stderr) == (0, [], b"")


@pytest.mark.parametrize("mail", [b"", b"\xff\x00", b"no mail\n"])
def test_no_mail_is_an_error_with_a_line(mail: bytes, tmp_path: Path) -> None:
    done = check(tmp_path, mail)
    assert (done.returncode, done.stdout) == (3, b"")
    assert done.stderr.count(b"\n") == 1


def test_the_series_check_says_nothing_without_a_thread(mails: list[bytes], tmp_path: Path) -> None:
    done = check(tmp_path, mails[4], "--series")
    assert (done.returncode, json.loads(done.stdout)) == (0, [])
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    "tracking",
    ["", "[", "[]", '{"series": 1}', '{"series": {"thread-blob": "--help"}}', '{"series": {"thread-blob": "0123456"}}'],
)
def test_a_broken_tracking_file_costs_a_line(
    tracking: str, mails: list[bytes], sample_repository: Callable[[str], tuple[Path, Any]]
) -> None:
    _, repository = sample_repository("inversion")
    file = repository.path / "tracking.json"
    file.write_text(tracking)
    done = check(repository.path, mails[1], "--series", B4_TRACKING_FILE=str(file))
    assert done.returncode in (0, 3)
    assert done.stderr.count(b"\n") == 1
    assert b"Traceback" not in done.stderr


SCREEN = r"""
import asyncio, json, sys
from textual.app import App
from b4.review_tui._modals import TrackingCheckResultsScreen
result = json.load(sys.stdin)

async def main():
    app = App()
    async with app.run_test(size=(100, 30)) as pilot:
        cells = {(0, 'reviewtool'): result}
        await app.push_screen(TrackingCheckResultsScreen('t', ['2/3'], ['subject'], ['reviewtool'], cells))
        await pilot.pause()
        await pilot.press('enter')
        await pilot.pause()
        for strip in app.screen._compositor.render_strips():
            print(''.join(segment.text for segment in strip))
asyncio.run(main())
"""


def test_b4s_screen_has_the_finding_and_its_steps(
    mails: list[bytes], sample_repository: Callable[[str], tuple[Path, Any]]
) -> None:
    _, repository = sample_repository("inversion")
    for mail in mails[1:3]:
        repository.git("am", "-q", stdin=mail.decode())
    (result,) = json.loads(check(repository.path, mails[2]).stdout)
    done = subprocess.run([sys.executable, "-c", SCREEN], input=json.dumps(result), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "1 error" in done.stdout
    assert "virt/kvm/assign.c:58: hv_assign_mark_pending(): acquires" in done.stdout
    assert "the other way round:" in done.stdout
