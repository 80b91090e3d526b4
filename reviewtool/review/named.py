# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What a request names of a tree: the tree itself, and the paths that it is about."""

from __future__ import annotations

from collections.abc import Sequence

from reviewtool.review.request import Settings
from reviewtool.ruleset.model import Ruleset
from reviewtool.tree.error import TreeError
from reviewtool.tree.model import Base, Snapshot
from reviewtool.tree.opening import Tree, open_tree, standing_in


def named_tree(settings: Settings) -> Tree:
    """The tree that is asked for, else the repository that the working directory stands in. Raises TreeError."""
    return open_tree(settings.tree if settings.tree is not None else standing_in())


def named_paths(wanted: Sequence[str], snapshot: Snapshot, base: Base, ruleset: Ruleset) -> tuple[str, ...]:
    """The PATHs that are asked for, else those of the subsystem that the table names first, which the tool is made for.

    Raises:
        TreeError: The tree has no such file or directory.
    """
    for path in wanted:
        if not snapshot.list(path.rstrip("/")):
            raise TreeError(f"{path}: no such file or directory in {base.label}; PATHs are relative to its top")
    if wanted:
        return tuple(wanted)
    return tuple(path for path in ruleset.subsystems[0].paths if "*" not in path)
