# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Which findings are news of a patch, and which of them are in doubt because a patch did not apply."""

from __future__ import annotations

from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.model import Step
from reviewtool.review.difference import Difference, SnapshotFindings, difference
from reviewtool.review.doubt import halves_of, with_doubts
from reviewtool.ruleset.model import Group, Severity
from reviewtool.tree.model import Application, Applied, Rejection


def step(function: str, event: str, path: str = "a.c") -> Step:
    return Step(path=path, line=1, function=function, event=event)


def finding(print_: str, *steps: Step, locks: tuple[str, ...] = ("lock",), rule: str = "a-rule") -> Finding:
    return Finding(
        rule=rule,
        group=Group.ORDER,
        severity=Severity.ERROR,
        certainty=Certainty.PROVED,
        fingerprint=print_,
        path="a.c",
        line=1,
        function="f",
        message="m",
        locks=locks,
        witness=steps,
    )


def compare(before: list[Finding], *after: list[Finding]) -> Difference:
    found = [
        SnapshotFindings(
            findings={item.fingerprint: item for item in items},
            classes=frozenset({"lock", "other"}),
            functions=frozenset({"f"}),
        )
        for items in (before, *after)
    ]
    return difference(found)


END = step("end", "sleeps")
ONE_WAY = finding("1", step("one", "calls end"), END)
OTHER_WAY = finding("2", step("two", "calls end"), END)


def test_another_way_to_the_same_trouble_is_no_news() -> None:
    change = compare([ONE_WAY], [OTHER_WAY], [ONE_WAY])
    assert (change.introduced, change.resolved) == ((), ())
    assert [item.fingerprint for item in change.pre_existing] == ["1"]
    gone = compare([ONE_WAY], [OTHER_WAY], [])
    assert [(item.fingerprint, item.patch) for item in gone.resolved] == [("2", 2)]


def test_a_second_way_beside_the_first_is_news() -> None:
    change = compare([ONE_WAY], [ONE_WAY, OTHER_WAY])
    assert [(item.fingerprint, item.patch) for item in change.introduced] == [("2", 1)]


def test_another_lock_rule_or_end_is_other_trouble() -> None:
    others = [
        finding("3", step("two", "calls end"), END, locks=("other",)),
        finding("4", step("two", "calls end"), END, rule="b-rule"),
        finding("5", step("two", "calls end"), step("end", "waits")),
        finding("6"),
    ]
    for other in others:
        change = compare([ONE_WAY], [other])
        assert [item.fingerprint for item in change.introduced] == [other.fingerprint]
        assert [item.fingerprint for item in change.resolved] == ["1"]


def applied(number: int, *paths: str) -> Application:
    rejections = tuple(Rejection(path=path, hunk=1, reason="r") for path in paths)
    return Application(number=number, applied=Applied.FAILED if paths else Applied.YES, rejections=rejections)


def test_what_shows_in_half_a_change_is_a_question() -> None:
    new = compare([], [], [finding("1", END), finding("2", step("g", "sleeps", "b.c"), locks=("other",))]).introduced
    first, second = with_doubts(new, [applied(1), applied(2, "b.c")], {})
    assert (first.certainty, first.severity, first.explanation) == (Certainty.PROVED, Severity.ERROR, "")
    assert (second.certainty, second.severity) == (Certainty.QUESTION, Severity.NOTE)
    assert "Patch 2 changes b.c, too, but did not apply there in full" in second.explanation


def test_doubts_begin_with_the_patch_that_failed() -> None:
    (new,) = compare([], [ONE_WAY], [ONE_WAY]).introduced
    assert with_doubts([new], [applied(1), applied(2, "a.c")], {2: frozenset({("a.c", "one")})}) == [new]


def test_a_later_patch_is_in_doubt_where_it_builds_on_half_a_function() -> None:
    (late,) = compare([], [], [ONE_WAY]).introduced
    applications = [applied(1, "a.c"), applied(2)]
    changed = [FunctionId("a.c", "one"), FunctionId("b.c", "end")]
    halves = halves_of(applications, 1, changed)
    assert halves == {1: frozenset({("a.c", "one")})}
    assert with_doubts([late], applications, halves)[0].certainty is Certainty.QUESTION
    assert with_doubts([late], applications, {1: frozenset({("a.c", "unrelated")})}) == [late]
    assert halves_of(applications, 2, changed) == {}


def test_what_the_base_has_is_not_in_doubt() -> None:
    (old,) = compare([ONE_WAY], [ONE_WAY]).pre_existing
    assert with_doubts([old], [applied(1, "a.c")], {1: frozenset({("a.c", "one")})}) == [old]
