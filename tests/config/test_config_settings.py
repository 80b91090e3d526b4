# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Where configuration comes from, what wins, and what is said about mistakes in it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from reviewtool.config.settings import ConfigError, Configuration, default_file, load


def write(text: str) -> Path:
    """The user's file with this text."""
    file = default_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def git_config(*words: str) -> None:
    subprocess.run(["git", "config", "--global", *words], check=True)


def test_nothing_configured() -> None:
    assert load() == Configuration()


def test_git_wins_over_the_file_and_lists_are_joined() -> None:
    write('tree = "/from/file"\njobs = 2\ndisable = ["a"]\n')
    git_config("reviewtool.tree", "/from/git")
    git_config("--add", "reviewtool.disable", "b")
    git_config("--add", "reviewtool.disable", "c")
    git_config("reviewtool.cachedir", "/cache")
    git_config("reviewtool.preExisting", "true")
    assert load() == Configuration(
        tree="/from/git", jobs=2, disable=("a", "b", "c"), cache_dir="/cache", pre_existing=True
    )


def test_a_named_file_stands_alone(tmp_path: Path) -> None:
    write('tree = "/default"')
    git_config("reviewtool.jobs", "7")
    other = tmp_path / "other.toml"
    other.write_text("pre-existing = true\n")
    assert load(other) == Configuration(pre_existing=True)


def test_a_repository_has_no_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "config", "reviewtool.rules", "/evil"], check=True)
    monkeypatch.chdir(tmp_path)
    assert load() == Configuration()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('tre = "x"', ["tre", "tree"]),
        ('jobs = "many"', ["jobs"]),
        ('fail-on = "note"', ["fail-on"]),
        ("jobs =", ["TOML"]),
    ],
)
def test_a_mistake_is_named_by_file_and_key(text: str, words: list[str]) -> None:
    file = write(text)
    with pytest.raises(ConfigError) as caught:
        load()
    assert str(file) in str(caught.value)
    for word in words:
        assert word in str(caught.value)


def test_a_mistake_in_git_is_named_by_its_key() -> None:
    git_config("reviewtool.jobs", "many")
    with pytest.raises(ConfigError, match=r"git config reviewtool\.jobs"):
        load()
