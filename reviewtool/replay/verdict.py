# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What an exploration found, in how much of the program."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How it ended."""

    DEADLOCK = "deadlock"
    """Contexts wait for each other, or for what nobody does, for ever."""
    SELF_DEADLOCK = "self-deadlock"
    """A context waits for itself."""
    INTERRUPT_DEADLOCK = "interrupt-deadlock"
    """An interrupt waits for what it interrupted."""
    LOST_WAKEUP = "lost-wakeup"
    """A context waits for what has happened already."""
    SLEEP_IN_ATOMIC = "sleep-in-atomic"
    """A context may sleep where it must not."""
    NONE = "none"
    """Every way to run the program was seen; each one ends well."""
    NONE_WITHIN_BOUND = "none-within-bound"
    """The bound came first."""

    @property
    def trouble(self) -> bool:
        """Something is wrong, and there is a schedule that shows it."""
        return self not in (Verdict.NONE, Verdict.NONE_WITHIN_BOUND)


_PAST = {
    Verdict.DEADLOCK: "deadlocked",
    Verdict.SELF_DEADLOCK: "deadlocked with itself",
    Verdict.INTERRUPT_DEADLOCK: "deadlocked in an interrupt",
    Verdict.LOST_WAKEUP: "lost a wake-up",
    Verdict.SLEEP_IN_ATOMIC: "slept in atomic context",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """When an exploration gives up."""

    states: int = 200_000
    seconds: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of an exploration."""

    verdict: Verdict
    schedule: str
    """What leads to the trouble; "" for none."""
    steps: int
    """Of the schedule."""
    states: int
    """Different ones seen."""
    transitions: int
    bound: Bound
    reached: str = ""
    """Which bound ended it: `states`, `seconds`, "" for neither."""

    def said(self, when: str) -> str:
        """The same in a sentence about a snapshot, `when` being "before" or "after" a patch."""
        if not self.verdict.trouble:
            return self.summary.replace("none", f"none {when}", 1)
        steps = f"{self.steps} step{'' if self.steps == 1 else 's'}"
        if when == "before":
            return f"{_PAST[self.verdict]} before in {steps}"
        return f"{self.verdict} in {steps} {when}, {self.states:,} states"

    @property
    def summary(self) -> str:
        """One line, with what was searched."""
        searched = f"{self.states:,} states"
        match self.verdict:
            case Verdict.NONE:
                return f"none, {searched}, complete"
            case Verdict.NONE_WITHIN_BOUND:
                limit = f"{self.bound.states:,} states" if self.reached == "states" else f"{self.bound.seconds:g} s"
                return f"none within the bound of {limit}, {searched}"
            case _:
                return f"{self.verdict} in {self.steps} step{'' if self.steps == 1 else 's'}, {searched}"
