# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Each format against its golden file. REVIEWTOOL_UPDATE_GOLDENS=1 writes them anew."""

from __future__ import annotations

import importlib.util
import json
import os
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest

from reviewtool.report.formats import FORMATS, Output
from reviewtool.report.json_report import schema
from reviewtool.report.paint import Paint
from reviewtool.review.model import Review

HERE = Path(__file__).parent


def samples() -> ModuleType:
    """The hand-made reviews beside this file (tests are no package)."""
    spec = importlib.util.spec_from_file_location("report_samples", HERE / "report_samples.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SAMPLES = samples()
REVIEWS: dict[str, Review] = {"series": SAMPLES.SERIES, "clean": SAMPLES.CLEAN, "audit": SAMPLES.AUDIT}


def render(name: str, reviews: list[Review], output: Output | None = None) -> str:
    """All pieces of a report."""
    return "".join(FORMATS[name](reviews, output or Output()))


def compare(text: str, golden: Path) -> None:
    """The text is the golden file's, which is written first if the environment asks for it."""
    if os.environ.get("REVIEWTOOL_UPDATE_GOLDENS"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", sorted(REVIEWS))
@pytest.mark.parametrize("name", sorted(FORMATS))
def test_report_is_the_golden_one(name: str, kind: str) -> None:
    compare(render(name, [REVIEWS[kind]]), HERE / "goldens" / f"{kind}.{name}")


def test_two_reviews_in_one_text_report() -> None:
    text = render("text", [SAMPLES.CLEAN, SAMPLES.AUDIT])
    assert text == render("text", [SAMPLES.CLEAN]) + "\n\n" + render("text", [SAMPLES.AUDIT])


def test_a_text_report_comes_review_by_review() -> None:
    def reviews() -> Any:
        yield SAMPLES.CLEAN
        pytest.fail("the second review was asked for before the first was printed")

    assert "nothing to report" in next(FORMATS["text"](reviews(), Output()))


def test_json_matches_the_published_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    validator = jsonschema.Draft202012Validator(schema())
    validator.validate(json.loads(render("json", list(REVIEWS.values()))))
    validator.validate(json.loads(render("json", [])))


def test_the_schema_refuses_what_the_contract_does_not_know() -> None:
    validator = jsonschema.Draft202012Validator(schema())
    report = json.loads(render("json", [SAMPLES.SERIES]))
    for change in (
        {"severity": "fatal"},
        {"certainty": "sure"},
        {"status": "new"},
        {"line": "7"},
        {"fingerprint": "xyz"},
    ):
        broken = json.loads(json.dumps(report))
        broken["reviews"][0]["findings"][0].update(change)
        assert not validator.is_valid(broken), change
    del report["reviews"][0]["findings"][0]["witness"]
    assert not validator.is_valid(report)


def test_colours_only_add_escapes() -> None:
    plain = render("text", [SAMPLES.SERIES])
    painted = render("text", [SAMPLES.SERIES], Output(paint=Paint(enabled=True)))
    assert "\x1b[1;31merror:\x1b[0m" in painted
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[[\d;]*m", "", painted) == plain


def test_prose_keeps_within_the_width() -> None:
    narrow = render("text", [SAMPLES.SERIES], Output(width=60))
    prose = [line for line in narrow.splitlines() if "wait for" in line or "bring it" in line]
    assert prose
    assert max(map(len, prose)) <= 60
