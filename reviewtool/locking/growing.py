# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The functions of a program, of which more are found while somebody goes through them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reviewtool.locking.linker import FunctionId, FunctionRef


class Growing(dict[FunctionId, FunctionRef]):
    """A dictionary that may grow while it is gone through: who goes through it sees what it had when that began.

    A header's function becomes part of the program when a call of it is first looked up, and whoever looks at all
    functions looks calls up.
    """

    def __iter__(self) -> Iterator[FunctionId]:
        return iter(tuple(super().keys()))

    def values(self) -> Any:  # a tuple is all that callers need of a view
        """The definitions."""
        return tuple(super().values())

    def items(self) -> Any:
        """Both."""
        return tuple(super().items())
