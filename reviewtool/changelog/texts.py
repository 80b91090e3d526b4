# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""All prose of a series and of a tree: changelogs, cover letter, notes, added comments, added lines of documents."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from reviewtool.changelog.claims import Claim, claims_of
from reviewtool.changelog.lockdep import Report
from reviewtool.changelog.lockdep_parse import parse_reports
from reviewtool.changelog.sentences import Sentence, split
from reviewtool.csource.facts import Remark
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.program import Program
from reviewtool.mail.model import DiffLine, FileDiff, Patch, Series

_SOURCE: Final = (".c", ".h")
_DOCUMENT: Final = (".rst", ".txt", ".md")
_MARKS: Final = re.compile(r"^\s*(?:/\*+|\*+/?|//+)?[ \t]?")
_FUNCTION: Final = re.compile(r"^[A-Za-z_][\w\s*]{0,120}?\b(\w{2,80})\s*\(")


def series_claims(series: Series) -> tuple[Claim, ...]:
    """The claims of all texts of a series, the cover letter first. Lines are those of the mail bodies."""
    found: list[Claim] = []
    for patch in (series.cover, *series.patches):
        if patch is not None:
            found.extend(claims_of(patch_sentences(patch), patch.number))
    return tuple(found)


def series_reports(series: Series) -> tuple[tuple[int, Report], ...]:
    """(patch, report) for each report in a changelog or cover letter."""
    return tuple(
        (patch.number, report)
        for patch in (series.cover, *series.patches)
        if patch is not None
        for report in parse_reports(patch.changelog, patch.changelog_line)
    )


def patch_sentences(patch: Patch) -> tuple[Sentence, ...]:
    """The sentences of a patch's changelog (without pasted reports), of its comments and of its documents."""
    origin = "changelog" if patch.number else "cover"
    reports = parse_reports(patch.changelog, patch.changelog_line)
    inside = {line for report in reports for line in range(report.line, report.end_line + 1)}
    prose = [s for s in split(patch.changelog, patch.changelog_line, origin) if s.line not in inside]
    for file in patch.files:
        prose.extend(_of_file(file))
    return tuple(prose)


def _of_file(file: FileDiff) -> Iterator[Sentence]:
    path = file.new_path
    for hunk in file.hunks:
        new = [line for line in hunk.lines if line.kind in " +"]
        if path.endswith(_DOCUMENT):
            yield from _added(new, path, "")
        elif path.endswith(_SOURCE):
            for start, end, about in _comments(new):
                yield from _added(new[start:end], path, about)


def _added(lines: Sequence[DiffLine], path: str, about: str) -> Iterator[Sentence]:
    """The sentences of some lines in which at least one added line has a part. Their lines are those of the mail."""
    if not any(line.kind == "+" for line in lines):
        return
    text = "\n".join(line.text if not path.endswith(_SOURCE) else _unmarked(line.text) for line in lines)
    for sentence in split(text, 0, path, about):
        part = lines[sentence.line : sentence.end_line + 1]
        if any(line.kind == "+" for line in part):
            yield Sentence(
                text=sentence.text, line=part[0].body_line, end_line=part[-1].body_line, origin=path, about=about
            )


def _unmarked(text: str) -> str:
    return _MARKS.sub("", text).replace("*/", "").rstrip()


def _comments(lines: Sequence[DiffLine]) -> Iterator[tuple[int, int, str]]:
    """(first, behind the last, function below it) of each comment."""
    start = -1
    for index, line in enumerate(lines):
        text = line.text.strip()
        if start < 0 and text.startswith(("/*", "//")):
            start = index
        if start >= 0 and ("*/" in text or (text.startswith("//") and not _goes_on(lines, index))):
            yield start, index + 1, _below(lines, index + 1)
            start = -1


def _goes_on(lines: Sequence[DiffLine], index: int) -> bool:
    return index + 1 < len(lines) and lines[index + 1].text.strip().startswith("//")


def _below(lines: Sequence[DiffLine], index: int) -> str:
    match = _FUNCTION.match(lines[index].text) if index < len(lines) else None
    return match[1] if match is not None and not lines[index].text.rstrip().endswith(";") else ""


def tree_sentences(model: LockModel) -> tuple[Sentence, ...]:
    """The sentences of the comments of a model's files: those above functions, and all others that speak of locks."""
    found: list[Sentence] = []
    for function, ref in sorted(model.functions.items()):
        comment = ref.facts.comment
        if comment:
            lines = comment.count("\n") + 1
            first = max(1, ref.line(ref.facts.line) - lines - (lines > 1))
            found.extend(split(comment, first, function.path, function.name))
    above = {sentence.text for sentence in found}
    for path, line, remark in _remarks(model):
        found.extend(sentence for sentence in split(remark.text, line, path) if sentence.text not in above)
    return tuple(found)


def _remarks(model: LockModel) -> Iterator[tuple[str, int, Remark]]:
    program = model.linker
    if not isinstance(program, Program):
        return
    for path, table in sorted(program.symbols.tables.items()):
        for placed in table.facts.cuts if table.facts is not None else ():
            for declaration in placed.cut.declarations:
                if isinstance(declaration, Remark):
                    yield path, placed.line + declaration.line, declaration
