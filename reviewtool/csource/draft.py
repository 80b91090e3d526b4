# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A cut while it is being normalised: two copies of its bytes that are blanked in place, and what was blanked.

Comments, string bodies and directives go first; every later pattern is then a plain search.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from reviewtool.csource.condition import Chains, Directive, Nesting, directive_at
from reviewtool.csource.facts import Attribute
from reviewtool.csource.parsed import Header, Use

BLANK = bytes(byte if byte == 0x0A else 0x20 for byte in range(256))
"""For `bytes.translate`: everything but the newline becomes a blank."""

FILL = b"\1"
"""What stands in an outline for bytes that are no code."""
BRANCH = b"\2"
"""What stands there for conditional directives."""

_QUIET = re.compile(
    rb"/\*[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/)?"
    rb"|//[^\n]*+"
    rb'|"(?:[^"\\\n]|\\.)*+"?'
    rb"|'(?:[^'\\\n]|\\.){1,16}+'",
    re.DOTALL,
)
_DIRECTIVE = re.compile(rb"#[ \t]*(\w*)((?:[^\n\\]|\\\r?\n|\\)*+)")
_PARENTHESES = re.compile(rb"[()]")
_WHITE = re.compile(rb"\s*+")
LINE = 4096
"""How far back the beginning of a line or of a statement is looked for."""
_STEPS = 2_000_000
"""How many parentheses are looked at in one cut, so that hostile input cannot take time in the square of its size."""
_CONDITIONAL = frozenset({b"if", b"ifdef", b"ifndef", b"elif", b"elifdef", b"elifndef", b"else", b"endif"})
_SPACE = b" \t\r\n\f\v"
_NUL = bytes.maketrans(b"\0\f\v", b"   ")


@dataclass(slots=True)
class Draft:
    """The state of normalising one cut."""

    original: bytes
    source: bytearray
    """What will be parsed."""
    clean: bytearray
    """What texts are taken from."""
    headers: dict[int, Header] = field(default_factory=dict)
    attributes: dict[int, Attribute] = field(default_factory=dict)
    jumps: dict[int, tuple[str, ...]] = field(default_factory=dict)
    invocations: dict[int, Use] = field(default_factory=dict)
    comments: list[tuple[int, int]] = field(default_factory=list)
    directives: list[tuple[int, int]] = field(default_factory=list)
    conditionals: list[Directive] = field(default_factory=list)
    """All conditional directives."""
    standing: set[int] = field(default_factory=set)
    """The offsets of those that are left in what is parsed: the ones inside of function bodies."""
    conditions: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
    steps: int = _STEPS
    body: int = -1
    """Offset of the first function body's brace, -1 if there is none."""

    def blank(self, start: int, end: int) -> None:
        """Blank a range in what is parsed and in what texts are taken from."""
        self.mask(start, end)
        self.clean[start:end] = self.clean[start:end].translate(BLANK)

    def mask(self, start: int, end: int) -> None:
        """Blank a range in what is parsed only."""
        self.source[start:end] = self.source[start:end].translate(BLANK)

    def put(self, start: int, word: bytes) -> None:
        """Write a word into what is parsed."""
        self.source[start : start + len(word)] = word

    def closing(self, start: int) -> int:
        """Return the offset after the parenthesis that closes the one at `start`; -1 if none does."""
        depth = 0
        for match in _PARENTHESES.finditer(self.source, start):
            if match[0] == b"(":
                depth += 1
            else:
                depth -= 1
                if depth == 0:
                    return match.end()
            self.steps -= 1
            if self.steps < 0:
                break
        return -1

    def before(self, offset: int) -> int:
        """Return the offset of the last byte before `offset` that is not white space, -1 if there is none."""
        step = 64
        while offset > 0:
            start = max(0, offset - step)
            rest = len(self.source[start:offset].rstrip(_SPACE))
            if rest:
                return start + rest - 1
            offset = start
            step *= 4
        return -1

    def line_start(self, offset: int) -> int:
        """Return where the line of `offset` begins; a long line is taken to begin `LINE` bytes before."""
        floor = max(0, offset - LINE)
        return max(floor, self.source.rfind(b"\n", floor, offset) + 1)

    def after(self, offset: int) -> int:
        """Return the offset of the first byte at or after `offset` that is not white space; the length if none is."""
        match = _WHITE.match(self.source, offset)
        return match.end() if match is not None else offset


def begin(original: bytes) -> Draft:
    """Blank the comments, the bodies of strings and the directives that are no conditions."""
    if b"\0" in original or b"\f" in original or b"\v" in original:
        readable = original.translate(_NUL)
    else:
        readable = original
    draft = Draft(original, bytearray(readable), bytearray(readable))
    source, clean = draft.source, draft.clean
    for match in _QUIET.finditer(readable):
        start, end = match.span()
        if readable[start] == 0x2F:
            blank = readable[start:end].translate(BLANK)
            source[start:end] = blank
            clean[start:end] = blank
            draft.comments.append((start, end))
        elif end - start > 2:
            body = readable[start + 1 : end - 1]
            source[start + 1 : end - 1] = body.translate(BLANK) if b"\n" not in body else _blank_continued(body)
    if b"#" in source:
        _take_directives(draft)
    return draft


def outline(source: bytes) -> tuple[bytes, list[Directive]]:
    """Return `source` with comments, strings and plain directives filled with `FILL`, and the conditional ones.

    Their newlines are filled too, so that every line end which is left is one between tokens.
    """
    text = bytearray(_QUIET.sub(lambda match: FILL * len(match[0]), source))
    conditionals = []
    if b"#" in text:
        for match in _DIRECTIVE.finditer(bytes(text)):
            start, end = match.span()
            line = max(0, start - LINE, text.rfind(b"\n", max(0, start - LINE), start) + 1)
            if text[line:start].strip(b" \t" + FILL):
                continue
            if match[1] in _CONDITIONAL:
                keyword = match[1].decode()
                conditionals.append(directive_at(source, start, end, keyword, source[match.start(2) : end]))
            text[start:end] = (BRANCH if match[1] in _CONDITIONAL else FILL) * (end - start)
    return bytes(text), conditionals


def _blank_continued(body: bytes) -> bytes:
    return b"\n".join(
        b" " * (len(line) - 1) + b"\\" if line.endswith(b"\\") else b" " * len(line) for line in body.split(b"\n")
    )


def _take_directives(draft: Draft) -> None:
    source = draft.source
    for match in _DIRECTIVE.finditer(bytes(source)):
        start, end = match.span()
        if source[draft.line_start(start) : start].strip():
            continue
        if match[1] in _CONDITIONAL:
            keyword = match[1].decode()
            rest = bytes(draft.clean[match.start(2) : end])
            draft.conditionals.append(directive_at(draft.original, start, end, keyword, rest))
            draft.clean[start:end] = draft.clean[start:end].translate(BLANK)
        else:
            draft.directives.append((start, end))
            draft.blank(start, end)


def place_conditions(draft: Draft, outer: Chains) -> None:
    """Work out the conditions along the cut; blank the conditional lines that are not in function bodies."""
    nesting = Nesting(outer)
    draft.conditions.append((0, nesting.conditions))
    if not draft.conditionals:
        draft.body = _first_body(draft)
        return
    for directive, in_body in zip(draft.conditionals, _depths(draft), strict=True):
        if in_body:
            draft.standing.add(directive.start)
            continue
        draft.mask(directive.start, directive.end)
        nesting.feed(directive)
        draft.conditions.append((directive.end, nesting.conditions))


def _first_body(draft: Draft) -> int:
    offset = draft.source.find(b"{")
    while offset >= 0:
        last = draft.before(offset)
        if last >= 0 and draft.source[last] == 0x29:
            return offset
        offset = draft.source.find(b"{", offset + 1)
    return -1


def _depths(draft: Draft) -> list[bool]:
    """Say for each conditional directive whether it stands in a function body, and not in an initialiser there."""
    source = draft.source
    text = bytearray(source)
    for directive in draft.conditionals:
        text[directive.start : directive.end] = text[directive.start : directive.end].translate(BLANK)
    stack: list[bool] = []
    places: list[bool] = []
    for match in re.finditer(rb"[{}]", text):
        while len(places) < len(draft.conditionals) and draft.conditionals[len(places)].start < match.start():
            places.append(bool(stack) and stack[-1])
        if match[0] == b"}":
            if stack:
                stack.pop()
            continue
        stack.append(_opens_block(text, match.start(), stack))
        if stack == [True] and draft.body < 0:
            draft.body = match.start()
    left = len(draft.conditionals) - len(places)
    return places + [bool(stack) and stack[-1]] * left


def _opens_block(text: bytearray, offset: int, stack: list[bool]) -> bool:
    last = offset - 1
    while last >= 0 and text[last] in _SPACE:
        last -= 1
    mark = text[last] if last >= 0 else 0
    if not stack:
        return mark == 0x29
    return stack[-1] and mark not in b"=,{"
