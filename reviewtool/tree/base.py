# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Which commit a series is applied to, and why that one."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reviewtool.tree.blobs import names_blob, says_something
from reviewtool.tree.change import Change
from reviewtool.tree.error import TreeError
from reviewtool.tree.gitdir import GitDirectory
from reviewtool.tree.model import Base
from reviewtool.tree.private import PrivateRepository

MOST_CANDIDATES = 96
"""Branch heads and tags that are looked at."""
MOST_COMMITS = 64
"""Commits of HEAD's history that touched the series' files and are looked at after that."""
LONGEST_SEARCH = 4.0
"""Seconds that the search may take."""
_AT_ONCE = 16
_NAME = re.compile(r"[0-9a-f]{7,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A commit that the series may be made for."""

    revision: str
    label: str


def old_blobs(changes: Sequence[Change]) -> dict[str, str]:
    """What the series found in its base: path to abbreviated blob, from the first patch that touches each path."""
    found: dict[str, str] = {}
    seen: set[str] = set()
    for change in changes:
        for file in change.files:
            if file.old_path and file.old_path not in seen and says_something(file.old_blob):
                found[file.old_path] = file.old_blob
        seen.update(path for file in change.files for path in (file.old_path, file.new_path))
    return found


def choose_base(
    git: GitDirectory, private: PrivateRepository, wanted: str, thread_base: str, changes: Sequence[Change]
) -> Base:
    """The commit to apply to: `wanted`, else the thread's base-commit, else the best guess, else HEAD.

    Args:
        git: The user's repository.
        private: The private one, for reading objects.
        wanted: What the user asked for, "" for nothing.
        thread_base: The base-commit that the thread names, "" if it names none.
        changes: The series.

    Raises:
        TreeError: `wanted` is no commit of the repository, or the repository has no commit at all.
    """
    if wanted:
        revision = git.commit(wanted)
        if revision is None:
            raise TreeError(
                f"{git.path}: no commit {wanted!r} in this repository; name another --base, or fetch it first"
            )
        return Base(revision=revision, label=_label(wanted, revision), reason="as asked for with --base")
    introduction = ""
    if thread_base:
        known = git.commit(thread_base) if _NAME.fullmatch(thread_base) else None
        if known is not None:
            return Base(revision=known, label=git.describe(known), reason="the thread's base-commit")
        introduction = f"the thread's base-commit {thread_base[:12]} is not in this repository; "
    guess = _guess(git, private, old_blobs(changes), introduction) if changes else None
    if guess is not None:
        return guess
    head = git.commit("HEAD")
    if head is None:
        raise TreeError(f"{git.path}: HEAD is no commit; name one with --base")
    return Base(revision=head, label=git.describe(head), reason=f"{introduction}HEAD, for {_nothing(changes)}")


def _label(wanted: str, revision: str) -> str:
    return wanted if not revision.startswith(wanted) else revision[:12]


def _nothing(changes: Sequence[Change]) -> str:
    if not changes:
        return "nothing else was asked for"
    if not old_blobs(changes):
        return "the patches name no blobs to tell a base by"
    return "no commit that was looked at has a file as the series knows it"


def _guess(git: GitDirectory, private: PrivateRepository, blobs: dict[str, str], introduction: str) -> Base | None:
    """The candidate that has the most of the series' old blobs; the first of equals, so HEAD before all others."""
    blobs = {path: blob for path, blob in blobs.items() if "\n" not in path}
    if not blobs:
        return None
    deadline = time.monotonic() + LONGEST_SEARCH
    best: Candidate | None = None
    most = looked_at = 0
    for candidates in _candidates(git, list(blobs), deadline):
        counts = _matches(private, candidates, blobs)
        looked_at += len(candidates)
        for candidate, count in zip(candidates, counts, strict=True):
            if count > most:
                best, most = candidate, count
        if most == len(blobs) or time.monotonic() > deadline:
            break
    if best is None:
        return None
    files = "file" if len(blobs) == 1 else "files"
    share = f"{most} of the {len(blobs)} {files}" if most < len(blobs) else f"all {len(blobs)} {files}"
    share = "the one file" if len(blobs) == most == 1 else share
    return Base(
        revision=best.revision,
        label=git.describe(best.revision) if best.label == "HEAD" else best.label,
        reason=f"{introduction}{best.label} has {share} as the series knows them, "
        f"the best of {looked_at} commits looked at".replace(
            "file as the series knows them", "file as the series knows it"
        ),
    )


def _candidates(git: GitDirectory, paths: list[str], deadline: float) -> Iterator[list[Candidate]]:
    """HEAD, then branches and tags, then the history of the touched files; in groups, each commit once."""
    seen: set[str] = set()
    head = git.commit("HEAD")
    pending = [Candidate(revision=head, label="HEAD")] if head else []
    found = git.references(MOST_CANDIDATES, max(0.5, deadline - time.monotonic()))
    pending += [Candidate(revision=revision, label=label) for revision, label in found]
    for start in range(0, len(pending), _AT_ONCE):
        group = [item for item in pending[start : start + _AT_ONCE] if item.revision not in seen]
        seen.update(item.revision for item in group)
        group = list({item.revision: item for item in reversed(group)}.values())[::-1]
        if group:
            yield group
    if head:
        history = git.history(head, paths, MOST_COMMITS, max(0.5, deadline - time.monotonic()))
        group = [Candidate(revision=name, label=name[:12]) for name in history if name not in seen]
        if group:
            yield group


def _matches(private: PrivateRepository, candidates: Sequence[Candidate], blobs: dict[str, str]) -> list[int]:
    """How many of the blobs each candidate has, asked of one process."""
    questions = "".join(f"{candidate.revision}:{path}\n" for candidate in candidates for path in blobs)
    result = private.ask(["cat-file", "--batch-check=%(objectname)"], questions.encode("utf-8", "surrogateescape"))
    answers = iter(result.stdout.decode("utf-8", "surrogateescape").split("\n"))
    return [sum(names_blob(blob, next(answers, "")) for blob in blobs.values()) for _ in candidates]
