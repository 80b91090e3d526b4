# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The functions that universal-ctags finds: an independent witness of what a file defines."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

_COMMAND = (
    "ctags", "--options=NONE", "--langmap=C:.c.h", "--languages=C", "--kinds-C=f", "--sort=no", "-x",
    "--_xformat=%N\t%n\t%F", "-f", "-", "-L", "-",
)  # fmt: skip


class CtagsError(Exception):
    """universal-ctags is missing or did not work; the message says what to do."""


def list_functions(root: Path, paths: Iterable[str]) -> Mapping[str, list[tuple[str, int]]]:
    """Return the name and the line (from 1) of each function definition in the files `paths` below `root`.

    Raises CtagsError.
    """
    if shutil.which(_COMMAND[0]) is None:
        raise CtagsError("universal-ctags is not installed: install it, the parse report compares with it")
    listed = "".join(path + "\n" for path in paths)
    done = subprocess.run(_COMMAND, cwd=root, input=listed.encode(), capture_output=True, check=False)
    if done.returncode:
        message = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise CtagsError(f"ctags failed ({message}): is it universal-ctags?")
    found: dict[str, list[tuple[str, int]]] = {}
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        name, number, path = line.split("\t")
        found.setdefault(path, []).append((name, int(number)))
    return found
