# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""All checks of a change, and what they find between two snapshots."""

from __future__ import annotations

from typing import Final

from reviewtool.checks.assertions import check_assertions
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
)


def step_findings(old: tuple[LockModel, ...], new: tuple[LockModel, ...]) -> dict[str, Finding]:
    """What the way from one snapshot to a later one does, by fingerprint; the models are those of the same worlds."""
    pairs = [Pair(before, after) for before, after in zip(old, new, strict=True) if before is not after]
    return merged(finding for pair in pairs for check in STEP_CHECKS for finding in check(pair))
