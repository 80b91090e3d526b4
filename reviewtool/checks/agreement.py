# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Which lock guards a field, from what those do who write it."""

from __future__ import annotations

from dataclasses import dataclass

from reviewtool.finding.model import Certainty, Citation
from reviewtool.locking.fields import Access, Fields
from reviewtool.locking.holding import Known
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass


@dataclass(frozen=True, slots=True)
class Agreement:
    """Other functions that write a field, all of them with one lock held."""

    field: str
    cls: LockClass
    writers: tuple[Access, ...]

    @property
    def functions(self) -> int:
        """How many functions they are."""
        return len({access.function for access in self.writers})


def agreed(
    model: LockModel, fields: Fields, field: str, cls: LockClass, apart: frozenset[FunctionId]
) -> Agreement | None:
    """The agreement of the others (without the functions `apart`) that a lock guards a field; None if there is none."""
    others = tuple(access for access in fields.accesses(field, write=True) if access.function not in apart)
    if not others:
        return None
    if all(model.holding.at(access.function, access.seen, cls) is Known.YES for access in others):
        return Agreement(field, cls, others)
    return None


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody says that a lock guards a field."""

    field: str
    cls: LockClass
    source: str
    """Who says so, in words."""
    certainty: Certainty
    reads: bool = False
    """Reads need the lock as well."""
    citation: Citation | None = None
