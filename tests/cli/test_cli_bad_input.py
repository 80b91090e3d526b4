# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Bad input, through the whole tool: one clear line each, with what to do, and status 2 or 3; never a traceback."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reviewtool.cli.app import run

PLAIN = b"From a@example.org Mon Jan  5 12:00:00 2026\nFrom: A <a@example.org>\nMessage-ID: <x@example.org>\n"
NO_PATCH = PLAIN + b"Subject: hello\n\nno patch here\n"

Batch = Callable[..., tuple[int, str, list[str]]]


@pytest.fixture
def sample(sample_threads: Path) -> Path:
    return sample_threads / "inversion"


@pytest.fixture
def batch(sample: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Batch:
    """Run `batch` in an empty directory, on the sample's tree if no other is given: status, report and complaints."""
    monkeypatch.chdir(tmp_path)

    def start(*words: str, tree: Path | None = None) -> tuple[int, str, list[str]]:
        status = run(["batch", "--no-config", "--no-cache", "--tree", str(tree or sample / "tree"), *words])
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return status, out, err.splitlines()

    return start


def mails(sample: Path) -> list[bytes]:
    return [b"From " + mail for mail in (sample / "thread.mbox").read_bytes().removeprefix(b"From ").split(b"\nFrom ")]


def written(tmp_path: Path, content: bytes) -> str:
    (tmp_path / "some.mbox").write_bytes(content)
    return "some.mbox"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "some.mbox: empty; save the thread again, or give its message-id"),
        (bytes(range(128, 256)), "some.mbox: neither a mail nor an mbox; give an mbox"),
        (NO_PATCH, "some.mbox: the mail has no patch; give a patch or the message-id of its thread"),
    ],
)
def test_a_file_without_a_thread(batch: Batch, tmp_path: Path, content: bytes, line: str) -> None:
    status, out, err = batch(written(tmp_path, content))
    assert (status, out, len(err)) == (3, "", 1)
    assert err[0].startswith(f"reviewtool: {line}")


@pytest.mark.parametrize("source", ["nosuch", "/no/such/file"])
def test_an_unknown_source(batch: Batch, source: str) -> None:
    status, out, err = batch(source)
    assert (status, out, len(err)) == (3, "", 1)
    assert err[0].startswith(f"reviewtool: {source}: neither a path that exists nor a message-id or URL; give ")


def test_a_server_that_cannot_be_reached(batch: Batch) -> None:
    status, out, err = batch("http://127.0.0.1:9/all/x@example.org/")
    assert (status, out, len(err)) == (3, "", 1)
    assert "127.0.0.1:9/all cannot be reached" in err[0]
    assert "check the network" in err[0]


def test_a_missing_patch_in_the_middle_costs_the_rest_no_report(batch: Batch, sample: Path, tmp_path: Path) -> None:
    kept = [mail for mail in mails(sample) if not re.search(rb"^Subject: \[PATCH 2/3\]", mail, re.M)]
    status, out, err = batch(written(tmp_path, b"\n".join(kept)))
    assert status == 3
    assert err == [
        "reviewtool: some.mbox: patch 2 of 3 is not in the thread; save it again with all mails, or give its message-id"
    ]
    assert "2/3 missing" in out
    assert "1/3 applies" in out


def test_a_truncated_mbox(batch: Batch, sample: Path, tmp_path: Path) -> None:
    cover, first, *_ = mails(sample)
    status, out, err = batch(written(tmp_path, cover + b"\n" + first[: first.index(b"\n@@ ")]))
    assert status == 3
    assert "patches 2, 3 of 3 are not in the thread" in err[0]
    assert "[PATCH 1/3]" in err[1]
    assert "ask for the patch again" in err[1]
    assert len(err) == 2
    assert "2/3 missing" in out


def test_a_tree_without_the_files(batch: Batch, sample: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.c").write_text("int a;\n")
    status, out, err = batch(str(sample / "thread.mbox"), tree=other)
    assert (status, out, len(err)) == (3, "", 1)
    assert re.search(r"other has none of the \d files that the series changes .*; name .* with --tree", err[0])


def test_a_base_that_does_not_exist(batch: Batch, sample_repository: Callable[[str], tuple[Path, Any]]) -> None:
    thread, repository = sample_repository("inversion")
    status, out, err = batch(str(thread), "--base", "nosuch", tree=repository.path)
    assert (status, out, len(err)) == (3, "", 1)
    assert "no commit 'nosuch' in this repository; name another --base" in err[0]


def test_a_base_of_a_tree_without_commits(batch: Batch, sample: Path) -> None:
    status, out, err = batch(str(sample / "thread.mbox"), "--base", "HEAD")
    assert (status, out, len(err)) == (3, "", 1)
    assert "leave out --base" in err[0]


@pytest.mark.parametrize("words", [["--range", "HEAD"], ["--range", "A..B"]])
def test_a_range_that_is_none(
    batch: Batch, sample_repository: Callable[[str], tuple[Path, Any]], words: list[str]
) -> None:
    _, repository = sample_repository("inversion")
    status, out, err = batch(*words, tree=repository.path)
    assert (status, out, len(err)) == (3, "", 1)


def test_one_bad_source_costs_no_other(batch: Batch, sample: Path) -> None:
    status, out, err = batch("nosuch", str(sample / "thread.mbox"))
    assert (status, len(err)) == (3, 1)
    assert "lock-order-inversion" in out
