# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The lines before the first hunk of a file's diff."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from reviewtool.mail.paths import strip_prefix, unquote

_GIT = re.compile(r"diff --git (.+)$")
_COMBINED = re.compile(r"diff --(?:cc|combined) (.+)$")
_INDEX = re.compile(r"index ([0-9a-f]{4,64})\.\.([0-9a-f]{4,64})(?: \d+)?\s*$")
_EXTENDED = re.compile(
    r"(?:old mode|new mode|deleted file mode|new file mode|copy from|copy to|rename from|rename to|rename old"
    r"|rename new|similarity index|dissimilarity index|index) "
)
_EPOCH = re.compile(r"\t(?:1970-01-01|1969-12-31|Thu Jan +1 .*1970|Wed Dec 31 .*1969)")
_EMPTY = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
"""The object name of an empty blob."""
_PREFIXED = re.compile(r'"?[abciow12]/')


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHeader:
    """Names, blobs and kind of a file's change. Paths are not yet checked; "" for /dev/null."""

    old_path: str = ""
    new_path: str = ""
    old_blob: str = ""
    new_blob: str = ""
    other_names: tuple[str, ...] = ()
    """Names in other lines of the header, which git might take instead."""
    lines: tuple[str, ...] = ()
    """The header as git gets it; with the data of a binary patch."""
    length: int = 0
    """How many lines of the mail it took."""
    binary: bool = False
    combined: bool = False
    complete: bool = False
    """It says something without hunks: a mode, a rename, an empty file, binary data."""
    damage: str = ""
    rewritten: str = ""
    """Why `lines` differ from the mail, "" if they do not."""

    @property
    def without_lines(self) -> bool:
        """A deleted file that was not empty, without a hunk: made by git format-patch -D."""
        if self.new_path or self.binary or any(line.startswith("--- ") for line in self.lines):
            return False
        return not (self.old_blob and _EMPTY.startswith(self.old_blob))

    @property
    def path(self) -> str:
        """The name to show."""
        return self.new_path or self.old_path


def read_header(lines: list[str]) -> FileHeader:
    """Read the header of one file's diff; `lines` begin with it. Never raises."""
    if match := _COMBINED.match(lines[0]):
        return FileHeader(new_path=unquote(match[1].strip()), combined=True)
    if lines[0].startswith("--- "):
        return _plain(lines)
    return _git(lines)


def _git(lines: list[str]) -> FileHeader:
    kept, fields, length = [lines[0]], {}, 1
    binary, complete = False, False
    for line in lines[1:]:
        if line.startswith("@@"):
            break
        if line.startswith(("--- ", "+++ ")):
            fields[line[:3]] = line[4:].split("\t", 1)[0].rstrip("\r")
        elif _EXTENDED.match(line):
            word = " ".join(line.split(" ", 2)[:2]) if not line.startswith("index ") else "index"
            fields[word] = line[len(word) + 1 :].removeprefix("mode ").rstrip("\r")
            complete = complete or not line.startswith(("index ", "similarity", "dissimilarity"))
        elif line.startswith("Binary files ") and line.rstrip().endswith("differ"):
            binary = complete = True
        elif line.startswith("GIT binary patch"):
            data = _binary_data(lines[length:])
            return replace(
                _named(lines[0], fields), lines=(*kept, *data), length=len(lines), binary=True, complete=True
            )
        else:
            break
        kept.append(line)
        length += 1
    header = _named(lines[0], fields)
    at_end = length >= len(lines) or lines[length].startswith(("@@", "--")) or not lines[length].strip()
    if not at_end and not binary:
        header = replace(
            header, damage=f"its header has a line that is none, perhaps a wrapped one ({lines[length][:40]!r})"
        )
    return _with_prefix(replace(header, lines=tuple(kept), length=length, binary=binary, complete=complete))


def _binary_data(lines: list[str]) -> list[str]:
    for index, line in enumerate(lines):
        if line.startswith("-- ") or line == "--":
            return [*lines[:index]]
    return lines


def _named(first: str, fields: dict[str, str]) -> FileHeader:
    """The names, from the lines that git believes first: rename and copy, then `---` and `+++`, then the first line."""
    match = _GIT.match(first.rstrip("\r"))
    old, new = _split_pair(match[1]) if match else ("", "")
    others = tuple(strip_prefix(unquote(name)) for name in (old, new) if name)
    old, new = fields.get("---", old), fields.get("+++", new)
    paths = ["" if unquote(name) == "/dev/null" else strip_prefix(unquote(name)) for name in (old, new)]
    if not _PREFIXED.match(old) and old == new:
        paths, others = [unquote(old), unquote(new)], ()
    for side, words in ((0, ("rename from", "copy from", "rename old")), (1, ("rename to", "copy to", "rename new"))):
        for word in words:
            paths[side] = unquote(fields[word]) if word in fields else paths[side]
    if "new file" in fields:
        paths[0] = ""
    if "deleted file" in fields:
        paths[1] = ""
    damage = "" if any(paths) else "its first line names no two files"
    blobs = _INDEX.match(f"index {fields.get('index', '')}")
    return FileHeader(
        old_path=paths[0],
        new_path=paths[1],
        old_blob=blobs[1] if blobs else "",
        new_blob=blobs[2] if blobs else "",
        other_names=others,
        damage=damage,
    )


def _split_pair(text: str) -> tuple[str, str]:
    """The two names of git's first line. Unquoted ones may have spaces: then both halves are alike."""
    if text.startswith('"'):
        match = re.match(r'("(?:[^"\\]|\\.)*") (.+)', text)
        return (match[1], match[2]) if match else ("", "")
    if text.endswith('"') and ' "' in text:
        old, _, new = text.partition(' "')
        return old, f'"{new}'
    middle = len(text) // 2
    if text[middle : middle + 1] == " " and strip_prefix(text[:middle]) == strip_prefix(text[middle + 1 :]):
        return text[:middle], text[middle + 1 :]
    old, _, new = text.partition(" ")
    return (old, new) if " " not in new else ("", "")


def _with_prefix(header: FileHeader) -> FileHeader:
    """A diff made with --no-prefix, with the prefixes that `git apply -p1` takes off."""
    match = _GIT.match(header.lines[0]) if header.lines else None
    old, new = _split_pair(match[1]) if match else ("", "")
    if not old or old != new or _PREFIXED.match(old) or old.startswith('"'):
        return header
    lines = [f"diff --git a/{old} b/{new}"]
    for line in header.lines[1:]:
        for mark, prefix in (("--- ", "a/"), ("+++ ", "b/")):
            if line.startswith(mark) and line[4:].split("\t")[0] != "/dev/null":
                line = f"{mark}{prefix}{line[4:]}"
        lines.append(line)
    return replace(header, lines=tuple(lines), rewritten="made with --no-prefix; read with the usual prefixes")


def _plain(lines: list[str]) -> FileHeader:
    """A diff without git's line (`diff -u`, quilt): both names are the new one's, less its first directory."""
    old, new = lines[0][4:].rstrip("\r"), lines[1][4:].rstrip("\r")
    names = [strip_prefix(unquote(name.split("\t", 1)[0])) for name in (old, new)]
    absent = [name.split("\t", 1)[0] == "/dev/null" or _EPOCH.search(name) is not None for name in (old, new)]
    path = names[0] if absent[1] else names[1]
    created, deleted = absent[0] and not absent[1], absent[1]
    kept = ("--- /dev/null" if created else f"--- a/{path}", "+++ /dev/null" if deleted else f"+++ b/{path}")
    return FileHeader(
        old_path="" if created else path,
        new_path="" if deleted else path,
        lines=kept,
        length=2,
        rewritten=""
        if kept == (lines[0].rstrip(), lines[1].rstrip())
        else "a diff without git's header; names normalised",
    )
