# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Locks without a record: those that the document orders, and those that it never speaks of."""

from __future__ import annotations

from collections.abc import Sequence

from reviewtool.finding.model import Certainty
from reviewtool.lockdoc.finding import LOCK_UNDOCUMENTED, RECORD_MISSING, Found, Place
from reviewtool.lockdoc.views import View
from reviewtool.locking.model import LockClass
from reviewtool.ruleset.model import WaitType


def check_locks(views: Sequence[View], found: Found) -> None:
    """Enter locks that are ordered but have no record (if the document has records), and undocumented ones."""
    if not found.document.records:
        return
    for view in views:
        for cls, mention in view.documented.items():
            if cls in view.recorded or cls not in view.declared:
                continue
            found.add(
                RECORD_MISSING,
                Certainty.PROVED,
                found.at(mention),
                f"{mention.bare} is ordered here, but the reference section has no record of it",
                identity=(cls.name,),
                cited=found.cite(mention),
                world=view.world if mention.worlds else (),
                locks=(cls.label,),
            )
        for cls in undocumented(view):
            declared = view.declared[cls]
            found.add(
                LOCK_UNDOCUMENTED,
                Certainty.PROVED,
                Place(path=declared.path, line=declared.line),
                f"{cls.label} is not in {found.document.path}",
                identity=(cls.name,),
                cited=None,
                world=view.world,
                locks=(cls.label,),
                note=True,
            )


def undocumented(view: View) -> list[LockClass]:
    """The locks that the scope declares and takes, and the document does not name; sequence counters are none."""
    return sorted(
        (cls for cls in view.declared if cls in view.taken and cls not in view.mentioned and not _counter(view, cls)),
        key=lambda cls: cls.name,
    )


def _counter(view: View, cls: LockClass) -> bool:
    """Whether it never blocks anybody, though it has writers: they are serialised by another lock."""
    family = view.model.ruleset.families.get(cls.family)
    return family is not None and family.wait_type is WaitType.FREE and family.exclusive
