# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A schedule for a program that shows no trouble: one context after the other, as far as each can go."""

from __future__ import annotations

from reviewtool.replay.program import Program
from reviewtool.replay.schedule import encode
from reviewtool.replay.system import System


def serial_schedule(program: Program) -> str:
    """The schedule in which always the first context steps that can. Raises ProgramError."""
    system = System(program)
    state = system.initial()
    steps: list[int] = []
    while True:
        for context in range(system.size):
            after = None if system.finished(state, context) else system.step(state, context)
            if after is not None:
                steps.append(context)
                state = after
                break
        else:
            return encode(steps)
