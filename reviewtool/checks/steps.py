# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""All checks of a change, and what they find between two snapshots."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from reviewtool.checks.agreement import Claim
from reviewtool.checks.assertions import check_assertions
from reviewtool.checks.guarded import check_newly_guarded
from reviewtool.checks.initlate import check_init_late
from reviewtool.checks.narrowed import check_narrowed
from reviewtool.checks.registry import merged
from reviewtool.checks.retyped import check_retyped
from reviewtool.checks.step import Pair, StepCheck
from reviewtool.checks.variants import check_variants
from reviewtool.checks.widened import check_widened
from reviewtool.finding.model import Finding
from reviewtool.locking.lockmodel import LockModel

STEP_CHECKS: Final[tuple[StepCheck, ...]] = (
    check_narrowed,
    check_widened,
    check_variants,
    check_assertions,
    check_retyped,
    check_init_late,
    check_newly_guarded,
)


def step_findings(
    old: tuple[LockModel, ...],
    new: tuple[LockModel, ...],
    claims: Mapping[str, tuple[Claim, ...]] = MappingProxyType({}),
) -> dict[str, Finding]:
    """What the way from one snapshot to a later one does, by fingerprint; the models are those of the same worlds.

    `claims` are those of documents, by world.
    """
    pairs = [
        Pair(before, after, claims.get(after.world, ()))
        for before, after in zip(old, new, strict=True)
        if before is not after
    ]
    return merged(finding for pair in pairs for check in STEP_CHECKS for finding in check(pair))
