# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Where drafts go: a directory of .eml files, an mbox or a maildir. What is there already is never changed.

A draft that is there in the same words is not written again; one that differs, because the user edited it or the review
says something else now, stays and gets the new one beside it.
"""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from reviewtool.reply.errors import ReplyError
from reviewtool.reply.letter import Letter, same_letter

_FROM = re.compile(rb"^(>*From )", re.MULTILINE)
_SEPARATOR = re.compile(rb"(?m)^From mboxrd@z Thu Jan  1 00:00:00 1970\n")
_FOLDERS = ("tmp", "new", "cur")
_SLUG = 52


class Store(Protocol):
    """A place for drafts."""

    def put(self, letter: Letter) -> str | None:
        """Write it; where it is now, or None if it is there in the same words. Raises ReplyError."""
        ...


def open_store(where: str) -> Store:
    """The place that `-o` names: `mbox:PATH`, `maildir:PATH`, an existing mbox or maildir, NAME.mbox, else a directory.

    Raises ReplyError for a place that is something else.
    """
    kind, mark, rest = where.partition(":")
    if mark and kind in ("mbox", "maildir", "dir") and rest:
        path = Path(rest)
    else:
        path = Path(where)
        kind = _kind(path)
    if kind == "mbox":
        return Mbox(path)
    return Maildir(path) if kind == "maildir" else Directory(path)


def _kind(path: Path) -> str:
    if path.is_dir():
        return "maildir" if all((path / name).is_dir() for name in _FOLDERS) else "dir"
    if path.is_file() or (not path.exists() and path.suffix == ".mbox"):
        return "mbox"
    return "dir"


@dataclass(frozen=True, slots=True)
class Directory:
    """A file for each draft: `0002-subject.eml`, for another one to the same patch `0002-subject.2.eml`."""

    path: Path

    def put(self, letter: Letter) -> str | None:
        """Write it under a name that is free."""
        _make(self.path)
        stem = f"{letter.draft.number:04}-{slug(letter.draft.answers.subject)}"
        for other in sorted(self.path.glob(f"{letter.draft.number:04}-*.eml")):
            if same_letter(_read(other), letter.data):
                return None
        for count in range(1, 10000):
            target = self.path / (f"{stem}.eml" if count == 1 else f"{stem}.{count}.eml")
            if _write_new(target, letter.data):
                return str(target)
        raise ReplyError(f"{self.path}: there are too many drafts for one patch in it; move some away")


@dataclass(frozen=True, slots=True)
class Maildir:
    """A maildir (https://cr.yp.to/proto/maildir.html); drafts have the flags D and S, by which mutt knows them."""

    path: Path

    def put(self, letter: Letter) -> str | None:
        """Write it, first into `tmp`."""
        for name in _FOLDERS:
            _make(self.path / name)
        for folder in ("cur", "new"):
            for other in sorted((self.path / folder).iterdir()):
                if other.is_file() and same_letter(_read(other), letter.data):
                    return None
        target = self.path / "cur" / f"{letter.message_id.replace('/', '_').replace(':', '_')}:2,DS"
        if not _write_new(target, letter.data, self.path / "tmp"):
            raise ReplyError(f"{target}: there already; try again")
        return str(target)


@dataclass(frozen=True, slots=True)
class Mbox:
    """An mbox in the mboxrd form, which is only ever added to."""

    path: Path

    def put(self, letter: Letter) -> str | None:
        """Add it at the end, in one write, while no other program that locks has the file."""
        import fcntl

        _make(self.path.parent)
        try:
            with self.path.open("a+b") as stream:
                fcntl.lockf(stream, fcntl.LOCK_EX)
                stream.seek(0)
                known = stream.read()
                if known and not known.startswith(b"From "):
                    raise ReplyError(f"{self.path}: no mbox; name another place for the drafts")
                if any(same_letter(mail, letter.data) for mail in _mails(known)):
                    return None
                gap = b"" if not known or known.endswith(b"\n\n") else b"\n" if known.endswith(b"\n") else b"\n\n"
                stream.write(gap + mboxrd(letter.data))
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise ReplyError(f"{self.path}: {error.strerror}") from None
        return str(self.path)


def mboxrd(data: bytes) -> bytes:
    """A mail as a piece of an mbox."""
    return b"From mboxrd@z Thu Jan  1 00:00:00 1970\n" + _FROM.sub(rb">\1", data) + b"\n"


def _mails(data: bytes) -> list[bytes]:
    parts = (part for part in _SEPARATOR.split(data) if part)
    return [re.sub(rb"(?m)^>(>*From )", rb"\1", part.removesuffix(b"\n")) for part in parts]


def slug(subject: str) -> str:
    """A subject as a file name: its words without prefixes."""
    words = re.sub(r"\[[^]]*\]|\b(?:re|aw)\s*:", " ", subject, flags=re.IGNORECASE)
    return "-".join(re.findall(r"[A-Za-z0-9_.]+", words)).strip(".-")[:_SLUG].rstrip(".-").lower() or "reply"


def _make(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ReplyError(f"{path}: {error.strerror}") from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _write_new(target: Path, data: bytes, through: Path | None = None) -> bool:
    """Write a file whole or not at all; False if there is one of this name."""
    draft = (through or target.parent) / f".{secrets.token_hex(8)}.tmp"
    try:
        with draft.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(draft, target, follow_symlinks=False)
        except FileExistsError:
            return False
        finally:
            draft.unlink()
    except OSError as error:
        raise ReplyError(f"{target}: {error.strerror}") from None
    return True
