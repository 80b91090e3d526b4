# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What the user decided and typed, kept on disk from the first key on.

One JSON file per thread below $XDG_STATE_HOME, named by the series' change-id, else by the message-id of its first
mail; a later revision with the same change-id finds it again. Verdicts are kept by a finding's fingerprint, which
survives revisions; states and comments of patches by the patch's message-id, which does not. Every change replaces the
file atomically, so that a lost terminal or a killed process costs nothing.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec
import platformdirs

from reviewtool.mail.model import Patch, Series

VERDICTS = ("agree", "disagree", "later")
"""What may be said of a finding."""


class PatchState(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is kept of one patch."""

    mark: str = ""
    """`done`, `skip` or nothing."""
    cursor: int = 0
    folds: list[str] = []
    comments: dict[int, str] = {}
    """The user's comments by the line of the mail's body."""


class ThreadState(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is kept of one thread."""

    version: int = 1
    patches: dict[str, PatchState] = {}
    verdicts: dict[str, str] = {}
    left_out: list[str] = []
    """Fingerprints of findings that drafts do not mention."""
    drafts: dict[str, str] = {}
    """Drafts as the user edited them, by the patch's message-id."""
    at: int = -1
    """The patch that was open."""


def state_directory() -> Path:
    """Where the files are."""
    return Path(platformdirs.user_state_dir("reviewtool", appauthor=False)) / "threads"


def thread_name(series: Series) -> str:
    """The name under which a series is kept, the same for its revisions where it has a change-id."""
    if series.change_id:
        return f"change-{series.change_id}"
    first = series.cover or next((patch for patch in series.patches if patch is not None), None)
    return f"mail-{first.mail.message_id}" if first is not None else "nothing"


class Book:
    """The state of one thread, saved on each change. Before `open` nothing is kept."""

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory
        self._file: Path | None = None
        self._state = ThreadState()
        self._ids: dict[int, str] = {}
        self.trouble = ""
        """Why something could not be read or saved; one line, "" if nothing is wrong."""

    def open(self, series: Series) -> None:
        """Read what is known of this series."""
        directory = self._directory or state_directory()
        name = hashlib.blake2b(thread_name(series).encode("utf-8", "surrogateescape"), digest_size=12).hexdigest()
        self._file = directory / f"{name}.json"
        patches: list[tuple[int, Patch | None]] = [(0, series.cover), *enumerate(series.patches, 1)]
        self._ids = {number: patch.mail.message_id for number, patch in patches if patch is not None}
        try:
            self._state = msgspec.json.decode(self._file.read_bytes(), type=ThreadState)
        except FileNotFoundError:
            self._state = ThreadState()
        except (OSError, msgspec.MsgspecError) as error:
            self._state = ThreadState()
            self._put_aside(error)

    def _put_aside(self, error: Exception) -> None:
        assert self._file is not None
        self.trouble = f"{self._file} cannot be read and is kept as .bad: {error}"
        try:
            self._file.replace(self._file.with_suffix(".bad"))
        except OSError as other:
            self.trouble = f"{self._file}: {other.strerror}"

    @property
    def folder(self) -> Path:
        """Where drafts are written as files."""
        assert self._file is not None
        return self._file.with_suffix("").parent.parent / "drafts" / self._file.stem

    def save(self) -> None:
        """Replace the file. A failure is noted in `trouble`, never raised."""
        if self._file is None:
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(dir=self._file.parent, suffix=".new")
            with os.fdopen(handle, "wb") as stream:
                stream.write(msgspec.json.encode(self._state))
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).replace(self._file)
            self.trouble = ""
        except OSError as error:
            self.trouble = f"{self._file}: {error.strerror}; decisions of this session are not kept"

    def _of(self, number: int) -> PatchState:
        return self._state.patches.setdefault(self._ids.get(number, f"#{number}"), PatchState())

    def mark(self, number: int) -> str:
        """`done`, `skip` or ""."""
        return self._of(number).mark

    def set_mark(self, number: int, mark: str) -> None:
        """Mark a patch; the mark it has already is taken away."""
        state = self._of(number)
        state.mark = "" if state.mark == mark else mark
        self.save()

    def verdict(self, fingerprint: str) -> str:
        """What the user said of a finding."""
        return self._state.verdicts.get(fingerprint, "")

    def set_verdict(self, fingerprint: str, verdict: str) -> None:
        """Say something of a finding; what was said already is taken back."""
        if self.verdict(fingerprint) == verdict:
            del self._state.verdicts[fingerprint]
        else:
            self._state.verdicts[fingerprint] = verdict
        self.save()

    def comments(self, number: int) -> Mapping[int, str]:
        """The user's comments on a mail."""
        return self._of(number).comments

    def set_comment(self, number: int, body_line: int, text: str) -> None:
        """Keep a comment; an empty one is taken away."""
        comments = self._of(number).comments
        if text.strip():
            comments[body_line] = text
        else:
            comments.pop(body_line, None)
        self.save()

    def left_out(self, fingerprint: str) -> bool:
        """Whether drafts do not mention a finding."""
        return fingerprint in self._state.left_out

    def set_left_out(self, fingerprint: str) -> None:
        """Leave a finding out of drafts, or take it in again."""
        if fingerprint in self._state.left_out:
            self._state.left_out.remove(fingerprint)
        else:
            self._state.left_out.append(fingerprint)
        self.save()

    def draft(self, number: int) -> str:
        """The draft that the user edited; "" if there is none."""
        return self._state.drafts.get(self._ids.get(number, ""), "")

    def set_draft(self, number: int, text: str) -> None:
        """Keep an edited draft; an empty one is forgotten."""
        if text:
            self._state.drafts[self._ids.get(number, "")] = text
        else:
            self._state.drafts.pop(self._ids.get(number, ""), None)
        self.save()

    def cursor(self, number: int) -> int:
        """Where the cursor was in a mail."""
        return self._of(number).cursor

    def folds(self, number: int) -> tuple[str, ...]:
        """The closed folds of a mail."""
        return tuple(self._of(number).folds)

    def leave(self, number: int, cursor: int, folds: set[str]) -> None:
        """Keep how a mail was left."""
        state = self._of(number)
        if (state.cursor, state.folds) != (cursor, sorted(folds)):
            state.cursor, state.folds = cursor, sorted(folds)
            self.save()

    @property
    def at(self) -> int:
        """The mail that was open; -1 if none was."""
        return self._state.at

    @at.setter
    def at(self, number: int) -> None:
        if number != self._state.at:
            self._state.at = number
            self.save()
