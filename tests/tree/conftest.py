# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""An author who has a repository of his own and sends patches from it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from reviewtool.tree.change import Change, FileChange

LINES = tuple(f"line {number}\n" for number in range(1, 61))
TEXT = "".join(LINES)


def file_changes(diff: str) -> tuple[FileChange, ...]:
    """The files of a `git diff` without unusual names, as a reader of mails would hand them over."""
    files = []
    for text in re.split(r"(?m)^(?=diff --git )", diff)[1:]:
        names = re.match(r"diff --git (?:a/)?(.*?) (?:b/)?(\S*)\n", text)
        assert names
        blobs = re.search(r"(?m)^index (\w+)\.\.(\w+)", text)
        files.append(
            FileChange(
                old_path="" if "\nnew file mode" in text else names[1],
                new_path="" if "\ndeleted file mode" in text else names[2],
                old_blob=blobs[1] if blobs else "",
                new_blob=blobs[2] if blobs else "",
                text=text,
            )
        )
    return tuple(files)


@dataclass
class Author:
    """Somebody's repository; every commit after the first is a patch."""

    repository: Any
    sent: int = 0

    def patch(self, files: Mapping[str, str | bytes | None], *options: str) -> Change:
        """Commit the files, and give the commit as a patch."""
        self.repository.commit(files)
        return self.send(*options)

    def send(self, *options: str) -> Change:
        """The last commit as a patch."""
        self.sent += 1
        diff = self.repository.git("diff", "-M", *options, "HEAD^", "HEAD") + "\n"
        return Change(number=self.sent, files=file_changes(diff))


@pytest.fixture
def make_author(make_repository: Callable[..., Any]) -> Callable[..., Author]:
    """`make_author(files)`: an author whose repository begins with these files."""

    def make(files: Mapping[str, str | bytes | None], name: str = "author") -> Author:
        return Author(make_repository(files, name=name))

    return make


@pytest.fixture
def text() -> str:
    """Sixty numbered lines."""
    return TEXT


@pytest.fixture
def edit() -> Callable[..., str]:
    """`edit({3: "new 3", 10: None})`: the sixty lines with some replaced (text), or removed (None)."""

    def make(changes: Mapping[int, str | None]) -> str:
        lines = [
            line if number not in changes else ("" if changes[number] is None else f"{changes[number]}\n")
            for number, line in enumerate(LINES, 1)
        ]
        return "".join(lines)

    return make
