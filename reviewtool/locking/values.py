# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What the flow knows of a value: a set of signs, or one constant.

A value is either a `str`, the text of the one constant that it is, or an `int`, a set of the bits below. `ANY` says
nothing. This is as much as lock code needs: results tested for zero, for an error, for NULL, and selectors.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache, reduce
from typing import Final

from reviewtool.ruleset.model import ValueWords

NEGATIVE: Final = 1
ZERO: Final = 2
POSITIVE: Final = 4
ERROR: Final = 8
"""An error pointer: neither NULL nor to be followed."""
ANY: Final = 15
NONZERO: Final = NEGATIVE | POSITIVE | ERROR

Value = int | str

_NUMBER: Final = re.compile(r"[-+]?\(?(0[xX][0-9a-fA-F]+|\d+)[uUlL]*\)?\Z")
_CONSTANT: Final = re.compile(r"[A-Z][A-Z0-9_]*\Z")
_NEGATED_CONSTANT: Final = re.compile(r"-\(?[A-Z][A-Z0-9_]*\)?\Z")
_PLAIN: Final = re.compile(r"[A-Za-z_%][\w~]*\Z")


@lru_cache(maxsize=4096)
def constant(text: str, words: ValueWords) -> Value | None:
    """The value of a constant's text; None if the text is not a constant (a variable, an expression)."""
    if _NUMBER.match(text):
        digits = text.lstrip("+-(").rstrip("uUlL)")
        number = int(digits, 16 if digits[:2] in ("0x", "0X") else 10)
        if text[0] == "-" and number:
            return NEGATIVE
        return "0" if not number else str(number)
    if text in words.zero:
        return "0"
    if text in words.one:
        return "1"
    if _NEGATED_CONSTANT.match(text):
        return NEGATIVE
    if _CONSTANT.match(text):
        return text
    if text[:1] == '"' or (text[:1] == "&" and _PLAIN.match(text[1:])):
        return POSITIVE
    name, paren, _ = text.partition("(")
    if paren and name in words.makes_error:
        return ERROR
    return None


def signs(value: Value) -> int:
    """The set of signs that a value may have."""
    if isinstance(value, int):
        return value
    if value == "0":
        return ZERO
    return POSITIVE if value.isdigit() else ANY


def join(one: Value, other: Value) -> Value:
    """What is known where both may be."""
    return one if one == other else signs(one) | signs(other)


def merged(values: Iterable[Value]) -> Value:
    """What is known of a value that may be any of these; ANY if there is none."""
    known = list(values)
    return reduce(join, known) if known else ANY


def meet(value: Value, mask: int) -> Value | None:
    """The value, known to be in `mask` as well; None if it can't be."""
    both = signs(value) & mask
    if not both:
        return None
    if isinstance(value, str):
        return value
    return "0" if both == ZERO else both


def compatible(one: Value, other: Value) -> bool:
    """Whether both can describe the same value."""
    if isinstance(one, str) and isinstance(other, str):
        return one == other or one.isdigit() != other.isdigit()
    return bool(signs(one) & signs(other))


def test_mask(op: str) -> tuple[int, int] | None:
    """For a comparison with zero (`op` "" is `!= 0`): the signs where it is true, and where it is false."""
    return {
        "": (NONZERO, ZERO),
        "!=": (NONZERO, ZERO),
        "==": (ZERO, NONZERO),
        "<": (NEGATIVE, ZERO | POSITIVE | ERROR),
        ">=": (ZERO | POSITIVE | ERROR, NEGATIVE),
        ">": (POSITIVE | ERROR, NEGATIVE | ZERO),
        "<=": (NEGATIVE | ZERO, POSITIVE | ERROR),
    }.get(op)


_BITS: Final = re.compile(r"\(?([A-Z0-9_|]+)\)?&\(?([A-Z0-9_|]+)\)?\Z")
_EQUAL: Final = re.compile(r"(\w+)==(\w+)\Z")


def tested(text: str) -> Value | None:
    """The value of a test between constants: a bit test (`(A|B)&A`), or `A==B`; None for anything else.

    Different names are taken for different constants. The caller sees to it that the names are no variables.
    """
    match = _BITS.match(text)
    if match is not None:
        return "1" if set(match[1].split("|")) & set(match[2].split("|")) - {"0"} else "0"
    match = _EQUAL.match(text)
    if match is not None:
        return "1" if match[1] == match[2] else "0"
    return None
