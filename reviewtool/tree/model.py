# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What other layers see of a tree: snapshots that answer for paths, and what became of each patch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Applied(StrEnum):
    """What became of a patch."""

    YES = "yes"
    ALREADY = "already"
    """The tree has this change."""
    FAILED = "failed"
    """At least one file's change could not be applied."""
    MISSING = "missing"
    """The mail is not in the thread."""
    SKIPPED = "skipped"
    """It has no diff."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """One change that did not apply."""

    path: str
    hunk: int
    """Number of the hunk in its file's diff, from 1; 0 where the whole file is meant."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The result of one patch."""

    number: int
    applied: Applied
    rejections: tuple[Rejection, ...] = ()
    merged: tuple[str, ...] = ()
    """Paths that needed a three-way merge."""
    reason: str = ""
    """One line for the report: why it failed or was left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The commit that the series was applied to, and why that one."""

    revision: str
    """Full object name; "" for a plain directory."""
    label: str
    """As a person would call it: a describe name or the directory."""
    reason: str


class Snapshot(Protocol):
    """The tree after patches 1..number. Immutable; unchanged files are shared with the base."""

    @property
    def number(self) -> int:
        """0 for the base."""
        ...

    def read(self, path: str) -> bytes | None:
        """The file's bytes; None if there is no such regular file."""
        ...

    def read_many(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """The bytes of those paths that exist, in one round trip."""
        ...

    def identity(self, path: str) -> str | None:
        """A name of the content (a git blob id, sha1 of the blob), without reading it where git knows it."""
        ...

    def list(self, prefix: str = "") -> tuple[str, ...]:
        """The regular files below a directory ("" is the top), sorted. One path if `prefix` is a file."""
        ...

    def changed(self) -> frozenset[str]:
        """The paths that differ from the base."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Snapshots 0..N of a series. `snapshots[k]` is the tree after patch k."""

    base: Base
    snapshots: tuple[Snapshot, ...]
    applications: tuple[Application, ...] = ()
    """One per patch, in order; `applications[k-1]` belongs to snapshot k."""
    notes: tuple[str, ...] = field(default=())
    """Lines for the report about what could not be had."""
