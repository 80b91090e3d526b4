# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The user's repository: what is asked of it, and nothing is written to it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from reviewtool.tree.error import TreeError
from reviewtool.tree.git import complaint_of, run, user_environment


@dataclass(frozen=True, slots=True, kw_only=True)
class GitDirectory:
    """A repository as `find_repository` found it."""

    path: Path
    """Its top level, or the git directory of a bare one."""
    objects: Path
    """Its object directory."""
    algorithm: str
    """sha1 or sha256."""

    def commit(self, revision: str) -> str | None:
        """The full name of the commit that a revision means, None if it means none here."""
        if not revision or "\0" in revision or "\n" in revision:
            return None
        words = ["rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"]
        result = run(words, directory=self.path, environment=user_environment())
        return None if result.returncode else result.stdout.decode("ascii", "replace").strip() or None

    def describe(self, revision: str) -> str:
        """What a person would call a commit: the nearest tag if that is quickly had, else its abbreviated name."""
        words = ["describe", "--tags", "--always", "--abbrev=12", "--candidates=4", revision]
        try:
            result = run(words, directory=self.path, environment=user_environment(), timeout=1.0)
        except TreeError:
            return revision[:12]
        name = result.stdout.decode("utf-8", "replace").strip()
        return name if name and not result.returncode else revision[:12]

    def references(self, most: int, timeout: float) -> list[tuple[str, str]]:
        """Commit and short name of branches, remote branches and tags, the most recent first.

        An empty list if that takes longer than `timeout` seconds.
        """
        layout = (
            "%(if)%(*objecttype)%(then)%(*objecttype) %(*objectname)%(else)%(objecttype) %(objectname)%(end) %(refname)"
        )
        words = ["for-each-ref", f"--count={most}", "--sort=-creatordate", f"--format={layout}"]
        try:
            result = run(
                [*words, "refs/heads", "refs/remotes", "refs/tags"],
                directory=self.path,
                environment=user_environment(),
                timeout=timeout,
            )
        except TreeError:
            return []
        lines = (line.split(" ", 2) for line in result.stdout.decode("utf-8", "replace").split("\n"))
        return [(line[1], line[2].split("/", 2)[2]) for line in lines if len(line) == 3 and line[0] == "commit"]

    def history(self, revision: str, paths: list[str], most: int, timeout: float) -> list[str]:
        """Commits that changed one of the paths and the parents of those, the most recent first.

        What was found within `timeout` seconds; an empty list if that is nothing.
        """
        words = ["rev-list", f"--max-count={most}", "--parents", revision, "--", *(":(top,literal)" + p for p in paths)]
        try:
            result = run(words, directory=self.path, environment=user_environment(), timeout=timeout)
        except TreeError:
            return []
        return list(dict.fromkeys(result.stdout.decode("ascii", "replace").split()))


def find_repository(path: Path) -> GitDirectory | None:
    """The repository whose top level (or bare directory) is `path`, None for a plain directory.

    Raises:
        TreeError: There is a repository, but git will not use it.
    """
    bare = (path / "HEAD").is_file() and (path / "objects").is_dir()
    if not bare and not os.path.lexists(path / ".git"):
        return None
    words = ["rev-parse", "--is-bare-repository", "--show-object-format", "--absolute-git-dir", "--git-path", "objects"]
    environment = user_environment() | {"GIT_CEILING_DIRECTORIES": str(path.parent)}
    result = run(words, directory=path, environment=environment)
    if result.returncode:
        raise TreeError(_refusal(path, result.stderr))
    fields = os.fsdecode(result.stdout).split("\n")
    if len(fields) < 4:
        raise TreeError(f"{path}: git rev-parse gave no answer; is this git older than 2.36?")
    objects = (path / fields[3]).resolve()
    return GitDirectory(path=path, objects=objects, algorithm=fields[1])


def _refusal(path: Path, stderr: bytes) -> str:
    if b"dubious ownership" in stderr or b"safe.directory" in stderr:
        return (
            f"{path}: git does not trust this repository, for it belongs to somebody else; if you do: "
            f"git config --global --add safe.directory {path}"
        )
    return f"{path}: git cannot use this repository: {complaint_of(stderr)}"
