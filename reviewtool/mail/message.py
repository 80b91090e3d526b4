# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A raw mail, decoded: headers, one text body, and what was wrong with it."""

from __future__ import annotations

import email.errors
import email.header
import email.message
import email.utils
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from reviewtool.mail.body_text import BodyText, read_body
from reviewtool.mail.limits import MAX_MAIL_BYTES, MAX_SUBJECT
from reviewtool.mail.model import Address, Mail, Trouble
from reviewtool.mail.subject import Subject, read_subject

T = TypeVar("T")
_ID = re.compile(r"<([^<>\s]+)>")
_FOLD = re.compile(r"\r?\n[ \t]?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadMail:
    """A mail with what its reading showed."""

    mail: Mail
    subject: Subject
    body: BodyText
    parents: tuple[str, ...] = field(default=())
    """Message-ids that it answers, nearest first."""

    def trouble(self, reason: str, *, path: str = "", hunk: int = 0, fatal: bool = True) -> Trouble:
        """A Trouble about this mail."""
        return Trouble(
            message_id=self.mail.message_id,
            subject=self.mail.subject,
            path=path,
            hunk=hunk,
            reason=reason,
            fatal=fatal,
        )

    def troubles(self) -> list[Trouble]:
        """What was wrong with the mail as a whole."""
        return [self.trouble(reason, fatal=fatal) for reason, fatal in self.body.faults]


def read_mail(raw: bytes) -> ReadMail | None:
    """Decode a mail. None for bytes without a header. Never raises for what is in the mail."""
    if len(raw) > MAX_MAIL_BYTES:
        raw = raw[:65536].split(b"\n\n", 1)[0] + b"\n\n"
        return _assemble(email.message_from_bytes(raw), BodyText(text="", faults=((_TOO_LARGE, True),)))
    try:
        message = email.message_from_bytes(raw)
    except (RecursionError, ValueError, LookupError):
        return None
    if not message.keys():
        return None
    return _assemble(message, read_body(message))


_TOO_LARGE = f"the mail is larger than {MAX_MAIL_BYTES // (1024 * 1024)} MiB, the bound for one; its body was not read"


def _assemble(message: email.message.Message, body: BodyText) -> ReadMail:
    headers = _headers(message)
    subject = " ".join(_decoded(headers, "subject").split())[:MAX_SUBJECT]
    named = _decoded(headers, "message-id")
    ids = _ID.findall(named) or named.split()
    own = ids[0] if ids else _made_up_id(headers)
    in_reply_to = [name for name in _ID.findall(_decoded(headers, "in-reply-to")) if name != own]
    references = tuple(name for name in _ID.findall(_decoded(headers, "references")) if name != own)
    authors = _addresses(headers, "from")
    mail = Mail(
        message_id=own,
        subject=subject,
        author=authors[0] if authors else Address(name="", email=""),
        date=_date(_decoded(headers, "date")),
        to=_addresses(headers, "to"),
        cc=_addresses(headers, "cc"),
        reply_to=_addresses(headers, "reply-to"),
        in_reply_to=in_reply_to[0] if in_reply_to else "",
        references=references,
        body=body.text,
    )
    parents = tuple(dict.fromkeys([*in_reply_to, *reversed(references)]))
    return ReadMail(mail=mail, subject=read_subject(subject), body=body, parents=parents)


def _headers(message: email.message.Message) -> dict[str, list[str]]:
    """Header values by lower-case name, unfolded; bytes outside ASCII as UTF-8, else Latin-1. Encoded words stay."""
    headers: dict[str, list[str]] = {}
    for name, value in message.raw_items():
        text = str(value)
        if not text.isascii():
            data = text.encode("utf-8", "surrogateescape")
            try:
                text = data.decode()
            except UnicodeDecodeError:
                text = data.decode("latin-1")
        headers.setdefault(name.lower(), []).append(_FOLD.sub(" ", text))
    return headers


def _made_up_id(headers: dict[str, list[str]]) -> str:
    """An id for a mail without one, the same each time."""
    return f"{hashlib.sha256(repr(headers).encode('utf-8', 'replace')).hexdigest()[:20]}@no-message-id"


def _decoded(headers: dict[str, list[str]], name: str) -> str:
    return " ".join(_decode(value) for value in headers.get(name, []))


def _decode(text: str) -> str:
    """Decode the encoded words of RFC 2047; those that do not decode stay as they are."""
    if "=?" not in text:
        return text
    try:
        return "".join(
            part if isinstance(part, str) else _decode_bytes(part, charset)
            for part, charset in email.header.decode_header(text)
        )
    except (ValueError, LookupError, email.errors.HeaderParseError, RecursionError):
        return text


def _decode_bytes(part: bytes, charset: str | None) -> str:
    for name in (charset or "utf-8", "utf-8"):
        try:
            return part.decode(name)
        except (ValueError, LookupError):
            continue
    return part.decode("latin-1")


def _addresses(headers: dict[str, list[str]], name: str) -> tuple[Address, ...]:
    """The people in a header. Names are decoded after parsing, so that a comma in one does not split it."""
    nobody: list[tuple[str, str]] = []
    found = _quietly(lambda: email.utils.getaddresses(headers.get(name, [])), nobody)
    return tuple(
        Address(name=" ".join(_decode(person).split()), email=_decode(address).strip())
        for person, address in found
        if address or person
    )


def _date(text: str) -> datetime | None:
    """A date with its zone; UTC if the mail names none or an impossible one."""
    parts = _quietly(lambda: email.utils.parsedate_tz(text), None)
    if parts is None:
        return None
    offset = parts[9]
    if offset is None or abs(offset) >= 86400:
        return _quietly(lambda: datetime(*parts[:6], tzinfo=UTC), None)
    return _quietly(lambda: datetime.fromtimestamp(email.utils.mktime_tz(parts), UTC), None)


def _quietly(action: Callable[[], T], otherwise: T) -> T:
    """What the action returns; the other value where the standard library stumbles over hostile input."""
    try:
        return action()
    except (ValueError, TypeError, IndexError, OverflowError, OSError, RecursionError, AttributeError):
        return otherwise
