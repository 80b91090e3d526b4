# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""From bytes to facts: of one cut, and of a file."""

from __future__ import annotations

from hashlib import blake2b

from reviewtool.csource.condition import Chains
from reviewtool.csource.cut import Piece, read_widened
from reviewtool.csource.declaration import declarations
from reviewtool.csource.facts import Cut, Fault, FileFacts, Placed
from reviewtool.csource.parse import parse_cut
from reviewtool.ruleset.dialect import Syntax

ENGINE = b"4"
"""Changes whenever the same bytes would give other facts, so that nothing old is found in a cache."""


def cut_key(original: bytes, outer: Chains, digest: str) -> bytes:
    """Return the key of a cut: its bytes, the `#if` groups around it, the ruleset's digest and the engine."""
    state = blake2b(digest.encode(), digest_size=16, person=b"cut" + ENGINE)
    if outer:
        state.update("\0".join("\1".join(chain) for chain in outer).encode())
    state.update(b"\0\0")
    state.update(original)
    return state.digest()


def extract_cut(original: bytes, syntax: Syntax, outer: Chains = (), key: bytes = b"") -> Cut:
    """Return the facts of one cut; `outer` are the `#if` groups that are open at its first byte."""
    parsed = parse_cut(original, syntax, outer)
    return Cut(
        key=key or cut_key(original, outer, ""),
        lines=original.count(b"\n"),
        declarations=declarations(parsed, syntax),
        fault=parsed.fault,
        dropped=parsed.dropped,
    )


def extract_file(path: str, source: bytes, syntax: Syntax) -> FileFacts:
    """Return the facts of a file, from its bytes alone."""

    def read(piece: Piece) -> Cut:
        return extract_cut(source[piece.start : piece.end], syntax, piece.outer)

    cuts = tuple(Placed(line=piece.line, cut=cut) for piece, cut in read_widened(source, read, is_broken))
    return FileFacts(path=path, cuts=cuts)


def is_broken(cut: Cut) -> bool:
    """Say whether a syntax error is left in a cut."""
    return cut.fault == Fault.BROKEN
