# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The simulator says what SPIN says. The full run is `python -m tests.oracle.compare --programs 500 --documented`."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewtool.replay.program import Program
from reviewtool.replay.verdict import Verdict
from tests.oracle.compare import compare
from tests.oracle.documented import CASES
from tests.oracle.generate import generate
from tests.oracle.spin import available

pytestmark = pytest.mark.skipif(not available(), reason="spin or gcc is not installed")

QUICK = (1, 3, 4, 7, 8, 486)
"""Seeds of the generated programs of a normal test run."""
EVERY = 9
"""A normal test run asks SPIN about every so many of the documented programs."""


@pytest.mark.parametrize("seed", QUICK)
def test_a_generated_program_gets_the_same_answer(seed: int, tmp_path: Path) -> None:
    result = compare(generate(seed), tmp_path)
    assert result.ours == result.theirs


@pytest.mark.parametrize(("program", "verdict"), CASES[::EVERY], ids=lambda value: getattr(value, "name", ""))
def test_a_documented_program_gets_the_same_answer(program: Program, verdict: Verdict, tmp_path: Path) -> None:
    result = compare(program, tmp_path)
    assert result.ours == result.theirs
    assert result.ours.asleep == (verdict is Verdict.SLEEP_IN_ATOMIC)
