# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""SPIN run on a Promela model: is there an invalid end state, is there a violated assertion?"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ERRORS = re.compile(r"errors: (\d+)")
GCC = ("gcc", "-O0", "-w", "-DSAFETY", "-DNOFAIR", "-DMEMLIM=1500", "-o", "pan", "pan.c")


def available() -> bool:
    """SPIN and a C compiler are installed."""
    return shutil.which("spin") is not None and shutil.which("gcc") is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What SPIN says."""

    deadlock: bool
    asleep: bool
    """A context sleeps where it must not."""


def check(model: str, directory: Path) -> Answer:
    """SPIN's answer, worked out in `directory`. Raises RuntimeError if it has none."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "model.pml").write_text(model)
    made = _run(["spin", "-a", "model.pml"], directory)
    if "rror" in made or not (directory / "pan.c").exists():
        raise RuntimeError(f"spin: {made[:800]}")
    _run(list(GCC), directory)
    return Answer(
        deadlock=_errors(directory, "-A", "invalid end state"), asleep=_errors(directory, "-E", "assertion violated")
    )


def _errors(directory: Path, ignore: str, wanted: str) -> bool:
    said = _run(["./pan", "-m50000", ignore], directory)
    found = ERRORS.search(said)
    if found is None or "max search depth too small" in said or "out of memory" in said:
        raise RuntimeError(f"pan: {said[:800]}")
    if int(found[1]) and wanted not in said:
        raise RuntimeError(f"pan: {said[:800]}")
    return int(found[1]) > 0


def _run(command: list[str], directory: Path) -> str:
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=120, check=False)
    return done.stdout + done.stderr
