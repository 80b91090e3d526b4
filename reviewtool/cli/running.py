# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Running the engine: its events become reviews, narration and an exit status."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from reviewtool.cli.app import internal
from reviewtool.cli.exitcode import ExitCode
from reviewtool.cli.narrate import Narrator, complain
from reviewtool.review.events import Event, Fault, Refused, ReviewDone
from reviewtool.review.model import Review
from reviewtool.ruleset.model import Severity

Job = tuple[str, Callable[[], Iterator[Event]]]
"""What to call a review while it runs, and what starts it."""

_STATUS = {Fault.USAGE: ExitCode.USAGE, Fault.INPUT: ExitCode.INPUT, Fault.INTERNAL: ExitCode.INTERNAL}


class Run:
    """Runs jobs one after the other. One that fails costs a line on standard error, never the others.

    Args:
        jobs: What to run.
        fail_on: The least severity that counts.
    """

    def __init__(self, jobs: Iterable[Job], fail_on: Severity) -> None:
        self._jobs = tuple(jobs)
        self._fail_on = fail_on
        self._status = ExitCode.CLEAN

    @property
    def status(self) -> ExitCode:
        """The highest status so far: of several sources the worst decides."""
        return self._status

    def reviews(self) -> Iterator[Review]:
        """The reviews in order, each as soon as it is there."""
        for label, start in self._jobs:
            review = self._one(label, start)
            if review is not None:
                yield review
            if self._status is ExitCode.USAGE:
                return

    def _one(self, label: str, start: Callable[[], Iterator[Event]]) -> Review | None:
        review: Review | None = None
        try:
            with Narrator(label) as narrator:
                for event in start():
                    narrator.tell(event)
                    if isinstance(event, ReviewDone):
                        review = event.review
                    elif isinstance(event, Refused):
                        refused = event
                        break
                else:
                    refused = None
        except Exception as error:  # noqa: BLE001 - a fault with one source must not cost the rest of the batch
            self._raise_to(ExitCode(internal(error)))
            return None
        if refused is not None:
            complain(f"{refused.source}: {refused.message}")
            self._raise_to(_STATUS[refused.fault])
            return None
        if review is None:
            complain(f"{label}: internal fault: the engine ended without a review (please report it)")
            self._raise_to(ExitCode.INTERNAL)
        elif review.reaches(self._fail_on):
            self._raise_to(ExitCode.FINDINGS)
        return review

    def _raise_to(self, status: ExitCode) -> None:
        self._status = max(self._status, status)
