# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Worlds: one per architecture, each with the generic files and its own. A tree without arch/ has one, named ""."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_TOP: Final = "arch/"


def world_of(path: str) -> str:
    """The architecture that a path belongs to; "" for a generic file."""
    if not path.startswith(_TOP):
        return ""
    name, slash, _ = path[len(_TOP) :].partition("/")
    return name if slash else ""


def worlds_of(paths: Iterable[str]) -> tuple[str, ...]:
    """The worlds of a scope's files, sorted: the architectures that have C files there, or ("",)."""
    found = {world_of(path) for path in paths if path.endswith(".c")} - {""}
    return tuple(sorted(found)) or ("",)


def concerned(changed: Iterable[str], worlds: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `worlds` in which a change of these paths can be seen: all, unless only architecture files changed."""
    touched = {world_of(path) for path in changed}
    if "" in touched:
        return worlds
    return tuple(world for world in worlds if world in touched)


def in_world(path: str, world: str) -> bool:
    """Whether a file is seen in a world."""
    own = world_of(path)
    return not own or own == world
