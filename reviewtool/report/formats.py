# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The formats that a report can be had in. A new one is an entry here and a module that renders it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from reviewtool.report.json_report import render_json
from reviewtool.report.junit import render_junit
from reviewtool.report.markdown import render_markdown
from reviewtool.report.paint import NO_PAINT, Paint
from reviewtool.report.sarif import render_sarif
from reviewtool.report.text import DEFAULT_WIDTH, render_text
from reviewtool.review.model import Review
from reviewtool.ruleset.model import Rule


def no_rules() -> Mapping[str, Rule]:
    """For reports without the pages of the rules."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What the place is like that the report goes to."""

    paint: Paint = NO_PAINT
    width: int = DEFAULT_WIDTH
    """Columns, for formats that wrap prose."""
    rules: Callable[[], Mapping[str, Rule]] = no_rules
    """The pages of the rules by their id, for formats that carry them along; asked for only there."""


Renderer = Callable[[Iterable[Review], Output], Iterator[str]]
"""Takes the reviews as they come and yields the report in pieces."""


def _text(reviews: Iterable[Review], output: Output) -> Iterator[str]:
    return render_text(reviews, output.paint, output.width)


def _json(reviews: Iterable[Review], output: Output) -> Iterator[str]:
    return render_json(reviews)


def _sarif(reviews: Iterable[Review], output: Output) -> Iterator[str]:
    return render_sarif(reviews, output.rules())


def _markdown(reviews: Iterable[Review], output: Output) -> Iterator[str]:
    return render_markdown(reviews)


def _junit(reviews: Iterable[Review], output: Output) -> Iterator[str]:
    return render_junit(reviews)


FORMATS: dict[str, Renderer] = {
    "text": _text,
    "json": _json,
    "sarif": _sarif,
    "markdown": _markdown,
    "junit": _junit,
}
"""By the name that `--format` takes."""
