# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Access paths as text: which variables they start from, and how one is put in place of another."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

_ROOT: Final = re.compile(r"(?<![\w.%~>])[A-Za-z_%][\w~]*|(?<=[^-]>)[A-Za-z_%][\w~]*")
_PLAIN: Final = re.compile(r"[A-Za-z_%][\w~]*\Z")
_PATH: Final = re.compile(r"[&*]*[A-Za-z_%][\w~]*(?:(?:->|\.)[A-Za-z_]\w*|\[[^\[\]]*\])*\Z")
_HELPER: Final = re.compile(r"[&*]*[A-Za-z_]\w*\([^()]*(?:\([^()]*\))?[^()]*\)(?:(?:->|\.)[A-Za-z_]\w*)*\Z")

OPAQUE: Final = "~"
"""Starts the instance of a lock that its holder can no longer name."""

DEEPEST: Final = 160
"""Characters of an access path after which it is not followed further."""


@lru_cache(maxsize=65536)
def roots(text: str) -> frozenset[str]:
    """The variables (and functions) that a text starts from: `a->b[i].c` has `a` and `i`."""
    return frozenset(_ROOT.findall(text))


@lru_cache(maxsize=65536)
def is_plain(text: str) -> bool:
    """One variable, nothing else."""
    return bool(_PLAIN.match(text))


@lru_cache(maxsize=65536)
def is_path(text: str) -> bool:
    """A variable followed by fields and elements, or its address or what it points to."""
    return bool(_PATH.match(text))


@lru_cache(maxsize=65536)
def is_helper(text: str) -> bool:
    """A call by name with simple arguments, perhaps followed by fields: `to_vmx(vcpu)->x`."""
    return bool(_HELPER.match(text))


def substitute(text: str, values: Mapping[str, str]) -> str:
    """Put the access paths `values[v]` in place of the variables `v` of a text; the result is normalised again."""
    names = [name for name in roots(text) if name in values]
    if not names:
        return text
    return _put_in(text, tuple(sorted((name, values[name]) for name in names)))


@lru_cache(maxsize=65536)
def _put_in(text: str, pairs: tuple[tuple[str, str], ...]) -> str:
    values = dict(pairs)

    def replacement(match: re.Match[str]) -> str:
        value = values.get(match.group())
        if value is None:
            return match.group()
        after = text[match.end() : match.end() + 2]
        if after == "->":
            return _FOLLOWED + (value[1:] + _DOT if value.startswith("&") else _atom(value))
        if after[:1] in (".", "["):
            return _atom(value)
        return value if is_path(value) or is_helper(value) else f"({value})"

    result = _ROOT.sub(replacement, text)
    result = result.replace(_DOT + "->", ".").replace(_FOLLOWED, "").replace(_DOT, "")
    return result.replace("*&", "").replace("&*", "") if "*&" in result or "&*" in result else result


_FOLLOWED: Final = "\x01"
_DOT: Final = "\x02"


def _atom(value: str) -> str:
    return f"({value})" if value[:1] in "&*" or not (is_path(value) or is_helper(value)) else value


def opaque(text: str) -> str:
    """The instance, marked as one that can no longer be named."""
    return text if text.startswith(OPAQUE) else OPAQUE + text


def same_instance(one: str, other: str) -> bool | None:
    """Whether two instances of one class are the same lock: yes, no, or None where it cannot be told.

    Two different access paths are not known to differ: only identical text is a sure answer, and two fields of one
    variable (`a->x.lock`, `a->y.lock`) or two named globals are surely apart.
    """
    if one == other:
        return None if one.startswith(OPAQUE) else True
    return None
