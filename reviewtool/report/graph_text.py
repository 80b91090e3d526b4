# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The order graph as text and for Graphviz."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from reviewtool.report.visible import visible
from reviewtool.review.detail import OrderEdge

_PLAIN: Final = "all worlds"


def render_graph_text(edges: Sequence[OrderEdge]) -> Iterator[str]:
    """One line for each edge: the two classes, lockdep's kind, the worlds, and where its best evidence ends.

    A wait is shown with `=>`, an acquisition with `->`.
    """
    if not edges:
        yield "no edges\n"
        return
    names = [f"{visible(edge.outer)} {'=>' if edge.sync else '->'} {visible(edge.inner)}" for edge in edges]
    worlds = [worlds_of(edge) for edge in edges]
    widths = max(map(len, names)), max(map(len, worlds))
    for edge, name, world in zip(edges, names, worlds, strict=True):
        yield f"{name:{widths[0]}}  {edge.kind}  {world:{widths[1]}}  {place_of(edge)}".rstrip() + "\n"


def render_graph_dot(edges: Sequence[OrderEdge]) -> Iterator[str]:
    """A digraph. Edges between readers are dashed, waits dotted."""
    yield "digraph order {\n"
    yield '  rankdir=LR;\n  node [shape=box, fontname="monospace"];\n  edge [fontname="monospace", fontsize=9];\n'
    for name in dict.fromkeys(name for edge in edges for name in (edge.outer, edge.inner)):
        yield f"  {_quoted(name)};\n"
    for edge in edges:
        style = "dotted" if edge.sync else "dashed" if edge.kind.startswith("S") or edge.kind.endswith("R") else "solid"
        label = edge.kind + (f" {worlds_of(edge)}" if edge.worlds else "")
        attributes = f"label={_quoted(label)}, style={style}, tooltip={_quoted(place_of(edge))}"
        yield f"  {_quoted(edge.outer)} -> {_quoted(edge.inner)} [{attributes}];\n"
    yield "}\n"


def worlds_of(edge: OrderEdge) -> str:
    """The worlds that have an edge, in a word."""
    return visible(",".join(edge.worlds)) if any(edge.worlds) else _PLAIN


def place_of(edge: OrderEdge) -> str:
    """Where the inner class is acquired or waited for, in one line."""
    if not edge.witness:
        return ""
    step = edge.witness[-1]
    return visible(f"{step.path}:{step.line} {step.function}()")


def _quoted(text: str) -> str:
    escaped = visible(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
