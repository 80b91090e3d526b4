# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""How a document would write a lock, and the facts that a record of it has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from reviewtool.csource.facts import Assign, Call
from reviewtool.lockdoc.hunk import LockFacts
from reviewtool.lockdoc.model import Mention
from reviewtool.lockdoc.names import Fate
from reviewtool.lockdoc.records_check import spelled
from reviewtool.lockdoc.views import View
from reviewtool.locking import ctypes
from reviewtool.locking.expr import Index, Member, Name, Node, Unary, parse, plain
from reviewtool.locking.graph import Arc
from reviewtool.locking.linker import FunctionRef
from reviewtool.locking.model import LockClass
from reviewtool.locking.worlds import world_of
from reviewtool.ruleset.model import Effect, Mode

_MOST_DATA: Final = 6
_SHORT: Final = 6
_LAST: Final = re.compile(r"\w+\Z")


def written(view: View, cls: LockClass, mode: Mode = Mode.EXCLUSIVE) -> str:
    """A lock by the document's habits: its own words if it has some, `vcpu->x` like other fields of that record, the
    function that takes a lock which primitives name themselves.
    """
    mention = view.documented.get(cls)
    if mention is not None:
        return mention.bare + ("()" if mention.is_call else "")
    record, dot, field = cls.name.rpartition(".")
    if dot:
        for known, other in view.documented.items():
            if known.name.rpartition(".")[0] == record and _resolved(view, other):
                return _LAST.sub(field, other.bare)
        return cls.label
    return _function_for(view, cls, mode) or cls.label


def _resolved(view: View, mention: Mention) -> bool:
    """Whether a mention is a path that is right as it stands."""
    return _LAST.sub("", mention.bare) != "" and view.names.named(mention).fate is Fate.FOUND


def _function_for(view: View, cls: LockClass, mode: Mode) -> str:
    """The primitive that takes this lock without being given it."""
    names = [
        name
        for name, primitive in view.model.ruleset.primitives.items()
        for operation in primitive.operations
        if operation.subject == cls.name
        and operation.effect is Effect.ACQUIRE
        and operation.mode is mode
        and not operation.trylock
    ]
    return f"{min(names, key=lambda name: (len(name), name))}()" if names else ""


def lock_facts(views: Sequence[View], cls: LockClass, reasons: Mapping[str, str]) -> LockFacts:
    """What a record of a lock would say. `reasons` maps the lock's name (or its label) to the author's sentence."""
    seen = [view for view in views if cls in view.declared]
    declared = seen[0].declared[cls]
    home = world_of(declared.path) or _only_world(views, cls)
    protects: dict[str, None] = {}
    orders: dict[tuple[str, str], None] = {}
    for view in seen:
        protects.update(dict.fromkeys(_protected(view, cls)))
        orders.update(dict.fromkeys(_orders(view, cls)))
    name = cls.label.rpartition("->")[2]
    return LockFacts(
        name=written(seen[0], cls),
        type=spelled(declared.type),
        arch=home or "any",
        protects=_nearest_data(cls, tuple(protects)),
        comment=reasons.get(cls.label) or reasons.get(name) or "",
        orders=tuple(orders),
        worlds=(home,) if home else (),
    )


def _only_world(views: Sequence[View], cls: LockClass) -> str:
    """The one architecture that takes a lock which a generic header declares; "" if more do, or not all are at hand."""
    takers = {view.model.world for view in views if cls in view.taken}
    complete = {view.model.world for view in views} >= set(views[0].vocabulary.program.scope.worlds)
    return takers.pop() if complete and len(takers) == 1 and len(views) > 1 else ""


def _nearest_data(cls: LockClass, names: tuple[str, ...]) -> tuple[str, ...]:
    """Of what is written under a lock, what stands beside it: fields of its record, or variables beside a variable."""
    record = cls.name.rpartition(".")[0].rpartition(" ")[2]
    beside = tuple(name for name in names if (name.startswith(f"{record}::") if record else "::" not in name))
    return (beside or names)[:_MOST_DATA]


def _orders(view: View, cls: LockClass) -> Iterator[tuple[str, str]]:
    """Orders with documented locks and with those of the kernel's core; `cls` outer first.

    What follows from the kinds of the locks, or from an order that is listed and one that is documented, is left out.
    """
    inside = {inner: arc for inner, arc in view.inside(cls).items() if _worth(view, cls, inner, arc)}
    for inner in sorted(inside, key=lambda each: each.name):
        if not any((other, inner) in view.closure for other in inside):
            yield written(view, cls), written(view, inner, inside[inner].relation.inner.mode)
    around: dict[LockClass, Arc] = {}
    for outer in {one for one, two, _ in view.model.graph.arcs if two == cls and one != cls}:
        arcs = view.arcs(outer, cls)
        if arcs and _worth(view, cls, outer, arcs[0]):
            around[outer] = arcs[0]
    for outer in sorted(around, key=lambda each: each.name):
        if not any((outer, other) in view.closure for other in around):
            yield written(view, outer, around[outer].relation.outer.mode), written(view, cls)


def _worth(view: View, cls: LockClass, other: LockClass, arc: Arc) -> bool:
    if view.waits(cls) != view.waits(other):
        return False
    known = other in view.documented or (other not in view.declared and _function_for(view, other, Mode.SHARED) != "")
    short = len(view.model.witnesses.relation(arc.function, arc.relation)) <= _SHORT
    return known and short and not arc.relation.inner.likely


def _protected(view: View, cls: LockClass) -> Iterator[str]:
    """What the functions that take the lock write while they hold it, in the order of the code."""
    functions = view.model.functions
    for function in sorted(view.accesses.takers(cls)):
        ref = functions[function]
        held = {
            line for line, locks in view.model.held_lines(function).items() if any(lock.cls == cls for lock in locks)
        }
        for block in ref.facts.blocks:
            for event in block.events:
                if isinstance(event, Assign | Call) and ref.line(event.line) in held:
                    texts = (event.target,) if isinstance(event, Assign) else event.args[:1]
                    for text in texts:
                        name = _data(view, ref, text, address=isinstance(event, Call))
                        if name:
                            yield name


def _data(view: View, ref: FunctionRef, text: str, *, address: bool) -> str:
    """The name of the global or field that is written; "" for locals, locks and what is not known."""
    node = parse(text)
    if node is None:
        return ""
    node = plain(node)
    if address:
        if not isinstance(node, Unary) or node.op != "&":
            return ""
        node = node.operand
    place = view.vocabulary.program.place(ref)
    kind = view.vocabulary.program.typer.of(node, place)
    if kind is not None and view.vocabulary.program.classes.family_of(kind, ref.id.path):
        return ""
    root = _root(node)
    if isinstance(root, Name) and root.name not in place.variables:
        return root.name if root.name in view.vocabulary.globals else ""
    while isinstance(node, Index):
        node = node.base
    if not isinstance(node, Member):
        return ""
    record = view.vocabulary.program.typer.record_of(node.base, node.arrow, place)
    pointed = node.arrow or not isinstance(node.base, Name)
    named = record is not None and record.startswith(ctypes.RECORDS) and "@" not in record and pointed
    return f"{record.partition(' ')[2]}::{node.field}" if record is not None and named else ""


def _root(node: Node) -> Node:
    while isinstance(node, Member | Index):
        node = node.base
    return node
