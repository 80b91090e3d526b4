# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The nearest real name to one that does not exist."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Final

_ENOUGH: Final = 0.75
_LONGEST: Final = 80


def nearest(name: str, candidates: Iterable[str]) -> str:
    """The one candidate that is clearly the nearest; "" if none is near or if two are alike.

    Names are compared word by word (`blocked_vcpu_on_cpu` and `wakeup_vcpus_on_cpu` share three of four), then letter
    by letter.
    """
    wanted = _parts(name)
    if not wanted or len(name) > _LONGEST:
        return ""
    scored: list[tuple[float, float, str]] = []
    for candidate in set(candidates):
        if candidate == name or len(candidate) > _LONGEST:
            continue
        parts = _parts(candidate)
        if abs(len(parts) - len(wanted)) > 1 or not parts:
            continue
        score = _shared(wanted, parts)
        if score >= _ENOUGH:
            scored.append((score, SequenceMatcher(None, name, candidate).ratio(), candidate))
    scored.sort(reverse=True)
    if not scored or (len(scored) > 1 and scored[0][:2] == scored[1][:2]):
        return ""
    if len(wanted) < 3 and scored[0][1] < _ENOUGH:
        return ""
    return scored[0][2]


def _parts(name: str) -> list[str]:
    return [part for part in name.lower().split("_") if part]


def _shared(one: list[str], two: list[str]) -> float:
    """The share of words in the same order; words that differ in one letter at their end count."""
    matcher = SequenceMatcher(None, [_stem(part) for part in one], [_stem(part) for part in two], autojunk=False)
    return matcher.ratio()


def _stem(part: str) -> str:
    return part[:-1] if len(part) > 3 and part.endswith("s") else part
