# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Text into sentences with their lines; what is no prose is left out; hostile text costs no time."""

from __future__ import annotations

import time

import pytest

from reviewtool.changelog.claims import claims_of
from reviewtool.changelog.lockdep_parse import parse_reports
from reviewtool.changelog.sentences import split

CHANGELOG = """\
hub_probe() looks at every CPU, e.g. those that are
offline. hub_lock is not held.

- hub->lock is taken outside
  port->mutex
- this is another item

> somebody wrote that hub_a() takes b_lock.

[  12.345678] WARNING: at lib/hub.c:12 hub_probe+0x12/0x34
	spin_lock(&hub->lock);
 lib/hub.c | 12 ++++++------
Dana Developer (2):

Fixes: 123456789abc ("hub: hub_a() takes b_lock")
Signed-off-by: Dana Developer <dana@example.org>
"""


def test_sentences_and_their_lines() -> None:
    found = [(sentence.line, sentence.end_line, sentence.text) for sentence in split(CHANGELOG)]
    assert found == [
        (1, 2, "hub_probe() looks at every CPU, e.g. those that are offline."),
        (2, 2, "hub_lock is not held."),
        (4, 5, "hub->lock is taken outside port->mutex"),
        (6, 6, "this is another item"),
    ]


def test_lines_count_from_where_the_text_begins() -> None:
    assert split("One sentence.\nAnother one.", 40)[1].line == 41


def test_comments_speak_of_their_function() -> None:
    (claim,) = claims_of(split("Must be called with hub->lock held.", about="hub_add"))
    assert claim.said == "hub_add() is called with hub->lock held"
    assert claims_of(split("Must be called with hub->lock held.")) == ()


@pytest.mark.parametrize(
    "text",
    [
        "a_b() takes " * 20_000,
        "a_lock, " * 20_000,
        "a->b" + "->b" * 20_000,
        "(" * 50_000,
        "a_b(" * 20_000,
        "a_b() is not never also already always now " * 5_000,
        "`'\"" * 30_000,
        "is trying to acquire lock:\n" * 5_000,
        "-> #1 (" + "(" * 50_000,
        "lock(" * 20_000,
        " " * 100_000,
        "x/1 is trying to acquire lock:\n" + "((((\n" * 20_000,
        "A --> B " * 20_000,
    ],
)
def test_hostile_text_costs_no_time(text: str) -> None:
    start = time.process_time()
    claims_of(split(text, about="a_b"))
    parse_reports(text)
    assert time.process_time() - start < 3
