# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The engine in a process of its own, so that a front end stays quick while it works and can stop it at any time.

The child is this module, started by the same interpreter. It gets the request on standard input and writes events to
standard output, each a pickle behind its length. Both ends are ours; nothing foreign is ever unpickled, for a mail's
text is a string in a value. The child ends when its standard input does, so that none outlives a front end.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import IO

from reviewtool.review.events import Event, Fault, Refused, ReviewDone
from reviewtool.review.request import ReviewRequest

_LENGTH = struct.Struct("!Q")
_LAST_WORDS = 400
"""Characters of what the child said last that are shown if it ends without a result."""


class EngineProcess:
    """A review that runs elsewhere. Read `events()` in a thread; `cancel()` may come from another."""

    def __init__(self, request: ReviewRequest) -> None:
        """Starts it at once."""
        self._label = request.label
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", "reviewtool.review.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
        )
        self._cancelled = False
        self._send(request)

    def _send(self, request: ReviewRequest) -> None:
        assert self._process.stdin is not None
        try:
            _write(self._process.stdin, request)
        except BrokenPipeError:
            return

    def events(self) -> Iterator[Event]:
        """The events as they come. The last one is ReviewDone or Refused, but after `cancel()` there is none."""
        stream = self._process.stdout
        assert stream is not None
        finished = False
        while (event := _read(stream)) is not None:
            finished = isinstance(event, (ReviewDone, Refused))
            yield event
        self._close()
        if not finished and not self._cancelled:
            yield Refused(source=self._label, fault=Fault.INTERNAL, message=self._last_words())

    def cancel(self) -> None:
        """Stop it, with all that it started. What came so far stays valid."""
        self._cancelled = True
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    @property
    def running(self) -> bool:
        """Whether it still works."""
        return self._process.poll() is None

    def _close(self) -> None:
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):
                self._process.stdin.close()
        self._process.wait()

    def _last_words(self) -> str:
        self._errors.seek(0)
        said = " ".join(self._errors.read().decode("utf-8", "replace").split())[-_LAST_WORDS:]
        return f"the analysis ended with status {self._process.returncode}{f': {said}' if said else ''}"


def _write(stream: IO[bytes], value: object) -> None:
    data = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def _read(stream: IO[bytes]) -> Event | None:
    """The next event; None at the end, also one in the middle of an event."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    size = _LENGTH.unpack(head)[0]
    data = stream.read(size)
    if len(data) < size:
        return None
    event: Event = pickle.loads(data)  # noqa: S301 - from our own child
    return event


def _serve() -> None:
    """The child's side."""
    head = sys.stdin.buffer.read(_LENGTH.size)
    request: ReviewRequest = pickle.loads(sys.stdin.buffer.read(_LENGTH.unpack(head)[0]))  # noqa: S301 - our parent's
    threading.Thread(target=_watch, daemon=True).start()
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # What a library prints goes to the messages, never between the events.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    from reviewtool.review.engine import review_source

    try:
        for event in review_source(request):
            _write(out, event)
    except BrokenPipeError:
        return
    except Exception as error:  # noqa: BLE001 - becomes the last event
        text = f"internal fault: {type(error).__name__}: {' '.join(str(error).split())} (please report it)"
        _write(out, Refused(source=request.label, fault=Fault.INTERNAL, message=text))


def _watch() -> None:
    """End when the parent does."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    if os.getpgid(0) == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    _serve()
