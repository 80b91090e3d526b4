# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The tables of the configuration: severities, keys, the wording of replies; in the file and in git's configuration."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from reviewtool.config.settings import ConfigError, default_file, load


def write(text: str) -> None:
    file = default_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def git_config(key: str, value: str) -> None:
    subprocess.run(["git", "config", "--global", key, value], check=True)


def test_tables_of_the_file() -> None:
    write(
        'cache-size = 64\ntheme = "light"\n'
        '[severity]\nmissing-unlock = "note"\n[keys]\nnext-finding = "n,period"\n[reply]\nclosing = "Thanks,"\n'
    )
    configuration = load()
    assert configuration.cache_size == 64
    assert configuration.severity == {"missing-unlock": "note"}
    assert configuration.keys == {"next-finding": "n,period"}
    assert configuration.reply.closing == "Thanks,"
    assert configuration.reply.greeting is None


def test_git_adds_to_the_tables_of_the_file_key_by_key() -> None:
    write(
        '[severity]\nmissing-unlock = "note"\ndouble-acquire = "note"\n[reply]\nclosing = "Thanks,"\ngreeting = "Hi,"\n'
    )
    git_config("reviewtool.severity.missing-unlock", "error")
    git_config("reviewtool.reply.closing", "Cheers,")
    configuration = load()
    assert configuration.severity == {"missing-unlock": "error", "double-acquire": "note"}
    assert (configuration.reply.greeting, configuration.reply.closing) == ("Hi,", "Cheers,")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[severity]\nmissing-unlock = "warnign"\n', ("severity.missing-unlock", '"warning"')),
        ('[reply]\nclosng = "x"\n', ("reply", "closng", '"closing"')),
        ("cache-size = -1\n", ("cache-size", ">= 0")),
    ],
)
def test_an_error_names_the_file_the_key_and_the_nearest_word(text: str, words: tuple[str, ...]) -> None:
    write(text)
    with pytest.raises(ConfigError) as error:
        load()
    for word in (str(default_file()), *words):
        assert word in str(error.value)


def test_an_unknown_table_of_git_is_an_error_too() -> None:
    git_config("reviewtool.severty.missing-unlock", "note")
    with pytest.raises(ConfigError, match="severty"):
        load()


def test_a_tree_cannot_configure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "config", "reviewtool.severity.missing-unlock", "note"], check=True)
    (tmp_path / "reviewtool.toml").write_text('[severity]\nmissing-unlock = "note"\n')
    monkeypatch.chdir(tmp_path)
    assert load().severity == {}
