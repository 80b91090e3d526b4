# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Scope: the files whose bodies are read, for the paths that a review or an audit is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from reviewtool.locking.kconfig import Settings, read_settings
from reviewtool.locking.worlds import worlds_of
from reviewtool.ruleset.model import Ruleset, Subsystem
from reviewtool.tree.model import Snapshot

MOST_FILES: Final = 400
"""Files that one directory outside of all subsystems brings at most."""
MOST_SEARCHED: Final = 1500
"""Files that the search for names looks through at most."""
MOST_BYTES: Final = 2_000_000
"""Larger files are generated tables; they are not read."""

_SUFFIXES: Final = (".c", ".h")
_LAST_STARS: Final = re.compile(r"(?:\A|/)(?:\*/)+\Z")
_DEFINITION: Final = re.compile(rb"^(?!static\b)[A-Za-z_][\w \t*]*?\b(\w+)\([^;{]*\)\s*\{", re.M)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is read, and what speaks for it."""

    files: tuple[str, ...]
    """Sorted; C files and those headers whose functions are read as well."""
    worlds: tuple[str, ...]
    documents: tuple[str, ...] = ()
    subsystems: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    """What a file that a patch adds must fit to belong to it."""
    bounded: tuple[str, ...] = ()
    """Lines for the report: what was left out because there was too much of it."""
    settings: Mapping[str, Settings] = field(default_factory=dict)
    """By world: what Kconfig decides there."""


def find_scope(snapshot: Snapshot, ruleset: Ruleset, paths: Iterable[str]) -> Scope:
    """The scope of changed files or of the PATHs of an audit (files or directories, relative to the tree's top).

    A path belongs to the first subsystem that has a pattern for it, and brings all of that; `*` in the last components
    of a directory pattern (`fs/*/`) stands for those of the path only. Another path brings its directory, and the files
    around it that name one of the functions it shows. Files that are not C bring nothing.
    """
    chosen: list[Subsystem] = []
    strangers: list[str] = []
    patterns: dict[str, None] = {}
    for path in paths:
        own = next((subsystem for subsystem in ruleset.subsystems if belongs(path, subsystem)), None)
        if own is not None:
            patterns.update((_bound(pattern, path), None) for pattern in (*own.paths, *own.headers))
            if own not in chosen:
                chosen.append(own)
        elif path.endswith(_SUFFIXES) or not _has_suffix(path):
            strangers.append(path)
    files: set[str] = set()
    for pattern in patterns:
        files.update(_files_of(snapshot, pattern))
    bounded: list[str] = []
    for path in strangers:
        if path not in files:
            files.update(_around(snapshot, path, bounded))
            patterns[path.rpartition("/")[0] + "/*" if path.endswith(_SUFFIXES) else path.rstrip("/") + "/"] = None
    worlds = worlds_of(files)
    return Scope(
        files=tuple(sorted(files)),
        worlds=worlds,
        documents=tuple(dict.fromkeys(name for subsystem in chosen for name in subsystem.documents)),
        subsystems=tuple(subsystem.name for subsystem in chosen),
        patterns=tuple(patterns),
        bounded=tuple(bounded),
        settings=read_settings(snapshot, files, worlds, [name for each in chosen for name in each.enabled]),
    )


def in_scope(path: str, scope: Scope) -> bool:
    """Whether a file belongs to a scope, even if the snapshot that the scope was made from does not have it."""
    return path.endswith(_SUFFIXES) and any(matches(pattern, path) for pattern in scope.patterns)


def belongs(path: str, subsystem: Subsystem) -> bool:
    """Whether a file or directory is one of a subsystem's, or holds some of it."""
    patterns = (*subsystem.paths, *subsystem.headers, *subsystem.documents)
    return any(matches(pattern, path) or matches(pattern, path.rstrip("/") + "/") for pattern in patterns)


def matches(pattern: str, path: str) -> bool:
    """Whether a path fits a pattern: `*` is one component (or a part of one), a trailing `/` everything below."""
    return _compiled(pattern).match(path) is not None


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    body = "".join("[^/]*" if piece == "*" else re.escape(piece) for piece in re.split(r"(\*)", pattern))
    return re.compile(body if pattern.endswith("/") else body + r"\Z")


def _bound(pattern: str, path: str) -> str:
    """The pattern with `*` in its last components replaced by the path's, if it is a pattern of the path."""
    match = _LAST_STARS.search(pattern)
    if match is None or not matches(pattern, path):
        return pattern
    first = pattern.count("/", 0, match.start() + 1)
    count = pattern.count("/", match.start() + 1)
    return pattern[: match.start() + 1] + "/".join(path.split("/")[first : first + count]) + "/"


def _files_of(snapshot: Snapshot, pattern: str) -> set[str]:
    fixed = pattern.partition("*")[0]
    folder = fixed if fixed == pattern else fixed.rpartition("/")[0]
    return {path for path in snapshot.list(folder.rstrip("/")) if path.endswith(_SUFFIXES) and matches(pattern, path)}


def _around(snapshot: Snapshot, path: str, bounded: list[str]) -> set[str]:
    """A file's directory and who uses its functions nearby; or everything below a directory."""
    is_file = path.endswith(_SUFFIXES)
    folder = path.rpartition("/")[0] if is_file else path.rstrip("/")
    listed = [name for name in snapshot.list(folder) if name.endswith(_SUFFIXES)] if folder else []
    beside = [name for name in listed if name.rpartition("/")[0] == folder] if is_file else listed
    if not folder:
        beside = [path] if is_file else [name for name in snapshot.list() if name.endswith(_SUFFIXES)]
    if len(beside) > MOST_FILES:
        bounded.append(f"{folder or '.'}: {len(beside)} files, {MOST_FILES} of them read")
        beside = sorted(beside, key=lambda name: (name != path, name))[:MOST_FILES]
    return {*beside, *(_users(snapshot, path, folder, set(beside)) if is_file and folder else ())}


def _users(snapshot: Snapshot, path: str, folder: str, known: set[str]) -> set[str]:
    """Files of the directories around that name a function which the file shows."""
    source = snapshot.read(path)
    names = set(_DEFINITION.findall(source)) if source is not None else set()
    if not names:
        return set()
    around = [
        name for name in snapshot.list(folder.rpartition("/")[0] or folder)
        if name.endswith(_SUFFIXES) and name not in known
    ][:MOST_SEARCHED]  # fmt: skip
    called = re.compile(rb"\b(?:" + b"|".join(sorted(map(re.escape, names))) + rb")\s*\(")
    contents = snapshot.read_many(around)
    users = {name for name, raw in contents.items() if len(raw) <= MOST_BYTES and called.search(raw)}
    return set(sorted(users)[:MOST_FILES])


def _has_suffix(path: str) -> bool:
    return "." in path.rpartition("/")[2]
