# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Raw mails from what lies on this machine: an mbox, a mail, a maildir, standard input."""

from __future__ import annotations

import contextlib
import os
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path

from reviewtool.mail.errors import MailError
from reviewtool.mail.limits import MAX_MAIL_BYTES, MAX_SOURCE_BYTES, MAX_THREAD_MAILS, check_size
from reviewtool.mail.mbox import looks_like_mail, looks_like_mbox, split_mbox

_PATCH_FILES = (".patch", ".eml", ".mbox")


def is_maildir(path: Path) -> bool:
    """Whether a directory has the folders of a maildir."""
    return (path / "cur").is_dir() or (path / "new").is_dir()


def read_mbox_file(path: Path) -> list[bytes]:
    """The raw mails of a file: an mbox (plain or gzip) or one mail. Raises MailError."""
    try:
        with path.open("rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise MailError(
                    f"{path}: neither a file nor a directory; save it as a file, or use - for standard input"
                )
            check_size(os.fstat(file.fileno()).st_size, MAX_SOURCE_BYTES, str(path))
            data = file.read(MAX_SOURCE_BYTES + 1)
    except OSError as error:
        raise MailError(f"{path}: cannot be read ({error.strerror}); check the path and its permissions") from error
    return split_mails(data, str(path))


def split_mails(data: bytes, name: str) -> list[bytes]:
    """The raw mails in the bytes of a source called `name`: an mbox (plain or gzip) or one mail.

    Raises MailError when it is empty, too large, or neither.
    """
    if data.startswith(b"\x1f\x8b"):
        data = _unpack(data, name)
    check_size(len(data), MAX_SOURCE_BYTES, name)
    if not data.strip():
        raise MailError(f"{name}: empty; save the thread again, or give its message-id")
    if looks_like_mbox(data):
        return bounded(list(split_mbox(data.lstrip(b"\r\n"))), name)
    if looks_like_mail(data):
        return bounded([data.lstrip(b"\r\n")], name)
    raise MailError(f"{name}: neither a mail nor an mbox; give an mbox as public-inbox or git format-patch write it")


def read_maildir(path: Path) -> list[bytes]:
    """The raw mails of a maildir, by file name, less those that cannot be read. Raises MailError if none can."""
    mails = []
    names = sorted((entry.name, entry) for folder in ("new", "cur") for entry in _files(path / folder))
    for _name, entry in names[: MAX_THREAD_MAILS + 1]:
        with contextlib.suppress(OSError):
            if entry.stat().st_size <= MAX_MAIL_BYTES:
                mails.append(entry.read_bytes())
    if not mails:
        raise MailError(f"{path}: no mail in this maildir can be read; check its new/ and cur/ and their permissions")
    return bounded(mails, str(path))


def read_files(path: Path) -> list[bytes]:
    """The raw mails of the patch files in a directory, as git format-patch writes it. Raises MailError if none is."""
    names = sorted(entry for entry in _files(path) if entry.suffix in _PATCH_FILES)
    if not names:
        raise MailError(
            f"{path}: neither a maildir, a public-inbox archive nor a directory of .patch files; give one of these"
        )
    return bounded([raw for entry in names[: MAX_THREAD_MAILS + 1] for raw in read_mbox_file(entry)], str(path))


def _files(folder: Path) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        for entry in folder.iterdir():
            with contextlib.suppress(OSError):
                if entry.is_file() and not entry.name.startswith("."):
                    yield entry


def bounded(mails: list[bytes], name: str) -> list[bytes]:
    """The mails, if there are some and not too many. Raises MailError."""
    if not mails:
        raise MailError(f"{name}: no whole mail in it; save the thread again, or give its message-id")
    if len(mails) > MAX_THREAD_MAILS:
        raise MailError(
            f"{name}: more than {MAX_THREAD_MAILS} mails; give the part with the thread, or a public-inbox archive"
        )
    return mails


def _unpack(data: bytes, name: str) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(data, MAX_SOURCE_BYTES + 1)
    except zlib.error as error:
        raise MailError(f"{name}: damaged gzip data ({error}); save the thread again") from error
    while unpacker.eof and unpacker.unused_data.startswith(b"\x1f\x8b") and len(unpacked) <= MAX_SOURCE_BYTES:
        data, unpacker = unpacker.unused_data, zlib.decompressobj(wbits=31)
        with contextlib.suppress(zlib.error):
            unpacked += unpacker.decompress(data, MAX_SOURCE_BYTES + 1 - len(unpacked))
    return unpacked
