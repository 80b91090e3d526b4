# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What a start of the tool loads: only what it uses."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]

PROGRAM = """
import json, sys
from reviewtool.cli.app import run
status = run(sys.argv[1:])
sys.stdout.flush()
print(json.dumps([status, sorted(name.split(".")[0] for name in sys.modules)]), file=sys.stderr)
"""


def loaded(*words: str) -> tuple[int, set[str]]:
    """The status of a run in a process of its own, and the top-level packages that it loaded."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, *words], capture_output=True, text=True, check=True)
    status, names = json.loads(done.stderr.splitlines()[-1])
    return status, set(names)


@pytest.mark.parametrize("words", [["--help"], ["--version"]])
def test_help_loads_nothing_heavy(words: list[str]) -> None:
    status, names = loaded(*words)
    assert status == 0
    assert names.isdisjoint({"textual", "rich", "b4", "liblore", "tree_sitter", "docutils", "msgspec", "unidiff"})


def test_help_names_every_command() -> None:
    text = subprocess.run(
        [sys.executable, "-c", "from reviewtool.cli import main; main()", "--help"], capture_output=True, text=True
    ).stdout
    for command in ("audit", "batch", "cache", "explain", "rules"):
        assert f"\n  {command} " in text


def test_batch_loads_no_textual(sample_threads: Path) -> None:
    sample = sample_threads / "clean"
    status, names = loaded("batch", str(sample / "thread.mbox"), "--tree", str(sample / "tree"), "--no-config")
    assert status == 0
    assert "reviewtool" in names
    assert names.isdisjoint({"textual", "rich"})


@pytest.mark.parametrize(
    ("packages", "allowed"), [({"b4", "liblore"}, "reviewtool/mail/"), ({"textual", "rich"}, "reviewtool/tui/")]
)
def test_each_big_library_has_one_home(packages: set[str], allowed: str) -> None:
    homes = set()
    for file in sorted((TOP / "reviewtool").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            if any(name.split(".")[0] in packages for name in names):
                homes.add(file.relative_to(TOP).as_posix())
    assert [home for home in homes if not home.startswith(allowed)] == []
    if "b4" in packages:
        assert len(homes) <= 1
