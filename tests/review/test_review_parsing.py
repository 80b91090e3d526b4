# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The parse report of a tree: which files count, and what there is without ctags."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reviewtool.cli.app import run
from reviewtool.review.engine import audit_tree
from reviewtool.review.events import Fault, ParseDone, Refused
from reviewtool.review.request import AuditRequest, Settings

FILES = {
    "virt/kvm/a.c": "int a(void)\n{\n\treturn one;\n}\n",
    "virt/kvm/b.h": "static inline int b(void)\n{\n\treturn 1;\n}\n",
    "virt/kvm/note.txt": "int no(void)\n{\n}\n",
    "mm/c.c": "int c(void)\n{\n\treturn 2;\n}\n\nint d(void)\n{\n\tif (x {\n\t\t= ;\n}\n",
}

with_ctags = pytest.mark.skipif(shutil.which("ctags") is None, reason="universal-ctags is not here")


def report(tree: Path, *paths: str) -> str:
    request = AuditRequest(paths=paths, parse_report=True, settings=Settings(tree=tree, no_cache=True))
    *_, last = audit_tree(request)
    assert isinstance(last, ParseDone)
    return last.report


@with_ctags
def test_the_c_files_below_the_paths_count(make_repository: Callable[..., Any]) -> None:
    tree = make_repository(FILES).path
    assert "files: 2, cuts: 2, repaired: 0, broken: 0\n" in report(tree, "virt/kvm")
    assert "files: 1," in report(tree, "virt/kvm/a.c")
    both = report(tree, "virt/kvm/", "mm")
    assert "functions without an error-free definition: 1 of 4 (25.00 %)" in both
    assert "without definition: mm/c.c:6: d" in both


@with_ctags
def test_the_report_is_what_the_command_prints(
    make_repository: Callable[..., Any], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    tree = make_repository(FILES).path
    words = ["audit", "--parse-report", "mm", "--tree", str(tree)]
    assert run(words) == 0
    out, err = capfd.readouterr()
    assert (out, err) == (report(tree, "mm"), "")
    assert run([*words, "-o", str(tmp_path / "report")]) == 0
    assert (tmp_path / "report").read_text() == out
    assert run([*words, "--format", "json"]) == 2


def test_without_ctags_it_says_what_to_install(
    make_repository: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = make_repository(FILES).path
    programs = tmp_path / "programs"
    programs.mkdir()
    git = shutil.which("git")
    assert git is not None
    (programs / "git").symlink_to(git)
    monkeypatch.setenv("PATH", str(programs))
    *_, last = audit_tree(AuditRequest(paths=("mm",), parse_report=True, settings=Settings(tree=tree)))
    assert isinstance(last, Refused)
    assert last.fault is Fault.USAGE
    assert "universal-ctags is not installed: install it" in last.message


def test_a_path_that_is_not_there(make_repository: Callable[..., Any], capfd: pytest.CaptureFixture[str]) -> None:
    tree = make_repository(FILES).path
    assert run(["audit", "--parse-report", "drivers", "--tree", str(tree)]) == 3
    assert "drivers: no such file or directory" in capfd.readouterr().err
