# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""File names in a diff: unquoted, without their prefix, and refused where they would leave the tree."""

from __future__ import annotations

import re

_ESCAPE = re.compile(rb'\\([0-7]{1,3}|["\\abfnrtv])')
_ESCAPED = {b"a": 7, b"b": 8, b"t": 9, b"n": 10, b"v": 11, b"f": 12, b"r": 13, b'"': 34, b"\\": 92}
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_MAX_PATH = 4096


def unquote(name: str) -> str:
    """A name as git writes it, with C-style quotes undone (core.quotePath)."""
    if len(name) < 2 or not (name.startswith('"') and name.endswith('"')):
        return name

    def byte(match: re.Match[bytes]) -> bytes:
        code = match[1]
        return bytes([_ESCAPED[code] if code in _ESCAPED else int(code, 8) & 0xFF])

    return _ESCAPE.sub(byte, name[1:-1].encode("utf-8", "replace")).decode("utf-8", "replace")


def strip_prefix(name: str) -> str:
    """A name without its first component (`a/`, `b/`, a directory's name), as `git apply -p1` has it."""
    return name.split("/", 1)[1] if "/" in name else name


def path_fault(path: str) -> str:
    """Why a path of a diff is refused, "" if it is not. It must stay inside the tree and be fit to show."""
    if not path:
        return "the file has no name"
    if len(path) > _MAX_PATH:
        return f"its name is longer than {_MAX_PATH} characters"
    if _CONTROL.search(path):
        return "its name has control or bidirectional characters"
    if path.startswith("/"):
        return "its name is absolute"
    parts = path.split("/")
    if ".." in parts or "." in parts or "" in parts:
        return "its name leaves the tree or is not plain"
    if any(part.rstrip(". ").casefold() in (".git", "git~1") for part in parts):
        return "it is inside a .git directory"
    return ""


def shown(path: str) -> str:
    """A refused path for a message: control characters escaped, bounded."""
    return _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", path)[:200]
