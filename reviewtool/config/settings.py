# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The user's configuration: a TOML file, then git's global configuration, each of which may set every key.

Nothing is ever read from a tree: a repository's own configuration is left out, for a tree may come from a stranger.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import platformdirs

from reviewtool.ruleset.decode import DecodeError, decode, decode_toml

SECTION = "reviewtool"
"""The section of git's configuration."""


class ConfigError(Exception):
    """The configuration cannot be used; the text is one line that names the file and the key."""


class ReplyWording(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """What drafts of replies say; `[reply]`. `{name}` in a text stands for a value: `reply/phrases.py` has the tool's
    own texts and their values. An empty text leaves out what it would say.
    """

    sender: str | None = msgspec.field(default=None, name="from")
    """Whom drafts are from, `A Reviewer <a@example.org>`; without it git's sendemail.from, user.name and user.email."""
    greeting: str | None = None
    """The first line, before what is quoted."""
    closing: str | None = None
    """The last lines, before the signature."""
    signature: str | None = None
    """The name under the mail; none without it."""
    attribution: str | None = None
    """The line above the first quote."""
    proved: str | None = None
    """A finding that is sure."""
    likely: str | None = None
    """A finding that is likely."""
    likely_document: str | None = None
    """A finding about a document that is likely."""
    question: str | None = None
    """A finding that is asked."""
    near: str | None = None
    """Around a finding that is told at a line which leads to it."""
    worlds: str | None = None
    """On which architectures only."""
    later: str | None = None
    """Which later patch repairs it."""
    pre_existing: str | None = None
    """It was there before the series."""
    still: str | None = None
    """The revision before had it, too."""
    still_raised: str | None = None
    """The revision before had it, too, and somebody said so."""
    unanswered: str | None = None
    """Above a remark on the revision before to which this one shows no answer."""
    steps: str | None = None
    """Above the steps of a path."""
    other_way: str | None = None
    """Above the steps of the opposite path."""
    other_place: str | None = None
    """Above the steps of a second place."""
    same_cause: str | None = None
    """Above further places."""
    document: str | None = None
    """Above a quote of a document."""
    suggestion: str | None = None
    """Above a suggested change."""
    plus_one: str | None = None
    """In place of a point that somebody made before."""
    about: str | None = None
    """Above what is said of a patch that is not in the thread."""
    not_yet: str | None = None
    """A claim that first holds after a later patch."""
    no_longer: str | None = None
    """A claim that last held before an earlier patch."""
    argue: str | None = None
    """Below what is said of a claim that holds elsewhere in the series."""
    contradicted: str | None = None
    """A claim that the code contradicts."""
    outdated: str | None = None
    """Below what is said of a claim that the code contradicts."""


class Configuration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """What may be configured. Each key is an option's name without the dashes, and the option wins."""

    tree: str | None = None
    """The kernel repository or directory."""
    rules: tuple[str, ...] = ()
    """Directories of rules beside the tool's own."""
    disable: tuple[str, ...] = ()
    """Ids of rules that are not wanted."""
    cache_dir: str | None = None
    jobs: int | None = None
    """How many processes may read sources at a time."""
    pre_existing: bool | None = None
    """Report what the base has already, too."""
    fail_on: Literal["error", "warning"] | None = None
    """The least severity that makes the exit status 1."""
    format: str | None = None
    """Of the report."""
    severity: dict[str, Literal["error", "warning", "note"]] = msgspec.field(default_factory=dict)
    """Severities in place of the rules' own, by the rule's id; `[severity]`."""
    cache_size: Annotated[int, msgspec.Meta(ge=0)] | None = None
    """How large the cache may grow, in MiB; 0 keeps none."""
    theme: str | None = None
    """The colours of the terminal UI."""
    keys: dict[str, str] = msgspec.field(default_factory=dict)
    """Keys in place of the usual ones, by the action's name (several are separated by commas); `[keys]`."""
    reply: ReplyWording = ReplyWording()


_LISTS = ("rules", "disable")
_TABLES = ("severity", "keys", "reply")


def default_file() -> Path:
    """Where the file is: below $XDG_CONFIG_HOME."""
    return Path(platformdirs.user_config_dir("reviewtool", appauthor=False)) / "config.toml"


def load(file: Path | None = None) -> Configuration:
    """The configuration: of this file, or of the default one if it exists and then of git's global configuration.

    Raises ConfigError for a file that cannot be read and for unknown keys and values of the wrong type.
    """
    if file is not None:
        return _from_file(file)
    file = default_file()
    configuration = _from_file(file) if file.exists() else Configuration()
    return _merge(configuration, _from_git())


def _from_file(file: Path) -> Configuration:
    try:
        return decode_toml(file.read_bytes(), Configuration)
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}") from None
    except DecodeError as error:
        raise ConfigError(": ".join(filter(None, (str(file), error.place, error.reason)))) from None


def _from_git() -> Configuration:
    """What the user's own git configuration says; a user without git has said nothing there."""
    environment = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1"}
    words = ["git", "config", "--global", "--includes", "-z", "--get-regexp", rf"^{SECTION}\."]
    try:
        done = subprocess.run(words, capture_output=True, env=environment, check=False)
    except OSError:
        return Configuration()
    values: dict[str, object] = {}
    for entry in done.stdout.decode("utf-8", "surrogateescape").split("\0"):
        key, _, value = entry.partition("\n")
        name = key.removeprefix(f"{SECTION}.")
        if not name:
            continue
        table, dot, inner = name.partition(".")
        if dot and table in _TABLES:
            entries = values.setdefault(table, {})
            assert isinstance(entries, dict)
            entries[inner] = value
            continue
        name = _spelled(name)
        if name in _LISTS:
            known = values.setdefault(name, [])
            assert isinstance(known, list)
            known.append(value)
        else:
            values[name] = value if "\n" in entry else True
    try:
        return decode(values, Configuration, strict=False)
    except DecodeError as error:
        raise ConfigError(f"git config {SECTION}.{error.place.lstrip('.')}: {error.reason}") from None


def _spelled(name: str) -> str:
    """Git lowers keys and knows no dashes at some places: `cachedir` and `cache-dir` are the same key here."""
    for field in Configuration.__struct_encode_fields__:
        if name.replace("-", "") == field.replace("-", ""):
            return field
    return name


def _merge(low: Configuration, high: Configuration) -> Configuration:
    """The values of `high` where it has one; lists are joined, tables key by key."""
    changes: dict[str, object] = {}
    for field in Configuration.__struct_fields__:
        value = getattr(high, field)
        if field in _LISTS:
            changes[field] = (*getattr(low, field), *value)
        elif isinstance(value, dict):
            changes[field] = {**getattr(low, field), **value}
        elif isinstance(value, ReplyWording):
            changes[field] = _filled(getattr(low, field), value)
        elif value is not None:
            changes[field] = value
    return msgspec.structs.replace(low, **changes)


def _filled(low: ReplyWording, high: ReplyWording) -> ReplyWording:
    given = {name: value for name in high.__struct_fields__ if (value := getattr(high, name)) is not None}
    return msgspec.structs.replace(low, **given)
