# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Colours for a terminal, and none elsewhere. Meaning never hangs on a colour: each painted word says it, too."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from typing import TextIO


class Ink(StrEnum):
    """What a piece of text is; the value is its SGR parameter (ECMA-48)."""

    TITLE = "1"
    ERROR = "1;31"
    WARNING = "1;33"
    NOTE = "1;36"
    GOOD = "32"
    FAINT = "2"
    CODE = "36"


@dataclass(frozen=True, slots=True)
class Paint:
    """Paints text that was made visible before."""

    enabled: bool = False

    def __call__(self, ink: Ink, text: str) -> str:
        """The text in this colour, or as it is."""
        return f"\x1b[{ink.value}m{text}\x1b[0m" if self.enabled and text else text


NO_PAINT = Paint()
"""For everything that is no terminal."""


def for_stream(stream: TextIO) -> Paint:
    """Colours if the stream is a terminal that has them and NO_COLOR (https://no-color.org) is not set."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return NO_PAINT
    return Paint(enabled=stream.isatty())
