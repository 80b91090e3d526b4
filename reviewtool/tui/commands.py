# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The command palette: actions that are possible now, patches, findings, rules and locks to go to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from reviewtool.report.visible import visible
from reviewtool.tui.base import BaseScreen

if TYPE_CHECKING:
    from reviewtool.tui.app import ReviewApp

Entry = tuple[str, str, Callable[[], object]]


class Commands(Provider):
    """What can be done and where one can go."""

    async def discover(self) -> Hits:
        """Everything that can be done, before anything was typed."""
        for name, text, run in self._actions():
            yield DiscoveryHit(Content(text), run, text=text, help=name)

    async def search(self, query: str) -> Hits:
        """What fits the words that were typed."""
        matcher = self.matcher(query)
        for name, text, run in (*self._actions(), *self._places()):
            score = matcher.match(text)
            if score > 0:
                yield Hit(score, Content(text), run, text=text, help=name)

    def _actions(self) -> Iterator[Entry]:
        app = cast("ReviewApp", self.app)
        if isinstance(self.screen, BaseScreen):
            for action in self.screen.actions():
                if action.id != "palette":
                    keys = app.keymap.label(action.id)
                    yield f"{action.id}  {keys}", action.text, partial(app.perform, action.id)

    def _places(self) -> Iterator[Entry]:
        app = cast("ReviewApp", self.app)
        review = app.review_screen
        if self.screen is not review:
            return
        for number in app.desk.numbers:
            patch = app.desk.patch(number)
            if patch is not None:
                yield "patch", f"patch {number}: {visible(patch.subject)}", partial(review.open, number)
        for finding in app.desk.findings():
            text = f"finding {finding.patch}: {visible(finding.rule)} {visible(finding.message)}"
            yield finding.fingerprint[:8], text, partial(review.open_finding, finding.fingerprint)
        for rule in sorted(app.rules.rules):
            yield "rule", f"rule {rule}", partial(review.open_rule, rule)
