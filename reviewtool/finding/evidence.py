# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What a finding rests on, in a form that can be run: who has a part in it, and what each of them does to locks.

It travels with the finding and is no part of the report.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from reviewtool.locking.model import LockClass, Step
from reviewtool.ruleset.model import Mode


class Act(StrEnum):
    """What a move does."""

    HOLDS = "holds"
    """Held by the callers already when the way begins."""
    TAKES = "takes"
    RELEASES = "releases"
    WAITS = "waits"
    """For readers, work, a timer, a thread."""
    SLEEPS = "sleeps"
    """May sleep, for no lock's sake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One thing that an actor does to a lock."""

    act: Act
    cls: LockClass
    mode: Mode = Mode.EXCLUSIVE
    steps: tuple[Step, ...] = ()
    """The calls that lead there, outermost first; the last one is the place itself. Empty where no code shows it."""
    instance: str = ""
    """Tells locks of one class apart, for all actors alike; "" for the one that they meet at."""
    nested: bool = False
    """A subclass or a nest lock says that a second one of the class is meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """One way through the code, and the context that it runs in."""

    moves: tuple[Move, ...]
    """In order; what is held at the end is released then."""
    kind: str = "task"
    """`task`, `softirq`, `hardirq`, `nmi`."""
    interrupts: bool = False
    """It comes on top of the first actor, on the same CPU."""
    documented: str = ""
    """Where it is written that there is such a way, if no code that was read shows it."""


Evidence = tuple[Actor, ...]
"""The first actor is the finding's own witness."""
