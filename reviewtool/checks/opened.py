# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Of the ways to one thing, the best that can be gone, and how sure it makes us."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from reviewtool.finding.model import Certainty
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.summary import Inner, Relation
from reviewtool.locking.ways import Passage

TRIES: Final = 6
"""Ways that are looked at for one thing, the best first; they mostly share what shuts them."""

FIRST: Final = "The way leads through a call that only sets something up: can that still be missing here?"


@dataclass(frozen=True, slots=True)
class Opened:
    """A relation whose inner event can be reached with the outer lock held."""

    function: FunctionId
    relation: Relation
    passage: Passage

    def at_most(self, certainty: Certainty) -> Certainty:
        """The certainty, lowered to what the way allows."""
        return lowered(certainty, self.passage)


def lowered(certainty: Certainty, *passages: Passage) -> Certainty:
    """The certainty of something that is shown by these ways."""
    if any(passage.first for passage in passages):
        return Certainty.QUESTION
    if certainty is Certainty.PROVED and not all(passage.sure for passage in passages):
        return Certainty.LIKELY
    return certainty


def explained(*passages: Passage) -> str:
    """What is to be said of these ways; empty if nothing is."""
    return FIRST if any(passage.first for passage in passages) else ""


def opened(model: LockModel, function: FunctionId, relation: Relation, *, exact: bool = False) -> Opened | None:
    """The relation, its inner event by a way that can be gone (`exact`: by its own); None if there is none."""
    passage = model.passage(function, relation.inner, relation.outer, exact=exact)
    if passage is None:
        return None
    assert isinstance(passage.record, Inner)
    return Opened(function, replace(relation, inner=passage.record), passage)


def first_open(model: LockModel, ways: Sequence[tuple[FunctionId, Relation]]) -> Opened | None:
    """The first of some relations that can be; one that is only asked about if there is no better."""
    asked: Opened | None = None
    for function, relation in ways[:TRIES]:
        found = opened(model, function, relation)
        if found is not None and not found.passage.first:
            return found
        asked = asked or found
    return asked
