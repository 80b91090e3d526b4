# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The order graph as text, for Graphviz and as a drawing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from reviewtool.locking.model import Step
from reviewtool.report.graph_layout import arrange
from reviewtool.report.graph_svg import render_graph_svg
from reviewtool.report.graph_text import render_graph_dot, render_graph_text
from reviewtool.review.detail import OrderEdge

SVG = "{http://www.w3.org/2000/svg}"


def edge(outer: str, inner: str, kind: str = "EN", *worlds: str, sync: bool = False) -> OrderEdge:
    steps = (
        Step(path="a.c", line=3, function="top", event="acquires"),
        Step(path="b.c", line=7, function="low", event="acquires"),
    )
    return OrderEdge(outer=outer, inner=inner, kind=kind, worlds=worlds, witness=steps, sync=sync)


EDGES = (
    edge("kvm->lock", "kvm->slots_lock"),
    edge("kvm->srcu", "kvm->lock", "SN", "s390", "x86"),
    edge("kvm->slots_lock", "kvm->srcu", sync=True),
)
HOSTILE = edge('a"<b>&\\', "c\x1b[2J\u202e", "EN", "x<y>")


def test_text_has_a_line_for_each_edge_in_columns() -> None:
    assert "".join(render_graph_text(EDGES)) == (
        "kvm->lock -> kvm->slots_lock  EN  all worlds  b.c:7 low()\n"
        "kvm->srcu -> kvm->lock        SN  s390,x86    b.c:7 low()\n"
        "kvm->slots_lock => kvm->srcu  EN  all worlds  b.c:7 low()\n"
    )


def test_a_graph_without_edges_can_be_shown_everywhere() -> None:
    assert "".join(render_graph_text(())) == "no edges\n"
    assert "".join(render_graph_dot(())).startswith("digraph order {\n")
    ET.fromstring("".join(render_graph_svg(())))


def test_dot_tells_readers_and_waits_apart() -> None:
    text = "".join(render_graph_dot(EDGES))
    assert text.count('"kvm->lock";') == 1
    assert '"kvm->lock" -> "kvm->slots_lock" [label="EN", style=solid, tooltip="b.c:7 low()"];' in text
    assert '"kvm->srcu" -> "kvm->lock" [label="SN s390,x86", style=dashed,' in text
    assert '"kvm->slots_lock" -> "kvm->srcu" [label="EN", style=dotted,' in text


def test_svg_shows_each_class_and_each_edge() -> None:
    top = ET.fromstring("".join(render_graph_svg((*EDGES, edge("kvm->lock", "kvm->lock")))))
    assert sorted(str(node.text) for node in top.iter(f"{SVG}text")) == ["kvm->lock", "kvm->slots_lock", "kvm->srcu"]
    drawn = {path.find(f"{SVG}title").text: path.get("class") for path in top.findall(f"{SVG}path")}  # type: ignore[union-attr]
    assert drawn == {
        "kvm->lock then kvm->slots_lock, EN, all worlds, b.c:7 low()": "",
        "kvm->srcu then kvm->lock, SN, s390,x86, b.c:7 low()": "s b",
        "kvm->slots_lock waits for kvm->srcu, EN, all worlds, b.c:7 low()": "w",
        "kvm->lock then kvm->lock, EN, all worlds, b.c:7 low()": "",
    }
    lefts = [float(box.get("x", "")) for box in top.findall(f"{SVG}rect")[1:]]
    assert len(set(lefts)) == 3


@pytest.mark.parametrize("render", [render_graph_text, render_graph_dot, render_graph_svg])
def test_hostile_names_stay_text(render: Callable[[Sequence[OrderEdge]], Iterator[str]]) -> None:
    text = "".join(render((HOSTILE,)))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "^[" in text or "&lt;" in text


def test_hostile_names_are_escaped_as_the_format_needs() -> None:
    assert '"a\\"<b>&\\\\" -> ' in "".join(render_graph_dot((HOSTILE,)))
    names = {node.text for node in ET.fromstring("".join(render_graph_svg((HOSTILE,)))).iter(f"{SVG}text")}
    assert names == {'a"<b>&\\', "c^[[2J<U+202E>"}


def test_outer_classes_stand_before_inner_ones_by_the_longest_way() -> None:
    layout = arrange([("a", "b"), ("b", "c"), ("a", "c"), ("d", "c"), ("c", "c")])
    assert layout.layers == (("a", "d"), ("b",), ("c",))
    assert layout.backward == frozenset()


def test_a_cycle_has_one_edge_that_goes_back() -> None:
    layout = arrange([("a", "b"), ("b", "c"), ("c", "a")])
    assert layout.layers == (("a",), ("b",), ("c",))
    assert layout.backward == {("c", "a")}


def test_a_long_chain_is_arranged() -> None:
    names = [f"lock{number:05}" for number in range(3000)]
    layout = arrange(list(pairwise(names)))
    assert [layer[0] for layer in layout.layers] == names
