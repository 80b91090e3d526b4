# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A public-inbox archive on this machine: an epoch of v2 (also cloned alone), its directory, or v1.

https://public-inbox.org/public-inbox-v2-format.html: each commit of an epoch has one blob `m`, the mail. v1 keeps a
mail per path `xx/y{38}` in the newest tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from reviewtool.mail.errors import MailError
from reviewtool.mail.gitread import read_objects, run_git

_V1_PATH = re.compile(rb"\d{6} blob ([0-9a-f]+)\t[0-9a-f]{2}/[0-9a-f]{38,}$")


def archive_repositories(path: Path) -> list[Path]:
    """The git repositories of an archive, oldest first; [] if the path is none."""
    if (path / "git").is_dir() and not (path / "HEAD").exists():
        epochs = [entry for entry in (path / "git").iterdir() if re.fullmatch(r"\d+\.git", entry.name)]
        return sorted(epochs, key=lambda entry: int(entry.name.removesuffix(".git")))
    for place in (path, path / ".git"):
        if (place / "HEAD").is_file() and (place / "objects").is_dir() and _layout(place):
            return [place]
    return []


def archive_messages(path: Path, last: int | None = None) -> Iterator[tuple[str, bytes]]:
    """(object name, raw mail) of an archive, oldest first; only the newest `last` mails if given.

    The object name is one that `read_objects` takes. Raises MailError if the path is no archive.
    """
    for repository, names in archive_objects(path, last):
        yield from read_objects(repository, names)


def archive_objects(path: Path, last: int | None = None) -> Iterator[tuple[Path, list[str]]]:
    """(repository, object names of its mails, oldest first) for each part of an archive, oldest first."""
    repositories = archive_repositories(path)
    if not repositories:
        raise MailError(f"{path}: no public-inbox archive; give the clone of an epoch or the directory with git/0.git")
    parts: list[tuple[Path, list[str]]] = []
    left = last
    for repository in reversed(repositories):
        names = _mail_names(repository, left)
        parts.append((repository, names))
        if left is not None:
            left -= len(names)
            if left <= 0:
                break
    yield from reversed(parts)


def _layout(repository: Path) -> str:
    """Give "v2" or "v1" for a repository in that format, "" for another, an empty one or one git does not read."""
    try:
        top = run_git(repository, "ls-tree", "HEAD")
    except MailError:
        return ""
    entries = [line.split(b"\t", 1) for line in top.split(b"\n") if b"\t" in line]
    if any(name in (b"m", b"d") and b" blob " in kind for kind, name in entries) and len(entries) <= 2:
        return "v2"
    if entries and all(re.fullmatch(rb"[0-9a-f]{2}", name) and b" tree " in kind for kind, name in entries):
        return "v1"
    return ""


def _mail_names(repository: Path, last: int | None) -> list[str]:
    if _layout(repository) == "v1":
        tree = run_git(repository, "ls-tree", "-r", "HEAD").split(b"\n")
        return [match[1].decode() for line in tree if (match := _V1_PATH.match(line))]
    bound = [] if last is None else [f"--max-count={last}"]
    commits = run_git(repository, "rev-list", *bound, "HEAD", "--").decode().split()
    return [f"{commit}:m" for commit in reversed(commits)]
