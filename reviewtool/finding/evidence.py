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
    DOWNGRADES = "downgrades"
    """From now on it is held shared."""
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
    trylock: bool = False
    """TAKES: it goes on without the lock, behind its release, if that is not free."""
    with_lock: bool = False
    """It masks interrupts or preemption as part of an operation on a lock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """One way through the code, and the context that it runs in."""

    moves: tuple[Move, ...]
    """In order; what is held at the end is released then."""
    kind: str = "task"
    """`task` (or `worker`, `hotplug`, `kthread`, `grace-period`: which task), `softirq`, `hardirq`, `nmi`."""
    interrupts: bool = False
    """It comes on top of the first actor, on the same CPU."""
    choices: tuple[str, ...] = ()
    """The branches that the way takes: `r == 0 (x.c:12)`."""
    documented: str = ""
    """Where it is written that there is such a way, if no code that was read shows it."""


Evidence = tuple[Actor, ...]
"""The first actor is the finding's own witness."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathEvidence:
    """What a replay of a changed function is made of."""

    evidence: Evidence
    """The function's own path first."""
    edge: tuple[str, str] | None = None
    """The labels of the two locks for whose order the path was chosen; None: it was chosen for its many locks."""
    new: bool = False
    """The patch adds the edge."""
    opposite: bool = False
    """There is code that takes them the other way round; else the path runs beside itself."""
