# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Nothing that a stranger wrote reaches the terminal as a control or a trick."""

from __future__ import annotations

import dataclasses
import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewtool.finding.model import Certainty, Citation, Finding, Replay
from reviewtool.locking.model import Step
from reviewtool.mail.model import Address
from reviewtool.report.formats import FORMATS, Output
from reviewtool.report.visible import visible, visible_block, visible_code
from reviewtool.review.model import Claim, PatchResult, Review, SourceLine, Verdict
from reviewtool.ruleset.model import Group, Severity
from reviewtool.tree.model import Applied, Base

EVIL = "\x1b]0;x\x07\x9b2J\u202eabc\u2066\u200b\r\ud800\u2028\ufeff"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Zürich ✓ 日本", "Zürich ✓ 日本"),
        ("\x1b[31m", "^[[31m"),
        ("a\x00b\x7f", "a^@b^?"),
        ("\x9b", "<U+009B>"),
        ("\u202eevil", "<U+202E>evil"),
        ("a\u200bb\u2028", "a<U+200B>b<U+2028>"),
        ("\udcff", "<U+DCFF>"),
        ("a\tb\nc", "a b^Jc"),
    ],
)
def test_what_becomes_of_it(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_blocks_keep_lines_and_code_keeps_columns() -> None:
    assert visible_block("a\r\n\tb\rc\n") == "a\n        b^Mc\n"
    assert visible_code("ab\tc\x1b") == "ab      c^["


@given(st.text())
def test_no_text_gets_through(text: str) -> None:
    for shown in (visible(text), visible_code(text), visible_block(text).replace("\n", "")):
        assert not [char for char in shown if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


def evil(value: Any) -> Any:
    """The value with every free text in it replaced by the evil one."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        changes = {field.name: evil(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return dataclasses.replace(value, **changes)
    if isinstance(value, tuple):
        return tuple(evil(item) for item in value)
    return EVIL if type(value) is str else value


def everything() -> Review:
    """A review with something in every field, all texts evil."""
    step = Step(path="p", line=1, function="f", event="acquires", held=("l",))
    finding = Finding(
        rule="r",
        group=Group.ORDER,
        severity=Severity.ERROR,
        certainty=Certainty.PROVED,
        fingerprint="f",
        path="p",
        line=1,
        function="f",
        message="m",
        locks=("a", "b", "c"),
        witness=(step,),
        other=(step,),
        places=(step,),
        world=("w",),
        patch=1,
        replay=Replay(schedule="s", verdict="v", states=1),
        document=Citation(path="p", line=1, quote="q"),
        suggestion="s",
        raised_by="r",
        explanation="e",
    )
    return Review(
        source="s",
        subject="s",
        author=Address(name="n", email="e"),
        revision=1,
        base=Base(revision="r", label="l", reason="r"),
        patches=(PatchResult(number=1, subject="s", message_id="m", applied=Applied.FAILED, reason="r"),),
        findings=(finding,),
        resolved=(finding,),
        claims=(Claim(patch=1, sentence="s", verdict=Verdict.HOLDS),),
        notes=("n",),
        lines=(SourceLine(snapshot=0, path=EVIL, line=1, text="t"),),
    )


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_no_field_of_a_review_gets_through(name: str) -> None:
    report = "".join(FORMATS[name]([evil(everything())], Output()))
    assert "202" in report
    assert not [
        char for char in report if char != "\n" and unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    ]
    if name == "json":
        assert json.loads(report)["reviews"][0]["subject"] == EVIL
