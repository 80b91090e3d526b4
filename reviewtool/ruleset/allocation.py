# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The words of allocation flags."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationWords:
    """Allocation flags that decide whether an allocation may sleep; `rules/values.toml`, table `[allocation]`."""

    atomic: frozenset[str] = frozenset()
    """With one of these it does not: GFP_ATOMIC, GFP_NOWAIT."""
    sleeping: frozenset[str] = frozenset()
    """With one of these (and none of the others) it may: GFP_KERNEL, __GFP_DIRECT_RECLAIM."""
    reclaims: frozenset[str] = frozenset()
    """Of these, those with which it may call shrinkers: not GFP_NOFS."""
    reclaim_locks: frozenset[str] = frozenset()
    """What reclaim holds while it does, as contexts name it."""
