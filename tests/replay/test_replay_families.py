# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Every family of the rules that takes part in the order graph can be simulated."""

from __future__ import annotations

from reviewtool.replay.families import MACHINES, machine_of
from reviewtool.ruleset.loading import load

UNSIMULATED = {"lock-map"}
"""A map that stands for something which is not a lock: nobody waits at it."""


def test_every_ordered_family_has_a_machine() -> None:
    families = load().families
    ordered = {name for name, family in families.items() if family.order}
    assert {name for name in ordered if machine_of(name) is None} == UNSIMULATED
    assert MACHINES.keys() <= families.keys()
