# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Which items of the catalogue have a rule, and why the others have none."""

from __future__ import annotations

from dataclasses import dataclass

from reviewtool.ruleset.model import Ruleset


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item of the catalogue that no rule serves."""

    id: str
    title: str
    reason: str
    """Why; "" if nobody wrote it down."""


def served(ruleset: Ruleset) -> dict[str, tuple[str, ...]]:
    """The ids of the rules that serve an item, by its number; items without one are not in it."""
    found: dict[str, tuple[str, ...]] = {}
    for rule in ruleset.rules.values():
        for item in rule.catalogue:
            found[item] = (*found.get(item, ()), rule.id)
    return found


def unserved(ruleset: Ruleset) -> tuple[Item, ...]:
    """The items that no rule serves, in the catalogue's order."""
    known = served(ruleset)
    return tuple(
        Item(id=item, title=title, reason=ruleset.missing.get(item, ""))
        for item, title in ruleset.catalogue.items()
        if item not in known
    )
