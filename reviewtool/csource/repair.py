# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What is tried on a cut that does not parse, from the harmless to the costly.

First the lines of `#if` groups that are not whole statements go, then their other branches; then what the errors point
at is masked: a missing semicolon is put into white space, unknown words in declarations become attributes, arguments
that are no expressions disappear.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from tree_sitter import Node, Tree

from reviewtool.csource.condition import Directive
from reviewtool.csource.draft import Draft
from reviewtool.csource.facts import Attribute
from reviewtool.csource.normal import mask_asm, mask_header
from reviewtool.csource.text import arguments

Parse = Callable[[bytes], Tree]

ROUNDS = 8
"""How often errors are looked at again after something was masked."""
LARGE = 1 << 18
"""A cut of so many bytes is looked at again only once."""
MAX_DIRECTIVES = 2000
"""More conditional directives than this in one cut are not taken apart."""
MAX_ERRORS = 40
"""More errors than this in one cut are not worked on: it is no C, or hostile."""

_BARE = re.compile(rb"\s*([A-Za-z_]\w*)\s*(\(.*\))?\s*\Z", re.DOTALL)
_INCOMPLETE = re.compile(rb"(?:[^;}\s]|\belse|\bdo)\s*\Z")
_DIGIT_NAME = re.compile(rb"(?<=[\s(,])\d+_\w+(?=\s*[,)])")
_LONE_ENTRY = re.compile(rb"(?<=[{,\n])[ \t]+[A-Z]\w+[ \t]*+\n([ \t])(?=\s*[A-Z.{\[])")
_LONE_MACRO = re.compile(rb"(?<=[{,\n])[ \t]+([A-Za-z_]\w*\([^()\n]*\))[ \t]*(?=\n)")
_LEADING = re.compile(rb"\s*(?:else\b|[|&+*/?:)=<>,.\-]|\})")


@dataclass(slots=True)
class _Group:
    """The directives of one `#if` ... `#endif`."""

    marks: list[Directive]

    def branches(self) -> Iterator[tuple[int, int]]:
        for one, other in zip(self.marks, self.marks[1:], strict=False):
            yield one.end, other.start


def repair(draft: Draft, tree: Tree, parse: Parse) -> tuple[Tree, tuple[tuple[int, int], ...]]:
    """Return the best tree that could be had, and the ranges of lines that were dropped for it."""
    dropped: list[tuple[int, int]] = []
    mended = [_mend_asm(draft, error) for error in islice(_errors(tree.root_node), MAX_ERRORS)]
    if any(mended):
        tree = parse(bytes(draft.source))
    if tree.root_node.has_error and 0 < len(draft.conditionals) < MAX_DIRECTIVES:
        tree, dropped = _flatten(draft, tree, parse)
    for _ in range(ROUNDS if len(draft.source) < LARGE else 1):
        if not tree.root_node.has_error:
            break
        errors = list(islice(_errors(tree.root_node), MAX_ERRORS + 1))
        mended = [_mend(draft, error) for error in errors[:MAX_ERRORS]]
        if len(errors) > MAX_ERRORS or not any(mended):
            break
        tree = parse(bytes(draft.source))
    return tree, tuple(dropped)


def _flatten(draft: Draft, tree: Tree, parse: Parse) -> tuple[Tree, list[tuple[int, int]]]:
    """Blank the lines of `#if` groups: of those that are not self-contained, then of all."""
    groups = _groups(draft.conditionals)
    before = bytes(draft.source)
    best: tuple[int, bytes, Tree, list[tuple[int, int]]] = (_count(tree), before, tree, [])
    for strict in (False, True):
        for keep in (0, -1):
            draft.source[:] = before
            dropped: list[tuple[int, int]] = []
            for group in groups:
                if strict or not _self_contained(draft, group):
                    dropped += _drop(draft, group, keep)
            if bytes(draft.source) == before:
                continue
            tree = parse(bytes(draft.source))
            errors = _count(tree)
            if errors < best[0]:
                best = (errors, bytes(draft.source), tree, dropped)
            if not errors:
                return tree, dropped
    draft.source[:] = best[1]
    return best[2], best[3]


def _groups(directives: list[Directive]) -> list[_Group]:
    open_groups: list[_Group] = []
    groups: list[_Group] = []
    for directive in directives:
        if directive.keyword.startswith("if"):
            group = _Group([directive])
            open_groups.append(group)
            groups.append(group)
        elif open_groups:
            open_groups[-1].marks.append(directive)
            if directive.keyword == "endif":
                open_groups.pop()
        else:
            groups.append(_Group([directive]))
    return groups


def _self_contained(draft: Draft, group: _Group) -> bool:
    """Say whether every branch is whole statements or declarations, all on one side of a body's border."""
    standing = [mark.start in draft.standing for mark in group.marks]
    if not all(standing):
        return not any(standing) and len(group.marks) == 2
    if len(group.marks) == 1:
        return False
    ahead = bytes(draft.source[max(0, group.marks[0].start - 200) : group.marks[0].start]).rstrip()
    incomplete = _INCOMPLETE.search(ahead) is not None and not ahead.endswith((b"{", b":", b")"))
    for start, end in group.branches():
        text = draft.source[start:end]
        if text.count(b"{") != text.count(b"}") or text.count(b"(") != text.count(b")"):
            return False
        bare = text.strip()
        if bare and (_LEADING.match(bare) or bare[-1] not in b";}:" or incomplete):
            return False
    return not (draft.source[group.marks[-1].end : group.marks[-1].end + 40].lstrip().startswith(b"else"))


def _drop(draft: Draft, group: _Group, keep: int) -> list[tuple[int, int]]:
    """Blank the lines of a group and all of its branches but one; a lone branch is always kept."""
    branches = list(group.branches())
    for mark in group.marks:
        draft.mask(mark.start, mark.end)
    dropped: list[tuple[int, int]] = []
    if len(branches) < 2:
        return dropped
    kept = branches[keep]
    for start, end in branches:
        if (start, end) == kept or not draft.source[start:end].strip():
            continue
        draft.mask(start, end)
        first = draft.original.count(b"\n", 0, start) + 1
        dropped.append((first, first + draft.original.count(b"\n", start, end) - 1))
    return dropped


def _count(tree: Tree) -> int:
    return sum(1 for _ in _errors(tree.root_node))


def _errors(root: Node) -> Iterator[Node]:
    """Yield the outermost error nodes and the missing ones."""
    pending = [root]
    while pending:
        node = pending.pop()
        if node.is_error or node.is_missing:
            yield node
        elif node.has_error:
            pending.extend(child for child in reversed(node.children) if child.has_error or child.is_missing)


def _mend(draft: Draft, error: Node) -> bool:
    """Mask what an error points at; say whether anything changed."""
    if error.is_missing:
        return _put_missing(draft, error)
    header = _header_around(draft, error)
    if header is not None:
        close = draft.closing(draft.source.find(b"(", header))
        if close > 0 and draft.source[header + 5 : header + 8] != b"(1)":
            mask_header(draft, header, close)
            return True
    if _mend_asm(draft, error) or _mask_digit_names(draft, error) or _put_commas(draft, error):
        return True
    around = _enclosing(error, "argument_list")
    if around is not None and draft.source[around.start_byte + 1 : around.end_byte - 1].strip():
        draft.mask(around.start_byte + 1, around.end_byte - 1)
        return True
    match = _BARE.match(draft.source[error.start_byte : error.end_byte])
    if match is not None and not _enclosing_expression(error):
        start, end = error.start_byte + match.start(1), error.end_byte
        inside = match[2][1:-1] if match[2] else b""
        draft.attributes[start] = Attribute(match[1].decode("utf-8", "replace"), arguments(bytes(inside)))
        draft.blank(start, end)
        return True
    return False


def _mend_asm(draft: Draft, error: Node) -> bool:
    around = _enclosing(error, "gnu_asm_expression")
    if around is None:
        return False
    opens = draft.source.find(b"(", around.start_byte)
    close = draft.closing(opens)
    if close - opens < 4:
        return False
    mask_asm(draft, opens + 1, close - 1)
    return True


def _mask_digit_names(draft: Draft, error: Node) -> bool:
    """Make names that begin with a digit (parts of names that a macro joins) numbers, on the lines of an error."""
    start = draft.source.rfind(b"\n", 0, error.start_byte) + 1
    end = draft.source.find(b"\n", error.end_byte)
    found = False
    for match in _DIGIT_NAME.finditer(bytes(draft.source[start : end if end >= 0 else None])):
        draft.mask(start + match.start() + 1, start + match.end())
        found = True
    return found


def _put_commas(draft: Draft, error: Node) -> bool:
    """Put commas after macros that stand for entries of an initialiser or an enum, each alone on its line."""
    around = _enclosing(error, "initializer_list") or _enclosing(error, "enumerator_list")
    if around is None:
        return False
    found = False
    if around.type == "enumerator_list":
        for match in _LONE_MACRO.finditer(bytes(draft.source[: around.end_byte]), around.start_byte):
            draft.mask(*match.span(1))
            found = True
    for match in _LONE_ENTRY.finditer(bytes(draft.source[: around.end_byte]), around.start_byte):
        draft.put(match.start(1), b",")
        found = True
    return found


def _put_missing(draft: Draft, missing: Node) -> bool:
    """Put a missing semicolon or comma into a blank between the tokens."""
    if missing.type not in (";", ","):
        return False
    offset = missing.start_byte
    start = draft.before(offset) + 1
    blank = draft.source.find(b" ", start, draft.after(offset))
    tab = draft.source.find(b"\t", start, draft.after(offset))
    place = max(blank, tab) if min(blank, tab) < 0 else min(blank, tab)
    if place < 0:
        return False
    draft.put(place, missing.type.encode())
    return True


def _header_around(draft: Draft, error: Node) -> int | None:
    start = max((start for start in draft.headers if start < error.start_byte), default=None)
    if start is None or error.start_byte >= draft.closing(draft.source.find(b"(", start)):
        return None
    return start


def _enclosing(error: Node, kind: str) -> Node | None:
    node = error.parent
    for _ in range(32):
        if node is None or node.type in ("compound_statement", "translation_unit"):
            return None
        if node.type == kind:
            return node
        node = node.parent
    return None


def _enclosing_expression(error: Node) -> bool:
    parent = error.parent
    return parent is not None and parent.type.endswith("expression")
