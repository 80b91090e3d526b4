# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Foreign text made fit for a terminal: whoever prints what a mail, a tree or a rule file says goes through here.

A terminal obeys control characters, and a reader is deceived by characters that reorder or hide text (Unicode TR36,
CVE-2021-42574). Both become something that can be seen; nothing is dropped.
"""

from __future__ import annotations

import re
import unicodedata

TAB_WIDTH = 8
"""The kernel's coding style has tabs of 8 characters."""

_HARMLESS = re.compile(r"[\x20-\x7e]*")
_BLANKS_BUT_SPACE = frozenset(("Zl", "Zp"))
_UNSEEN = frozenset(("Cc", "Cf", "Co", "Cs", "Cn"))
_HANGUL_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")


def visible(text: str) -> str:
    """The text in one line: control characters as `^[`, others that hide or reorder as `<U+202E>`, tabs as a space."""
    if _HARMLESS.fullmatch(text):
        return text
    return "".join(_shown(char) if char != "\t" else " " for char in text)


def visible_block(text: str) -> str:
    """Like `visible()`, but line ends are kept and tabs run to the next multiple of 8 columns."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(visible_code(line) for line in lines)


def visible_code(line: str) -> str:
    """Like `visible()` for one line of source: tabs run to the next multiple of 8 columns."""
    if "\t" not in line:
        return visible(line)
    return "\t".join(visible(part) for part in line.split("\t")).expandtabs(TAB_WIDTH)


def _shown(char: str) -> str:
    if char < " " or char == "\x7f":
        return f"^{chr(ord(char) ^ 0x40)}"
    category = unicodedata.category(char)
    if category in _UNSEEN or category in _BLANKS_BUT_SPACE or char in _HANGUL_FILLERS:
        return f"<U+{ord(char):04X}>"
    return char
