# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Nothing of the user's repository is written, and nothing that a tree, a patch or its configuration names is run."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path
from typing import Any

import pytest

from reviewtool.tree.model import Applied
from reviewtool.tree.opening import open_tree


def state(top: Path) -> dict[str, tuple[Any, ...]]:
    """Every file, directory and link below a directory: kind, times and content."""
    found: dict[str, tuple[Any, ...]] = {}
    for path in [top, *sorted(top.rglob("*"))]:
        status = path.lstat()
        content = hashlib.sha256(path.read_bytes()).hexdigest() if stat.S_ISREG(status.st_mode) else ""
        found[str(path)] = (status.st_mode, status.st_mtime_ns, status.st_ctime_ns, status.st_size, content)
    return found


def put_canaries(repository: Any, canary: Path) -> None:
    """Hooks, filters, drivers and monitors that would leave a file behind if they were ever run."""
    script = repository.path.parent / "canary.sh"
    script.write_text(f'#!/bin/sh\necho "$0 $@" >> {canary}\ncat\n')
    script.chmod(0o755)
    hooks = repository.path / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("applypatch-msg", "pre-applypatch", "post-applypatch", "post-index-change", "post-checkout",
                 "reference-transaction", "pre-auto-gc", "fsmonitor-watchman"):  # fmt: skip
        (hooks / name).write_bytes(script.read_bytes())
        (hooks / name).chmod(0o755)
    for key, value in {
        "core.fsmonitor": str(script),
        "core.pager": str(script),
        "core.sshCommand": str(script),
        "core.editor": str(script),
        "diff.external": str(script),
        "diff.evil.command": str(script),
        "diff.evil.textconv": str(script),
        "filter.evil.clean": str(script),
        "filter.evil.smudge": str(script),
        "filter.evil.process": str(script),
        "filter.evil.required": "true",
        "merge.evil.driver": f"{script} %A",
        "merge.default": "evil",
        "core.autocrlf": "true",
        "apply.whitespace": "fix",
        "apply.ignorewhitespace": "change",
        "gc.auto": "1",
    }.items():
        repository.git("config", key, value)


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    return tmp_path / "canary"


def test_the_repository_stays_as_it_was(
    make_repository: Any, make_author: Any, text: str, edit: Any, canary: Path
) -> None:
    repository = make_repository({"a.c": text, "b.c": text, "dir/c.c": text})
    author = make_author({"a.c": text, "b.c": text, "dir/c.c": text})
    changes = [
        author.patch({"a.c": edit({3: "three"})}),
        author.patch({"b.c": edit({30: "mine"})}),
        author.patch({"dir/c.c": None, "dir/d.c": edit({7: "seven"})}),
        author.patch({"a.c": edit({3: "x"})}),
        author.patch({"again.c": "the repository has this blob, but not in HEAD\n"}),
    ]
    repository.commit({"once.c": "the repository has this blob, but not in HEAD\n"})
    repository.commit({"once.c": None, "b.c": edit({28: "twenty-eight"})})
    repository.git("tag", "-a", "-m", "a tag", "v1")
    repository.write({"a.c": "not committed", "untracked": "x"})
    put_canaries(repository, canary)
    before = state(repository.path)
    with open_tree(repository.path) as tree:
        stack = tree.stack(changes, wanted="HEAD")
        assert [item.applied for item in stack.applications] == [Applied.YES] * 5
        assert stack.applications[1].merged
        for snapshot in stack.snapshots:
            snapshot.read_many(snapshot.list())
        assert tree.stack(changes).base.revision
    assert state(repository.path) == before
    assert not canary.exists()


def test_attributes_have_no_say(make_repository: Any, make_author: Any, text: str, edit: Any, canary: Path) -> None:
    """Neither those that the tree has nor those that a patch brings change what is read, applied or merged."""
    attributes = "* text eol=crlf ident filter=evil merge=binary diff=evil whitespace=error\n"
    body = text + "$Id$\nblank at end \n"
    repository = make_repository({"a.c": body, "dir/b.c": body})
    author = make_author({"a.c": body, "dir/b.c": body})
    trailing = edit({3: "three  "}) + "$Id$\nblank at end \n"
    changes = [
        author.patch({".gitattributes": attributes, "dir/.gitattributes": attributes}),
        author.patch({"a.c": trailing}),
        author.patch({"dir/b.c": edit({30: "mine"}) + "$Id$\nblank at end \n"}),
    ]
    other = edit({28: "other"}) + "$Id$\nblank at end \n"
    repository.commit({"dir/b.c": other})
    put_canaries(repository, canary)
    with open_tree(repository.path) as tree:
        stack = tree.stack(changes, wanted="HEAD")
        assert [item.applied for item in stack.applications] == [Applied.YES] * 3
        assert stack.applications[2].merged == ("dir/b.c",)
        assert stack.snapshots[3].read("a.c") == trailing.encode()
        merged = edit({28: "other", 30: "mine"}) + "$Id$\nblank at end \n"
        assert stack.snapshots[3].read("dir/b.c") == merged.encode()
    assert not canary.exists()


def test_the_users_merge_drivers_are_not_run(
    make_repository: Any, make_author: Any, text: str, edit: Any, canary: Path
) -> None:
    repository = make_repository({"a.c": text})
    author = make_author({"a.c": text})
    changes = [author.patch({".gitattributes": "* merge=evil\n"}), author.patch({"a.c": edit({30: "mine"})})]
    repository.commit({"a.c": edit({28: "other"})})
    script = repository.path.parent / "driver.sh"
    script.write_text(f"#!/bin/sh\ntouch {canary}\n")
    script.chmod(0o755)
    repository.git("config", "--global", "merge.evil.driver", f"{script} %A")
    with open_tree(repository.path) as tree:
        stack = tree.stack(changes, wanted="HEAD")
        assert stack.applications[1].merged == ("a.c",)
        assert stack.snapshots[2].read("a.c") == edit({28: "other", 30: "mine"}).encode()
    assert not canary.exists()


def test_the_callers_environment_has_no_say(
    make_repository: Any, make_author: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    repository = make_repository({"a.c": "the right tree\n"})
    other = make_repository({"a.c": "the wrong tree\n"}, name="other")
    change = make_author({"a.c": "the right tree\n"}).patch({"a.c": "patched\n"})
    monkeypatch.setenv("GIT_DIR", str(other.path / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.path))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(other.path / ".git/objects"))
    monkeypatch.setenv("GIT_ALTERNATE_OBJECT_DIRECTORIES", str(tmp_path))
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "trace"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
    with open_tree(repository.path) as tree:
        stack = tree.stack([change])
        assert stack.snapshots[0].read("a.c") == b"the right tree\n"
        assert stack.snapshots[1].read("a.c") == b"patched\n"
    assert not (tmp_path / "index").exists()
    assert not (tmp_path / "trace").exists()


def test_a_plain_directory_is_not_left_by_links(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_text("secret\n")
    top = tmp_path / "top"
    (top / "dir").mkdir(parents=True)
    (top / "dir/a.c").write_text("a\n")
    (top / "file").symlink_to(secret / "key")
    (top / "link").symlink_to(secret)
    (top / "dir/up").symlink_to("..")
    os.mkfifo(top / "pipe")
    with open_tree(top) as tree:
        snapshot = tree.snapshot(tree.base())
        assert snapshot.list() == ("dir/a.c",)
        for path in ("file", "link/key", "dir/up/dir/a.c", "../secret/key", "pipe", str(secret / "key"), "dir", ""):
            assert snapshot.read(path) is None, path
            assert snapshot.identity(path) is None, path
        assert snapshot.list("link") == snapshot.list("dir/up") == snapshot.list("..") == ()


def test_a_plain_directory_stays_as_it_was(tmp_path: Path, make_author: Any, text: str, edit: Any) -> None:
    top = tmp_path / "top"
    top.mkdir()
    (top / "a.c").write_text(text)
    change = make_author({"a.c": text}).patch({"a.c": edit({3: "x"}), "new.c": "n\n"})
    before = state(top)
    with open_tree(top) as tree:
        assert tree.stack([change]).applications[0].applied is Applied.YES
    assert state(top) == before


def test_the_private_directory_goes(make_repository: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(private))
    tree = open_tree(make_repository({"a.c": "a\n"}).path)
    tree.stack([])
    (made,) = private.iterdir()
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    tree.close()
    assert list(private.iterdir()) == []
    forgotten = open_tree(tmp_path / "tree")
    assert list(private.iterdir()) != []
    del forgotten
    __import__("gc").collect()
    assert list(private.iterdir()) == []
