# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Schedules as short strings: a letter for each context (`a` the first), with how many steps it goes if more than one.

`a2ba` lets the first context take two steps, then the second one, then the first one again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby

RUN = re.compile(r"([a-z])([0-9]{0,4})", re.ASCII)
MOST_STEPS = 100_000


class ScheduleError(ValueError):
    """A schedule that cannot be read, or that does not fit its program."""


def encode(steps: Iterable[int]) -> str:
    """The string for a sequence of context numbers, each below 26."""
    parts = []
    for context, run in groupby(steps):
        length = len(list(run))
        parts.append(chr(ord("a") + context) + (str(length) if length > 1 else ""))
    return "".join(parts)


def decode(schedule: str) -> tuple[int, ...]:
    """The context numbers. Raises ScheduleError."""
    text = schedule.strip().lower()
    if RUN.sub("", text):
        raise ScheduleError(f"not a schedule: {schedule[:60]!r}; it is made of letters and counts, like a2ba")
    steps: list[int] = []
    for letter, length in RUN.findall(text):
        if length and int(length) == 0:
            raise ScheduleError(f"not a schedule: {schedule[:60]!r}; a count is at least 1")
        steps.extend([ord(letter) - ord("a")] * int(length or 1))
        if len(steps) > MOST_STEPS:
            raise ScheduleError(f"the schedule has more than {MOST_STEPS:,} steps")
    return tuple(steps)
