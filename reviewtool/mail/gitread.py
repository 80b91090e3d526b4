# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""git, to read: settings of the user, objects of an archive, commits of a range. Never writes, never runs a hook."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from reviewtool.mail.errors import MailError
from reviewtool.mail.limits import MAX_MAIL_BYTES

_SAFE = ("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "log.showSignature=false")
_GROUP = 64
"""Object names asked for at once: few enough for a pipe to hold, so that neither side waits for the other."""


def clean_environment() -> dict[str, str]:
    """The environment without variables that would point git elsewhere or make it ask."""
    kept = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_TRACE")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_") or key in kept}
    environment |= {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
    return environment


def run_git(repository: Path, *words: str, quiet: bool = False) -> bytes:
    """The standard output of a git command in a repository. Raises MailError with git's own words.

    With `quiet` a command that fails without a word, as when it found nothing, gives what it wrote.
    """
    try:
        done = subprocess.run(
            ["git", *_SAFE, "-C", str(repository), *words],
            capture_output=True,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except OSError as error:
        raise MailError(f"git could not be started ({error.strerror}); install it or check PATH") from error
    if done.returncode != 0 and not (quiet and done.returncode == 1):
        lines = done.stderr.decode(errors="replace").strip().splitlines() or [f"status {done.returncode}"]
        raise MailError(f"{repository}: git says: {lines[0]}")
    return done.stdout


def user_settings(name: str) -> list[str]:
    """All values of a key in the user's and the system's git configuration, never in a repository's; [] if not set."""
    try:
        done = subprocess.run(
            ["git", "config", "-z", "--get-all", name],
            capture_output=True,
            cwd="/",
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            check=False,
            timeout=10,
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [value.decode(errors="replace") for value in done.stdout.split(b"\0")[:-1]]


def read_objects(repository: Path, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """(name, content) of the objects of a repository that exist, in the order asked for, through one process.

    Objects over MAX_MAIL_BYTES come out empty.
    """
    with subprocess.Popen(
        ["git", *_SAFE, "-C", str(repository), "cat-file", "--batch"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=clean_environment(),
    ) as git:
        assert git.stdin is not None
        rest = iter(names)
        try:
            while group := list(islice(rest, _GROUP)):
                git.stdin.write("".join(f"{name}\n" for name in group).encode())
                git.stdin.flush()
                for name in group:
                    content = _read_object(git)
                    if content is not None:
                        yield name, content
        finally:
            git.kill()


def _read_object(git: subprocess.Popen[bytes]) -> bytes | None:
    assert git.stdout is not None
    head = git.stdout.readline().split()
    if not head:
        raise MailError("git stopped while reading the archive; check it with git fsck")
    if len(head) != 3 or head[-1] in (b"missing", b"ambiguous"):
        return None
    size = int(head[2])
    if size > MAX_MAIL_BYTES:
        left = size + 1
        while left:
            left -= len(git.stdout.read(min(left, 1 << 20)))
        return b""
    content = git.stdout.read(size)
    git.stdout.read(1)
    return content if head[1] == b"blob" else None
