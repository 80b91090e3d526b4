# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Where the classes of an order graph are drawn: in layers, outer locks left of inner ones.

A class stands one layer behind the last of those outside of it (longest path). Edges that would go back, of which each
cycle has at least one, are left out for that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_SWEEPS: Final = 4
"""How often the layers are put in order by what they are joined to."""

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Layers from the outermost, each from top to bottom, and the edges that go against their direction."""

    layers: tuple[tuple[str, ...], ...]
    backward: frozenset[Pair]


def arrange(pairs: Sequence[Pair]) -> Layout:
    """The layout of a graph; the same graph gives the same one."""
    names = sorted({name for pair in pairs for name in pair})
    after: dict[str, list[str]] = {name: [] for name in names}
    for outer, inner in sorted(set(pairs)):
        if outer != inner:
            after[outer].append(inner)
    order, backward = _sorted(names, after)
    layer = dict.fromkeys(names, 0)
    for name in order:
        for inner in after[name]:
            if (name, inner) not in backward:
                layer[inner] = max(layer[inner], layer[name] + 1)
    layers: list[list[str]] = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    for name in names:
        layers[layer[name]].append(name)
    _straighten(layers, after)
    return Layout(layers=tuple(map(tuple, layers)), backward=frozenset(backward))


def _sorted(names: Sequence[str], after: Mapping[str, list[str]]) -> tuple[list[str], set[Pair]]:
    """Outer before inner, and the edges that had to be left out for that: those to a class that is still being visited.

    Without recursion: a chain of classes may be longer than the stack.
    """
    done: list[str] = []
    seen: set[str] = set()
    open_: set[str] = set()
    backward: set[Pair] = set()
    for start in names:
        if start in seen:
            continue
        seen.add(start)
        open_.add(start)
        stack = [(start, iter(after[start]))]
        while stack:
            name, following = stack[-1]
            inner = next(following, None)
            if inner is None:
                stack.pop()
                open_.discard(name)
                done.append(name)
            elif inner in open_:
                backward.add((name, inner))
            elif inner not in seen:
                seen.add(inner)
                open_.add(inner)
                stack.append((inner, iter(after[inner])))
    return done[::-1], backward


def _straighten(layers: list[list[str]], after: Mapping[str, list[str]]) -> None:
    """Order each layer by the mean place of its neighbours, to have fewer crossings."""
    neighbours: dict[str, list[str]] = {name: list(following) for name, following in after.items()}
    for outer, following in after.items():
        for inner in following:
            neighbours[inner].append(outer)
    place = {name: float(index) for layer in layers for index, name in enumerate(layer)}
    for _ in range(_SWEEPS):
        for layer in layers:
            mean = {
                name: sum(place[other] for other in neighbours[name]) / len(neighbours[name])
                if neighbours[name] else place[name]
                for name in layer
            }  # fmt: skip
            layer.sort(key=lambda name: (mean[name], name))
            place.update((name, float(index)) for index, name in enumerate(layer))
