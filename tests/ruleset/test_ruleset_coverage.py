# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The catalogue: each item is served by a rule, or it is said why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewtool.ruleset import RulesetError, load
from reviewtool.ruleset.coverage import served, unserved


def own(tmp_path: Path, text: str) -> Path:
    (tmp_path / "own.toml").write_text(text)
    return tmp_path


def test_every_item_is_served_or_listed_as_missing() -> None:
    silent = [item.id for item in unserved(load()) if not item.reason]
    assert silent == []


def test_no_item_is_served_and_listed_as_missing() -> None:
    ruleset = load()
    assert sorted(set(ruleset.missing) & set(served(ruleset))) == []


def test_pages_serve_items_that_exist() -> None:
    ruleset = load()
    assert sorted(set(served(ruleset)) - set(ruleset.catalogue)) == []


def test_a_reason_is_a_sentence_of_its_own_line() -> None:
    for item, reason in load().missing.items():
        assert reason == " ".join(reason.split()), item


def test_a_directory_of_ones_own_adds_items_and_reasons(tmp_path: Path) -> None:
    ruleset = load([own(tmp_path, '[catalogue]\nFOO1 = "foo before bar"\nFOO2 = "bar"\n[missing]\nFOO1 = "not yet"\n')])
    mine = {item.id: (item.title, item.reason) for item in unserved(ruleset) if item.id.startswith("FOO")}
    assert mine == {"FOO1": ("foo before bar", "not yet"), "FOO2": ("bar", "")}


def test_an_item_that_a_rule_of_ones_own_serves_is_not_missing(tmp_path: Path) -> None:
    item = unserved(load())[0]
    sections = "".join(
        f"## {name}\n\n" for name in ("What it does", "Why is this bad", "Known problems", "Example", "Use instead")
    )
    (tmp_path / "my-rule.md").write_text(
        f'+++\nid = "my-rule"\ngroup = "order"\nseverity = "note"\nsummary = "s"\ncatalogue = ["{item.id}"]\n+++\n'
        + sections
    )
    assert item.id not in {other.id for other in unserved(load([tmp_path]))}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[missing]\nB99 = "why"\n', ("missing", "item of the catalogue", '"B99"')),
        ('[missing]\nB15 = " "\n', ("missing.B15", "a few words")),
        ('[catalogue]\nFOO1 = ""\n', ("catalogue.FOO1", "a few words")),
        ('[catalogue]\nfoo = "x"\n', ("catalogue.foo", "capital letters")),
        ("[missing]\nB15 = 3\n", ("missing.B15", "str")),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, words: tuple[str, ...]) -> None:
    with pytest.raises(RulesetError) as error:
        load([own(tmp_path, text)])
    assert all(word in str(error.value) for word in ("own.toml", *words))


def test_a_page_for_an_item_that_does_not_exist(tmp_path: Path) -> None:
    sections = "".join(
        f"## {name}\n\n" for name in ("What it does", "Why is this bad", "Known problems", "Example", "Use instead")
    )
    (tmp_path / "my-rule.md").write_text(
        '+++\nid = "my-rule"\ngroup = "order"\nseverity = "note"\nsummary = "s"\ncatalogue = ["B9"]\n+++\n' + sections
    )
    with pytest.raises(RulesetError, match=r'my-rule\.md: catalogue: unknown item of the catalogue "B9"'):
        load([tmp_path])
