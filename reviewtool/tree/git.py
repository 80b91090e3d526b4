# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Running git so that neither the caller's environment nor the tree's configuration can make it do more than asked."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from reviewtool.tree.error import TreeError

TIMEOUT = 60.0
"""Seconds that one git command may take."""

HARDENED = (
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.fsmonitor=false",
    "-c", "core.attributesFile=/dev/null",
    "-c", "core.pager=cat",
    "-c", "diff.external=",
    "-c", "protocol.allow=never",
    "-c", "gc.auto=0",
    "-c", "maintenance.auto=false",
    "-c", "log.showSignature=false",
)  # fmt: skip
"""Options that outrank every configuration file, the repository's own first of all."""

_KEPT = ("GIT_CONFIG_", "GIT_EXEC_PATH")
"""The user's own configuration stays, for safe.directory is set there; git reads that key from nowhere else."""

_ALWAYS = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_ASKPASS": "true",
    "GIT_SSH_COMMAND": "false",
    "LC_ALL": "C",
    "LANGUAGE": "C",
}


def user_environment() -> dict[str, str]:
    """The environment for commands on the user's repository: GIT_DIR and its like of the caller have no say."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or (name.startswith(_KEPT) and name != "GIT_CONFIG_PARAMETERS")
    }
    return kept | _ALWAYS


def private_environment(directory: Path) -> dict[str, str]:
    """The environment for commands on a repository of our own: no configuration but that repository's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name == "GIT_EXEC_PATH"}
    return (
        kept
        | _ALWAYS
        | {
            "GIT_DIR": str(directory),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CEILING_DIRECTORIES": str(directory.parent),
        }
    )


def run(
    arguments: Sequence[str],
    *,
    directory: Path,
    environment: Mapping[str, str],
    stdin: bytes = b"",
    timeout: float = TIMEOUT,
) -> subprocess.CompletedProcess[bytes]:
    """Run `git ARGUMENTS` in a directory; a non-zero status is the caller's business.

    Raises TreeError if git cannot be started or takes longer than `timeout` seconds.
    """
    try:
        return subprocess.run(
            ["git", *HARDENED, *arguments],
            cwd=directory,
            env=environment,
            input=stdin,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except FileNotFoundError as error:
        raise not_startable(directory, error) from None
    except subprocess.TimeoutExpired:
        raise TreeError(f"{directory}: git {arguments[0]} took longer than {timeout:.0f} seconds") from None
    except OSError as error:
        raise not_startable(directory, error) from None


def not_startable(directory: Path, error: OSError) -> TreeError:
    """The error for a git that cannot be run: missing itself, or its directory is."""
    if not directory.is_dir():
        return TreeError(f"{directory}: not a directory that can be entered")
    if isinstance(error, FileNotFoundError):
        return TreeError("git was not found in PATH: install git (2.36 or newer)")
    return TreeError(f"git cannot be run in {directory}: {error.strerror or error}")


def complaint_of(stderr: bytes) -> str:
    """Git's own words in one line: the first `fatal:` or `error:` line, else the first line."""
    lines = [line.strip() for line in stderr.decode("utf-8", "replace").split("\n") if line.strip()]
    for mark in ("fatal: ", "error: "):
        for line in lines:
            if line.startswith(mark):
                return line.removeprefix(mark)
    return lines[0] if lines else "no reason given"
