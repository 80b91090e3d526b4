# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Trees that cannot be read: one clear line, never another exception; and processes that die."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from reviewtool.tree.error import TreeError
from reviewtool.tree.opening import open_tree, standing_in


def loose_object(repository: Any, name: str) -> Path:
    place = Path(repository.path / ".git/objects" / name[:2] / name[2:])
    place.chmod(0o600)
    return place


def test_no_such_directory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "nowhere", tmp_path / "file"):
        with pytest.raises(TreeError, match="--tree"):
            open_tree(path)


def test_git_is_not_installed(make_repository: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    repository = make_repository({"a": "a"})
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TreeError, match="install git"):
        open_tree(repository.path)


def test_a_repository_of_somebody_else(make_repository: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = make_repository({"a": "a\n"})
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    import reviewtool.tree.git as git

    monkeypatch.setattr(git, "_KEPT", (*git._KEPT, "GIT_TEST_"))
    with pytest.raises(TreeError, match=r"safe\.directory"):
        open_tree(repository.path)
    subprocess.run(
        ["git", "config", "--global", "--add", "safe.directory", str(repository.path)],
        check=True,
        env={name: value for name, value in os.environ.items() if name != "GIT_TEST_ASSUME_DIFFERENT_OWNER"},
    )
    with open_tree(repository.path) as tree:
        assert tree.snapshot(tree.base()).read("a") == b"a\n"


def test_a_broken_repository(make_repository: Any) -> None:
    repository = make_repository({"a": "a\n"})
    (repository.path / ".git/HEAD").write_text("nonsense")
    with pytest.raises(TreeError, match="cannot use this repository"):
        open_tree(repository.path)


def test_a_missing_blob_is_named(make_repository: Any) -> None:
    repository = make_repository({"dir/a.c": "a\n", "b.c": "b\n"})
    name = repository.git("rev-parse", "HEAD:dir/a.c")
    loose_object(repository, name).unlink()
    with open_tree(repository.path) as tree:
        snapshot = tree.snapshot(tree.base())
        assert snapshot.identity("dir/a.c") == name
        with pytest.raises(TreeError) as caught:
            snapshot.read_many(["b.c", "dir/a.c"])
        assert "dir/a.c" in str(caught.value)
        assert name in str(caught.value)
        assert snapshot.read("b.c") == b"b\n"


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"\x78\x01\xff\xff\xff"])
def test_a_damaged_blob_is_named(make_repository: Any, damage: bytes) -> None:
    repository = make_repository({"a.c": "a\n" * 500, "b.c": "b\n"})
    name = repository.git("rev-parse", "HEAD:a.c")
    loose_object(repository, name).write_bytes(damage)
    with open_tree(repository.path) as tree:
        snapshot = tree.snapshot(tree.base())
        with pytest.raises(TreeError) as caught:
            snapshot.read_many(["a.c", "b.c"])
        assert "a.c" in str(caught.value)
        assert "\n" not in str(caught.value)
        assert snapshot.read("b.c") == b"b\n"


def test_a_missing_directory_object(make_repository: Any) -> None:
    repository = make_repository({"dir/a.c": "a\n"})
    loose_object(repository, repository.git("rev-parse", "HEAD:dir")).unlink()
    with open_tree(repository.path) as tree:
        snapshot = tree.snapshot(tree.base())
        with pytest.raises(TreeError, match="cannot be listed"):
            snapshot.list()


def test_a_partial_clone_fetches_nothing(make_repository: Any, tmp_path: Path) -> None:
    repository = make_repository({"a.c": "a\n", "dir/b.c": "b\n"})
    repository.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    subprocess.run(
        ["git", "clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{repository.path}", str(clone)],
        check=True,
        capture_output=True,
    )
    packs = sorted((clone / ".git/objects/pack").iterdir())
    with open_tree(clone) as tree:
        snapshot = tree.snapshot(tree.base())
        assert snapshot.list() == ("a.c", "dir/b.c")
        with pytest.raises(TreeError, match="partial clone"):
            snapshot.read("a.c")
    assert sorted((clone / ".git/objects/pack").iterdir()) == packs


def test_git_is_started_again_when_it_dies(make_repository: Any) -> None:
    repository = make_repository({f"{number}.c": f"{number}\n" * 100 for number in range(50)})
    with open_tree(repository.path) as tree:
        snapshot = tree.snapshot(tree.base())
        paths = snapshot.list()
        expected = dict(snapshot.read_many(paths))
        process = tree._private.reader._process
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert snapshot.read_many(paths) == expected


def test_more_files_than_the_pipe_holds(make_repository: Any) -> None:
    """Requests and answers both exceed a pipe's 64 KiB: neither side may wait for the other."""
    files = {f"f{number}": f"{number}\n" * 300 for number in range(2000)}
    repository = make_repository(files)
    with open_tree(repository.path) as tree:
        found = tree.snapshot(tree.base()).read_many(files)
        assert found == {name: content.encode() for name, content in files.items()}


def test_reading_after_a_fork_and_from_threads(make_repository: Any) -> None:
    files = {f"f{number}": f"{number}\n" * 300 for number in range(100)}
    expected = {name: content.encode() for name, content in files.items()}
    repository = make_repository(files)
    with open_tree(repository.path) as tree:
        snapshot = tree.snapshot(tree.base())
        snapshot.read("f1")

        def child() -> None:
            os._exit(0 if snapshot.read_many(files) == expected else 1)

        process = multiprocessing.get_context("fork").Process(target=child)
        process.start()
        wrong: list[int] = []

        def reader(number: int) -> None:
            if any(snapshot.read_many(files) != expected for _ in range(5)):
                wrong.append(number)

        threads = [threading.Thread(target=reader, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        process.join()
        assert process.exitcode == 0
        assert wrong == []


def test_a_closed_tree_is_not_read(make_repository: Any) -> None:
    tree = open_tree(make_repository({"a.c": "a\n"}).path)
    snapshot = tree.snapshot(tree.base())
    assert snapshot.read("a.c") == b"a\n"
    tree.close()
    with pytest.raises(TreeError, match="closed"):
        snapshot.read("a.c")


def test_a_plain_file_that_changes_under_the_review(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text("before\n")
    with open_tree(tmp_path) as tree:
        snapshot = tree.snapshot(tree.base())
        assert snapshot.read("a.c") == b"before\n"
        (tmp_path / "a.c").write_text("afterwards\n")
        with pytest.raises(TreeError, match=r"a\.c: changed"):
            snapshot.read("a.c")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_plain_file_that_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text("a\n")
    (tmp_path / "a.c").chmod(0)
    with open_tree(tmp_path) as tree, pytest.raises(TreeError, match=r"a\.c"):
        tree.snapshot(tree.base()).read("a.c")


def test_a_directory_inside_a_repository_is_plain(make_repository: Any) -> None:
    repository = make_repository({"dir/a.c": "committed\n", "b.c": "b\n"})
    repository.write({"dir/a.c": "in the work tree\n"})
    with open_tree(repository.path / "dir") as tree:
        assert not tree.is_repository
        snapshot = tree.snapshot(tree.base())
        assert snapshot.list() == ("a.c",)
        assert snapshot.read("a.c") == b"in the work tree\n"


def test_standing_in(make_repository: Any, tmp_path: Path) -> None:
    repository = make_repository({"dir/deep/a.c": "a\n"})
    assert standing_in(repository.path / "dir/deep") == repository.path
    with pytest.raises(TreeError, match="--tree"):
        standing_in(tmp_path)


def test_a_directory_with_unusual_letters(make_repository: Any) -> None:
    repository = make_repository({'a "q" \\ ü.c': "a\n"}, name='odd "name": #1 \\ ü')
    with open_tree(repository.path) as tree:
        snapshot = tree.snapshot(tree.base())
        assert snapshot.list() == ('a "q" \\ ü.c',)
        assert snapshot.read('a "q" \\ ü.c') == b"a\n"


def test_a_repository_with_sha256(tmp_path: Path, make_repository: Any, make_author: Any) -> None:
    repository = make_repository({}, name="first")
    path = tmp_path / "sha256"
    subprocess.run(["git", "init", "-q", "--object-format=sha256", str(path)], check=True)
    other = type(repository)(path)
    commit = other.commit({"a.c": "a\n"})
    assert len(commit) == 64
    change = make_author({"a.c": "a\n"}).patch({"a.c": "b\n"})
    with open_tree(path) as tree:
        stack = tree.stack([change])
        assert stack.snapshots[0].identity("a.c") == other.git("rev-parse", "HEAD:a.c")
        assert stack.snapshots[1].read("a.c") == b"b\n"
