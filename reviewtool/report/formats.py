# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The formats that a report can be had in. A new one is an entry here and a module that renders it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from reviewtool.report.json_report import render_json
from reviewtool.report.paint import NO_PAINT, Paint
from reviewtool.report.text import DEFAULT_WIDTH, render_text
from reviewtool.review.model import Review


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What the place is like that the report goes to."""

    paint: Paint = NO_PAINT
    width: int = DEFAULT_WIDTH
    """Columns, for formats that wrap prose."""


Renderer = Callable[[Iterable[Review], Output], Iterator[str]]
"""Takes the reviews as they come and yields the report in pieces."""


def _text(reviews: Iterable[Review], output: Output) -> Iterator[str]:
    return render_text(reviews, output.paint, output.width)


def _json(reviews: Iterable[Review], output: Output) -> Iterator[str]:
    return render_json(reviews)


FORMATS: dict[str, Renderer] = {"text": _text, "json": _json}
"""By the name that `--format` takes."""
