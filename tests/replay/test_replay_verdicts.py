# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What is documented about locks and waits, the simulator does."""

from __future__ import annotations

import pytest

from reviewtool.replay.explore import explore
from reviewtool.replay.program import Program
from reviewtool.replay.verdict import Bound, Verdict
from tests.oracle.documented import CASES
from tests.oracle.notation import program


@pytest.mark.parametrize(("case", "verdict"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_documented_behaviour(case: Program, verdict: Verdict) -> None:
    assert explore(case).verdict == verdict


def test_the_shortest_schedule_has_the_fewest_changes_of_context() -> None:
    both = program(
        "a detour",
        "a b c: mutex",
        ("0", "lock:c unlock:c lock:a lock:b unlock:b unlock:a"),
        ("1", "lock:c unlock:c lock:b lock:a unlock:a unlock:b"),
        ("2", "lock:c unlock:c lock:c unlock:c"),
    )
    outcome = explore(both)
    assert outcome.verdict is Verdict.DEADLOCK
    assert (outcome.schedule, outcome.steps) == ("a3b3", 6)


def test_the_bound_is_said() -> None:
    independent = program(
        "much", "a b c d: mutex", *((str(n), f"lock:{x} unlock:{x} " * 20) for n, x in enumerate("abcd"))
    )
    outcome = explore(independent, reduce=False, bound=Bound(states=500))
    assert outcome.verdict is Verdict.NONE_WITHIN_BOUND
    assert outcome.reached == "states"
    assert "bound of 500 states" in outcome.summary


def test_the_clock_is_a_bound_too() -> None:
    outcome = explore(program("any", "a: mutex", ("0", "lock:a unlock:a")), bound=Bound(seconds=-1.0))
    assert (outcome.verdict, outcome.reached) == (Verdict.NONE_WITHIN_BOUND, "seconds")


def test_contexts_that_do_not_meet_cost_no_interleaving() -> None:
    independent = program(
        "apart", "a b c: mutex", *((str(n), f"lock:{x} unlock:{x} " * 10) for n, x in enumerate("abc"))
    )
    outcome = explore(independent)
    assert (outcome.verdict, outcome.states) == (Verdict.NONE, 61)


def test_a_complete_search_says_so() -> None:
    outcome = explore(program("one", "a: mutex", ("0", "lock:a unlock:a")))
    assert outcome.summary == "none, 3 states, complete"
