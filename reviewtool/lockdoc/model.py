# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The values of a locking document: what it states, its records, its names, and what was not understood."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

_WORD: Final = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A name of the code as the document writes it: `kvm->lock`, `kvm_arch::tsc_write_lock`, `synchronize_srcu()`."""

    text: str
    """Without quotes; a call keeps its arguments, `a::{b,c}` is two mentions `a::b` and `a::c`."""
    line: int
    """The document's line, from 1."""
    literal: bool = False
    """It stands in an example, which may show what is broken."""
    open: bool = False
    """The name goes on with `*`: it stands for all that begin so."""
    worlds: tuple[str, ...] = ()
    """The architectures whose part of the document it stands in; empty for all."""

    @property
    def bare(self) -> str:
        """Without `&` and arguments."""
        return self.text.partition("(")[0].lstrip("&")

    @property
    def words(self) -> tuple[str, ...]:
        """The identifiers that it is made of."""
        return tuple(_WORD.findall(self.text))

    @property
    def is_call(self) -> bool:
        """It is written as a function: `synchronize_srcu()`."""
        return "(" in self.text


class Kind(StrEnum):
    """What a statement says of its two sides."""

    ORDER = "order"
    """`outer` is taken outside `inner`."""
    FORBIDDEN = "forbidden"
    """`inner` must not be taken while `outer` is held (or in `where`)."""
    ALLOWED = "allowed"
    """`inner` may be taken while `outer` is held."""
    RELEASED = "released"
    """`outer` is released before `inner` (a call, or a lock)."""
    NEEDED = "needed"
    """`inner` is taken only while `outer` is held, and so inside it."""
    TOP = "top"
    """No lock is taken outside `outer`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One thing that the document says about locks."""

    kind: Kind
    outer: Mention | None
    inner: Mention | None
    line: int
    """Where the sentence begins."""
    quote: str
    """The sentence, on one line."""
    worlds: tuple[str, ...] = ()
    """Architectures that it is said for; empty for all."""
    where: str = ""
    """FORBIDDEN without `outer`: the subject in prose (`MMU notifiers`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence and where it begins."""

    text: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The value of one field of a record."""

    text: str
    """As it stands, its lines joined by newlines."""
    line: int
    mentions: tuple[Mention, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record of the reference section: a lock as heading, and its fields (by lower-case name)."""

    name: Mention
    line: int
    end: int
    """The last line of the record that is not empty."""
    entries: Mapping[str, Entry] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A literal block. It may be there to show what is wrong, so it is never read as truth."""

    text: str
    line: int
    broken: bool
    """The sentence before it says that it is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A locking document (or a comment) as read."""

    path: str
    text: str
    line: int = 1
    """Where the text begins in the file."""
    statements: tuple[Statement, ...] = ()
    leaf: Sentence | None = None
    """"Everything else is a leaf": locks that are the outer side of no statement have nothing inside."""
    records: tuple[Record, ...] = ()
    mentions: tuple[Mention, ...] = ()
    """All names of the code, in order."""
    examples: tuple[Example, ...] = ()
    unread: tuple[Sentence, ...] = ()
    """Sentences that speak of locks but gave nothing."""
    trouble: str = ""
    """Why the document could not be read (in full), or ""."""

    @property
    def words(self) -> frozenset[str]:
        """All identifiers of its names."""
        return frozenset(word for mention in self.mentions for word in mention.words)

    def orders(self) -> tuple[Statement, ...]:
        """The statements that say that one lock is taken outside another."""
        return tuple(each for each in self.statements if each.kind in (Kind.ORDER, Kind.NEEDED))
