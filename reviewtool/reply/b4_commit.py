# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The commit that a patch mail was made of, or became: known by the blobs that the patch names.

`b4 prep --check` hands over one mail of a series that stands on the branch; what was before it is the commit's parent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from reviewtool.mail.model import FileDiff
from reviewtool.reply.b4_tracking import git

_MOST_COMMITS = "5000"
_NULL = re.compile(r"0+")

Blobs = dict[str, tuple[str, str]]
"""Old and new object name by path."""


def commit_of(files: Sequence[FileDiff], repository: Path) -> str:
    """The newest commit of any branch that changes these files from and to these blobs; "" if there is none.

    Raises ReplyError where git cannot be asked.
    """
    wanted = {file.new_path or file.old_path: (file.old_blob, file.new_blob) for file in files}
    if not wanted or not all(old and new for old, new in wanted.values()):
        return ""
    words = [
        "--literal-pathspecs",
        "log",
        "--branches",
        "HEAD",
        "-n",
        _MOST_COMMITS,
        "--format=commit %H",
        "--raw",
        "--no-abbrev",
    ]
    words += ["--no-renames", "--no-merges", "-z", "--end-of-options", "--", *wanted]
    for commit, blobs in _commits(git(repository, *words).decode("utf-8", "surrogateescape")):
        if blobs.keys() >= wanted.keys() and all(_fits(wanted[path], blobs[path]) for path in wanted):
            return commit
    return ""


def _commits(log: str) -> Iterator[tuple[str, Blobs]]:
    commit = ""
    blobs: Blobs = {}
    fields = iter(log.split("\0"))
    for field in fields:
        text = field.strip("\n")
        if text.startswith("commit "):
            if commit:
                yield commit, blobs
            commit, _, rest = text.removeprefix("commit ").partition("\n")
            blobs, text = {}, rest.strip("\n")
        if text.startswith(":"):
            parts = text.split()
            blobs[next(fields, "")] = (parts[2], parts[3])
    if commit:
        yield commit, blobs


def _fits(said: tuple[str, str], found: tuple[str, str]) -> bool:
    return all(_same(one, other) for one, other in zip(said, found, strict=True))


def _same(said: str, found: str) -> bool:
    """An abbreviated object name against a full one; a file that is not there is all zeros."""
    if _NULL.fullmatch(said) or _NULL.fullmatch(found):
        return bool(_NULL.fullmatch(said)) == bool(_NULL.fullmatch(found))
    return found.startswith(said.lower())
