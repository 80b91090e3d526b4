# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Documents as they were understood, as JSON: version 1 of the published schema, `schema/documents-v1.json`."""

from __future__ import annotations

import importlib.resources
import json
from collections.abc import Iterable, Iterator

from reviewtool.lockdoc.model import Mention, Record, Sentence, Statement
from reviewtool.report.json_report import Json
from reviewtool.review.model import ReadDocument

VERSION = 1
"""Goes up when a reader of the old form could misread the new one; new fields do not count."""


def documents_schema() -> Json:
    """The JSON Schema of the output."""
    text = importlib.resources.files(__package__).joinpath("schema/documents-v1.json").read_text(encoding="utf-8")
    loaded: Json = json.loads(text)
    return loaded


def render_documents_json(documents: Iterable[ReadDocument]) -> Iterator[str]:
    """All documents, as one piece. It is ASCII: control characters and all that is not ASCII are escaped."""
    document = {"version": VERSION, "documents": [_document(each) for each in documents]}
    yield json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _document(read: ReadDocument) -> Json:
    document = read.document
    return {
        "path": document.path,
        "line": document.line,
        "comment": read.comment,
        "looked_up": read.looked_up,
        "trouble": document.trouble,
        "statements": [_statement(each) for each in document.statements],
        "leaf": _sentence(document.leaf) if document.leaf is not None else None,
        "records": [_record(each) for each in document.records],
        "examples": [{"line": each.line, "text": each.text, "broken": each.broken} for each in document.examples],
        "names": [_mention(each, read) for each in document.mentions],
        "unread": [_sentence(each) for each in document.unread],
    }


def _statement(statement: Statement) -> Json:
    return {
        "kind": statement.kind.value,
        "outer": statement.outer.text if statement.outer is not None else None,
        "inner": statement.inner.text if statement.inner is not None else None,
        "where": statement.where,
        "world": list(statement.worlds),
        "line": statement.line,
        "quote": statement.quote,
    }


def _record(record: Record) -> Json:
    fields = {name: {"line": entry.line, "text": entry.text} for name, entry in record.entries.items()}
    return {"name": record.name.text, "line": record.line, "end": record.end, "fields": fields}


def _mention(mention: Mention, read: ReadDocument) -> Json:
    return {
        "text": mention.text,
        "line": mention.line,
        "open": mention.open,
        "example": mention.literal,
        "world": list(mention.worlds),
        "locks": list(read.locks.get(mention.text, ())),
        "missing": mention.text in read.missing,
        "meant": read.missing.get(mention.text) or None,
    }


def _sentence(sentence: Sentence) -> Json:
    return {"line": sentence.line, "text": sentence.text}
