# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What the data says of shared objects: how they are looked at, and what keeps them alive meanwhile."""

from __future__ import annotations

from typing import Literal

import msgspec


class Access(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A macro or function that follows a pointer which others change meanwhile: `[access."include/linux/srcu.h"]`.

    It may be used inside one of some readers, or where the condition that it is given holds.
    """

    at: int = 0
    """The argument that is looked at."""
    within: tuple[str, ...] = ()
    """The readers, any of which will do: classes (`@rcu`), or `@1` for the one that argument 1 points to."""
    condition: int | None = None
    """The argument with a condition under which it may be used as well (see `held_tests` of the ruleset)."""
    walks: bool = False
    """It walks a list."""


class Handling(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What a function or macro does to an object: `[object."include/linux/list.h"]`."""

    does: Literal["publish", "remove", "find", "walk", "get", "try-get", "put", "free", "free-later"]
    object: int | None = None
    """The argument that points to the object; without it, and without `link`, the object is the result."""
    link: int | None = None
    """The argument that points to a field of it, by which it hangs in a container or is counted."""
    container: str = ""
    """What it hangs in: `@1` is what argument 1 points to, `&@0` a pointer that argument 0 is."""
    member: int | None = None
    """WALK: the argument that names the field by which it hangs."""
    safe: bool = False
    """WALK: the object may be freed before the walk goes on."""
    readers: bool = False
    """PUBLISH and REMOVE: readers may look at the container meanwhile."""


class Pair(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Calls that begin something and calls that end it, on every way out of a function that has both: `[[pair]]`."""

    begin: tuple[str, ...]
    end: tuple[str, ...]
    rule: str = ""
    """The rule that reports it; in a page's head the page's own."""
    token: bool = False
    """What begins it returns something that what ends it must get."""
    message: str = ""
    source: str = ""
