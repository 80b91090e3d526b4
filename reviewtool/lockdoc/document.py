# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Reading a locking document: reStructuredText to `Document`. The text is untrusted; it can include and run nothing."""

from __future__ import annotations

import io
import re
from itertools import pairwise
from typing import Final

import docutils.frontend
import docutils.nodes as nodes
import docutils.utils
from docutils.parsers.rst import Parser

from reviewtool.lockdoc.clauses import Clause, clause_of
from reviewtool.lockdoc.grammar import Reading, is_leaf_sentence, speaks_of_locks, spoken_worlds
from reviewtool.lockdoc.model import Document, Example, Kind, Mention, Record, Sentence, Statement
from reviewtool.lockdoc.records import record_of
from reviewtool.lockdoc.tokens import joined, names, sentences, tokens
from reviewtool.lockdoc.where import Lines

LARGEST: Final = 1_000_000
"""Characters of a document, at most."""
_PASSED: Final = (nodes.comment, nodes.system_message, nodes.title)
_BROKEN: Final = re.compile(r"\b(?:broken|wrong|deadlocks?|incorrect|buggy|bug|invalid|unsafe|illegal)\b", re.I)
_ORDERED: Final = re.compile(
    r"\block\w{0,6} order|\border\w{0,6} of locks|\bacquisition order|\border of acquisition", re.I
)
_REVERSED: Final = re.compile(r"\b(?:unlock|releas)", re.I)


def read_document(path: str, text: str) -> Document:
    """Read a document. Never raises: what cannot be read is said in `trouble`.

    Unknown roles and directives keep their text as far as the parser gives it; nothing is included.
    """
    if len(text) > LARGEST:
        return Document(path=path, text=text, trouble=f"more than {LARGEST} characters; not read")
    settings = docutils.frontend.get_default_settings(Parser)  # type: ignore[attr-defined]
    settings.report_level = settings.halt_level = 5
    settings.warning_stream = io.StringIO()
    settings.file_insertion_enabled = settings.raw_enabled = False
    settings.syntax_highlight = "none"
    tree = docutils.utils.new_document(path, settings)
    try:
        Parser().parse(text, tree)
    except Exception as error:  # noqa: BLE001 - the parser is made for trusted text; what it raises is not listed
        return Document(path=path, text=text, trouble=f"not readable as reStructuredText: {type(error).__name__}")
    reader = _Reader(path, text)
    try:
        reader.walk(tree)
    except RecursionError:
        reader.trouble = "nested too deep; read in part"
    return reader.document()


class _Reader:
    """Walks the tree once, in the order of the text."""

    def __init__(self, path: str, text: str) -> None:
        self._path, self._text = path, text
        self._lines = Lines(text)
        self._reading = Reading()
        self._leaf: Sentence | None = None
        self._records: list[Record] = []
        self._mentions: list[Mention] = []
        self._examples: list[Example] = []
        self._unread: list[Sentence] = []
        self._last = ""
        self.trouble = ""

    def document(self) -> Document:
        """What was read so far."""
        return Document(
            path=self._path,
            text=self._text,
            statements=tuple(self._reading.statements),
            leaf=self._leaf,
            records=tuple(self._records),
            mentions=tuple(dict.fromkeys(self._mentions)),
            examples=tuple(self._examples),
            unread=tuple(self._unread),
            trouble=self.trouble,
        )

    def walk(self, node: nodes.Element) -> None:
        """Read a node and what is below it."""
        for child in node.children:
            if isinstance(child, nodes.paragraph):
                self._paragraph(child)
            elif isinstance(child, nodes.section):
                self._section(child)
            elif isinstance(child, nodes.literal_block):
                self._literal(child)
            elif isinstance(child, nodes.bullet_list | nodes.enumerated_list):
                self._list(child)
            elif isinstance(child, nodes.Element) and not isinstance(child, _PASSED):
                self.walk(child)

    def _section(self, node: nodes.section) -> None:
        self._reading.worlds = ()
        record = record_of(node, self._lines)
        if record is None:
            self.walk(node)
            return
        self._records.append(record)
        self._mentions.append(record.name)
        for entry in record.entries.values():
            self._mentions.extend(entry.mentions)
        for child in node.children:
            if not isinstance(child, nodes.title | nodes.field_list):
                self.walk(_Single(child))

    def _list(self, node: nodes.Element) -> None:
        worlds = self._reading.worlds
        before = self._last
        heads = [self._item(item, worlds) for item in node.children if isinstance(item, nodes.list_item)]
        if isinstance(node, nodes.enumerated_list) and _ORDERED.search(before) and not _REVERSED.search(before):
            chain = [head for head in heads if head is not None]
            if len(chain) == len(heads):
                for one, two in pairwise(chain):
                    self._order(one, two, before, worlds)
        self._reading.worlds = ()

    def _item(self, item: nodes.list_item, worlds: tuple[str, ...]) -> Mention | None:
        """Read an item; the lock that it begins with, if that is how it begins.

        Items of a list below an item that is but a lock are inside of it.
        """
        paragraph = item.children[0] if item.children else None
        head = self._head(paragraph) if isinstance(paragraph, nodes.paragraph) else None
        for child in item.children:
            self._reading.worlds = worlds
            if isinstance(child, nodes.bullet_list) and head is not None:
                quote = joined(paragraph.rawsource) if isinstance(paragraph, nodes.paragraph) else ""
                for inner in child.children:
                    below = self._item(inner, worlds) if isinstance(inner, nodes.list_item) else None
                    if below is not None:
                        self._order(head, below, quote, worlds)
            else:
                self.walk(_Single(child))
        return head

    def _head(self, paragraph: nodes.paragraph) -> Mention | None:
        """The lock of an item such as `kvm->lock (mutex)` or `kvm->lock: needed to ...`."""
        start = self._lines.of(paragraph, peek=True)
        found = list(tokens(Sentence(text=paragraph.rawsource[:400], line=start)))
        if not found or found[0].mention is None:
            return None
        if len(found) == 1 or found[1].text in ("(", ":"):
            return found[0].mention
        return None

    def _order(self, outer: Mention, inner: Mention, quote: str, worlds: tuple[str, ...]) -> None:
        self._reading.statements.append(
            Statement(kind=Kind.ORDER, outer=outer, inner=inner, line=inner.line, quote=quote, worlds=worlds)
        )

    def _paragraph(self, node: nodes.paragraph) -> None:
        text = node.rawsource
        lead = False
        for sentence in sentences(text, self._lines.of(node)):
            clause = clause_of(sentence, self._reading.worlds)
            self._mentions.extend(clause.names)
            worlds = spoken_worlds(clause) if clause.text.endswith(":") else ()
            if worlds:
                self._reading.worlds, lead = worlds, True
            elif not lead and not isinstance(node.parent, nodes.list_item):
                self._reading.worlds = ()
            self._sentence(sentence, clause)
        self._last = joined(text)

    def _sentence(self, sentence: Sentence, clause: Clause) -> None:
        if is_leaf_sentence(clause):
            self._leaf = Sentence(text=joined(sentence.text), line=sentence.line)
        elif not self._reading.read(clause) and speaks_of_locks(clause):
            self._unread.append(Sentence(text=joined(sentence.text), line=sentence.line))

    def _literal(self, node: nodes.literal_block) -> None:
        line = self._lines.of(node)
        text = node.astext()
        broken = _BROKEN.search(self._last) is not None
        self._examples.append(Example(text=text, line=line, broken=broken))
        for offset, each in enumerate(text.split("\n")):
            self._mentions.extend(names(Sentence(text=each, line=line + offset), literal=True))


class _Single(nodes.Element):
    """A stand-in parent, so that one node can be walked."""

    def __init__(self, child: nodes.Node) -> None:
        super().__init__()
        self.children = [child]
