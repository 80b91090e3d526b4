# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Which commit a series is applied to, and what is said about why."""

from __future__ import annotations

from typing import Any

import pytest

from reviewtool.tree.error import TreeError
from reviewtool.tree.model import Applied
from reviewtool.tree.opening import open_tree


@pytest.fixture
def history(make_repository: Any, text: str, edit: Any) -> Any:
    """The branch main went on from v1; side branched off before."""
    repository = make_repository({"a.c": text, "b.c": text, "other": "0\n"})
    repository.git("tag", "-a", "-m", "one", "v1")
    repository.git("checkout", "-q", "-b", "side")
    repository.commit({"a.c": edit({10: "side"})})
    repository.git("checkout", "-q", "main")
    for number in range(5):
        repository.commit({"a.c": edit({10: f"main {number}"}), "other": f"{number}\n"})
    return repository


def test_what_the_user_asks_for_comes_first(history: Any, make_author: Any, text: str, edit: Any) -> None:
    change = make_author({"a.c": edit({10: "side"})}).patch({"a.c": text})
    with open_tree(history.path) as tree:
        base = tree.base("v1", history.git("rev-parse", "main"), [change])
        assert base.revision == history.git("rev-parse", "v1^{commit}")
        assert base.label == "v1"
        assert "--base" in base.reason


def test_then_the_threads_base_commit(history: Any, make_author: Any, text: str, edit: Any) -> None:
    change = make_author({"a.c": edit({10: "side"})}).patch({"a.c": text})
    with open_tree(history.path) as tree:
        base = tree.base("", history.git("rev-parse", "main~2"), [change])
        assert base.revision == history.git("rev-parse", "main~2")
        assert base.reason == "the thread's base-commit"


@pytest.mark.parametrize(
    ("content", "wanted", "label"),
    [
        ({10: "main 4"}, "main", "HEAD"),
        ({10: "side"}, "side", "side"),
        ({}, "v1^{commit}", "v1"),
        ({10: "main 2"}, "main~2", ""),
    ],
)
def test_then_the_commit_that_knows_the_series_blobs(
    history: Any, make_author: Any, edit: Any, text: str, content: dict[int, str], wanted: str, label: str
) -> None:
    author = make_author({"a.c": edit(content), "b.c": text})
    changes = [author.patch({"a.c": edit(content | {20: "x"})}), author.patch({"a.c": edit(content | {20: "y"})})]
    with open_tree(history.path) as tree:
        stack = tree.stack(changes)
        assert stack.base.revision == history.git("rev-parse", wanted)
        assert label in stack.base.reason
        assert "as the series knows it" in stack.base.reason
        assert [item.applied for item in stack.applications] == [Applied.YES] * 2


def test_the_most_of_the_blobs_wins(history: Any, make_author: Any, edit: Any, text: str) -> None:
    author = make_author({"a.c": edit({10: "side"}), "b.c": edit({3: "nobody has this"})})
    change = author.patch({"a.c": text, "b.c": text})
    with open_tree(history.path) as tree:
        base = tree.base(changes=[change])
        assert base.revision == history.git("rev-parse", "side")
        assert "1 of the 2 files" in base.reason


def test_a_base_commit_that_is_not_here_is_said(history: Any, make_author: Any, edit: Any, text: str) -> None:
    change = make_author({"a.c": edit({10: "side"})}).patch({"a.c": text})
    with open_tree(history.path) as tree:
        base = tree.base("", "1234567890" * 4, [change])
        assert base.revision == history.git("rev-parse", "side")
        assert "base-commit 123456789012 is not in this repository" in base.reason


@pytest.mark.parametrize("named", ["main", "HEAD", "--all", "v1", "$(touch x)"])
def test_a_base_commit_must_be_an_object_name(history: Any, named: str) -> None:
    """A thread may not choose among the user's branches."""
    with open_tree(history.path) as tree:
        assert "not in this repository" in tree.base("", named).reason


def test_head_if_nothing_is_known(history: Any, make_author: Any) -> None:
    change = make_author({"z.c": "z\n"}).patch({"z.c": "y\n"})
    with open_tree(history.path) as tree:
        base = tree.base(changes=[change])
        assert base.revision == history.git("rev-parse", "HEAD")
        assert base.reason.startswith("HEAD")
        assert tree.base().reason.startswith("HEAD")


def test_a_base_of_one_patch_alone_is_guessed_from_its_own_blobs(
    history: Any, make_author: Any, edit: Any, text: str
) -> None:
    """A file that an earlier patch creates or changes tells nothing of the base."""
    author = make_author({"a.c": edit({10: "side"})})
    changes = [author.patch({"new.c": "1\n"}), author.patch({"new.c": "2\n", "a.c": text})]
    with open_tree(history.path) as tree:
        assert tree.base(changes=changes).reason.count("the one file") == 1


@pytest.mark.parametrize("wanted", ["nowhere", "v1:a.c", "-h", "1234567", "a\nb", "a\0b"])
def test_a_base_that_does_not_exist(history: Any, wanted: str) -> None:
    with open_tree(history.path) as tree, pytest.raises(TreeError) as caught:
        tree.base(wanted)
    assert "no commit" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_base_in_a_plain_directory(tmp_path: Any) -> None:
    with open_tree(tmp_path) as tree, pytest.raises(TreeError, match="plain directory"):
        tree.base("v1")


def test_a_repository_without_commits(make_repository: Any, tmp_path: Any) -> None:
    repository = make_repository({"a": "a"})
    repository.git("update-ref", "-d", "refs/heads/main")
    with open_tree(repository.path) as tree, pytest.raises(TreeError, match="HEAD is no commit"):
        tree.stack([])
