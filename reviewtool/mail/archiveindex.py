# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The headers of an archive's mails, to find its threads without keeping bodies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reviewtool.mail.archive import archive_objects
from reviewtool.mail.discussion import Links, group
from reviewtool.mail.errors import MailError
from reviewtool.mail.gitread import read_objects
from reviewtool.mail.message import ReadMail, read_mail
from reviewtool.mail.model import Thread
from reviewtool.mail.series import build_thread


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexEntry:
    """Where a mail is, and its links."""

    repository: Path
    name: str
    links: Links


class ArchiveIndex:
    """An archive's mails by their headers."""

    def __init__(self, path: Path, entries: Sequence[IndexEntry]) -> None:
        self._path = path
        self._entries = entries

    @classmethod
    def read(cls, path: Path, last: int | None = None) -> ArchiveIndex:
        """Read the headers of the newest `last` mails of an archive, of all for None. Raises MailError."""
        entries: list[IndexEntry] = []
        for repository, names in archive_objects(path, last):
            for name, raw in read_objects(repository, names):
                mail = read_mail(_header_of(raw))
                if mail is not None:
                    entries.append(IndexEntry(repository=repository, name=name, links=_links(mail)))
        return cls(path, entries)

    def __len__(self) -> int:
        return len(self._entries)

    def thread(self, message_id: str, source: str) -> Thread:
        """The thread of a mail. Raises MailError if the archive has no such mail, or no patch in its thread."""
        for entries in group(self._entries, lambda entry: entry.links):
            if any(entry.links.message_id == message_id for entry in entries):
                thread = build_thread(source, list(self._bodies(entries)), message_id)
                if thread is None:
                    raise MailError(f"{source}: no patch in the thread of this mail; give one of a thread with patches")
                return thread
        raise MailError(f"{source}: not in this archive; check the message-id, or give the archive of another list")

    def threads(self) -> Iterator[Thread]:
        """Every thread with a patch, by its first mail. Each one's source is `ARCHIVE#MESSAGE-ID` of that mail."""
        for entries in group(self._entries, lambda entry: entry.links):
            if not any(entry.links.subject.patch for entry in entries):
                continue
            source = f"{self._path}#{entries[0].links.message_id}"
            thread = build_thread(source, list(self._bodies(entries)))
            if thread is not None:
                yield thread

    def _bodies(self, entries: Sequence[IndexEntry]) -> Iterator[ReadMail]:
        for repository in dict.fromkeys(entry.repository for entry in entries):
            names = [entry.name for entry in entries if entry.repository == repository]
            for _name, raw in read_objects(repository, names):
                mail = read_mail(raw)
                if mail is not None:
                    yield mail


def _header_of(raw: bytes) -> bytes:
    end = min((place for mark in (b"\n\n", b"\r\n\r\n") if (place := raw.find(mark)) >= 0), default=len(raw))
    return raw[:end] + b"\n\n"


def _links(mail: ReadMail) -> Links:
    return Links(
        message_id=mail.mail.message_id,
        parents=mail.parents,
        sender=mail.mail.author.email.casefold(),
        subject=mail.subject,
    )
