# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Strongly connected components (Tarjan), without recursion, callees before callers."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from typing import TypeVar

Node = TypeVar("Node")


def components(
    starts: Iterable[Node], successors: Callable[[Node], Iterable[Node]], done: Container[Node] = ()
) -> Iterator[list[Node]]:
    """The components that can be reached from `starts` without passing through nodes that are `done`.

    A component comes after all that it leads to. `successors` is asked once per node, and only when the node is
    reached, so nodes may come into being on the way.
    """
    index: dict[Node, int] = {}
    low: dict[Node, int] = {}
    stack: list[Node] = []
    on_stack: set[Node] = set()
    for start in starts:
        if start in index or start in done:
            continue
        work: list[tuple[Node, Iterator[Node]]] = [(start, iter(tuple(successors(start))))]
        index[start] = low[start] = len(index)
        stack.append(start)
        on_stack.add(start)
        while work:
            node, ahead = work[-1]
            following = next((n for n in ahead if _unfinished(n, index, low, node, on_stack, done)), None)
            if following is not None:
                index[following] = low[following] = len(index)
                stack.append(following)
                on_stack.add(following)
                work.append((following, iter(tuple(successors(following)))))
                continue
            work.pop()
            if work:
                parent = work[-1][0]
                low[parent] = min(low[parent], low[node])
            if low[node] == index[node]:
                component: list[Node] = []
                while True:
                    member = stack.pop()
                    on_stack.discard(member)
                    component.append(member)
                    if member == node:
                        break
                yield component


def _unfinished(
    node: Node, index: dict[Node, int], low: dict[Node, int], parent: Node, on_stack: set[Node], done: Container[Node]
) -> bool:
    """Whether a successor has still to be visited; a visited one on the stack lowers its parent's mark."""
    if node in index:
        if node in on_stack:
            low[parent] = min(low[parent], index[node])
        return False
    return node not in done
