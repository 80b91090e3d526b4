# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Which line of a document a node of its tree begins at.

docutils knows the line of a block more or less; the block's own first line, looked for around there, tells exactly.
"""

from __future__ import annotations

from typing import Final

from docutils import nodes

_FAR: Final = 12
"""Lines around what docutils says that are looked at."""


class Lines:
    """The lines of one document."""

    def __init__(self, text: str) -> None:
        self.lines: tuple[str, ...] = tuple(text.expandtabs().split("\n"))
        self._at = 0

    def of(self, node: nodes.Element, *, peek: bool = False) -> int:
        """The line (from 1) at which the text of a node begins; nodes are asked for in the order of the text.

        `peek` leaves the place where the next search begins.
        """
        said = _line(node)
        first = next((line for line in (node.rawsource or node.astext()).expandtabs().split("\n") if line.strip()), "")
        found = self._find(" ".join(first.split()), said)
        if not peek:
            self._at = found
        return found

    def _find(self, wanted: str, said: int | None) -> int:
        start = max(self._at, 1)
        guess = said if said is not None else start
        around = sorted(range(guess - _FAR, guess + _FAR + 1), key=lambda line: (abs(line - guess), line))
        for line in around:
            if 1 <= line <= len(self.lines) and wanted and wanted in " ".join(self.lines[line - 1].split()):
                return line
        return min(max(guess, 1), max(len(self.lines), 1))


def _line(node: nodes.Node | None) -> int | None:
    while node is not None:
        line = getattr(node, "line", None)
        if isinstance(line, int):
            return line
        node = node.parent
    return None
