# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The locking documents of a tree and the order comments of its sources, beside the code, snapshot after snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reviewtool.finding.model import Finding
from reviewtool.lockdoc.comments import Comments, check_comments
from reviewtool.lockdoc.compare import Agreement
from reviewtool.lockdoc.document import read_document
from reviewtool.lockdoc.model import Document
from reviewtool.lockdoc.views import View
from reviewtool.lockdoc.vocabulary import Vocabularies
from reviewtool.review.workshop import Models
from reviewtool.tree.model import Snapshot


class Bookshelf:
    """Reads documents and comments; what is the same in the next snapshot is not read again."""

    def __init__(self) -> None:
        self._vocabularies = Vocabularies()
        self._comments = Comments()
        self._documents: dict[str, Document] = {}

    def document(self, path: str, snapshot: Snapshot) -> Document | None:
        """A document of a snapshot; None if it has no such file."""
        content = snapshot.read(path)
        if content is None:
            return None
        text = content.decode("utf-8", "replace")
        known = self._documents.get(path)
        if known is None or known.text != text:
            known = self._documents[path] = read_document(path, text)
        return known

    def agreements(self, models: Models, documents: Sequence[str], snapshot: Snapshot) -> dict[str, Agreement]:
        """Each locking document that the snapshot has, beside the code."""
        vocabularies = self._vocabularies.of(models)
        found = ((path, self.document(path, snapshot)) for path in documents if models)
        return {path: Agreement(vocabularies, read, snapshot) for path, read in found if read is not None}

    def comment_findings(self, models: Models) -> dict[str, Finding]:
        """By fingerprint, what the order comments of the scope say wrongly."""
        found = check_comments(self._vocabularies.of(models), self._comments)
        return {finding.fingerprint: finding for finding in found}

    def comments(self, models: Models) -> Iterator[tuple[Document, tuple[View, ...]]]:
        """The order comments of the scope by file and line, each in the worlds that see its file."""
        seen: dict[tuple[str, int], tuple[Document, list[View]]] = {}
        for vocabulary in self._vocabularies.of(models):
            for document in self._comments.seen(vocabulary):
                seen.setdefault((document.path, document.line), (document, []))[1].append(View(vocabulary, document))
        yield from ((document, tuple(views)) for _, (document, views) in sorted(seen.items(), key=lambda item: item[0]))
