# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""format=flowed (RFC 3676), undone only where it was applied: many mailers declare it and send plain text."""

from __future__ import annotations

import re

_HUNK = re.compile(r"^@@ -\d", re.MULTILINE)


def is_stuffed(text: str) -> bool:
    """Whether the diff in a text was space-stuffed: every context line of its hunks begins with two spaces."""
    match = _HUNK.search(text)
    if match is None:
        return False
    context = [line for line in text[match.start() :].split("\n") if line.startswith(" ") and line.strip()]
    return len(context) > 2 and all(line.startswith("  ") for line in context)


def unflow(text: str, *, delsp: bool) -> str:
    """The text with stuffed spaces removed and soft breaks joined. A signature separator is never a soft break."""
    lines: list[str] = []
    joining = False
    for line in text.split("\n"):
        line = line.removeprefix(" ")
        if joining and lines:
            lines[-1] = (lines[-1].removesuffix(" ") if delsp else lines[-1]) + line
        else:
            lines.append(line)
        joining = line.endswith(" ") and line != "-- " and not line.startswith((">", "@@")) and line.strip() != ""
    return "\n".join(lines)
