# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Macro bodies as text: arguments put in, `#` and `##` applied."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from reviewtool.csource.facts import Macro

_PIECE: Final = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|\s*##\s*|#\s*[A-Za-z_]\w*|[A-Za-z_]\w*')
_JOINED: Final = re.compile(r"(?:(\w+)\s*)?##?(?=\s*(\w+)?)")
VARIADIC: Final = "__VA_ARGS__"
"""What C calls the arguments that are left (ISO C99, 6.10.3)."""
_WRAPPER: Final = re.compile(r"do\s*\{(.*)\}\s*while\s*\(\s*(?:0|false)\s*\)\s*;?\s*\Z", re.S)


@lru_cache(maxsize=16384)
def substituted(macro: Macro, args: tuple[str, ...]) -> str | None:
    """The body with the arguments in place of the parameters; None if their numbers do not fit."""
    if macro.body is None:
        return None
    if macro.params is None:
        return _paste(macro.body, {})
    values = bind(macro.params, args)
    return None if values is None else _paste(macro.body, values)


def bind(params: tuple[str, ...], args: tuple[str, ...]) -> dict[str, str] | None:
    """Parameter names and the arguments' texts; a variadic one gets all that are left."""
    if params and params[-1].endswith("..."):
        name = params[-1].removesuffix("...").strip() or VARIADIC
        fixed = params[:-1]
        if len(args) < len(fixed):
            return None
        return {**dict(zip(fixed, args, strict=False)), name: ",".join(args[len(fixed) :])}
    if len(params) == 1 and not args:
        return {params[0]: ""}
    return dict(zip(params, args, strict=True)) if len(params) == len(args) else None


def _paste(body: str, values: Mapping[str, str]) -> str:
    pieces: list[str] = []
    end = 0
    for match in _PIECE.finditer(body):
        token = match.group()
        pieces.append(body[end : match.start()])
        end = match.end()
        if token[0] in "\"'":
            pieces.append(token)
        elif "##" in token:
            if pieces and not pieces[-1].strip():
                pieces.pop()
        elif token[0] == "#":
            name = token[1:].strip()
            pieces.append(f'"{values[name]}"' if name in values else token)
        else:
            pieces.append(values.get(token, token))
    pieces.append(body[end:])
    return "".join(pieces)


def with_values(text: str, values: Mapping[str, str]) -> str:
    """The text with these values in place of the names."""
    return _paste(text, values) if any(name in text for name in values) else text


def joined(macro: Macro, values: Mapping[str, str]) -> str:
    """The body with only those arguments put in that `#` and `##` join to something; the other parameters stay."""
    body = macro.body or ""
    if "#" not in body:
        return body
    names = {name for pair in _JOINED.findall(body) for name in pair if name in values}
    return _paste(body, {name: values[name] for name in names})


@lru_cache(maxsize=16384)
def statements_of(body: str) -> str | None:
    """The inside of `do {...} while (0)`; None if the body is not wrapped so."""
    match = _WRAPPER.match(body.strip())
    return match.group(1) if match is not None else None
