# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The order graph of a tree, without a series: the edges whose evidence leads through some paths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reviewtool.locking.graph import Arc, preference, touches
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.scope import find_scope
from reviewtool.locking.summary import Kind
from reviewtool.locking.worlds import concerned
from reviewtool.review.detail import OrderEdge
from reviewtool.review.events import Event, Fault, GraphDone, Notice, Progress, Refused, Stage
from reviewtool.review.named import named_paths, named_tree
from reviewtool.review.request import GraphRequest
from reviewtool.review.workshop import Models, Workshop
from reviewtool.ruleset.errors import RulesetError
from reviewtool.tree.error import TreeError

_Key = tuple[str, str, str]
_Evidence = tuple[LockModel, Arc, frozenset[FunctionId]]


def graph_tree(request: GraphRequest) -> Iterator[Event]:
    """Work out the order graph. The last event is GraphDone or Refused."""
    try:
        yield from _graph(request)
    except TreeError as error:
        yield Refused(source=request.label, fault=Fault.INPUT, message=str(error))
    except RulesetError as error:
        yield Refused(source=request.label, fault=Fault.USAGE, message=str(error))


def _graph(request: GraphRequest) -> Iterator[Event]:
    settings = request.settings
    told: list[str] = []
    with Workshop(settings, told.append) as workshop, named_tree(settings) as tree:
        yield Progress(stage=Stage.READ)
        base = tree.base(settings.base or "")
        snapshot = tree.snapshot(base)
        paths = named_paths(request.paths, snapshot, base, workshop.ruleset)
        scope = find_scope(snapshot, workshop.ruleset, paths)
        yield Progress(stage=Stage.ANALYSE)
        models = workshop.models(snapshot, scope, concerned(paths, scope.worlds))
        edges = order_edges(models, request.paths)
    yield from (Notice(text=line) for line in (*told, *scope.bounded))
    yield GraphDone(source=request.label, base=base, paths=request.paths, edges=edges)


def order_edges(models: Models, paths: Sequence[str] = ()) -> tuple[OrderEdge, ...]:
    """The edges of the models together, sorted by name and kind; with paths those with evidence that leads through
    them, which is then what they show.
    """
    found: dict[_Key, list[_Evidence]] = {}
    for model in models:
        inside = frozenset(function for function in model.functions if _within(function.path, paths))
        for (outer, inner, kind), arcs in model.graph.arcs.items():
            wanted = [arc for arc in arcs if touches(arc, inside)] if paths else arcs
            if wanted:
                best = min(wanted, key=lambda arc: preference(arc, inside if paths else model.changed))
                found.setdefault((outer.label, inner.label, kind), []).append((model, best, inside))
    return tuple(_edge(key, found[key], len(models)) for key in sorted(found))


def _edge(key: _Key, evidence: list[_Evidence], worlds: int) -> OrderEdge:
    """One edge; it shows its best evidence of all worlds."""
    model, arc, _ = min(evidence, key=lambda item: preference(item[1], item[2]))
    seen = tuple(dict.fromkeys(model.world for model, _, _ in evidence))
    return OrderEdge(
        outer=key[0],
        inner=key[1],
        kind=key[2],
        worlds=seen if len(seen) < worlds else (),
        witness=model.witnesses.relation(arc.function, arc.relation),
        sync=arc.relation.inner.kind is Kind.SYNC,
    )


def _within(path: str, paths: Sequence[str]) -> bool:
    return not paths or any(path == wanted or path.startswith(wanted.rstrip("/") + "/") for wanted in paths)
