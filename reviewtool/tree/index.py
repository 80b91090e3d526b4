# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Reading the private index: what is at each touched path after a patch.

Parsed here, for `git ls-files` as a process for each patch would cost as much as applying it. The format is documented
in git's gitformat-index; the private repository's configuration keeps it at version 2 and in one file.
"""

from __future__ import annotations

import struct

from reviewtool.tree.error import TreeError
from reviewtool.tree.listing import Entry

_HEADER = struct.Struct(">4sLL")
_MODE = struct.Struct(">L")
_FLAGS = struct.Struct(">H")
_MODE_AT = 24
_NAME_AT = 40


def parse_index(content: bytes, width: int = 20) -> dict[str, Entry]:
    """The entries of stage 0; an empty file is an empty index.

    Args:
        content: The bytes of the index file.
        width: Bytes of an object name: 20 for sha1, 32 for sha256.

    Raises:
        TreeError: It is not an index of version 2 or 3.
    """
    if not content:
        return {}
    try:
        magic, version, count = _HEADER.unpack_from(content)
        if magic != b"DIRC" or version not in (2, 3):
            raise TreeError(f"git wrote an index that is not understood (version {version})")
        entries = {}
        at = _HEADER.size
        for _ in range(count):
            (mode,) = _MODE.unpack_from(content, at + _MODE_AT)
            name = content[at + _NAME_AT : at + _NAME_AT + width].hex()
            flags_at = at + _NAME_AT + width
            (flags,) = _FLAGS.unpack_from(content, flags_at)
            path_at = flags_at + (4 if flags & 0x4000 else 2)
            end = content.index(b"\0", path_at)
            if not flags & 0x3000:
                path = content[path_at:end].decode("utf-8", "surrogateescape")
                entries[path] = Entry(mode=mode, name=name)
            at += (end - at + 8) & ~7
    except (struct.error, ValueError):
        raise TreeError("git wrote an index that is not understood (cut short)") from None
    return entries
