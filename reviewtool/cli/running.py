# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Running the engine: its events become reviews, narration and an exit status."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from reviewtool.cli.app import internal
from reviewtool.cli.exitcode import ExitCode
from reviewtool.cli.narrate import Narrator, complain
from reviewtool.review.events import DocumentsDone, Event, Fault, GraphDone, ParseDone, Refused, ReviewDone
from reviewtool.review.model import Review
from reviewtool.ruleset.model import Severity

Job = tuple[str, Callable[[], Iterator[Event]]]
"""What to call a review while it runs, and what starts it."""

End = TypeVar("End", ReviewDone, ParseDone, GraphDone, DocumentsDone)

_STATUS = {Fault.USAGE: ExitCode.USAGE, Fault.INPUT: ExitCode.INPUT, Fault.INTERNAL: ExitCode.INTERNAL}


class Run:
    """Runs jobs one after the other. One that fails costs a line on standard error, never the others.

    Args:
        jobs: What to run.
        fail_on: The least severity that counts.
    """

    def __init__(self, jobs: Iterable[Job], fail_on: Severity = Severity.WARNING) -> None:
        self._jobs = tuple(jobs)
        self._fail_on = fail_on
        self._status = ExitCode.CLEAN

    @property
    def status(self) -> ExitCode:
        """The highest status so far: of several sources the worst decides."""
        return self._status

    def reviews(self) -> Iterator[Review]:
        """The reviews in order, each as soon as it is there; they decide the status.

        A series that is not complete is reviewed as far as it goes, and is bad input all the same.
        """
        for end in self.ends(ReviewDone):
            for line in end.review.incomplete:
                complain(_of(end.review.source, line))
                self._raise_to(ExitCode.INPUT)
            if end.review.reaches(self._fail_on):
                self._raise_to(ExitCode.FINDINGS)
            yield end.review

    def ends(self, kind: type[End]) -> Iterator[End]:
        """The last event of each job, which has to be of this kind."""
        for label, start in self._jobs:
            end = self._one(label, start, kind)
            if end is not None:
                yield end
            if self._status is ExitCode.USAGE:
                return

    def _one(self, label: str, start: Callable[[], Iterator[Event]], kind: type[End]) -> End | None:
        last: Event | None = None
        try:
            with Narrator(label) as narrator:
                for last in start():
                    narrator.tell(last)
        except Exception as error:  # noqa: BLE001 - a fault with one source must not cost the rest of the batch
            self._raise_to(ExitCode(internal(error)))
            return None
        if isinstance(last, Refused):
            complain(_of(last.source, last.message))
            self._raise_to(_STATUS[last.fault])
            return None
        if isinstance(last, kind):
            return last
        complain(f"{label}: internal fault: the engine ended without a result (please report it)")
        self._raise_to(ExitCode.INTERNAL)
        return None

    def _raise_to(self, status: ExitCode) -> None:
        self._status = max(self._status, status)


def _of(source: str, message: str) -> str:
    """A message with its source in front, once."""
    return message if message.startswith(f"{source}: ") else f"{source}: {message}"
