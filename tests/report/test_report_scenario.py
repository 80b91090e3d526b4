# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The table in lockdep's own form."""

from __future__ import annotations

from typing import Any

from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.model import Step
from reviewtool.report.scenario import scenario
from reviewtool.ruleset.model import Group, Severity


def finding(**fields: Any) -> Finding:
    """An order finding with these fields."""
    known: dict[str, Any] = {
        "rule": "r",
        "group": Group.ORDER,
        "severity": Severity.ERROR,
        "certainty": Certainty.PROVED,
        "fingerprint": "f",
        "path": "a.c",
        "line": 1,
        "function": "f",
        "message": "m",
    }
    return Finding(**{**known, **fields})


def step(event: str) -> Step:
    return Step(path="a.c", line=1, function="f", event=event)


def test_the_columns_are_where_lockdep_has_them() -> None:
    table = scenario(
        finding(
            locks=("a", "b"),
            witness=(step("acquires a"), step("acquires b")),
            other=(step("acquires b shared"), step("calls a")),
        )
    )
    assert table == (
        " Possible unsafe locking scenario:",
        "",
        "       CPU0                    CPU1",
        "       ----                    ----",
        "  lock(a);",
        "                               rlock(b);",
        "                               lock(a);",
        "  lock(b);",
        "",
        "  *** DEADLOCK ***",
    )


def test_waiting_is_a_sync() -> None:
    table = scenario(finding(locks=("a", "b"), witness=(step("waits for b"),), other=(step("acquires b"),)))
    assert "  sync(b);" in table


def test_long_names_push_the_second_column() -> None:
    long = "struct_with_a_very_long_name_indeed->lock"
    table = scenario(finding(locks=(long, "b"), witness=(step("acquires b"),), other=(step("acquires b"),)))
    header = next(line for line in table if "CPU1" in line)
    assert f"{'':{header.index('CPU1')}}lock(b);" in table
    assert header.index("CPU1") > len(f"  lock({long});")


def test_no_table_without_a_partner_or_for_other_groups() -> None:
    assert scenario(finding(locks=("a", "b"), witness=(step("acquires b"),))) == ()
    assert scenario(finding(group=Group.BALANCE, locks=("a",), witness=(step("acquires a"),))) == ()
    assert scenario(finding()) == ()
