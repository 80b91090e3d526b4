# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Locks that a document forbids to somebody: a function, or all functions that run in some context."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from reviewtool.lockdoc.finding import ORDER_CONTRADICTED, Found, Place
from reviewtool.lockdoc.model import Kind, Sentence, Statement
from reviewtool.lockdoc.orders_check import SHORT, certainty_of_way
from reviewtool.lockdoc.tokens import names
from reviewtool.lockdoc.views import View
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.model import LockClass
from reviewtool.locking.summary import Inner
from reviewtool.locking.summary import Kind as InnerKind
from reviewtool.locking.witness import describe

_WORD: Final = re.compile(r"[a-z0-9]+")
_IDLE: Final = frozenset(
    {"a", "an", "the", "any", "all", "every", "callback", "handler", "function", "hook", "routine", "code", "context"}
)
"""Words of a subject that say no more than that something runs."""


def check_prohibitions(views: Sequence[View], found: Found) -> None:
    """Enter the functions that take a lock which the document forbids them; the shortest way for each."""
    for view in views:
        for statement in view.document.statements:
            if statement.kind is not Kind.FORBIDDEN or not statement.where or not view.speaks(statement.worlds):
                continue
            cls = view.names.named(statement.inner).cls if statement.inner is not None else None
            if cls is not None:
                for function in addressed(view, statement.where):
                    _check(view, statement, cls, function, found)


def addressed(view: View, subject: str) -> Iterator[FunctionId]:
    """The functions that a subject in prose means: one by its name, or the roots of the contexts whose name it is.

    `MMU notifiers` are the contexts `mmu-notifier` and `mmu-notifier-atomic` of the rules.
    """
    named = {mention.bare for mention in names(Sentence(text=subject, line=1))}
    if named:
        yield from (function for function in sorted(view.model.functions) if function.name in named)
        return
    wanted = frozenset(_singular(word) for word in _WORD.findall(subject.lower())) - _IDLE
    for function, contexts in sorted(view.model.roots.items()):
        if wanted and any(wanted <= frozenset(context.name.split("-")) for context in contexts):
            yield function


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _check(view: View, statement: Statement, cls: LockClass, function: FunctionId, found: Found) -> None:
    taken = [
        inner
        for inner, _ in view.model.summary(function).inner
        if inner.kind is InnerKind.LOCK and inner.cls == cls and not inner.likely and not inner.final
    ]
    if not taken or function not in view.model.functions:
        return
    inner: Inner = min(taken, key=lambda each: each.origin.depth)
    witness = view.model.witnesses.down(function, inner.origin, describe(inner))
    found.add(
        ORDER_CONTRADICTED,
        certainty_of_way(len(witness) <= SHORT, inner.origin.callee is None),
        Place(
            path=function.path,
            line=view.model.functions[function].line(inner.origin.line),
            function=function.name,
        ),
        f"{cls.label} is taken in {function.name}(), against {found.document.path}: {statement.quote}",
        identity=("prohibition", function.name, cls.name),
        cited=found.cite(statement),
        world=view.world,
        locks=(cls.label,),
        witness=witness,
    )
