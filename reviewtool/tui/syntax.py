# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Colours for a line of C, alone as it stands in a diff: quick and forgiving, for show only."""

from __future__ import annotations

import re
from functools import lru_cache

_TOKENS = re.compile(
    r"(?P<comment>/\*.*?(?:\*/|$)|//.*|^\s*\*(?:\s.*|/.*|)$)"
    r"|(?P<string>\"(?:\\.|[^\"\\])*\"?|'(?:\\.|[^'\\])*'?)"
    r"|(?P<keyword>^\s*#\s*\w+|\b(?:auto|break|case|char|const|continue|default|do|double|else|enum|extern|float|for|goto"
    r"|if|inline|int|long|register|return|short|signed|sizeof|static|struct|switch|typedef|typeof|union|unsigned|void"
    r"|volatile|while|bool|true|false|NULL)\b)"
    r"|(?P<number>\b\d[\w.]*)"
    r"|(?P<call>\b[A-Za-z_]\w*(?=\())"
)

Tokens = tuple[tuple[int, int, str], ...]
"""Start, end and ink of the parts of a line that have one."""


@lru_cache(maxsize=8192)
def tokens(text: str) -> Tokens:
    """The coloured parts, in order."""
    return tuple((found.start(), found.end(), str(found.lastgroup)) for found in _TOKENS.finditer(text[:400]))
