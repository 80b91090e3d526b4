# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What users of a cache see of it, and the cache that keeps nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import platformdirs


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheStats:
    """How large a cache is."""

    file: Path | None
    """None if there is no file."""
    entries: int
    bytes: int
    """Of the file that are in use."""
    max_bytes: int


class KeyValueStore(Protocol):
    """Bytes by key. What was put may be gone the next moment: a cache promises nothing."""

    def get_many(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """Those of the keys that are there, with their values."""
        ...

    def put_many(self, values: Mapping[bytes, bytes]) -> None:
        """Keep these values."""
        ...

    def stats(self) -> CacheStats:
        """How large it is."""
        ...

    def clear(self) -> None:
        """Forget everything."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


class NullCache:
    """The cache of --no-cache: keeps nothing, touches no file."""

    def get_many(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """Nothing."""
        return {}

    def put_many(self, values: Mapping[bytes, bytes]) -> None:
        """Does nothing."""

    def stats(self) -> CacheStats:
        """All zero."""
        return CacheStats(file=None, entries=0, bytes=0, max_bytes=0)

    def clear(self) -> None:
        """Does nothing."""

    def close(self) -> None:
        """Does nothing."""


def default_directory() -> Path:
    """Where the cache is unless --cache-dir says otherwise: below $XDG_CACHE_HOME."""
    return Path(platformdirs.user_cache_dir("reviewtool", appauthor=False))
