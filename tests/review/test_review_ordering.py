# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The order graph of a tree: which edges belong to which paths, and in which worlds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reviewtool.cli.app import run
from reviewtool.review.detail import OrderEdge
from reviewtool.review.events import GraphDone, Refused
from reviewtool.review.ordering import graph_tree
from reviewtool.review.request import GraphRequest, Settings

HEADER = """
struct box {
	struct mutex outer;
	struct mutex inner;
	struct mutex own;
};
void take_inner(struct box *b);
"""
FILES = {
    "include/linux/kvm_box.h": HEADER,
    "virt/kvm/low.c": """
#include <linux/kvm_box.h>
void take_inner(struct box *b)
{
	mutex_lock(&b->inner);
	mutex_unlock(&b->inner);
}
""",
    "virt/kvm/high.c": """
#include <linux/kvm_box.h>
void top(struct box *b)
{
	mutex_lock(&b->outer);
	take_inner(b);
	mutex_unlock(&b->outer);
}
""",
    "arch/one/kvm/one.c": """
#include <linux/kvm_box.h>
void one(struct box *b)
{
	mutex_lock(&b->own);
	take_inner(b);
	mutex_unlock(&b->own);
}
""",
    "arch/two/kvm/two.c": "void two(void)\n{\n}\n",
}


@pytest.fixture
def tree(make_repository: Callable[..., Any]) -> Path:
    path = make_repository(FILES).path
    assert isinstance(path, Path)
    return path


def edges(tree: Path, *paths: str) -> tuple[OrderEdge, ...]:
    *_, last = graph_tree(GraphRequest(paths=paths, settings=Settings(tree=tree, no_cache=True)))
    assert isinstance(last, GraphDone)
    return last.edges


def pairs(found: tuple[OrderEdge, ...]) -> dict[tuple[str, str], tuple[str, ...]]:
    return {(edge.outer, edge.inner): edge.worlds for edge in found}


OUTER, OWN = ("box->outer", "box->inner"), ("box->own", "box->inner")


def test_all_edges_with_their_worlds(tree: Path) -> None:
    found = edges(tree)
    assert pairs(found) == {OUTER: (), OWN: ("one",)}
    assert [edge.kind for edge in found] == ["EN", "EN"]
    last = found[0].witness[-1]
    assert (last.path, last.line, last.function) == ("virt/kvm/low.c", 5, "take_inner")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("virt/kvm/high.c", {OUTER}),
        ("virt/kvm/low.c", {OUTER, OWN}),
        ("virt/", {OUTER, OWN}),
        ("arch/one/kvm", {OWN}),
        ("arch/two/kvm", set()),
    ],
)
def test_paths_limit_the_edges_to_those_that_lead_through_them(
    tree: Path, path: str, expected: set[tuple[str, str]]
) -> None:
    assert set(pairs(edges(tree, path))) == expected


def test_a_path_that_is_not_there(tree: Path) -> None:
    *_, last = graph_tree(GraphRequest(paths=("mm",), settings=Settings(tree=tree)))
    assert isinstance(last, Refused)
    assert "mm: no such file or directory" in last.message


def test_the_command(tree: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    words = ["graph", "virt/kvm/high.c", "--tree", str(tree), "--no-config"]
    assert run(words) == 0
    assert capfd.readouterr().out == "box->outer -> box->inner  EN  all worlds  virt/kvm/low.c:5 take_inner()\n"
    for shape, start in (("dot", "digraph"), ("svg", "<svg ")):
        assert run([*words, "--format", shape, "-o", str(tmp_path / shape)]) == 0
        assert (tmp_path / shape).read_text().startswith(start)
    assert capfd.readouterr().out == ""
    assert run([*words, "--format", "png"]) == 2
    assert run(["graph", "--tree", str(tree), "--base", "no-such", "--no-config"]) == 3
