# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The order graph as a drawing in SVG: outer locks left, inner ones right, what goes against that in red.

It has its own background, for light and dark pages. All text is escaped, and nothing in it is active.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from reviewtool.report.graph_layout import arrange
from reviewtool.report.graph_text import place_of, worlds_of
from reviewtool.report.visible import visible
from reviewtool.review.detail import OrderEdge

_CHARACTER: Final = 6.7
"""Width of one, in the monospaced font at 11 px."""
_HEIGHT, _ROW, _GAP, _MARGIN = 22, 40, 120, 24
_STYLE: Final = (
    "<style>text{font:11px ui-monospace,monospace;fill:#222}rect.c{fill:#f4f6fa;stroke:#5a6b85}"
    "path{fill:none;stroke:#7a8699}path.s{stroke-dasharray:5 3}path.w{stroke-dasharray:1 3}path.b{stroke:#b00020}"
    "marker path{fill:#7a8699;stroke:none}</style>"
)
_ARROW: Final = (
    '<defs><marker id="a" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0L8 4L0 8z"/></marker></defs>'
)


@dataclass(frozen=True, slots=True)
class _Box:
    left: float
    top: float
    width: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def middle(self) -> float:
        return self.top + _HEIGHT / 2


def render_graph_svg(edges: Sequence[OrderEdge]) -> Iterator[str]:
    """A whole SVG document. What an edge is, its worlds and its place are shown when one points at it."""
    layout = arrange([(edge.outer, edge.inner) for edge in edges])
    boxes, width, height = _boxes(layout.layers)
    yield f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">\n'
    yield f'<title>lock order</title>{_STYLE}{_ARROW}<rect width="{width}" height="{height}" fill="#fff"/>\n'
    for edge in edges:
        yield _drawn(edge, boxes, backward=(edge.outer, edge.inner) in layout.backward)
    for name, box in boxes.items():
        yield f'<rect class="c" x="{box.left:g}" y="{box.top:g}" width="{box.width:g}" height="{_HEIGHT}" rx="3"/>'
        yield f'<text x="{box.left + 8:g}" y="{box.top + 15:g}">{escape(visible(name))}</text>\n'
    yield "</svg>\n"


def _boxes(layers: Sequence[Sequence[str]]) -> tuple[Mapping[str, _Box], int, int]:
    """The box of each class, and the size of the drawing."""
    boxes: dict[str, _Box] = {}
    left = float(_MARGIN)
    tallest = max(map(len, layers), default=0)
    for layer in layers:
        width = round(max(len(visible(name)) for name in layer) * _CHARACTER + 16, 1)
        start = _MARGIN + (tallest - len(layer)) * _ROW / 2
        for number, name in enumerate(layer):
            boxes[name] = _Box(left, start + number * _ROW, width)
        left = round(left + width + _GAP, 1)
    return boxes, int(max(left - _GAP, 0)) + 2 * _MARGIN, tallest * _ROW + 2 * _MARGIN


def _drawn(edge: OrderEdge, boxes: Mapping[str, _Box], *, backward: bool) -> str:
    start, end = boxes[edge.outer], boxes[edge.inner]
    if edge.outer == edge.inner:
        x, y = start.right, start.middle
        way = f"M{x:g} {y - 6:g}c24 -16 24 28 0 12"
    else:
        bend = _GAP / 2
        way = (
            f"M{start.right:g} {start.middle:g}C{start.right + bend:g} {start.middle:g} "
            f"{end.left - bend:g} {end.middle:g} {end.left:g} {end.middle:g}"
        )
    readers = edge.kind.startswith("S") or edge.kind.endswith("R")
    kinds = [name for name, given in (("w", edge.sync), ("s", readers and not edge.sync), ("b", backward)) if given]
    verb = "waits for" if edge.sync else "then"
    told = f"{edge.outer} {verb} {edge.inner}, {edge.kind}, {worlds_of(edge)}, {place_of(edge)}"
    title = escape(visible(told))
    return f'<path class="{" ".join(kinds)}" d="{way}" marker-end="url(#a)"><title>{title}</title></path>\n'
