# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Orders that comments in the sources state: "Lock ordering" blocks, trees by indentation, "nests inside"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from reviewtool.csource.facts import FileFacts, Remark
from reviewtool.finding.model import Certainty, Finding
from reviewtool.lockdoc.clauses import clause_of
from reviewtool.lockdoc.finding import UNKNOWN_NAME, Found, without_worlds
from reviewtool.lockdoc.grammar import Reading, speaks_of_locks
from reviewtool.lockdoc.model import Document, Kind, Mention, Sentence, Statement
from reviewtool.lockdoc.names import Fate
from reviewtool.lockdoc.orders_check import contradicted
from reviewtool.lockdoc.tokens import joined, sentences, tokens
from reviewtool.lockdoc.views import View
from reviewtool.lockdoc.vocabulary import Vocabulary
from reviewtool.locking.worlds import in_world, world_of

ORDERED: Final = re.compile(
    r"\block\w{0,6} (?:\w{1,12} )?(?:order|nest|hierarch)|\border\w{0,6} of locks|\bacquisition order", re.IGNORECASE
)
_REVERSED: Final = re.compile(r"\b(?:unlock|releas)", re.IGNORECASE)
_ITEM: Final = re.compile(r"([ \t]*)(\d{1,2}[.)]|[-*+])?[ \t]*(?=[A-Za-z_&])")
_AFTER: Final = re.compile(r"\s*(?:\Z|[(:,\t]|\s{2,})|\s+-{1,2}\s")


def read_comment(path: str, text: str, line: int) -> Document:
    """Read a comment (without its marks) that begins at a line of a file, as a document of one paragraph.

    What it says of locks and is not understood is `unread`, if the comment is about their order.
    """
    reading = Reading()
    mentions: list[Mention] = []
    unread: list[Sentence] = []
    last = ""
    for block in _blocks(text, line):
        items = _items(block)
        listed = {item.number for item in items}
        before = [part for number, part in block if number not in listed] if items else []
        heading = " ".join(before[:1]) or last
        if len(items) > 1 and ORDERED.search(heading) and not _REVERSED.search(heading):
            orders = list(_orders(items, joined(heading)))
            reading.statements.extend(orders)
            mentions.extend(item.mention for item in items)
        elif not (len(items) > 1 and _REVERSED.search(heading)):
            for sentence in sentences("\n".join(part for _, part in block), block[0][0]):
                clause = clause_of(sentence)
                if reading.read(clause):
                    mentions.extend(clause.names)
                elif speaks_of_locks(clause) or (ORDERED.search(sentence.text) and sentence.text[-1] in ".!?"):
                    unread.append(Sentence(text=joined(sentence.text), line=sentence.line))
        last = block[-1][1]
    return Document(
        path=path,
        text=text,
        line=line,
        statements=tuple(reading.statements),
        mentions=tuple(dict.fromkeys(mentions)),
        unread=tuple(unread) if ORDERED.search(text) else (),
    )


def comments_of(facts: FileFacts) -> Iterator[Document]:
    """The comments of a file that state an order, or are about one."""
    for placed in facts.cuts:
        for fact in placed.cut.declarations:
            if isinstance(fact, Remark):
                lines = fact.text.count("\n") + 1
                lead = max(0, fact.end_line - fact.line + 1 - lines - 1)
                document = read_comment(facts.path, fact.text, placed.line + fact.line + lead)
                if document.orders() or document.unread:
                    yield document


class Comments:
    """The order comments of files, each file read once while its facts stay the same."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[FileFacts, tuple[Document, ...]]] = {}

    def of(self, facts: FileFacts) -> tuple[Document, ...]:
        """As documents, in the order of the file."""
        known = self._known.get(id(facts))
        if known is None:
            # The facts are kept along, so that nothing else can get their identity.
            known = self._known[id(facts)] = (facts, tuple(comments_of(facts)))
        return known[1]

    def seen(self, vocabulary: Vocabulary) -> Iterator[Document]:
        """Those of the files that one world sees."""
        for path, table in sorted(vocabulary.symbols.tables.items()):
            if table.facts is not None and in_world(path, vocabulary.model.world):
                yield from self.of(table.facts)


def check_comments(vocabularies: Sequence[Vocabulary], comments: Comments) -> Iterator[Finding]:
    """Comments whose orders the code contradicts, or whose fields do not exist; each with the worlds it is so in."""
    found: dict[str, Finding] = {}
    for vocabulary in vocabularies:
        for document in comments.seen(vocabulary):
            for finding in _judge(View(vocabulary, document)):
                old = found.setdefault(finding.fingerprint, finding)
                worlds = tuple(dict.fromkeys((*old.world, *finding.world)))
                found[finding.fingerprint] = replace(old, world=worlds)
    everywhere = frozenset(vocabulary.model.world for vocabulary in vocabularies)
    yield from (without_worlds(finding, everywhere) for finding in found.values())


def _judge(view: View) -> Iterator[Finding]:
    found = Found(view.model.ruleset, view.document)
    for pair in view.pairs:
        if pair.statement.kind in (Kind.ORDER, Kind.NEEDED):
            contradicted(view, pair, found)
    home = world_of(view.document.path)
    if home == view.model.world or not home:
        for mention in view.document.mentions:
            named = view.names.named(mention)
            if named.fate is not Fate.MISSING or not named.meant or (not home and world_of_record(view, named.record)):
                continue
            found.add(
                UNKNOWN_NAME,
                Certainty.PROVED,
                found.at(mention),
                f"{mention.bare} in this comment does not exist: {named.record} has no field {named.field}; it may be"
                f" {named.meant} today",
                identity=("comment", mention.bare),
                cited=found.cite(Sentence(text=mention.text, line=mention.line)),
                world=view.world,
                locks=(named.cls.label,) if named.cls is not None else (),
                note=True,
            )
    yield from found.in_order()


def world_of_record(view: View, record: str) -> str:
    """The architecture that declares a record; "" for a generic one."""
    site = view.vocabulary.symbols.record(record, "")
    return world_of(site.path) if site is not None else ""


@dataclass(frozen=True, slots=True)
class _Item:
    """A line that begins with a name."""

    number: int
    indent: int
    counted: bool
    mention: Mention


def _blocks(text: str, line: int) -> Iterator[list[tuple[int, str]]]:
    """The paragraphs of a comment, each line with its number."""
    block: list[tuple[int, str]] = []
    for number, part in enumerate(text.split("\n"), line):
        if part.strip():
            block.append((number, part))
        elif block:
            yield block
            block = []
    if block:
        yield block


def _items(block: list[tuple[int, str]]) -> list[_Item]:
    """The lines that are but a name, with what is said of it aside."""
    found: list[_Item] = []
    for number, part in block:
        match = _ITEM.match(part)
        if match is None:
            continue
        first = next(tokens(Sentence(text=part[match.end() :], line=number)), None)
        if first is None or first.mention is None:
            continue
        rest = part[match.end() :].strip("`")[len(first.mention.text) :]
        if _AFTER.match(rest):
            indent = len(match[1].expandtabs())
            found.append(_Item(number, indent, (match[2] or "-")[0].isdigit(), first.mention))
    return found


def _orders(items: list[_Item], quote: str) -> Iterator[Statement]:
    """Deeper is inside; numbered lines of one depth follow each other."""
    above: list[_Item] = []
    for item in items:
        while above and above[-1].indent >= item.indent:
            above.pop()
        if above:
            yield _order(above[-1].mention, item.mention, quote)
        above.append(item)
    if all(item.counted and item.indent == items[0].indent for item in items):
        yield from (_order(one.mention, two.mention, quote) for one, two in pairwise(items))


def _order(outer: Mention, inner: Mention, quote: str) -> Statement:
    return Statement(
        kind=Kind.ORDER, outer=outer, inner=inner, line=inner.line, quote=f"{quote} {outer.text}, {inner.text}"
    )
