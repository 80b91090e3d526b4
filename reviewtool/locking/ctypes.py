# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""C types as text: `struct kvm *`, `spinlock_t[]`, `int (*)(struct kvm *)`, and what operators make of them.

A normal text has no qualifiers and no storage class, a single space before stars and before `(*`, and arrays without
their lengths. Typedefs are not looked up here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_QUALIFIER: Final = re.compile(
    r"\b(?:const|volatile|restrict|__restrict|__const|register|static|extern|inline|__extension__|_Atomic)\b"
)
_LENGTH: Final = re.compile(r"\[[^\[\]]*\]")
_STARS: Final = re.compile(r"\s*(\*)\s*")
_SPACES: Final = re.compile(r"\s+")
_SPACE_BEFORE: Final = re.compile(r"(?<=\()\s+|\A\s+")
_FUNCTION_POINTER: Final = re.compile(r"\(\*+(?:\[\])*\)")
_BASE: Final = re.compile(r"[\w. ]*[\w]")
RECORDS: Final = ("struct ", "union ")


@lru_cache(maxsize=16384)
def normal(text: str) -> str:
    """The normal text of a type as it is written."""
    if text.startswith(("typeof", "__typeof")):
        return text
    text = _QUALIFIER.sub(" ", text)
    if "[" in text:
        text = _LENGTH.sub("[]", text)
    text = _STARS.sub(r"\1", _SPACES.sub(" ", text).strip())
    head, paren, tail = text.partition("(")
    stem = head.rstrip("*[] ")
    shape = head[len(stem) :].replace(" ", "")
    space = " " if shape.startswith("*") else ""
    result = f"{stem.strip()}{space}{shape}"
    return f"{result} ({_SPACE_BEFORE.sub('', tail.replace(' (', '('))}" if paren else result


@lru_cache(maxsize=16384)
def deref(text: str) -> str | None:
    """What `*x` or `x[i]` has if x has this type; None if it is no pointer and no array."""
    match = _FUNCTION_POINTER.search(text)
    if match is not None:
        inside = match.group()[1:-1]
        shorter = inside[:-2] if inside.endswith("[]") else inside[:-1]
        if shorter:
            return f"{text[: match.start()]}({shorter}){text[match.end() :]}"
        rest = text[match.end() :]
        return (text[: match.start()].rstrip() + rest) if rest.startswith("[") else text
    if text.endswith("[]"):
        return text[:-2].rstrip()
    if text.endswith("*"):
        return text[:-1].rstrip()
    return None


@lru_cache(maxsize=16384)
def pointer_to(text: str) -> str:
    """What `&x` has if x has this type."""
    match = _FUNCTION_POINTER.search(text)
    if match is not None:
        return f"{text[: match.start()]}(*{match.group()[1:]}{text[match.end() :]}"
    if text.endswith("[]"):
        stem = text.rstrip("[]").rstrip()
        return f"{stem} (*){text[len(stem) :].strip()}"
    return f"{text}*" if text.endswith("*") else f"{text} *"


@lru_cache(maxsize=16384)
def result(text: str) -> str | None:
    """What a call of a function (pointer) of this type gives; None if it is none."""
    match = _FUNCTION_POINTER.search(text)
    if match is None or not text[match.end() :].startswith("("):
        return None
    return text[: match.start()].rstrip()


def is_function_pointer(text: str) -> bool:
    """Whether calls go through it (arrays of function pointers too)."""
    match = _FUNCTION_POINTER.search(text)
    return match is not None and text[match.end() :].startswith("(")


def parameters(text: str) -> str | None:
    """The parameter list of a function pointer type, as text; None if it is none."""
    match = _FUNCTION_POINTER.search(text)
    return text[match.end() :] if match is not None else None


@lru_cache(maxsize=16384)
def element(text: str) -> str:
    """The type without all pointers and arrays around it."""
    match = _BASE.match(text)
    return match.group() if match is not None and "(" not in text else text


@lru_cache(maxsize=16384)
def split_base(text: str) -> tuple[str, str]:
    """The type's first name and the rest: `gfn_t *` is `gfn_t` and ` *`."""
    match = _BASE.match(text)
    if match is None:
        return text, ""
    return match.group(), text[match.end() :]


@lru_cache(maxsize=16384)
def without_arrays(text: str) -> str:
    """The type of the innermost elements: `spinlock_t[]` is `spinlock_t`."""
    while text.endswith("[]"):
        text = text[:-2].rstrip()
    return text


def is_pointer(text: str) -> bool:
    """A pointer to an object."""
    return text.endswith("*")
