# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What a front end asks the engine for. Plain values, so that the engine may run in another process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reviewtool.ruleset.model import Group, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What holds for a review and for an audit alike; front ends make it of configuration and options."""

    tree: Path | None = None
    """A git repository or a plain directory; None: the repository that the working directory stands in."""
    base: str | None = None
    """A revision of the tree; None: what the thread says, else the best guess."""
    rules: tuple[Path, ...] = ()
    """Directories of rules beside the tool's own."""
    disable: frozenset[str] = frozenset()
    """Ids of rules that are not wanted."""
    severity: Mapping[str, Severity] = field(default_factory=dict)
    """Severities in place of the rules' own, by the rule's id."""
    groups: frozenset[Group] = frozenset()
    """Only these groups of rules; empty: all."""
    cache_dir: Path | None = None
    """None: the user's cache directory."""
    no_cache: bool = False
    pre_existing: bool = False
    """Report what the base has already, too."""
    jobs: int = 1
    """How many processes may read sources at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathWish:
    """Which changed functions are wanted beside the findings."""

    function: str = ""
    """A name, or `path:name`, for one with its path; "" for a list of all without."""
    patch: int | None = None
    """Only what this patch changes."""

    def covers(self, patch: int, path: str, name: str) -> bool:
        """Whether a function that a patch changes is wanted."""
        asked = not self.function or self.function in (name, f"{path}:{name}")
        return asked and self.patch in (None, patch)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRequest:
    """Review one series."""

    source: str
    """A message-id, a lore URL, the path of an mbox, maildir or public-inbox archive, or `-`; "" with `range`."""
    range: str | None = None
    """`A..B` of the tree in place of a source."""
    revision: int | None = None
    """None: the newest."""
    compare: bool = False
    """Compare with the revision before, if the thread has one."""
    settings: Settings = field(default_factory=Settings)
    details: bool = False
    """Tell what an interactive front end shows beside the findings, too."""
    paths: PathWish | None = None
    """Tell which functions are changed, too."""

    @property
    def label(self) -> str:
        """What the user named: the source or the range."""
        return self.range or self.source


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRequest:
    """Report on a tree without a series."""

    paths: tuple[str, ...] = ()
    """Files and directories of the tree that are reported on; empty: all of the subsystem table."""
    parse_report: bool = False
    """Measure the parser instead of looking for findings."""
    settings: Settings = field(default_factory=Settings)

    @property
    def label(self) -> str:
        """What the user named: the tree."""
        return str(self.settings.tree or ".")


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphRequest:
    """Ask for the order graph of a tree."""

    paths: tuple[str, ...] = ()
    """Files and directories of the tree that an edge's evidence has to lead through; empty: no limit."""
    settings: Settings = field(default_factory=Settings)

    @property
    def label(self) -> str:
        """What the user named: the tree."""
        return str(self.settings.tree or ".")
