# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""How much a finding may matter: what its rule, or the user in the rule's place, says, bounded by how sure it is."""

from __future__ import annotations

from reviewtool.finding.model import Certainty
from reviewtool.ruleset.model import Rule, Severity


def severity_of(rule: Rule, certainty: Certainty) -> Severity:
    """The rule's severity; but an error needs proof, and a question, or a rule that is unproven, makes notes only."""
    if certainty is Certainty.QUESTION or rule.unproven:
        return Severity.NOTE
    if certainty is Certainty.LIKELY and rule.severity is Severity.ERROR:
        return Severity.WARNING
    return rule.severity
