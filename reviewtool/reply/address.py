# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""To whom a reply goes, and header fields that a stranger's text cannot break out of (RFC 5322, RFC 2047)."""

from __future__ import annotations

import base64
import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.utils import quote

from reviewtool.mail.model import Address, Mail
from reviewtool.report.visible import visible

MAX_ADDRESS = 254
"""Characters of an address (RFC 5321, 4.5.3.1)."""

MAX_NAME = 120
"""Characters of a name; what is longer is cut."""

MAX_TEXT = 1000
"""Characters of a subject; what is longer is cut."""

MAX_PEOPLE = 200
"""Addresses of a header field; more is an attack, not a discussion."""

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)*")
_PLAIN = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_ID = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")
_COLUMNS = 76
_LONG_WORD = 400
_PIECE = 42
"""Bytes of an encoded word, which may have 75 characters in all."""
_MAX_ID = 250
_MAX_REFERENCES = 40
_NO_ID = "@no-message-id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipients:
    """To whom a reply goes."""

    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    refused: tuple[Address, ...] = ()
    """Those of the mail that are no addresses."""


def is_address(text: str) -> bool:
    """Whether this is an address that may stand in a header as it is."""
    return len(text) <= MAX_ADDRESS and bool(_ADDRESS.fullmatch(text))


def recipients(mail: Mail, me: Address) -> Recipients:
    """To the author (or where the author wants replies), Cc everybody else once, without the user's own address.

    A reply to one's own mail goes to those that the mail went to.
    """
    seen = {me.email.casefold()}
    to = _fresh(mail.reply_to or (mail.author,), seen)
    if to:
        cc = _fresh((*((mail.author,) if mail.reply_to else ()), *mail.to, *mail.cc), seen)
    else:
        to, cc = _fresh(mail.to, seen), _fresh(mail.cc, seen)
    if not to:
        to, cc = cc, ()
    everybody = (mail.author, *mail.reply_to, *mail.to, *mail.cc)
    return Recipients(to=to, cc=cc, refused=tuple(one for one in everybody if one.email and not is_address(one.email)))


def _fresh(people: Iterable[Address], seen: set[str]) -> tuple[Address, ...]:
    found = []
    for person in people:
        key = person.email.casefold()
        if is_address(person.email) and key not in seen and len(seen) <= MAX_PEOPLE:
            seen.add(key)
            found.append(person)
    return tuple(found)


def people_field(people: Sequence[Address]) -> str:
    """The value of a To or Cc field, one person a line."""
    return ",\n ".join(map(mailbox, people))


def mailbox(person: Address) -> str:
    """`A Person <a@example.org>`, the name quoted or encoded where it has to be."""
    name = _one_line(person.name)[:MAX_NAME].strip()
    if not name:
        return person.email
    if _needs_encoding(name):
        return f"{_encoded(name)}\n <{person.email}>"
    written = name if _PLAIN.fullmatch(name) else f'"{quote(name)}"'
    return f"{written} <{person.email}>"


def text_field(name: str, text: str) -> str:
    """The value of a field of text such as the subject, folded; words of it that a reader would decode are encoded."""
    shown = _one_line(text)[:MAX_TEXT]
    if _needs_encoding(shown):
        return _encoded(shown)
    lines = textwrap.wrap(
        shown, _COLUMNS, initial_indent=" " * (len(name) + 2), break_long_words=False, break_on_hyphens=False
    )
    return "\n ".join(line.strip() for line in lines)


def _needs_encoding(text: str) -> bool:
    return not text.isascii() or "=?" in text or any(len(word) > _LONG_WORD for word in text.split(" "))


def _encoded(text: str) -> str:
    """The text as encoded words of RFC 2047, one a line. Not by email.header: what that does can be changed for the
    whole process by any library, and b4 does so.
    """
    words, piece = [], b""
    for char in text:
        data = char.encode()
        if len(piece) + len(data) > _PIECE:
            words.append(piece)
            piece = b""
        piece += data
    words.append(piece)
    return "\n ".join(f"=?UTF-8?B?{base64.b64encode(word).decode()}?=" for word in words)


def id_field(ids: Iterable[str]) -> str:
    """The value of a field of message-ids, one a line; those that are none are left out, and the middle of many."""
    known = list(dict.fromkeys(one for one in ids if is_message_id(one)))
    if len(known) > _MAX_REFERENCES:
        known = [known[0], *known[1 - _MAX_REFERENCES :]]
    return "\n ".join(f"<{one}>" for one in known)


def is_message_id(text: str) -> bool:
    """Whether this may stand between angle brackets, and is not one that was made up for a mail without."""
    return len(text) <= _MAX_ID and bool(_ID.fullmatch(text)) and not text.endswith(_NO_ID)


def _one_line(text: str) -> str:
    return " ".join(visible(text).split())
