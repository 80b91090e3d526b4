# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The held-locks rail: a letter for each lock, a lane for each lock of a function."""

from __future__ import annotations

import re
from collections.abc import Iterable

from reviewtool.report.visible import visible
from reviewtool.review.detail import FunctionRail, Held
from reviewtool.tui.desk import Desk
from reviewtool.tui.inks import LOCKS
from reviewtool.tui.lines import Span

LANES = 3
"""So many locks of one line have a lane of their own; more are a `+`."""

_WORD = re.compile(r"[A-Za-z]+")
_PLAIN = frozenset(("lock", "mutex", "sem", "spin", "rwlock", "mtx"))
"""Words of a lock's name that tell nothing."""
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def letters(labels: Iterable[str]) -> dict[str, str]:
    """A letter for each lock, after its name where possible; small letters are for shared holders."""
    found: dict[str, str] = {}
    for label in sorted(set(labels)):
        words = [word for word in reversed(_WORD.findall(label)) if word.lower() not in _PLAIN]
        wanted = [char.upper() for word in words for char in word[:1]]
        wanted += [char.upper() for word in words for char in word] + list(_LETTERS)
        taken = set(found.values())
        found[label] = next((char for char in wanted if char.isalpha() and char not in taken), "?")
    return found


class Rails:
    """The rail of one patch."""

    def __init__(self, desk: Desk, number: int) -> None:
        self._before = _by_path(desk.rails(number, before=True))
        self._after = _by_path(desk.rails(number))
        rails = (*desk.rails(number, before=True), *desk.rails(number))
        self.letters = letters(held.label for rail in rails for line in rail.lines for held in line)
        order = {label: place for place, label in enumerate(sorted(self.letters))}
        self.inks = {label: f"lock{order[label] % LOCKS}" for label in self.letters}
        lanes = max((len(_lanes(rail)) for rail in rails), default=0)
        self.width = min(LANES, max(1, lanes)) + 1 if rails else 0
        """Cells, with the mark of a change; 0 where nothing is known."""

    def rail(self, path: str, line: int, *, before: bool) -> FunctionRail | None:
        """The function's rail at a line of the snapshot before or after the patch."""
        rails = (self._before if before else self._after).get(path, ())
        return next((rail for rail in rails if rail.at(line) is not None), None)

    def spans(self, path: str, sign: str, old: int, new: int) -> list[Span]:
        """The cells of a line; `old` and `new` are its lines in the snapshots, 0 for none."""
        if not self.width:
            return []
        before = sign == "-"
        rail = self.rail(path, old if before else new, before=before)
        if rail is None:
            return [(" " * self.width, "plain")]
        held = rail.at(old if before else new) or ()
        spans = self._cells(rail, held)
        other = self.rail(path, old, before=True) if sign == " " and old else None
        differs = other is not None and set(other.at(old) or ()) != set(held)
        return [*spans, ("≠" if differs else " ", "mark")]

    def _cells(self, rail: FunctionRail, held: tuple[Held, ...]) -> list[Span]:
        lanes = _lanes(rail)
        room = self.width - 1
        if not held:
            return [("·".ljust(room), "faint")]
        by_label = {lock.label: lock for lock in held}
        cells: list[Span] = []
        for label in lanes[:room]:
            lock = by_label.pop(label, None)
            if lock is None:
                cells.append((" ", "plain"))
            else:
                letter = self.letters[label]
                cells.append((letter.lower() if lock.shared else letter, self.inks[label]))
        cells += [(" ", "plain")] * (room - len(cells))
        if by_label:
            cells[-1] = ("+", "mark")
        return cells

    def legend(self, held: Iterable[Held]) -> list[Span]:
        """What the letters of a line mean."""
        spans: list[Span] = []
        for lock in held:
            letter = self.letters.get(lock.label, "?")
            shared = " (shared)" if lock.shared else ""
            spans.append((letter.lower() if lock.shared else letter, self.inks.get(lock.label, "plain")))
            spans.append((f" {visible(lock.label)}{shared}  ", "plain"))
        return spans


def _by_path(rails: Iterable[FunctionRail]) -> dict[str, tuple[FunctionRail, ...]]:
    found: dict[str, tuple[FunctionRail, ...]] = {}
    for rail in rails:
        found[rail.path] = (*found.get(rail.path, ()), rail)
    return found


def _lanes(rail: FunctionRail) -> list[str]:
    return list(dict.fromkeys(lock.label for line in rail.lines for lock in line))
