# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Commits of a repository as a series, in the shape of mails."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from reviewtool.mail.body_text import BodyText
from reviewtool.mail.errors import MailError
from reviewtool.mail.gitread import run_git
from reviewtool.mail.limits import MAX_SERIES_PATCHES, MAX_SOURCE_BYTES, check_size
from reviewtool.mail.message import ReadMail
from reviewtool.mail.model import Address, Mail, Thread
from reviewtool.mail.series import build_thread
from reviewtool.mail.subject import Subject

_FIELDS = "%H%x00%an%x00%ae%x00%aI%x00%B%x00"
_LIKE_MAIL = (
    *("--no-color", "--no-ext-diff", "--no-textconv", "--find-renames", "--full-index", "--no-relative"),
    *("--unified=3", "--inter-hunk-context=0", "--src-prefix=a/", "--dst-prefix=b/", "--submodule=short"),
    *("--no-notes", "--no-show-signature", "--no-mailmap", "--encoding=UTF-8", "--diff-algorithm=myers"),
    *("--no-indent-heuristic", "-O/dev/null"),
)


def range_thread(repository: Path, commits: str) -> Thread:
    """The commits `A..B` of a repository as the only series of a Thread, oldest first, without merges.

    The repository is only read: no hook, filter, external diff or textconv of it runs. The base is where B left A.
    Message-ids are `COMMIT@range`. Raises MailError when the range names nothing.
    """
    first, mark, last = commits.partition("..")
    if not mark or last.startswith(".") or not first:
        raise MailError(f"{commits}: no range; give A..B, the commits of B that A does not have")
    names = [_resolve(repository, name or "HEAD", commits) for name in (first, last)]
    base = run_git(repository, "merge-base", *names, quiet=True).decode().strip()
    limits = f"{base or names[0]}..{names[1]}"
    wanted = run_git(repository, "rev-list", "--no-merges", f"--max-count={MAX_SERIES_PATCHES + 1}", limits, "--")
    count = len(wanted.split())
    if not count:
        raise MailError(f"{commits}: no commits in this range; check its ends and their order")
    if count > MAX_SERIES_PATCHES:
        raise MailError(f"{commits}: more than {MAX_SERIES_PATCHES} commits, the bound for a series; give a part of it")
    mails = _mails(repository, limits, base, count)
    thread = build_thread(commits, mails)
    if thread is None:
        raise MailError(f"{commits}: none of these commits changes a file")
    merges = len(run_git(repository, "rev-list", "--merges", limits, "--").split())
    if merges:
        trouble = mails[0].trouble(f"{merges} merges of the range are left out with what they change", fatal=False)
        thread = replace(thread, troubles=(*thread.troubles, trouble))
    return thread


def _resolve(repository: Path, name: str, commits: str) -> str:
    found = run_git(
        repository, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}", quiet=True
    )
    if not found.strip():
        raise MailError(f"{commits}: {repository} has no commit {name}; check the range, or fetch it")
    return found.decode().strip()


def _mails(repository: Path, limits: str, base: str, count: int) -> list[ReadMail]:
    boundary = secrets.token_hex(24)
    log = run_git(
        repository,
        *("-c", "diff.suppressBlankEmpty=false", "-c", "core.attributesFile=/dev/null"),
        *("log", "--reverse", "--topo-order", "--no-merges", "-p", *_LIKE_MAIL),
        *(f"--format={boundary}{_FIELDS}", limits, "--"),
    )
    check_size(len(log), MAX_SOURCE_BYTES, f"the range {limits}")
    parts = log.split(boundary.encode())[1:]
    return [_mail(part, number, count, base) for number, part in enumerate(parts, 1)]


def _mail(part: bytes, number: int, count: int, base: str) -> ReadMail:
    fields = part.split(b"\0", 5)
    commit, author, address, date, message = (field.decode("utf-8", "replace") for field in fields[:5])
    title, _, changelog = message.partition("\n\n")
    title = " ".join(title.split())
    head = f"{changelog.strip()}\n---\n" + (f"base-commit: {base}\n" if number == 1 and base else "") + "\n"
    diff = fields[5].decode("utf-8", "replace").lstrip("\n")
    body = BodyText(text=head.lstrip("\n") + diff, diff_start=len(head.lstrip("\n")) if diff else -1)
    mail = Mail(
        message_id=f"{commit}@range",
        subject=f"[PATCH {number}/{count}] {title}",
        author=Address(name=author, email=address),
        date=datetime.fromisoformat(date),
        to=(),
        cc=(),
        reply_to=(),
        in_reply_to="",
        references=(),
        body=body.text,
    )
    subject = Subject(
        text=title,
        reply=False,
        patch=True,
        named=True,
        revision=1,
        revision_given=False,
        number=number,
        expected=count,
        counted=True,
        part_reroll=False,
        prefixes=frozenset(),
    )
    return ReadMail(mail=mail, subject=subject, body=body)
