# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A draft with its headers, as the bytes of a mail."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime

from reviewtool.mail.model import Address
from reviewtool.reply.address import Recipients, id_field, is_message_id, mailbox, people_field, recipients, text_field
from reviewtool.reply.drafts import Draft

_RE = re.compile(r"(?:re|aw|sv|antw|回复)\s*[:\uff1a]\s*", re.IGNORECASE)
_CHANGING = re.compile(rb"^(?:Date|Message-ID):[^\n]*\n", re.MULTILINE)


def _now() -> datetime:
    return datetime.now(UTC).astimezone()


def _token() -> str:
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Where dates and message-ids come from."""

    now: Callable[[], datetime] = field(default=_now)
    """An aware time."""
    token: Callable[[], str] = field(default=_token)
    """Letters and digits that nobody else has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail that is ready to send."""

    draft: Draft
    message_id: str
    recipients: Recipients
    data: bytes
    """With \\n line ends, as programs on Unix have mails in files."""


def write_letter(draft: Draft, me: Address, stamp: Stamp) -> Letter:
    """The draft as a mail from the user: UTF-8, 8bit, format=fixed."""
    mail = draft.answers
    people = recipients(mail, me)
    now = stamp.now()
    message_id = f"{now.astimezone(UTC):%Y%m%d%H%M%S}.{stamp.token()}@{me.email.rpartition('@')[2]}"
    parents = [*mail.references, mail.message_id] if mail.references else [mail.in_reply_to, mail.message_id]
    fields = [
        ("From", mailbox(me)),
        ("To", people_field(people.to)),
        ("Cc", people_field(people.cc)),
        ("Subject", text_field("Subject", reply_subject(mail.subject))),
        ("Date", format_datetime(now)),
        ("Message-ID", f"<{message_id}>"),
        ("In-Reply-To", f"<{mail.message_id}>" if is_message_id(mail.message_id) else ""),
        ("References", id_field(parents)),
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=UTF-8; format=fixed"),
        ("Content-Transfer-Encoding", "8bit"),
    ]
    head = "".join(f"{name}: {value}\n" for name, value in fields if value)
    return Letter(
        draft=draft, message_id=message_id, recipients=people, data=f"{head}\n{draft.text}".encode("utf-8", "replace")
    )


def reply_subject(subject: str) -> str:
    """With `Re: ` in front, once."""
    rest = subject.strip()
    while match := _RE.match(rest):
        rest = rest[match.end() :]
    return f"Re: {rest}"


def same_letter(one: bytes, other: bytes) -> bool:
    """Whether two mails differ in nothing but when they were written."""
    return _CHANGING.sub(b"", one) == _CHANGING.sub(b"", other)
