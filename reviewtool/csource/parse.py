# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""From the bytes of one cut to a syntax tree whose offsets are those of the bytes."""

from __future__ import annotations

import tree_sitter_c
from tree_sitter import Language, Parser, Tree

from reviewtool.csource.condition import Chains
from reviewtool.csource.draft import Draft
from reviewtool.csource.facts import Fault
from reviewtool.csource.normal import normalise
from reviewtool.csource.parsed import Parsed
from reviewtool.csource.repair import repair
from reviewtool.ruleset.dialect import Syntax

LANGUAGE = Language(tree_sitter_c.language())

MAX_CUT = 4 << 20
"""Bytes; a longer cut is not parsed. The longest functions of the kernel have less than a tenth of it."""

_PARSER = Parser(LANGUAGE)


def parse_cut(original: bytes, syntax: Syntax, outer: Chains = ()) -> Parsed:
    """Normalise and parse one cut; `outer` are the `#if` groups that are open at its first byte.

    Every offset in the result is one of `original`. What cannot be made to parse leaves an error in the tree, and
    `fault` says so.
    """
    draft = normalise(original, syntax, outer)
    if len(original) > MAX_CUT:
        return _finished(draft, parse_bytes(b""), Fault.BROKEN, ())
    tree = parse_bytes(bytes(draft.source))
    if not tree.root_node.has_error:
        return _finished(draft, tree, Fault.CLEAN, ())
    tree, dropped = repair(draft, tree, parse_bytes)
    fault = Fault.BROKEN if tree.root_node.has_error else Fault.REPAIRED
    return _finished(draft, tree, fault, dropped)


def parse_bytes(source: bytes) -> Tree:
    """Parse bytes as C, as they are."""
    return _PARSER.parse(source)


def _finished(draft: Draft, tree: Tree, fault: Fault, dropped: tuple[tuple[int, int], ...]) -> Parsed:
    attributes = dict(sorted(draft.attributes.items()))
    return Parsed(
        original=draft.original,
        source=bytes(draft.source),
        tree=tree,
        headers=dict(sorted(draft.headers.items())),
        attributes=attributes,
        attribute_offsets=tuple(attributes),
        jumps=draft.jumps,
        fault=fault,
        dropped=dropped,
        clean=bytes(draft.clean),
        conditions=tuple(draft.conditions),
        comments=tuple(draft.comments),
        directives=tuple(draft.directives),
        invocations=draft.invocations,
    )
