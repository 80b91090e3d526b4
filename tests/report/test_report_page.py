# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Rule pages in a terminal, and what `explain` and `rules list` print."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewtool.cli.app import run
from reviewtool.report.page import render_page
from reviewtool.report.paint import NO_PAINT, Paint
from reviewtool.ruleset.model import Group, Rule, Severity

PAGE = """## What it does

Reports `bad_thing()`.

## Why is this bad

It is.\x1b[2J

## Known problems

None.

## Example

```c
void f(void)
{
\t# not a heading
\tbad_thing();
}
```

## Use instead

Nothing.
"""

RULE = Rule(id="bad-thing", group=Group.BALANCE, severity=Severity.WARNING, summary="a bad thing", page=PAGE, path="", examples=())  # fmt: skip  # noqa: E501


def test_headings_and_code_are_told_apart() -> None:
    lines = list(render_page(RULE, NO_PAINT))
    assert lines[:3] == ["bad-thing (balance, warning)", "a bad thing", ""]
    assert "What it does" in lines
    assert "Reports `bad_thing()`." in lines
    assert "It is.^[[2J" in lines
    assert "            # not a heading" in lines
    assert not [line for line in lines if "```" in line or line.startswith("## ")]


def test_in_colour() -> None:
    lines = list(render_page(RULE, Paint(enabled=True)))
    assert "Reports \x1b[36mbad_thing()\x1b[0m." in lines
    assert "\x1b[1mKnown problems\x1b[0m" in lines


@pytest.fixture
def user_rules(tmp_path: Path) -> Path:
    directory = tmp_path / "rules"
    directory.mkdir()
    head = '+++\nid = "bad-thing"\ngroup = "balance"\nseverity = "warning"\nsummary = "a bad thing"\n+++\n'
    (directory / "bad-thing.md").write_text(head + PAGE.replace("\x1b[2J", ""))
    return directory


def test_explain_shows_the_page_of_a_users_rule(user_rules: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "bad-thing", "--rules", str(user_rules)]) == 0
    out = capfd.readouterr().out
    assert out.startswith("bad-thing (balance, warning)\na bad thing\n\nWhat it does\n")
    assert run(["explain", "bad-thin", "--rules", str(user_rules)]) == 2
    assert 'did you mean "bad-thing"?' in capfd.readouterr().err


def test_rules_are_listed_and_disabled(user_rules: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "list", "--rules", str(user_rules)]) == 0
    (line,) = [line for line in capfd.readouterr().out.splitlines() if line.startswith("bad-thing ")]
    assert line.split(maxsplit=3)[1:] == ["balance", "warning", "a bad thing"]
    assert run(["rules", "list", "--rules", str(user_rules), "--disable", "bad-thing"]) == 0
    assert "bad-thing" not in capfd.readouterr().out
