# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Series that apply: what each snapshot has of creations, deletions, renames, modes, offsets and merges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from reviewtool.tree.change import Change
from reviewtool.tree.model import Applied
from reviewtool.tree.opening import Tree, open_tree


def applied(stack: Any) -> list[Applied]:
    return [item.applied for item in stack.applications]


@pytest.fixture(params=["repository", "bare", "worktree", "plain"])
def open_as(request: pytest.FixtureRequest, tmp_path: Any, make_repository: Any) -> Callable[..., Tree]:
    """Opens the same files as each kind of tree."""

    def make(files: dict[str, str]) -> Tree:
        if request.param == "plain":
            for name, content in files.items():
                (tmp_path / "plain" / name).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / "plain" / name).write_text(content)
            return open_tree(tmp_path / "plain")
        repository = make_repository(files)
        if request.param == "bare":
            repository.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
            return open_tree(tmp_path / "bare.git")
        if request.param == "worktree":
            repository.git("worktree", "add", "-q", "--detach", str(tmp_path / "beside"))
            assert (tmp_path / "beside" / ".git").is_file()
            return open_tree(tmp_path / "beside")
        return open_tree(repository.path)

    return make


def test_each_snapshot_has_what_its_patches_made(open_as: Any, make_author: Any, text: str, edit: Any) -> None:
    files = {"a.c": text, "dir/b.c": text, "dir/c.h": "old\n", "untouched": "as it was\n"}
    author = make_author(files)
    changes = [
        author.patch({"a.c": edit({3: "three"}), "dir/new.c": "created\n"}),
        author.patch({"a.c": edit({3: "three", 50: None}), "dir/c.h": None}),
        author.patch({"dir/b.c": None, "dir/moved.c": edit({7: "seven"})}),
        author.patch({"dir/new.c": None}),
    ]
    with open_as(files) as tree:
        stack = tree.stack(changes)
        assert applied(stack) == [Applied.YES] * 4
        assert stack.notes == ()
        assert [snapshot.number for snapshot in stack.snapshots] == [0, 1, 2, 3, 4]
        zero, one, two, three, four = stack.snapshots
        assert zero.changed() == frozenset()
        assert zero.list() == ("a.c", "dir/b.c", "dir/c.h", "untouched")
        assert zero.read("a.c") == text.encode()
        assert zero.read("dir/new.c") is None
        assert one.read_many(["a.c", "dir/new.c", "untouched", "nowhere"]) == {
            "a.c": edit({3: "three"}).encode(),
            "dir/new.c": b"created\n",
            "untouched": b"as it was\n",
        }
        assert one.list("dir") == ("dir/b.c", "dir/c.h", "dir/new.c")
        assert one.changed() == {"a.c", "dir/new.c"}
        assert two.read("a.c") == edit({3: "three", 50: None}).encode()
        assert two.read("dir/c.h") is None
        assert two.identity("dir/c.h") is None
        assert three.list("dir") == ("dir/moved.c", "dir/new.c")
        assert three.read("dir/moved.c") == edit({7: "seven"}).encode()
        assert four.changed() == {"a.c", "dir/b.c", "dir/c.h", "dir/moved.c"}
        assert four.list() == ("a.c", "dir/moved.c", "untouched")


def test_identity_is_gits_name_of_the_content(open_as: Any, make_author: Any, make_repository: Any) -> None:
    author = make_author({"a.c": "one\ntwo\n", "b.c": "b\n"})
    change = author.patch({"a.c": "one\n2\n"})
    with open_as({"a.c": "one\ntwo\n", "b.c": "b\n"}) as tree:
        before, after = tree.stack([change]).snapshots
        assert after.identity("a.c") == author.repository.git("rev-parse", "HEAD:a.c")
        assert before.identity("a.c") == author.repository.git("rev-parse", "HEAD^:a.c")
        assert after.identity("b.c") == before.identity("b.c") == author.repository.git("rev-parse", "HEAD:b.c")


def test_list_knows_directories_from_prefixes_of_names(open_as: Any) -> None:
    with open_as({"dir/a": "", "dir/b/c": "", "dir-ty": "", "dir.c": "", "dir0": "", "e": ""}) as tree:
        snapshot = tree.snapshot(tree.base())
        assert snapshot.list("dir") == ("dir/a", "dir/b/c")
        assert snapshot.list("dir/") == ("dir/a", "dir/b/c")
        assert snapshot.list("dir.c") == ("dir.c",)
        assert snapshot.list("di") == ()
        assert snapshot.list("zzz") == ()


def test_hunks_at_an_offset_apply(make_repository: Any, make_author: Any, text: str, edit: Any) -> None:
    repository = make_repository({"a.c": "another first line\n" * 20 + text})
    change = make_author({"a.c": text}).patch({"a.c": edit({30: "thirty"})})
    with open_tree(repository.path) as tree:
        stack = tree.stack([change])
        assert applied(stack) == [Applied.YES]
        assert stack.snapshots[1].read("a.c") == ("another first line\n" * 20 + edit({30: "thirty"})).encode()


def test_an_offset_onto_a_twin_is_not_taken_for_the_change(make_repository: Any, make_author: Any) -> None:
    """The tree has the change already, and a twin of the lines that it was made of further down."""
    body = "".join(f"x{number}\n" for number in range(8))
    fixed = body.replace("x3\n", "x3\nunlock\n")
    author = make_author({"a.c": body + "end\n" * 5 + body})
    change = author.patch({"a.c": fixed + "end\n" * 5 + body})
    tree_text = fixed + "end\n" * 5 + body + "more\n"
    repository = make_repository({"a.c": tree_text})
    with open_tree(repository.path) as tree:
        stack = tree.stack([change])
        assert applied(stack) == [Applied.ALREADY]
        assert stack.snapshots[1].read("a.c") == tree_text.encode()


def test_a_change_of_mode(make_repository: Any, make_author: Any) -> None:
    files = {"run.sh": "#!/bin/sh\n"}
    author = make_author(files)
    author.repository.git("update-index", "--chmod=+x", "run.sh")
    author.repository.git("commit", "-q", "-m", "mode")
    change = author.send()
    assert "new mode 100755" in change.files[0].text
    with open_tree(make_repository(files).path) as tree:
        stack = tree.stack([change, change])
        assert applied(stack) == [Applied.YES, Applied.ALREADY]
        assert stack.snapshots[1].changed() == {"run.sh"}
        assert stack.snapshots[1].read("run.sh") == b"#!/bin/sh\n"


def test_three_way_where_the_blobs_are_known(make_repository: Any, text: str, edit: Any, make_author: Any) -> None:
    """The tree went on from the author's base and changed a line of the context."""
    repository = make_repository({"a.c": text})
    change = make_author({"a.c": text}).patch({"a.c": edit({30: "thirty"})})
    repository.commit({"a.c": edit({28: "twenty-eight"})})
    with open_tree(repository.path) as tree:
        stack = tree.stack([change], wanted="HEAD")
        assert applied(stack) == [Applied.YES]
        assert stack.applications[0].merged == ("a.c",)
        assert stack.snapshots[1].read("a.c") == edit({28: "twenty-eight", 30: "thirty"}).encode()


def test_without_the_blobs_there_is_no_merge(make_repository: Any, text: str, edit: Any, make_author: Any) -> None:
    repository = make_repository({"a.c": edit({28: "twenty-eight"})})
    change = make_author({"a.c": text}).patch({"a.c": edit({30: "thirty"})})
    with open_tree(repository.path) as tree:
        stack = tree.stack([change])
        assert applied(stack) == [Applied.FAILED]
        assert stack.snapshots[1].changed() == frozenset()


def test_a_change_that_the_tree_has(make_repository: Any, text: str, edit: Any, make_author: Any) -> None:
    author = make_author({"a.c": text})
    change = author.patch({"a.c": edit({30: "thirty"})})
    as_sent = make_repository({"a.c": edit({30: "thirty"})}, name="same")
    gone_on = make_repository({"a.c": edit({30: "thirty", 5: "five"})}, name="other")
    for repository in (as_sent, gone_on):
        with open_tree(repository.path) as tree:
            stack = tree.stack([change])
            assert applied(stack) == [Applied.ALREADY]
            assert stack.snapshots[1].changed() == frozenset()


def test_a_series_that_the_tree_has(make_repository: Any, text: str, edit: Any, make_author: Any) -> None:
    """The second patch changes the lines of the first, so that the first alone cannot be seen in the tree."""
    author = make_author({"a.c": text})
    changes = [
        author.patch({"a.c": edit({30: "first"})}),
        author.patch({"a.c": edit({30: "second"})}),
        author.patch({"a.c": edit({30: "second", 31: "third"})}),
    ]
    repository = make_repository({"a.c": edit({30: "second", 50: "fifty"})})
    with open_tree(repository.path) as tree:
        stack = tree.stack(changes)
        assert applied(stack) == [Applied.ALREADY, Applied.ALREADY, Applied.YES]
        assert stack.snapshots[3].read("a.c") == edit({30: "second", 31: "third", 50: "fifty"}).encode()


def test_missing_and_empty_patches_are_said(make_repository: Any, text: str, edit: Any, make_author: Any) -> None:
    author = make_author({"a.c": text})
    first = author.patch({"a.c": edit({3: "three"})})
    lost = author.patch({"a.c": edit({3: "three", 20: "twenty"})})
    last = author.patch({"a.c": edit({3: "three", 20: "twenty", 50: "fifty"})})
    changes = [first, Change(number=lost.number, missing=True), last, Change(number=4)]
    with open_tree(make_repository({"a.c": text}).path) as tree:
        stack = tree.stack(changes)
        assert applied(stack) == [Applied.YES, Applied.MISSING, Applied.YES, Applied.SKIPPED]
        assert stack.snapshots[3].read("a.c") == edit({3: "three", 50: "fifty"}).encode()
        assert len(stack.notes) == 1
        assert "patch 2" in stack.notes[0]


def test_diffs_without_prefixes(make_repository: Any, text: str, edit: Any, make_author: Any) -> None:
    author = make_author({"dir/a.c": text})
    change = author.patch({"dir/a.c": edit({3: "three"})}, "--no-prefix")
    with open_tree(make_repository({"dir/a.c": text}).path) as tree:
        stack = tree.stack([change])
        assert applied(stack) == [Applied.YES]
        assert stack.snapshots[1].read("dir/a.c") == edit({3: "three"}).encode()


def test_content_that_is_not_text(make_repository: Any, make_author: Any) -> None:
    old, new = b"caf\xe9\r\n\x0cform feed\nlast", b"caf\xe9\r\n\x0cform feed\nlast\n"
    author = make_author({"a.c": old})
    author.repository.commit({"a.c": new})
    author.sent += 1
    raw = (
        __import__("subprocess")
        .run(["git", "-C", author.repository.path, "diff", "HEAD^", "HEAD"], capture_output=True, check=True)
        .stdout.decode("utf-8", "surrogateescape")
    )
    from reviewtool.tree.change import FileChange

    change = Change(number=1, files=(FileChange(old_path="a.c", new_path="a.c", text=raw),))
    with open_tree(make_repository({"a.c": old}).path) as tree:
        stack = tree.stack([change])
        assert applied(stack) == [Applied.YES]
        assert stack.snapshots[1].read("a.c") == new
