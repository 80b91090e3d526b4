# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Findings about what a patch changed, along a series."""

from __future__ import annotations

import pytest

from reviewtool.finding.model import Finding
from reviewtool.locking.assembly import advance, build_program, changed_functions
from reviewtool.locking.lockmodel import LockModel
from reviewtool.review.difference import SnapshotFindings, difference
from reviewtool.review.stepping import Stepping
from reviewtool.tree.memory import MemorySnapshot
from tests.locking.flows import PATH, SCOPE, TYPES, library

INSIDE = "mutex_lock(&b->m0); opaque(1); b->n++; mutex_unlock(&b->m0);"
OUTSIDE = "mutex_lock(&b->m0); opaque(1); mutex_unlock(&b->m0); b->n++;"
OTHER = "mutex_lock(&b->m0); opaque(2); mutex_unlock(&b->m0); b->n++;"
NONE = "opaque(3);"


def code(body: str, *, whole: bool = True) -> str:
    """A function with this body (left out if not whole), and another one that writes the same field."""
    first = f"void one(struct box *b)\n{{\n\t{body}\n}}\n" if whole else ""
    return TYPES + first + "void two(struct box *b)\n{\n\tmutex_lock(&b->m0); b->n = 0; mutex_unlock(&b->m0);\n}\n"


def story(*texts: str) -> list[tuple[str, int, int | None]]:
    """Rule, patch and end of what a series introduces."""
    snapshot = MemorySnapshot({PATH: texts[0]})
    model = LockModel.build("", build_program(library(), snapshot, SCOPE, ""))
    stepping = Stepping((model,), lambda finding: True)
    told: list[dict[str, Finding]] = [{}]
    for number, text in enumerate(texts[1:], 1):
        snapshot = MemorySnapshot({PATH: text}, number, snapshot)
        old = model.linker
        new = advance(library(), old, snapshot, (PATH,))  # type: ignore[arg-type]
        following = model.advance(new, changed_functions(old, new))  # type: ignore[arg-type]
        told.append(stepping.see((model,), (following,)))
        model = following
    none: frozenset[str] = frozenset()
    snapshots = [SnapshotFindings(findings=each, classes=none, functions=none) for each in told]
    found = difference(snapshots)
    assert not found.pre_existing
    return [(finding.rule, finding.patch, finding.until) for finding in found.introduced]


def test_a_change_belongs_to_its_patch_and_stays() -> None:
    assert story(code(INSIDE), code(OUTSIDE), code(OTHER)) == [("section-narrowed", 1, None)]


def test_what_a_later_patch_repairs_ends_there() -> None:
    assert story(code(INSIDE), code(OUTSIDE), code(INSIDE)) == [("section-narrowed", 1, 2)]


def test_going_back_to_what_the_base_had_is_no_news() -> None:
    assert story(code(OUTSIDE), code(INSIDE), code(OUTSIDE)) == []


def test_what_the_series_added_itself_it_can_break() -> None:
    assert story(code("", whole=False), code(INSIDE), code(OUTSIDE)) == [("section-narrowed", 2, None)]


@pytest.mark.parametrize("after", [NONE, INSIDE.replace("opaque(1)", "opaque(4)")])
def test_an_access_that_is_gone_or_stays_inside_is_none(after: str) -> None:
    assert story(code(INSIDE), code(after)) == []
