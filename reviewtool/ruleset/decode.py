# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Strict decoding of TOML into structs, with errors that name the key and the nearest known one."""

from __future__ import annotations

import re
import tomllib
import types
import typing
from typing import Any, TypeVar

import msgspec

from reviewtool.ruleset.errors import unknown

T = TypeVar("T")
_PLACE = re.compile(r" - at `[^`]*`")


class DecodeError(ValueError):
    """Text or values that do not have the shape that was asked for: where (`a.b`, `line 3`), and why."""

    def __init__(self, place: str, reason: str) -> None:
        self.place = place
        self.reason = reason
        super().__init__(f"{place}: {reason}" if place else reason)


def decode_toml(data: bytes, shape: type[T]) -> T:
    """TOML text as a value of `shape`. Raises DecodeError."""
    try:
        values = tomllib.loads(data.decode())
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DecodeError(f"line {line}", "this is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise DecodeError("", f"this is not TOML: {error}") from None
    return decode(values, shape)


def decode(values: object, shape: type[T], strict: bool = True) -> T:
    """Plain values as a value of `shape`; without `strict` a text may stand for a number. Raises DecodeError."""
    try:
        return msgspec.convert(values, shape, strict=strict)
    except msgspec.ValidationError:
        _narrow(values, shape, "", strict)
        raise


def _narrow(value: object, shape: Any, place: str, strict: bool) -> None:
    """Find the innermost part of `value` that does not fit, and raise the DecodeError for it; nothing if all fits."""
    try:
        msgspec.convert(value, shape, strict=strict)
        return
    except msgspec.ValidationError as error:
        reason = _PLACE.sub("", str(error))
    if isinstance(value, dict):
        _narrow_table(value, shape, place, strict)
    elif isinstance(value, list) and typing.get_origin(shape) in (tuple, list, frozenset):
        for number, item in enumerate(value, 1):
            _narrow(item, typing.get_args(shape)[0], f"{place}[{number}]", strict)
    elif isinstance(value, str):
        words = _words(shape)
        if words and value not in words:
            reason = unknown("value", value, words)
    raise DecodeError(place, reason)


def _narrow_table(value: dict[str, object], shape: Any, place: str, strict: bool) -> None:
    if typing.get_origin(shape) is dict:
        inner = typing.get_args(shape)[1]
        for key, item in value.items():
            _narrow(item, inner, _join(place, key), strict)
        return
    if not (isinstance(shape, type) and issubclass(shape, msgspec.Struct)):
        return
    fields = {field.encode_name: field.type for field in msgspec.structs.fields(shape)}
    for key, item in value.items():
        if key not in fields:
            raise DecodeError(place, unknown("key", key, fields))
        _narrow(item, fields[key], _join(place, key), strict)


def _join(place: str, key: str) -> str:
    plain = key.replace("-", "").replace("_", "").isalnum()
    key = key if plain else f'"{key}"'
    return f"{place}.{key}" if place else key


def _words(shape: Any) -> set[str]:
    """The texts that an enumeration or a Literal, alone or in a union, allows; empty if any text will do."""
    if isinstance(shape, type):
        members = getattr(shape, "__members__", {})
        return {str(member.value) for member in members.values()}
    if typing.get_origin(shape) is typing.Literal:
        return {str(word) for word in typing.get_args(shape)}
    if isinstance(shape, types.UnionType) or typing.get_origin(shape) is typing.Union:
        parts = [_words(part) for part in typing.get_args(shape)]
        return set().union(*parts) if all(parts) else set()
    return set()
