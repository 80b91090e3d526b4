# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""How well the files of a snapshot are parsed, compared with what universal-ctags finds in them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from reviewtool.csource.ctags import list_functions
from reviewtool.csource.parsereport import ParseReport, add_file, render
from reviewtool.review.events import Event, ParseDone, Progress, Stage
from reviewtool.ruleset.dialect import Syntax
from reviewtool.tree.model import Snapshot
from reviewtool.tree.paths import complaint

_SUFFIXES: Final = (".c", ".h")
_AT_ONCE: Final = 200
"""Files that are read and handed to ctags together."""


def measure(source: str, snapshot: Snapshot, paths: Iterable[str], syntax: Syntax) -> Iterator[Event]:
    """Parse the C files and headers at and below the paths; the last event is ParseDone.

    ctags needs files, so copies of them stand in a private directory meanwhile.

    Raises:
        CtagsError: universal-ctags is missing or did not work.
    """
    files = _files(snapshot, paths)
    report = ParseReport()
    for start in range(0, len(files), _AT_ONCE):
        yield Progress(stage=Stage.READ, done=start, total=len(files))
        contents = snapshot.read_many(files[start : start + _AT_ONCE])
        with tempfile.TemporaryDirectory(prefix="reviewtool-") as directory:
            for path, content in contents.items():
                _copy(Path(directory) / path, content)
            listed = list_functions(Path(directory), contents)
        for path, content in contents.items():
            add_file(report, path, content, syntax, listed.get(path, ()))
    yield ParseDone(source=source, report=render(report))


def _files(snapshot: Snapshot, paths: Iterable[str]) -> Sequence[str]:
    found = {name for path in paths for name in snapshot.list(path.rstrip("/")) if name.endswith(_SUFFIXES)}
    return sorted(name for name in found if not complaint(name))


def _copy(place: Path, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
