# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""SOURCE, as the user gives it, into threads."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from reviewtool.mail import lore
from reviewtool.mail.archive import archive_repositories
from reviewtool.mail.archiveindex import ArchiveIndex
from reviewtool.mail.discussion import Links, group
from reviewtool.mail.drafts import is_patch
from reviewtool.mail.errors import MailError
from reviewtool.mail.limits import MAX_SOURCE_BYTES
from reviewtool.mail.local import is_maildir, read_files, read_maildir, read_mbox_file, split_mails
from reviewtool.mail.message import ReadMail, read_mail
from reviewtool.mail.model import Series, Thread
from reviewtool.mail.patchtext import change_id
from reviewtool.mail.series import build_thread

_NAMED = 4
"""Threads that a message names when a source has several."""


def read_thread(
    source: str, *, revision: int | None = None, stdin: bytes | None = None, cache_dir: Path | None = None
) -> Thread:
    """The thread that SOURCE names, with all its revisions.

    SOURCE: an existing path (mbox, mail, maildir, directory of patches, public-inbox archive), `PATH#MESSAGE-ID`, `-`
    (`stdin`, else standard input), a URL of a public-inbox server, or a message-id. With `revision` the thread must
    have it. `cache_dir` is where fetched threads are kept for ten minutes. Raises MailError.
    """
    where, wanted = _split(source)
    if isinstance(where, Path) and archive_repositories(where):
        if not wanted:
            raise MailError(f"{source}: an archive of many threads; name one as {source}#MESSAGE-ID, or use batch")
        thread = ArchiveIndex.read(where).thread(wanted, source)
    else:
        thread = _one(source, _mails(source, where, wanted, stdin, cache_dir), wanted)
    if revision is not None:
        select_series(thread, revision)
    return thread


def read_threads(
    source: str, *, stdin: bytes | None = None, cache_dir: Path | None = None, last: int | None = None
) -> Iterator[Thread]:
    """Every thread with a patch that SOURCE holds; of an archive only those with one of the newest `last` mails.

    Raises MailError if there is none.
    """
    where, wanted = _split(source)
    if isinstance(where, Path) and archive_repositories(where) and not wanted:
        yield from threads_of_archive(where, last=last)
        return
    if wanted:
        yield read_thread(source, stdin=stdin, cache_dir=cache_dir)
        return
    groups = _discussions(_mails(source, where, "", stdin, cache_dir))
    found = [thread for mails in groups if (thread := build_thread(source, mails)) is not None]
    if not found:
        raise MailError(_no_patch(source, groups))
    yield from found


def threads_of_archive(path: Path, *, last: int | None = None) -> Iterator[Thread]:
    """The threads with a patch of a public-inbox archive, oldest first; `last` bounds the mails that are looked at.

    Headers of all mails are kept meanwhile (about 1 KiB each), bodies only of the thread at hand.
    """
    yield from ArchiveIndex.read(path, last).threads()


def select_series(thread: Thread, revision: int | None) -> Series:
    """The series of a revision, the newest for None. Raises MailError that says which there are."""
    if revision is None:
        return thread.newest()
    for series in thread.series:
        if series.revision == revision:
            return series
    known = ", ".join(f"v{series.revision}" for series in thread.series)
    raise MailError(f"{thread.source}: no revision {revision} in this thread; it has {known}")


def links_of(mail: ReadMail) -> Links:
    """What grouping needs of a mail that was read whole."""
    return Links(
        message_id=mail.mail.message_id,
        parents=mail.parents,
        sender=mail.mail.author.email.casefold(),
        subject=mail.subject,
        change_id=change_id(mail.mail.body),
    )


def _split(source: str) -> tuple[Path | str, str]:
    """(path or what else it is, message-id): `-` and URLs stay as they are, a message-id has "" before it."""
    if source == "-":
        return source, ""
    if _exists(source):
        return Path(source), ""
    if lore.is_url(source):
        return lore.split_url(source)
    path, mark, message_id = source.rpartition("#")
    if mark and message_id and _exists(path):
        return Path(path), _bare_id(message_id)
    message_id = _bare_id(source)
    if "@" in message_id and not any(character.isspace() for character in message_id) and "/" not in source[:1]:
        return "", message_id
    raise MailError(
        f"{source}: neither a path that exists nor a message-id or URL; give an mbox, a maildir, an archive,"
        " a message-id, the URL of a mail, or - for standard input"
    )


def _bare_id(text: str) -> str:
    text = text.strip()
    for prefix in ("id:", "mid:", "rfc822msgid:"):
        text = text.removeprefix(prefix)
    return text.removeprefix("<").removesuffix(">")


def _exists(source: str) -> bool:
    """Whether a path is there. Raises MailError where that cannot be found out, or it is a link to nowhere."""
    try:
        Path(source).stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        if Path(source).is_symlink():
            raise MailError(f"{source}: a symbolic link to nothing; check where it points") from error
        return False
    except ValueError:
        return False
    except OSError as error:
        if "@" in source and not os.path.lexists(source):
            return False
        raise MailError(f"{source}: cannot be read ({error.strerror}); check the path and its permissions") from error
    return True


def _mails(source: str, where: Path | str, wanted: str, stdin: bytes | None, cache_dir: Path | None) -> list[ReadMail]:
    raw = _raw(source, where, wanted, stdin, cache_dir)
    mails = [mail for data in raw if (mail := read_mail(data)) is not None]
    if not mails:
        raise MailError(f"{source}: no mail in it can be read; save the thread again, or give its message-id")
    return mails


def _raw(source: str, where: Path | str, wanted: str, stdin: bytes | None, cache_dir: Path | None) -> list[bytes]:
    if isinstance(where, Path):
        if where.is_dir():
            return read_maildir(where) if is_maildir(where) else read_files(where)
        return read_mbox_file(where)
    if where == "-":
        data = stdin if stdin is not None else sys.stdin.buffer.read(MAX_SOURCE_BYTES + 1)
        return split_mails(data, "standard input")
    return split_mails(lore.fetch_thread(wanted, where, cache_dir), source)


def _discussions(mails: Sequence[ReadMail]) -> list[list[ReadMail]]:
    return group(mails, links_of)


def _one(source: str, mails: Sequence[ReadMail], wanted: str) -> Thread:
    """The only thread with a patch, or the one that has a message-id."""
    groups = _discussions(mails)
    if wanted:
        groups = [found for found in groups if any(mail.mail.message_id == wanted for mail in found)]
        if not groups:
            raise MailError(f"{source}: no mail with the message-id {wanted} in it; check the message-id")
    threads = [thread for found in groups if (thread := build_thread(source, found, wanted)) is not None]
    if not threads:
        raise MailError(_no_patch(source, groups))
    if len(threads) > 1:
        ids = ", ".join(_id_of(thread) for thread in threads[:_NAMED])
        more = ", ..." if len(threads) > _NAMED else ""
        raise MailError(
            f"{source}: {len(threads)} threads with patches; name one as SOURCE#MESSAGE-ID, or use batch ({ids}{more})"
        )
    return threads[0]


def _no_patch(source: str, groups: Sequence[Sequence[ReadMail]]) -> str:
    mails = [mail for found in groups for mail in found]
    if any(mail.subject.reply and _speaks_of_patch(mail) for mail in mails):
        return f"{source}: only replies, the patches that they answer are not in it; give the whole thread"
    if len(mails) == 1:
        return f"{source}: the mail has no patch; give a patch or the message-id of its thread"
    return f"{source}: none of its {len(mails)} mails has a patch; give the thread that the patches were sent in"


def _speaks_of_patch(mail: ReadMail) -> bool:
    """Whether a subject speaks of a patch."""
    return mail.subject.patch or is_patch(mail)


def _id_of(thread: Thread) -> str:
    series = thread.newest()
    first = series.cover or next(patch for patch in series.patches if patch is not None)
    return first.mail.message_id
