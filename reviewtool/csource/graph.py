# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A control-flow graph while it is made: blocks are opened, filled and linked, then the whole is made compact."""

from __future__ import annotations

from reviewtool.csource.facts import Block, Event, Exit


class Graph:
    """The blocks of one function. `out` takes the events of the current block, which may be out of reach."""

    __slots__ = ("_events", "_exits", "_succs", "current", "out")

    def __init__(self) -> None:
        """Begin with the entry as the current block."""
        self._events: list[list[Event]] = []
        self._exits: list[Exit | None] = []
        self._succs: list[list[int]] = []
        self.current = self.new()
        self.out = self._events[self.current]

    def new(self) -> int:
        """Make an empty block."""
        self._events.append([])
        self._exits.append(None)
        self._succs.append([])
        return len(self._events) - 1

    def start(self, block: int) -> None:
        """Go on in another block."""
        self.current = block
        self.out = self._events[block]

    def jump(self, target: int) -> None:
        """End the current block with a jump."""
        self._succs[self.current] = [target]

    def branch(self, exit_: Exit, *succs: int) -> None:
        """End the current block with a choice."""
        self._exits[self.current] = exit_
        self._succs[self.current] = list(succs)

    def seal(self) -> None:
        """End the current block for good and go on in one that nothing leads to."""
        self.start(self.new())

    def finish(self) -> tuple[Block, ...]:
        """Return the blocks that can be reached, compact, in reverse post-order; the first is the entry."""
        forward = self._thread()
        entry = _find(forward, 0)
        succs: dict[int, list[int]] = {}
        sources: dict[int, int] = {entry: 1}
        stack = [entry]
        while stack:
            block = stack.pop()
            if block in succs:
                continue
            after = succs[block] = [_find(forward, succ) for succ in self._succs[block]]
            for succ in after:
                sources[succ] = sources.get(succ, 0) + 1
            stack += after
        self._merge(succs, sources)
        order = _reverse_postorder(entry, succs)
        number = {block: index for index, block in enumerate(order)}
        return tuple(
            Block(tuple(self._events[block]), self._exits[block], tuple(number[succ] for succ in succs[block]))
            for block in order
        )

    def _thread(self) -> dict[int, int]:
        """Find the empty blocks that only lead on, from the end of the graph to its start."""
        forward: dict[int, int] = {}
        for block in _postorder(0, self._succs):
            succs = self._succs[block]
            if not succs:
                continue
            first = _find(forward, succs[0])
            exit_ = self._exits[block]
            if exit_ is not None:
                if any(_find(forward, succ) != first for succ in succs[1:]):
                    continue
                self._exits[block] = None
                self._succs[block] = [first]
            if first != block and not self._events[block]:
                forward[block] = first
        return forward

    def _merge(self, succs: dict[int, list[int]], sources: dict[int, int]) -> None:
        """Join each block with its only successor where that has no other predecessor."""
        for block in list(succs):
            while block in succs and self._exits[block] is None and len(succs[block]) == 1:
                following = succs[block][0]
                if sources[following] != 1 or following == block:
                    break
                self._events[block] += self._events[following]
                self._exits[block] = self._exits[following]
                succs[block] = succs.pop(following)


def _find(forward: dict[int, int], block: int) -> int:
    end = block
    while end in forward:
        end = forward[end]
    while block != end:
        forward[block], block = end, forward[block]
    return end


def _postorder(entry: int, succs: list[list[int]] | dict[int, list[int]]) -> list[int]:
    order: list[int] = []
    seen = {entry}
    path = [(entry, iter(reversed(succs[entry])))]
    while path:
        block, following = path[-1]
        for succ in following:
            if succ not in seen:
                seen.add(succ)
                path.append((succ, iter(reversed(succs[succ]))))
                break
        else:
            path.pop()
            order.append(block)
    return order


def _reverse_postorder(entry: int, succs: dict[int, list[int]]) -> list[int]:
    order = _postorder(entry, succs)
    order.reverse()
    return order
