# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The bodies of real kernel code: what every graph must be, whatever the code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reviewtool.csource.body import Body, lower
from reviewtool.csource.cut import cut_file
from reviewtool.csource.facts import Config, Enter, Leave, Return, Switch
from reviewtool.csource.parse import parse_cut
from reviewtool.ruleset.loading import load


def bodies(files: list[Path]) -> Iterator[tuple[str, Body]]:
    syntax = load().syntax
    for path in files:
        source = path.read_bytes()
        for piece in cut_file(source):
            parsed = parse_cut(source[piece.start : piece.end], syntax, piece.outer)
            for node in parsed.tree.root_node.named_children:
                if node.type == "function_definition":
                    yield f"{path}:{piece.line + node.start_point[0]}", lower(node, parsed, syntax)


def faults(body: Body) -> Iterator[str]:
    """What is wrong with the shape of a graph, and with its managed scopes in any configuration of the kernel."""
    reached = set()
    seen: dict[tuple[int, frozenset[tuple[str, int]]], tuple[int, ...]] = {(0, frozenset()): ()}
    todo = list(seen)
    while todo:
        number, configs = todo.pop()
        reached.add(number)
        block, scopes = body.blocks[number], seen[number, configs]
        ways = len(block.exit.labels) if isinstance(block.exit, Switch) else 2
        if len(block.succs) != ways if block.exit is not None else len(block.succs) > 1:
            yield f"block {number} has {len(block.succs)} ways on"
        for event in block.events:
            if isinstance(event, Enter):
                scopes = (*scopes, event.scope)
            elif isinstance(event, Leave):
                if scopes[-1:] != (event.scope,):
                    yield f"line {event.line}: {event.scope} ends in {scopes}"
                scopes = scopes[:-1]
            elif isinstance(event, Return) and (scopes or block.succs or event is not block.events[-1]):
                yield f"line {event.line}: returns in {scopes}"
        for way, succ in enumerate(block.succs):
            place = succ, configs
            if isinstance(block.exit, Config):
                if (block.exit.text, 1 - way) in configs:
                    continue
                place = succ, configs | {(block.exit.text, way)}
            if place not in seen:
                seen[place] = scopes
                todo.append(place)
            elif seen[place] != scopes:
                yield f"block {succ} is reached in {scopes} and in {seen[place]}"
    if len(reached) != len(body.blocks):
        yield f"{len(body.blocks) - len(reached)} blocks cannot be reached"


@pytest.mark.kernel_tree
@pytest.mark.slow
@pytest.mark.parametrize(("version", "least"), [("6.1", 3000), ("6.12", 3000)])
def test_graphs_of_kernel_functions(kernel_tree: Callable[[str], Path], version: str, least: int) -> None:
    top = kernel_tree(version)
    places = ("virt", "arch/x86/kvm", "kernel/sched", "kernel/trace", "kernel/events")
    files = [path for place in places for path in (top / place).rglob("*.[ch]")]
    found = dict(bodies(sorted(files)))
    assert len(found) > least
    assert {place: list(faults(body)) for place, body in found.items() if any(faults(body))} == {}
