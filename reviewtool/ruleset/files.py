# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Where the data files are, and their contents as entries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reviewtool.ruleset.decode import DecodeError, decode_toml
from reviewtool.ruleset.entries import DataFile
from reviewtool.ruleset.errors import RulesetError

MAX_BYTES = 4 * 1024 * 1024
"""A larger file is refused: no table of names and no rule page is near that size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One TOML file: its path, its bytes and what stands in it."""

    path: Path
    data: bytes
    entries: DataFile


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """One rule page: its path and its bytes."""

    path: Path
    data: bytes


def builtin_directory() -> Path:
    """The built-in rules: `rules/` beside the package in a checkout, `_rules` inside it when installed.

    Raises RulesetError if neither is there.
    """
    package = Path(__file__).resolve().parent.parent
    for directory in (package / "_rules", package.parent / "rules"):
        if directory.is_dir():
            return directory
    raise RulesetError(package / "_rules", "", "the built-in rules are missing; install reviewtool again")


def data_files(directory: Path) -> Iterator[Source]:
    """All `*.toml` files of a rules directory and of its subdirectories, by name. Raises RulesetError."""
    for path in _listed(directory, ".toml"):
        data = _read(path)
        try:
            entries = decode_toml(data, DataFile)
        except DecodeError as error:
            raise RulesetError(path, error.place, error.reason) from None
        yield Source(path=path, data=data, entries=entries)


def page_files(directory: Path) -> Iterator[PageText]:
    """All Markdown files of a rules directory but READMEs, by name. Raises RulesetError."""
    for path in _listed(directory, ".md"):
        if path.stem.lower() != "readme":
            yield PageText(path=path, data=_read(path))


def _listed(directory: Path, suffix: str) -> list[Path]:
    if not directory.is_dir():
        raise RulesetError(directory, "", "this rules directory does not exist, or is not a directory")
    return sorted(path for path in directory.rglob(f"*{suffix}") if path.is_file())


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise RulesetError(path, "", f"the file is larger than {MAX_BYTES} bytes")
        return path.read_bytes()
    except OSError as error:
        raise RulesetError(path, "", f"it cannot be read: {error.strerror}") from None
