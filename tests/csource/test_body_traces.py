# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Random functions run over their statements and over their graphs: both do the same."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewtool.csource.body import Body
from tests.csource.programs import Maker, function_text
from tests.csource.runs import Runner, run_graph, traced

RUNS = 8
"""Tables of answers that one function is run with."""


def agree(lowered: Callable[[str], Body], random: Random) -> int:
    """Make one function and compare its runs; the number of events that they saw."""
    body = Maker(random).program()
    text = function_text(body)
    graph = lowered(text)
    events = 0
    for _ in range(RUNS):
        answers = [random.randint(0, 4) for _ in range(7)]
        wanted = traced(lambda world: Runner(world).function(body), answers)
        assert traced(lambda world: run_graph(graph, world), answers) == wanted, text
        events += len(wanted)
    return events


@given(st.randoms(use_true_random=False))
@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_small_graph_does_what_the_statements_do(lowered: Callable[[str], Body], random: Random) -> None:
    agree(lowered, random)


@pytest.mark.parametrize("seed", range(8))
def test_graph_does_what_the_statements_do(lowered: Callable[[str], Body], seed: int) -> None:
    random = Random(seed)
    assert sum(agree(lowered, random) for _ in range(60)) > 60 * RUNS
