# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What b4 0.16 knows of a series under review: the file of $B4_TRACKING_FILE, or the tip of the review branch.

A check of a whole series gets the last mail with the number 0 on its standard input, which may be anybody's reply. So
the thread is taken from the blob that b4 keeps it in, never from there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from reviewtool.reply.errors import ReplyError
from reviewtool.tree.error import TreeError
from reviewtool.tree.git import complaint_of, run, user_environment

_MARK = "--- b4-review-tracking ---"
_HEX = re.compile(r"[0-9a-f]{7,64}")
_MAX_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracking:
    """A series as b4 tracks it; "" for what it does not say."""

    thread_blob: str = ""
    """Object name of the thread as an mbox."""
    message_id: str = ""
    """Of the cover letter or the first patch."""
    revision: int | None = None
    base: str = ""
    first_commit: str = ""
    """The commit of the first patch on the review branch."""
    message_ids: tuple[str, ...] = ()
    """Of the patches, in the order of the branch."""


def read_tracking_file(path: Path) -> Tracking:
    """What stands in the file that b4 hands to checks. Raises ReplyError."""
    try:
        with path.open("rb") as stream:
            data = stream.read(_MAX_BYTES)
    except OSError as error:
        raise ReplyError(f"{path}: {error.strerror} (b4 named it in B4_TRACKING_FILE)") from None
    return _parse(data, str(path))


def read_tracking_branch(repository: Path, branch: str) -> Tracking:
    """What stands in the commit at the tip of a review branch. Raises ReplyError."""
    text = git(repository, "log", "-1", "--format=%B", "--end-of-options", branch).decode("utf-8", "replace")
    _, mark, rest = text.partition(_MARK)
    if not mark:
        raise ReplyError(f"{branch}: no branch of b4 review; check one out, or name it with --branch")
    lines = [line for line in rest.split("\n") if not line.startswith("#")]
    return _parse("\n".join(lines).strip().encode(), branch)


def read_thread(tracking: Tracking, repository: Path) -> bytes | None:
    """The thread as an mbox; None if b4 keeps none. Raises ReplyError if it cannot be read."""
    return git(repository, "cat-file", "blob", tracking.thread_blob) if tracking.thread_blob else None


def git(repository: Path, *words: str) -> bytes:
    """What git prints. Raises ReplyError with git's own words."""
    try:
        done = run(words, directory=repository, environment=user_environment())
    except TreeError as error:
        raise ReplyError(str(error)) from None
    if done.returncode:
        raise ReplyError(f"{repository}: git {words[0]}: {complaint_of(done.stderr)}")
    return done.stdout


def _parse(data: bytes, name: str) -> Tracking:
    try:
        found = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError):
        raise ReplyError(f"{name}: what b4 keeps of the series is no JSON; track the series again") from None
    series = _table(found, "series")
    patches = found.get("patches") if isinstance(found, dict) else None
    revision = series.get("revision")
    return Tracking(
        thread_blob=_name(series, "thread-blob"),
        message_id=_text(_table(series, "header-info"), "msgid"),
        revision=revision if isinstance(revision, int) and revision > 0 else None,
        base=_name(series, "base-commit"),
        first_commit=_name(series, "first-patch-commit"),
        message_ids=tuple(_text(_table(patch, "header-info"), "msgid") for patch in patches or ()),
    )


def _table(value: Any, key: str) -> dict[str, Any]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _text(table: dict[str, Any], key: str) -> str:
    found = table.get(key)
    return found.strip().removeprefix("<").removesuffix(">") if isinstance(found, str) else ""


def _name(table: dict[str, Any], key: str) -> str:
    """An object name; anything else could be an option of git."""
    found = _text(table, key)
    return found if _HEX.fullmatch(found) else ""
