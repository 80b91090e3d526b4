# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What is said about mistakes in data files and pages: the file, the key, and what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewtool.ruleset import RulesetError, load


def failure(directory: Path, text: str, name: str = "mine.toml") -> str:
    path = directory / name
    path.write_text(text)
    with pytest.raises(RulesetError) as error:
        load([directory])
    assert str(path) in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[primitve.x]\n", ['"primitve"', '"primitive"']),
        ('[primitive."a.h"]\nf = "aquire mutex"\n', ["a.h", ".f", '"aquire"', '"acquire"']),
        ('[primitive."a.h"]\nf = "acquire mutx"\n', ["a.h", ".f", '"mutx"', '"mutex"']),
        ('[primitive."a.h"]\nf = "acquire mutex suces=zero"\n', ['"suces"', '"success"']),
        ('[primitive."a.h"]\nf = "acquire mutex success=zro"\n', ['"zro"', '"zero"']),
        ('[primitive."a.h"]\nf = "acquire mutex sharde"\n', ['"sharde"', '"shared"']),
        ('[primitive."a.h"]\nf = "acquire mutex nested=one"\n', ["nested"]),
        ('[primitive."a.h"]\nf = "acquire"\n', ["family"]),
        ('[primitive."a.h"]\nf = 3\n', ['primitive."a.h".f', "Expected `str`"]),
        ('[family.big]\nwait_type = "slep"\ninner = "sleep"\n', ["family.big.wait_type", '"sleep"']),
        ('[family.big]\nwait_type = "sleep"\n', ["family.big", "inner"]),
        ('[guard."a.h"]\ng = { aquire = "f", release = "h" }\n', ['guard."a.h".g', '"acquire"']),
        ('[definer."a.h"]\nD = { family = "mutx", type = "struct mutex" }\n', ['definer."a.h".D', '"mutex"']),
        ('[context.x]\nsource = "a.c"\n', ["context.x", "field, call or macro"]),
        ('[context.x]\ncall = ["f"]\nkind = "harirq"\nsource = "a.c"\n', ["context.x.kind", '"hardirq"']),
        ('[context.x]\ncall = ["f"]\nwhen = "0 < FOO"\nsource = "a.c"\n', ["context.x.when", "@SOME_CONSTANT"]),
        ('[[order]]\nouter = "a"\ninner = "a"\nsource = "x"\n', ["order[1]", "outside of itself"]),
        ('[[order]]\nouter = "a"\ninnr = "b"\nsource = "x"\n', ["order[1]", '"inner"']),
        ('[[order]]\nouter = "a"\ninner = "b"\nsource = "x"\nrule = "nope"\n', ["order[1].rule", '"nope"']),
        ('[[forbidden-under]]\nunder = ["a"]\n', ["forbidden-under[1]", "calls, acquires or effects"]),
        ('[[forbidden-under]]\nunder = ["a"]\neffects = ["release"]\n', ["forbidden-under[1].effects", "sleep"]),
        ('[[required-lock]]\nlocks = []\ncalls = ["f"]\n', ["required-lock[1]", "locks"]),
        ('[rule.Bad_Name]\nsummary = "x"\n', ["rule.Bad_Name", "missing-unlock"]),
        ('[rule.x]\nsummary = "x"\nseverity = "eror"\n', ["rule.x.severity", '"error"']),
        ("key =\n", ["TOML", "line 1"]),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, words: list[str]) -> None:
    message = failure(tmp_path, text)
    for word in words:
        assert word in message


def test_text_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"# one\n# \xff\n")
    with pytest.raises(RulesetError, match="line 2: this is not UTF-8"):
        load([tmp_path])


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RulesetError, match="does not exist"):
        load([tmp_path / "gone"])


def test_a_rule_that_cannot_be_disabled_because_there_is_none() -> None:
    with pytest.raises(RulesetError, match='"mising-unlock"; did you mean "missing-unlock"'):
        load(disable=["mising-unlock"])


def test_a_rule_of_a_name_that_is_taken(tmp_path: Path) -> None:
    assert "used already" in failure(tmp_path, '[rule.missing-unlock]\nsummary = "mine"\n')


PAGE = """+++
id = "my-rule"
group = "order"
severity = "note"
summary = "a rule of mine"
+++

## What it does

## Why is this bad

## Known problems

## Example

```c
int f(void);
int g(void) { return f(); } /* error: my-rule */
```

## Use instead
"""


def test_a_page_is_taken_apart(tmp_path: Path) -> None:
    (tmp_path / "my-rule.md").write_text(PAGE)
    rule = load([tmp_path]).rules["my-rule"]
    (example,) = rule.examples
    assert (example.section, example.wanted) == ("Example", ((2, "my-rule"),))
    assert example.code.splitlines()[0] == "int f(void);"
    assert PAGE.splitlines()[example.line - 1] == "int f(void);"
    assert rule.page.startswith("## What it does")


def test_a_pair_of_blocks_is_one_example(tmp_path: Path) -> None:
    (tmp_path / "my-rule.md").write_text(PAGE.replace("```c\n", "```c before\nint f(void);\n```\n\n```c after\n"))
    (example,) = load([tmp_path]).rules["my-rule"].examples
    assert example.before == "int f(void);\n"
    assert example.wanted == ((2, "my-rule"),)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("+++\nid", "id", ["line 1", "+++"]),
        ('group = "order"', 'group = "ordr"', ["group", '"order"']),
        ('severity = "note"', 'sevrity = "note"', ['"sevrity"', '"severity"']),
        ('id = "my-rule"', 'id = "other-rule"', ["other-rule.md"]),
        ("## Known problems\n", "", ["What it does, Why is this bad, Known problems"]),
        ("```\n\n## Use", "\n\n## Use", ["no end"]),
        ("error: my-rule", "error: My Rule", ["not a rule id", "line 18"]),
        ("```c\n", "```c before\n", ["c after"]),
        ("```c\n", "```c after\n", ["line 16", "c before"]),
        ("```c\n", "```c before\n```\n\n```c\n", ["line 19", "c after"]),
    ],
)
def test_a_mistake_in_a_page_is_named(tmp_path: Path, old: str, new: str, words: list[str]) -> None:
    message = failure(tmp_path, PAGE.replace(old, new), "my-rule.md")
    for word in words:
        assert word in message
