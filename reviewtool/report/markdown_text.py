# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Foreign text made fit for Markdown as forges render it (GFM, CommonMark): shown as written, and nothing else.

Backslashes stop markup; mentions, references and links that a forge makes of bare text are broken by an empty comment.
"""

from __future__ import annotations

import re

from reviewtool.report.visible import visible, visible_block

_MARKUP = re.compile(r"[\\`*{}\[\]#!|~$]|(?<!\w)_|_(?!\w)|^\s*[-=+>]|^\s*\d+[.)]")
_ENTITIES = re.compile(r"&(?=#?\w+;)|<")
_BREAK = "<!-- -->"
_LINKED = re.compile(r"@(?=\w)|\b(?:https?|ftp|mailto|xmpp):(?=\S)|\bwww(?=\.)|\\#(?=\d)|\bGH-(?=\d)", re.IGNORECASE)


def escape(text: str) -> str:
    """The text in one line, with nothing left that Markdown or a forge gives a meaning."""
    shown = _MARKUP.sub(lambda match: f"{match[0][:-1]}\\{match[0][-1]}", visible(text).strip())
    shown = _ENTITIES.sub(lambda match: "&lt;" if match[0] == "<" else "&amp;", shown)
    return _LINKED.sub(lambda match: f"{match[0]}{_BREAK}", shown)


def code(text: str) -> str:
    """The text as a code span, whatever backticks are in it; "" for nothing."""
    shown = visible(text).strip()
    if not shown:
        return ""
    mark = "`" * (_longest(shown) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{mark}{pad}{shown}{pad}{mark}"


def cell(text: str) -> str:
    """A code span for a table, where a bar ends the cell even in code unless a backslash stands before it."""
    return code(text).replace("|", "\\|")


def fenced(text: str, language: str = "") -> list[str]:
    """The lines of a code block, with a fence that the text cannot close."""
    shown = visible_block(text.rstrip("\n"))
    fence = "`" * max(3, _longest(shown) + 1)
    return [f"{fence}{language}", *shown.split("\n"), fence]


def _longest(text: str) -> int:
    """Length of the longest run of backticks."""
    return max((len(run) for run in re.findall(r"`+", text)), default=0)
