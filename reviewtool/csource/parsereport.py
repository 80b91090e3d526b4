# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""How well files were parsed, measured against the functions that another tool finds in them.

"Functions with an error" alone would hide the functions that an error swallowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tree_sitter import Node

from reviewtool.csource.cut import Piece, read_widened
from reviewtool.csource.draft import BLANK, begin
from reviewtool.csource.facts import Fault
from reviewtool.csource.parse import parse_cut
from reviewtool.csource.parsed import Parsed
from reviewtool.ruleset.dialect import Syntax

_WORDS = re.compile(rb"[A-Za-z_]\w*")
_CALLS = re.compile(rb"[A-Za-z_]\w*[ \t]*\(")
_RECORDS = frozenset({"struct_specifier", "union_specifier", "enum_specifier"})
_KEYWORDS = frozenset(
    b"if else while for do switch case default return break continue goto sizeof defined struct union enum typedef "
    b"static extern register inline const volatile unsigned signed char short int long float double void asm "
    b"__asm__ __volatile__ typeof __typeof__".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A function that has no error-free definition in the tree."""

    path: str
    line: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedBranch:
    """A branch of an `#if` that had to be dropped: its lines in the file (end excluded), and the calls in it."""

    path: str
    line: int
    end_line: int
    calls: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class ParseReport:
    """Figures over a set of files."""

    files: int = 0
    cuts: int = 0
    repaired: int = 0
    broken: int = 0
    functions: int = 0
    """Functions that the other tool lists."""
    missing: list[Missing] = field(default_factory=list)
    record_errors: list[Missing] = field(default_factory=list)
    """Structs, unions and enums with an error."""
    table_errors: list[Missing] = field(default_factory=list)
    """Initialisers at file level with an error."""
    identifiers: int = 0
    """Identifiers in function bodies, those that only a header or an attribute records not counted."""
    moved: int = 0
    """Those of them that are not at their offset in what was parsed."""
    dropped: list[DroppedBranch] = field(default_factory=list)


def add_file(report: ParseReport, path: str, source: bytes, syntax: Syntax, listed: Sequence[tuple[str, int]]) -> None:
    """Parse a file and add its figures; `listed` are the names and lines (from 1) of its functions."""
    report.files += 1
    defined: list[tuple[int, int, bytes]] = []

    def read(piece: Piece) -> Parsed:
        return parse_cut(source[piece.start : piece.end], syntax, piece.outer)

    for piece, parsed in read_widened(source, read, lambda parsed: parsed.fault == Fault.BROKEN):
        report.cuts += 1
        report.repaired += parsed.fault == Fault.REPAIRED
        report.broken += parsed.fault == Fault.BROKEN
        for node in _definitions(parsed.tree.root_node, "function_definition"):
            _count_identifiers(report, node, parsed)
            body = node.child_by_field_name("body")
            if not node.has_error and body is not None:
                header = parsed.original[node.start_byte : body.start_byte]
                defined.append((piece.line + node.start_point[0], piece.line + body.start_point[0], header))
        if parsed.fault == Fault.BROKEN:
            _note_errors(report, path, piece.line, parsed)
        for start, end in parsed.dropped:
            report.dropped.append(_dropped(path, piece.line, start, end, parsed))
    report.functions += len(listed)
    for name, line in listed:
        if not _has_definition(name.encode(), line, defined):
            report.missing.append(Missing(path=path, line=line, name=name))


def render(report: ParseReport) -> str:
    """Return the report as text, one figure a line, then what is missing."""
    share = 100 * len(report.missing) / max(1, report.functions)
    kept = 100 * (report.identifiers - report.moved) / max(1, report.identifiers)
    calls = sum(len(branch.calls) for branch in report.dropped)
    lost = sum(branch.end_line - branch.line for branch in report.dropped)
    lines = [
        f"files: {report.files}, cuts: {report.cuts}, repaired: {report.repaired}, broken: {report.broken}",
        f"functions without an error-free definition: {len(report.missing)} of {report.functions} ({share:.2f} %)",
        f"structs, unions and enums with an error: {len(report.record_errors)}",
        f"initialisers at file level with an error: {len(report.table_errors)}",
        f"identifiers in bodies that keep their offset: {kept:.3f} % of {report.identifiers}",
        f"dropped #if branches: {len(report.dropped)}, with {lost} lines and {calls} calls",
    ]
    for title, entries in (("without definition", report.missing), ("record", report.record_errors),
                           ("initialiser", report.table_errors)):  # fmt: skip
        lines += [f"  {title}: {entry.path}:{entry.line}: {entry.name}" for entry in entries]
    for branch in report.dropped:
        called = ", ".join(branch.calls) or "no call"
        lines.append(f"  dropped: {branch.path}:{branch.line}-{branch.end_line - 1}: {called}")
    return "\n".join(lines) + "\n"


def _has_definition(name: bytes, line: int, defined: Iterable[tuple[int, int, bytes]]) -> bool:
    return any(start <= line <= end and name in header for start, end, header in defined)


def _definitions(root: Node, kind: str) -> Iterator[Node]:
    pending = [root]
    while pending:
        node = pending.pop()
        if node.type == kind:
            yield node
        elif node.type not in ("expression_statement", "declaration", "field_declaration_list"):
            pending.extend(node.named_children)


def _count_identifiers(report: ParseReport, definition: Node, parsed: Parsed) -> None:
    body = definition.child_by_field_name("body")
    if body is None:
        return
    plain = begin(parsed.original)
    for directive in plain.conditionals:
        span = slice(directive.start, directive.end)
        plain.source[span] = plain.source[span].translate(BLANK)
    recorded = parsed.headers.keys() | parsed.attributes.keys() | parsed.jumps.keys()
    for match in _WORDS.finditer(plain.source, body.start_byte, body.end_byte):
        start, end = match.span()
        if start in recorded or match[0] in _KEYWORDS:
            continue
        report.identifiers += 1
        if parsed.source[start:end] != match[0] or parsed.source[end : end + 1].isalnum():
            report.moved += 1


def _note_errors(report: ParseReport, path: str, line: int, parsed: Parsed) -> None:
    pending = [parsed.tree.root_node]
    while pending:
        node = pending.pop()
        if not node.has_error:
            continue
        if node.type in _RECORDS and node.child_by_field_name("body") is not None:
            report.record_errors.append(_place(path, line, node, parsed))
        elif node.type == "initializer_list":
            report.table_errors.append(_place(path, line, node, parsed))
        elif node.type != "compound_statement":
            pending.extend(node.children)


def _place(path: str, line: int, node: Node, parsed: Parsed) -> Missing:
    name = node.child_by_field_name("name")
    text = parsed.source[name.start_byte : name.end_byte].decode("utf-8", "replace") if name is not None else node.type
    return Missing(path=path, line=line + node.start_point[0], name=text)


def _dropped(path: str, line: int, start: int, end: int, parsed: Parsed) -> DroppedBranch:
    lines = bytes(begin(parsed.original).source).split(b"\n")[start:end]
    calls = [match[0].rstrip(b" \t(") for match in _CALLS.finditer(b"\n".join(lines))]
    names = tuple(call.decode("utf-8", "replace") for call in calls if call not in _KEYWORDS)
    return DroppedBranch(path=path, line=line + start, end_line=line + end, calls=names)
