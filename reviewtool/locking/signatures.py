# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Whether a function and a function pointer have the same type."""

from __future__ import annotations

from reviewtool.csource.facts import Function
from reviewtool.locking import ctypes


def fits(facts: Function, kind: str) -> bool:
    """Whether a function has the type that a function pointer points to: result and parameters, texts compared."""
    listed = ctypes.parameters(kind)
    if listed is None or ctypes.normal(facts.returns) != ctypes.result(kind):
        return False
    inner = listed[1:-1].strip()
    wanted = [] if inner in ("", "void") else [ctypes.normal(each) for each in inner.split(",")]
    return wanted == [ctypes.normal(param.type) for param in facts.params]
