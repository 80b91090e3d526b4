# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Conditions of a context on the arguments of its registration: `0 < @CPUHP_AP_ONLINE and 0 >= @CPUHP_AP_OFFLINE`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_ONE = re.compile(r"(?P<argument>\d+)\s*(?P<op>==|!=|<=|>=|<|>)\s*@(?P<name>\w+)\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """`argument op name`: an argument of the registration (from 0), compared with a constant of the kernel's."""

    argument: int
    op: str
    name: str


@lru_cache(maxsize=256)
def conditions(text: str) -> tuple[Condition, ...]:
    """The conditions that must all hold; none for "". Raises ValueError for a text that is not one."""
    if not text:
        return ()
    found = []
    for part in text.split(" and "):
        match = _ONE.match(part.strip())
        if not match:
            raise ValueError(f'"{part.strip()}" is not a condition; write it as "0 < @SOME_CONSTANT"')
        found.append(Condition(argument=int(match["argument"]), op=match["op"], name=match["name"]))
    return tuple(found)
