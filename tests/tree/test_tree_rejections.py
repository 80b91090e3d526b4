# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Patches that do not apply: file, hunk and reason are told, the rest is kept, later patches go on."""

from __future__ import annotations

from typing import Any

import pytest

from reviewtool.tree.change import Change, FileChange
from reviewtool.tree.model import Applied
from reviewtool.tree.opening import open_tree


def test_the_hunks_that_apply_are_kept(make_repository: Any, make_author: Any, text: str, edit: Any) -> None:
    author = make_author({"a.c": text, "b.c": text})
    changes = [
        author.patch({"a.c": edit({5: "five", 25: "x", 45: "forty-five"}), "b.c": edit({5: "b"})}),
        author.patch({"b.c": edit({5: "b", 40: "later"})}),
    ]
    repository = make_repository({"a.c": edit({25: "conflict"}), "b.c": text})
    with open_tree(repository.path) as tree:
        stack = tree.stack(changes)
        first, second = stack.applications
        assert first.applied is Applied.FAILED
        assert [(item.path, item.hunk) for item in first.rejections] == [("a.c", 2)]
        assert "not in the tree" in first.rejections[0].reason
        assert first.reason.startswith("a.c hunk 2")
        assert second.applied is Applied.YES
        assert stack.snapshots[1].read("a.c") == edit({5: "five", 25: "conflict", 45: "forty-five"}).encode()
        assert stack.snapshots[2].read("b.c") == edit({5: "b", 40: "later"}).encode()
        assert any("patch 1" in note for note in stack.notes)


def test_no_context_line_is_ignored(make_repository: Any, make_author: Any, text: str, edit: Any) -> None:
    """`patch -F` would apply this one; a maintainer's `git am` does not."""
    change = make_author({"a.c": text}).patch({"a.c": edit({30: "thirty"})})
    with open_tree(make_repository({"a.c": edit({33: "other context"})}).path) as tree:
        assert tree.stack([change]).applications[0].applied is Applied.FAILED


def test_a_hunk_that_the_tree_has_is_no_rejection(make_repository: Any, make_author: Any, edit: Any, text: str) -> None:
    change = make_author({"a.c": text}).patch({"a.c": edit({5: "five", 45: "forty-five"})})
    with open_tree(make_repository({"a.c": edit({5: "five"})}).path) as tree:
        stack = tree.stack([change])
        assert stack.applications[0].applied is Applied.YES
        assert stack.snapshots[1].read("a.c") == edit({5: "five", 45: "forty-five"}).encode()


def test_a_file_that_the_tree_lacks(make_repository: Any, make_author: Any, text: str, edit: Any) -> None:
    change = make_author({"gone.c": text, "a.c": text}).patch({"gone.c": edit({3: "3"}), "a.c": edit({3: "3"})})
    with open_tree(make_repository({"a.c": text}).path) as tree:
        stack = tree.stack([change])
        (rejection,) = stack.applications[0].rejections
        assert (rejection.path, rejection.hunk) == ("gone.c", 0)
        assert rejection.reason == "the tree has no such file"
        assert stack.snapshots[1].changed() == {"a.c"}


def test_a_new_file_where_another_is(make_repository: Any, make_author: Any) -> None:
    change = make_author({"other": ""}).patch({"a.c": "mine\n"})
    with open_tree(make_repository({"a.c": "theirs\n"}).path) as tree:
        stack = tree.stack([change])
        assert stack.applications[0].applied is Applied.FAILED
        assert "already" in stack.applications[0].reason
        assert stack.snapshots[1].read("a.c") == b"theirs\n"


def test_deleting_a_file_with_other_content(make_repository: Any, make_author: Any, text: str, edit: Any) -> None:
    change = make_author({"a.c": text, "b": ""}).patch({"a.c": None})
    with open_tree(make_repository({"a.c": edit({3: "other"})}).path) as tree:
        stack = tree.stack([change])
        assert stack.applications[0].applied is Applied.FAILED
        assert stack.snapshots[1].read("a.c") == edit({3: "other"}).encode()


def test_a_rename_whose_hunk_fails_is_still_a_rename(
    make_repository: Any, make_author: Any, text: str, edit: Any
) -> None:
    author = make_author({"old.c": text})
    change = author.patch({"old.c": None, "new.c": edit({10: "ten", 30: "thirty", 50: "fifty"})})
    assert "rename to new.c" in change.files[0].text
    with open_tree(make_repository({"old.c": edit({30: "conflict"})}).path) as tree:
        stack = tree.stack([change])
        (rejection,) = stack.applications[0].rejections
        assert (rejection.path, rejection.hunk) == ("new.c", 2)
        assert stack.snapshots[1].list() == ("new.c",)
        assert stack.snapshots[1].read("new.c") == edit({10: "ten", 30: "conflict", 50: "fifty"}).encode()


def test_a_conflict_of_the_merge_is_taken_back(make_repository: Any, make_author: Any, text: str, edit: Any) -> None:
    repository = make_repository({"a.c": text})
    change = make_author({"a.c": text}).patch({"a.c": edit({5: "five", 30: "mine"})})
    repository.commit({"a.c": edit({30: "theirs"})})
    with open_tree(repository.path) as tree:
        stack = tree.stack([change], wanted="HEAD")
        assert [(item.path, item.hunk) for item in stack.applications[0].rejections] == [("a.c", 2)]
        assert stack.snapshots[1].read("a.c") == edit({5: "five", 30: "theirs"}).encode()


def test_many_bad_hunks_cost_a_bounded_time(make_repository: Any, make_author: Any) -> None:
    old = "".join(f"{number}\n" for number in range(4000))
    new = "".join(f"{number}\n" if number % 10 else f"new {number}\n" for number in range(4000))
    change = make_author({"a.c": old}).patch({"a.c": new})
    assert change.files[0].text.count("\n@@ ") == 400
    with open_tree(make_repository({"a.c": old.replace("\n", "!\n")}).path) as tree:
        rejections = tree.stack([change]).applications[0].rejections
        assert 50 <= len(rejections) <= 51
        assert "not tried" in rejections[-1].reason


def test_binary_and_submodule_changes_are_told(make_repository: Any, make_author: Any) -> None:
    author = make_author({"logo": b"\0\1", "a.c": "a\n"})
    binary = author.patch({"logo": b"\0\2", "a.c": "b\n"})
    commit = author.repository.git("rev-parse", "HEAD")
    author.repository.git("update-index", "--add", "--cacheinfo", f"160000,{commit},module")
    author.repository.git("commit", "-q", "-m", "submodule")
    submodule = author.send()
    with open_tree(make_repository({"logo": b"\0\1", "a.c": "a\n"}).path) as tree:
        stack = tree.stack([binary, submodule])
        (rejection,) = stack.applications[0].rejections
        assert rejection.path == "logo"
        assert "binary" in rejection.reason
        assert stack.snapshots[1].read("a.c") == b"b\n"
        assert "module" in stack.applications[1].reason
        assert stack.snapshots[2].read("module") is None


CREATION = "diff --git a/{0} b/{0}\nnew file mode 100644\n--- /dev/null\n+++ b/{0}\n@@ -0,0 +1 @@\n+evil\n"


@pytest.mark.parametrize(
    "path",
    [
        "../outside",
        "/etc/outside",
        "a/../../outside",
        ".git/hooks/post-checkout",
        "dir/.git/config",
        "dir/.GIT/config",
        "a//b",
        "./a",
        "new\x1b[2Jline",
        "a.c/below-a-file",
        "link/below-a-link",
        "dir",
        "x" * 5000,
    ],
)
def test_hostile_paths_are_refused(make_repository: Any, tmp_path: Any, path: str) -> None:
    repository = make_repository({"a.c": "a\n", "dir/b.c": "b\n"})
    (repository.path / "link").symlink_to("/tmp")
    repository.commit()
    change = Change(number=1, files=(FileChange(old_path="", new_path=path, text=CREATION.format(path)),))
    listing = sorted(tmp_path.rglob("*"))
    with open_tree(repository.path) as tree:
        stack = tree.stack([change])
        assert stack.applications[0].applied is Applied.FAILED
        assert len(stack.applications[0].rejections) == 1
        assert stack.snapshots[1].changed() == frozenset()
    assert sorted(tmp_path.rglob("*")) == listing


@pytest.mark.parametrize("hidden", ["b.c", "new.c", "../../outside", ".git/config"])
def test_a_diff_that_means_another_file_than_it_says(make_repository: Any, hidden: str) -> None:
    """What was checked is the path that the mail layer read; git must not be led to another one."""
    repository = make_repository({"a.c": "a\n", "b.c": "b\n"})
    text = CREATION.format(hidden)
    if hidden == "b.c":
        text = "diff --git a/b.c b/b.c\n--- a/b.c\n+++ b/b.c\n@@ -1 +1 @@\n-b\n+evil\n"
    change = Change(number=1, files=(FileChange(old_path="a.c", new_path="a.c", text=text),))
    with open_tree(repository.path) as tree:
        stack = tree.stack([change])
        assert stack.applications[0].applied is Applied.FAILED
        assert stack.snapshots[1].changed() == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "diff --git a/a.c b/a.c\n--- a/a.c\n+++ b/a.c\n@@ -1,9 +1,9 @@\n a\n",
        "diff --git a/a.c b/a.c\n--- a/a.c\n+++ b/a.c\n@@ -99999999999999999999 +1 @@\n-z\n+b\n",
        "diff --git a/a.c b/a.c\n--- a/a.c\n+++ b/a.c\n@@ -1 +1 @@\n\ud800\n",
        "--- a/a.c\n+++ b/a.c\n@@ -1 +1 @@\n-z\n+b\n@@ -1 +1 @@\n",
    ],
)
def test_damaged_diffs_are_refused(make_repository: Any, text: str) -> None:
    change = Change(number=1, files=(FileChange(old_path="a.c", new_path="a.c", text=text),))
    with open_tree(make_repository({"a.c": "a\n"}).path) as tree:
        stack = tree.stack([change])
        assert stack.applications[0].applied is Applied.FAILED
        assert "\n" not in stack.applications[0].reason
        assert stack.snapshots[1].read("a.c") == b"a\n"
