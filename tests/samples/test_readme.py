# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What README.md shows is what the tool prints. REVIEWTOOL_UPDATE_GOLDENS=1 writes the shown part anew."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
README = TOP / "README.md"


def block(mark: str) -> str:
    """The text of the fenced block after a mark."""
    found = re.findall(rf"(?ms)^<!-- {re.escape(mark)} -->\n```\w*\n(.*?)^```$", README.read_text(encoding="utf-8"))
    assert len(found) == 1, mark
    return str(found[0])


def run_first_command() -> subprocess.CompletedProcess[str]:
    """The last part of README's first command, by this interpreter in place of a new environment's."""
    program, *words = shlex.split(block("ci: main").split("&&")[-1])
    assert program == ".venv/bin/reviewtool"
    code = "from reviewtool.cli import main; main()"
    return subprocess.run([sys.executable, "-c", code, *words], cwd=TOP, capture_output=True, text=True)


def test_the_example_is_what_the_first_command_prints() -> None:
    done = run_first_command()
    assert (done.returncode, done.stderr) == (1, "")
    start = done.stdout.index("\n2/3 ") + 1
    shown = done.stdout[start : done.stdout.index("DEADLOCK ***\n", start) + len("DEADLOCK ***\n")]
    if os.environ.get("REVIEWTOOL_UPDATE_GOLDENS"):
        text = README.read_text(encoding="utf-8")
        start = text.index("```text\n", text.index("<!-- output: inversion -->")) + len("```text\n")
        README.write_text(text[:start] + shown + text[text.index("```", start) :], encoding="utf-8")
    assert block("output: inversion") == shown


@pytest.mark.parametrize("name", ["ci: main", "ci: tests"])
def test_there_are_two_commands_of_one_line_each(name: str) -> None:
    assert block(name).count("\n") == 1
    assert block(name).startswith("python3 -m venv .venv && .venv/bin/pip install -q ")


def test_every_command_and_option_that_is_named_exists() -> None:
    from reviewtool.cli.app import COMMANDS

    text = README.read_text(encoding="utf-8")
    assert set(re.findall(r"`reviewtool (\w+)", text)) - {"COMMAND"} <= set(COMMANDS)
    helps = "".join(
        subprocess.run(
            [sys.executable, "-c", "from reviewtool.cli import main; main()", name, "--help"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for name in ("batch", "audit", "rules")
    )
    prose = re.sub(r"(?ms)^```.*?^```$", "", text)
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", prose)) - {"--help", "--global"}
    assert {option for option in options if option not in helps} == set()
