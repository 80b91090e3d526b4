# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Blobs as git names and stores them."""

from __future__ import annotations

import hashlib
import zlib
from pathlib import Path


def blob_name(content: bytes, algorithm: str = "sha1") -> str:
    """The object name that git gives to a blob with this content.

    The format is documented in git's gitformat-loose and in the chapter "Git Objects" of the Pro Git book.
    """
    digest = hashlib.new(algorithm, usedforsecurity=False)
    digest.update(b"blob %d\0" % len(content))
    digest.update(content)
    return digest.hexdigest()


def write_blob(objects: Path, content: bytes, algorithm: str = "sha1") -> str:
    """Store a blob as a loose object below the object directory `objects`, without a process for it.

    It is not compressed: it is short-lived, and compressing is what would take the time.

    Returns its name. Writing a blob again is harmless. Raises OSError if the directory cannot be written.
    """
    name = blob_name(content, algorithm)
    target = objects / name[:2] / name[2:]
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(zlib.compress(b"blob %d\0" % len(content) + content, 0))
    return name
