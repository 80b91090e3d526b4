# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""All checks, and what they find in a model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from reviewtool.checks.annotations import check_annotations
from reviewtool.checks.balance import check_balance
from reviewtool.checks.check import Check
from reviewtool.checks.context import check_context
from reviewtool.checks.contract import check_contract
from reviewtool.checks.copies import check_copies
from reviewtool.checks.crosscalls import check_crosscalls
from reviewtool.checks.forbidden import check_forbidden
from reviewtool.checks.guards import check_guards
from reviewtool.checks.handover import check_handover
from reviewtool.checks.initial import check_initial
from reviewtool.checks.interrupts import check_interrupts
from reviewtool.checks.last_put import check_last_put
from reviewtool.checks.lifetime import check_lifetime
from reviewtool.checks.making import check_making
from reviewtool.checks.nested import check_nested
from reviewtool.checks.order import check_order
from reviewtool.checks.pairs import check_pairs
from reviewtool.checks.pending import check_pending
from reviewtool.checks.plain import check_plain
from reviewtool.checks.rcu import check_rcu
from reviewtool.checks.readers import check_readers
from reviewtool.checks.retrying import check_retrying
from reviewtool.checks.style import check_style
from reviewtool.checks.subclasses import check_subclasses
from reviewtool.checks.waiting import check_waiting
from reviewtool.checks.waking import check_waking
from reviewtool.finding.model import Finding
from reviewtool.locking.lockmodel import LockModel

CHECKS: Final[tuple[Check, ...]] = (
    check_balance,
    check_order,
    check_context,
    check_interrupts,
    check_contract,
    check_rcu,
    check_lifetime,
    check_last_put,
    check_plain,
    check_readers,
    check_subclasses,
    check_retrying,
    check_forbidden,
    check_style,
    check_guards,
    check_annotations,
    check_handover,
    check_waiting,
    check_waking,
    check_pairs,
    check_crosscalls,
    check_pending,
    check_nested,
    check_making,
    check_initial,
    check_copies,
)


def findings_of(models: tuple[LockModel, ...]) -> dict[str, Finding]:
    """The findings of one snapshot by fingerprint."""
    return merged(finding for model in models for check in CHECKS for finding in check(model))


def merged(findings: Iterable[Finding]) -> dict[str, Finding]:
    """By fingerprint; the same finding in several worlds is one with all of them."""
    found: dict[str, Finding] = {}
    for finding in findings:
        old = found.get(finding.fingerprint)
        if old is None:
            found[finding.fingerprint] = finding
        elif not set(finding.world) <= set(old.world):
            found[finding.fingerprint] = replace(old, world=(*old.world, *finding.world))
    return found
