# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What was understood of a tree's locking documents and order comments, and what was not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reviewtool.lockdoc.model import Document
from reviewtool.lockdoc.names import Fate
from reviewtool.lockdoc.views import View
from reviewtool.locking.scope import Scope, find_scope
from reviewtool.locking.worlds import concerned
from reviewtool.review.documents import Bookshelf
from reviewtool.review.events import DocumentsDone, Event, Fault, Notice, Progress, Refused, Stage
from reviewtool.review.judging import inside
from reviewtool.review.model import ReadDocument
from reviewtool.review.named import named_paths, named_tree
from reviewtool.review.request import AuditRequest
from reviewtool.review.workshop import Models, Workshop
from reviewtool.ruleset.errors import RulesetError
from reviewtool.ruleset.model import Ruleset
from reviewtool.tree.error import TreeError
from reviewtool.tree.model import Snapshot


def read_tree(request: AuditRequest) -> Iterator[Event]:
    """Read the documents and comments of a tree. The last event is DocumentsDone or Refused."""
    try:
        yield from _read(request)
    except TreeError as error:
        yield Refused(source=request.label, fault=Fault.INPUT, message=str(error))
    except RulesetError as error:
        yield Refused(source=request.label, fault=Fault.USAGE, message=str(error))


def _read(request: AuditRequest) -> Iterator[Event]:
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
        wanted = _documents(request.paths, scope, workshop.ruleset)
        documents = tuple(_accounts(models, wanted, scope, snapshot, request.paths))
    yield from (Notice(text=line) for line in (*told, *scope.bounded))
    yield DocumentsDone(source=request.label, base=base, documents=documents)


def _documents(paths: Sequence[str], scope: Scope, ruleset: Ruleset) -> tuple[str, ...]:
    """The documents that are named, else those of the subsystems of the PATHs, else those of the whole table."""
    if not paths:
        return tuple(dict.fromkeys(name for subsystem in ruleset.subsystems for name in subsystem.documents))
    named = tuple(name for name in scope.documents if inside(name, paths))
    return named or scope.documents


def _accounts(
    models: Models, wanted: Sequence[str], scope: Scope, snapshot: Snapshot, paths: Sequence[str]
) -> Iterator[ReadDocument]:
    """Documents, then comments by file and line. Names of subsystems that were not read are not looked up."""
    shelf = Bookshelf()
    views = shelf.agreements(models, scope.documents, snapshot)
    for path in wanted:
        document = shelf.document(path, snapshot)
        if document is not None:
            yield _account(document, views[path].views if path in views else ())
    for document, seen in shelf.comments(models):
        if inside(document.path, paths):
            yield _account(document, seen, comment=True)


def _account(document: Document, views: Sequence[View], *, comment: bool = False) -> ReadDocument:
    locks: dict[str, tuple[str, ...]] = {}
    missing: dict[str, str] = {}
    for mention in document.mentions:
        named = [view.names.named(mention) for view in views if view.speaks(mention.worlds)]
        found = [each for each in named if each.fate is Fate.FOUND]
        labels = dict.fromkeys(each.cls.label for each in found if each.cls is not None)
        if labels:
            locks[mention.text] = tuple(labels)
        elif not found and any(each.fate is Fate.MISSING for each in named):
            missing[mention.text] = next((each.meant for each in named if each.meant), "")
    return ReadDocument(document=document, comment=comment, looked_up=bool(views), locks=locks, missing=missing)
