# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The top line: what is reviewed, on which base, how far the analysis is, what it found."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

from reviewtool.report.visible import visible
from reviewtool.ruleset.model import Severity
from reviewtool.tui.desk import Desk

Part = tuple[str, str, str]

_BAR = 8


def status_parts(desk: Desk, limit: str, width: int) -> list[Part]:
    """Texts with their inks; the subject is cut so that the rest fits."""
    right: list[Part] = []
    if limit:
        right.append((f"  limit {limit}", "mark", "limit"))
    right += _base(desk, width)
    right += _progress(desk, width)
    right += _counts(desk)
    room = max(12, width - sum(cell_len(text) for text, _, _ in right) - 1)
    title = f" {_title(desk)}"
    if cell_len(title) > room:
        title = set_cell_size(title, room - 1) + "…"
    return [(set_cell_size(title, room), "title", ""), *right]


def _title(desk: Desk) -> str:
    if desk.series is None:
        return f"reviewtool  {visible(desk.source)}"
    revision = f"v{desk.series.revision} " if desk.series.revision > 1 else ""
    return f"{revision}{visible(desk.series.subject)}"


def _base(desk: Desk, width: int) -> list[Part]:
    if desk.review is None or desk.review.base is None or width < 100:
        return []
    label = visible(desk.review.base.label.rstrip("/").rpartition("/")[2])
    return [(f"  base {label[:30]}", "faint", "")]


def _progress(desk: Desk, width: int) -> list[Part]:
    if desk.refused is not None:
        return [(f"  no review: {visible(desk.refused.message)}"[: max(20, width - 20)], "error", "")]
    if desk.review is not None:
        return []
    if desk.cancelled:
        return [(f"  stopped after {max(desk.results, default=0)}", "mark", "")]
    progress = desk.progress
    if progress is None:
        return [("  starting", "faint", "")]
    if not progress.total:
        return [(f"  {progress.stage.value}", "note", "")]
    full = progress.done * _BAR // max(1, progress.total)
    bar = "▓" * full + "░" * (_BAR - full)
    return [(f"  {progress.stage.value} {progress.done}/{progress.total} {bar}", "note", "")]


def _counts(desk: Desk) -> list[Part]:
    parts: list[Part] = []
    for severity in Severity:
        count = desk.count(severity)
        if count:
            name = severity.value if count == 1 else f"{severity.value}s"
            parts.append((f"  {count} {name}", severity.value, "next-note"))
    if not parts and desk.review is not None:
        parts.append(("  nothing to report", "good", ""))
    return [*parts, (" ", "plain", "")]
