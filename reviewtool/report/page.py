# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A rule's page for a terminal: the Markdown as it was written, with headings and code told apart."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewtool.report.finding_text import SEVERITY_INK
from reviewtool.report.paint import Ink, Paint
from reviewtool.report.visible import visible, visible_code
from reviewtool.ruleset.model import Rule

_HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*\Z")
_FENCE = re.compile(r"`{3,}|~{3,}")
_CODE = re.compile(r"`([^`]+)`")


def render_page(rule: Rule, paint: Paint) -> Iterator[str]:
    """The lines of the page, under a line with the rule's id, group and severity."""
    severity = paint(SEVERITY_INK[rule.severity], rule.severity.value)
    unproven = ", so far without a real case: reported as a note" if rule.unproven else ""
    yield f"{paint(Ink.TITLE, visible(rule.id))} ({rule.group.value}, {severity}{unproven})"
    yield visible(rule.summary)
    yield ""
    fence = ""
    for line in rule.page.rstrip("\n").split("\n"):
        mark = _FENCE.match(line)
        heading = _HEADING.match(line)
        if mark and (not fence or line.strip() == fence):
            fence = "" if fence else mark[0]
        elif fence:
            yield paint(Ink.CODE, f"    {visible_code(line)}".rstrip())
        elif heading:
            yield paint(Ink.TITLE, visible(heading[1]))
        else:
            yield _CODE.sub(lambda code: paint(Ink.CODE, code[1]) if paint.enabled else code[0], visible(line))
