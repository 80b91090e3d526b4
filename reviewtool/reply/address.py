# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""To whom a reply goes, and header fields that a stranger's text cannot break out of (RFC 5322, RFC 2047)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.header import Header
from email.utils import quote

from reviewtool.mail.model import Address, Mail
from reviewtool.report.visible import visible

MAX_ADDRESS = 254
"""Characters of an address (RFC 5321, 4.5.3.1)."""

MAX_NAME = 120
"""Characters of a name; what is longer is cut."""

MAX_PEOPLE = 200
"""Addresses of a header field; more is an attack, not a discussion."""

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)*")
_PLAIN = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_ID = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")
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
    if name.isascii() and "=?" not in name:
        written = name if _PLAIN.fullmatch(name) else f'"{quote(name)}"'
    else:
        written = Header(name, "utf-8", maxlinelen=76).encode(linesep="\n")
    return f"{written}\n <{person.email}>" if "\n" in written else f"{written} <{person.email}>"


def text_field(name: str, text: str) -> str:
    """The value of a field of text such as the subject, folded; words of it that a reader would decode are encoded."""
    shown = _one_line(text)
    plain = shown.isascii() and "=?" not in shown and all(len(word) < 800 for word in shown.split(" "))
    header = Header(shown, "us-ascii" if plain else "utf-8", maxlinelen=76, header_name=name)
    return header.encode(linesep="\n")


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
