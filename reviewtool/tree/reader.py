# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Blobs by object name, from one long-lived `git cat-file --batch`."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from reviewtool.tree.error import TreeError
from reviewtool.tree.git import HARDENED, complaint_of, not_startable

LARGEST = 64 * 1024 * 1024
"""Bytes of the largest file that is read; the largest generated header of a kernel has about 30 MiB."""

_AT_ONCE = 512
"""Requests written before their answers are read: 512 names fill 33 KiB at most, which the pipe (64 KiB) holds."""


class _Gone(Exception):  # noqa: N818 - not an error to anybody outside
    """The process ended before it had answered."""


class BlobReader:
    """Reads blobs; restarts git once if it died. May be shared between threads and used after a fork.

    Args:
        directory: Where git runs and where its complaints are kept.
        environment: The environment that names the repository.
    """

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        self._directory = directory
        self._environment = dict(environment)
        self._complaints = directory / "cat-file.err"
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._closed = False

    def read(self, names: Sequence[str], paths: Sequence[str]) -> list[bytes]:
        """The contents of the blobs `names`; `paths`, of the same length, are what an error calls them.

        Raises TreeError if an object is missing, damaged, no blob or too large.
        """
        contents: list[bytes] = []
        with self._lock:
            for start in range(0, len(names), _AT_ONCE):
                end = start + _AT_ONCE
                contents += self._read_some(names[start:end], paths[start:end])
        return contents

    def _read_some(self, names: Sequence[str], paths: Sequence[str]) -> list[bytes]:
        done: list[bytes] = []
        died_at = -1
        while len(done) < len(names):
            at = len(done)
            try:
                self._ask(names[at:], paths[at:], done)
            except _Gone:
                reason = self._stop()
                if len(done) == died_at:
                    raise TreeError(
                        f"{paths[died_at]}: git cannot read object {names[died_at]} ({reason}); try git fsck"
                    ) from None
                died_at = len(done)
            except BaseException:
                # Answers may be left in the pipe; they must not be taken for those of the next question.
                self._stop()
                raise
        return done

    def _ask(self, names: Sequence[str], paths: Sequence[str], done: list[bytes]) -> None:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write("".join(f"{name}\n" for name in names).encode())
            process.stdin.flush()
        except OSError:
            raise _Gone from None
        for name, path in zip(names, paths, strict=True):
            done.append(self._answer(process, name, path))

    def _answer(self, process: subprocess.Popen[bytes], name: str, path: str) -> bytes:
        assert process.stdout is not None
        header = process.stdout.readline()
        if not header.endswith(b"\n"):
            raise _Gone
        fields = header.split()
        if len(fields) != 3 or fields[1] != b"blob":
            raise TreeError(_unusable(name, path, fields))
        size = int(fields[2])
        if size > LARGEST:
            raise TreeError(f"{path}: {size} bytes, larger than the {LARGEST} that are read of a file")
        content = process.stdout.read(size + 1)
        if len(content) != size + 1:
            raise _Gone
        return content[:-1]

    def _running(self) -> subprocess.Popen[bytes]:
        if self._closed:
            raise TreeError("the tree was closed already")
        if self._process is not None and self._owner == os.getpid():
            return self._process
        try:
            with self._complaints.open("wb") as complaints:
                self._process = subprocess.Popen(
                    ["git", *HARDENED, "cat-file", "--batch"],
                    cwd=self._directory,
                    env=self._environment,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=complaints,
                    bufsize=1 << 16,
                )
        except OSError as error:
            raise not_startable(self._directory, error) from None
        self._owner = os.getpid()
        return self._process

    def _stop(self) -> str:
        """End the process, and say what it complained about."""
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return ""
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            process.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        try:
            return complaint_of(self._complaints.read_bytes())
        except OSError:
            return "no reason given"

    def close(self) -> None:
        """End the process. Reading afterwards raises TreeError."""
        with self._lock:
            self._closed = True
            self._stop()


def _unusable(name: str, path: str, fields: list[bytes]) -> str:
    """The line for an object that is not there or is no blob."""
    if len(fields) == 2 and fields[1] == b"missing":
        return (
            f"{path}: object {name} is missing from the repository; in a partial clone, fetch it first "
            f"(git cat-file -e {name}), else try git fsck"
        )
    kind = fields[1].decode("ascii", "replace") if len(fields) > 1 else "unknown"
    return f"{path}: object {name} is not a file's content (git says: {kind}); try git fsck"
