# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The normaliser: kernel C becomes what a plain C grammar accepts, and every byte keeps its offset.

All words come from the ruleset's `Syntax`. The shapes that stand here are general: a name with `for_each` in it heads
a loop, one with `asm` in it takes assembly, `offsetof` is C's own.
"""

from __future__ import annotations

import re
from functools import lru_cache

from reviewtool.csource.condition import Chains
from reviewtool.csource.draft import LINE, Draft, begin, place_conditions
from reviewtool.csource.facts import Attribute
from reviewtool.csource.parsed import Header
from reviewtool.csource.text import arguments, fold, split
from reviewtool.csource.toplevel import take_toplevel
from reviewtool.ruleset.dialect import Syntax

_WORDS = re.compile(rb"[A-Za-z_]\w*+")
_WORD_AT_END = re.compile(rb"[A-Za-z_]\w*\Z")
_CALL_OPENS = re.compile(rb"[ \t\n]*+\(")
_ATTRIBUTE_OPENS = re.compile(rb"\(|[ \t]*+\((?=\()|[ \t]++\((?![ \t]*\*)")
_TAGGED_ARGUMENTS = [
    (word, re.compile(word + rb"\s++(?P<tag>\w++)(?P<stars>[\s*]*+)(?:const\s*+)?(?=[,)])"))
    for word in (b"struct", b"union", b"enum")
]
_LONG_ARGUMENTS = [
    (word, re.compile(word + rb"(?:\s++\w++)++[\s*]*+(?=[,)])"))
    for word in (b"unsigned", b"signed", b"long", b"short", b"const")
]
_STARRED = re.compile(rb"\*\s*+(?=[,)])")
_STARRED_TYPE = re.compile(rb"(?:const\s+)?[A-Za-z_]\w*[\s*]*\Z")
_STARRED_ELSEWHERE = frozenset(
    {b"sizeof", b"typeof", b"__typeof__", b"__typeof", b"return", b"case", b"if", b"while", b"alignof", b"__alignof__"}
)
_JUMPING = re.compile(r"\b(?:return|goto|break|continue)\b")
_STATEMENT_BEFORE = b";{}:)"
_NO_BLOCK_AFTER = b";,)=<>+-|.?%^/]"
_MEMBER_OFFSET = re.compile(rb"offsetof(?=\s*\()")
_TYPE_OF = re.compile(rb"(?:typeof(?:__|_unqual)?|alignof(?:__)?)\s*+(?=\()")
_ASM_OPENS = re.compile(rb"((?:\s|\b(?:volatile|__volatile__|__volatile|goto|inline|__inline)\b)*+)\(")
_WORD = re.compile(rb"\w+")
_OPERANDS = re.compile(rb":")
_BITS = re.compile(rb":[ \t]*\w+[ \t]*;")
_MORE_BITS = re.compile(rb",\s*+:[ \t]*+\w++")
_TAGGED = frozenset({b"struct", b"union", b"enum"})
_TYPE_WORDS = frozenset(
    {b"unsigned", b"signed", b"long", b"short", b"int", b"char", b"const", b"volatile", *_TAGGED, b"_Bool", b"bool"}
)
_LOOP = b"while"
MAX_BRACES = 500
"""So many braces a block may have, for its beginning to be found from its end."""


def normalise(original: bytes, syntax: Syntax, outer: Chains = ()) -> Draft:
    """Return the normalised copy of a cut; `outer` are the `#if` groups that are open at its first byte."""
    draft = begin(original)
    words = set(_WORDS.findall(draft.source))
    for word in sorted(words & _encoded(syntax.attributes)):
        _take_attribute(draft, word)
    place_conditions(draft, outer)
    take_toplevel(draft, syntax)
    if b"asm" in draft.source:
        for word in sorted(word for word in words if b"asm" in word):
            _take_asm(draft, word)
    scoped = words & _encoded(syntax.scoped)
    for word in sorted(scoped):
        _take_header(draft, word, scoped=True)
    loops = words & _encoded(syntax.loops)
    if b"for_each" in draft.source:
        loops |= {word for word in words if b"for_each" in word}
    for word in sorted(loops - scoped):
        _take_header(draft, word, scoped=False)
    for word in sorted(words & _encoded(syntax.declarers)):
        _take_declarer(draft, word, typed=word.decode() in syntax.typed)
    if b"typeof" in draft.source or b"alignof" in draft.source:
        _mask_typeof(draft)
    if draft.body >= 0:
        _take_types(draft, words)
    if b"offsetof" in words:
        _mask_offsetof(draft)
    if b"..." in draft.source:
        _join_case_ranges(draft)
    if b":" in draft.source and not words.isdisjoint(_TAGGED):
        _drop_unnamed_bits(draft)
    return draft


@lru_cache(maxsize=64)
def _encoded(words: frozenset[str]) -> frozenset[bytes]:
    return frozenset(word.encode() for word in words)


@lru_cache(maxsize=4096)
def _finder(word: bytes) -> re.Pattern[bytes]:
    return re.compile(re.escape(word) + rb"(?!\w)")


def _places(draft: Draft, word: bytes) -> list[tuple[int, int]]:
    """Find a whole word; the pattern starts with the literal, which is what makes it quick."""
    source = draft.source
    found = []
    for match in _finder(word).finditer(source):
        start = match.start()
        if start and (source[start - 1] == 0x5F or chr(source[start - 1]).isalnum()):
            continue
        found.append((start, match.end()))
    return found


def _take_attribute(draft: Draft, word: bytes) -> None:
    for start, end in _places(draft, word):
        args: tuple[str, ...] = ()
        opens = _ATTRIBUTE_OPENS.match(draft.source, end)
        if opens is not None:
            close = draft.closing(opens.end() - 1)
            if close < 0:
                continue
            inside = bytes(draft.clean[opens.end() : close - 1]).strip()
            if inside.startswith(b"(") and inside.endswith(b")"):
                inside = inside[1:-1]
            args = arguments(inside)
            end = close
        draft.attributes[start] = Attribute(word.decode(), args)
        draft.blank(start, end)


def _take_asm(draft: Draft, word: bytes) -> None:
    source = draft.source
    for start, end in _places(draft, word):
        opens = _ASM_OPENS.match(source, end)
        if opens is None:
            continue
        close = draft.closing(opens.end() - 1)
        inside = bytes(source[opens.end() : close - 1])
        plain = word.strip(b"_") == b"asm"
        if close < 0 or not (plain or b":" in inside) or len(inside) < 2:
            continue
        if plain and not _starts_statement(draft, start):
            draft.attributes[start] = Attribute(word.decode(), arguments(bytes(draft.clean[opens.end() : close - 1])))
            draft.blank(start, close)
            continue
        if b"goto" in opens[1] or b"goto" in word:
            labels = inside.rpartition(b":")[2].decode("utf-8", "replace")
            draft.jumps[start] = tuple(fold(label.encode()) for label in split(labels))
        if plain and _OPERANDS.search(inside):
            _mask_template(draft, opens.end(), close - 1)
        else:
            mask_asm(draft, opens.end(), close - 1)


def _mask_template(draft: Draft, start: int, end: int) -> None:
    """Leave an assembly statement its operands; its instructions become an empty string."""
    operands = _OPERANDS.search(draft.source, start, end)
    stop = operands.start() if operands is not None else end
    draft.mask(start, stop)
    draft.put(start, b'""')


def mask_asm(draft: Draft, start: int, end: int) -> None:
    """Make everything between the parentheses of an assembly statement an empty string."""
    draft.mask(start, end)
    draft.put(start, b'""')


def _take_header(draft: Draft, word: bytes, *, scoped: bool) -> None:
    if len(word) < len(_LOOP):
        return
    source = draft.source
    for start, end in _places(draft, word):
        opens = _CALL_OPENS.match(source, end)
        if opens is None or start < draft.body or draft.body < 0 or not _starts_statement(draft, start):
            continue
        close = draft.closing(opens.end() - 1)
        following = draft.after(close)
        if close < 0 or following >= len(source):
            continue
        if source[following] == 0x3B and word.startswith(_LOOP) and _closes_do(draft, start):
            draft.put(start, _LOOP + b" " * (len(word) - len(_LOOP)))
            continue
        if source[following] in _NO_BLOCK_AFTER:
            continue
        if bytes(source[following : following + 2]) in (b"==", b"!=", b"&&"):
            continue
        inside = bytes(draft.clean[opens.end() : close - 1])
        args = arguments(inside)
        draft.headers[start] = Header(name=word.decode(), args=args, scoped=scoped)
        draft.put(start, _LOOP + b" " * (len(word) - len(_LOOP)))
        if not args or not all(args) or any(_JUMPING.search(arg) for arg in args):
            mask_header(draft, start, close)


def _closes_do(draft: Draft, start: int) -> bool:
    """Say whether a name stands after the block of a `do`."""
    source = draft.source
    at = draft.before(start)
    depth = 0
    for _ in range(MAX_BRACES):
        if at < 0:
            return False
        depth += (source[at] == 0x7D) - (source[at] == 0x7B)
        if depth == 0:
            last = draft.before(at)
            return source[at] == 0x7B and source[max(0, last - 1) : last + 1] == b"do"
        at = max(source.rfind(b"{", 0, at), source.rfind(b"}", 0, at))
    return False


def mask_header(draft: Draft, start: int, close: int) -> None:
    """Make the arguments of a header, from its `while` to its closing parenthesis, a plain `1`."""
    draft.mask(start + len(_LOOP), close)
    draft.put(start + len(_LOOP), b"(1)")


def _starts_statement(draft: Draft, start: int) -> bool:
    last = draft.before(start)
    if last < 0 or draft.source[last] in _STATEMENT_BEFORE:
        return True
    if draft.source[draft.line_start(last) : last + 1].lstrip().startswith(b"#"):
        return True
    word = _WORD_AT_END.search(bytes(draft.source[max(0, last - 7) : last + 1]))
    return word is not None and word[0] in (b"else", b"do")


def _take_declarer(draft: Draft, word: bytes, *, typed: bool) -> None:
    """Make a declaring macro inside a body a call, and one inside a record a plain field."""
    source = draft.source
    for start, end in _places(draft, word):
        opens = _CALL_OPENS.match(source, end)
        last = draft.before(start)
        if opens is None or last < 0:
            continue
        close = draft.closing(opens.end() - 1)
        if close < 0:
            continue
        if source[last - 5 : last + 1] == b"static" and draft.before(last - 5) >= 0:
            draft.attributes[last - 5] = Attribute("static", ())
            draft.mask(last - 5, last + 1)
        following = draft.after(close)
        in_body = 0 <= draft.body < start
        if in_body and source[following : following + 1] != b"=":
            continue
        if source[last] not in b";{}" or len(word) < len(b"long"):
            continue
        _make_plain(draft, start, opens.end(), close, typed=typed)


def _make_plain(draft: Draft, start: int, inside: int, close: int, *, typed: bool) -> None:
    name = draft.source[start:inside].rstrip(b" \t\n(").decode("utf-8", "replace")
    raw = bytes(draft.source[inside : close - 1])
    draft.attributes[start] = Attribute("@" + name, arguments(bytes(draft.clean[inside : close - 1])))
    first, comma, second = raw.partition(b",")
    draft.blank(start, inside)
    draft.put(start, b"long")
    if typed and comma:
        draft.blank(inside, inside + len(first) + 1)
        rest = second.find(b",")
        if rest >= 0:
            draft.blank(inside + len(first) + 1 + rest, close)
    elif comma:
        draft.blank(inside + len(first), close)
    draft.blank(close - 1, close)


def _mask_typeof(draft: Draft) -> None:
    """Leave one name as the operand of each `typeof`, for the grammar wants a type there."""
    source = draft.source
    for match in _TYPE_OF.finditer(bytes(source)):
        close = draft.closing(match.end())
        if close < 0:
            continue
        inside = bytes(source[match.end() + 1 : close - 1])
        word = _WORDS.search(inside)
        if word is None or word[0] == inside.strip() or word[0] in (b"struct", b"union", b"enum"):
            continue
        draft.mask(match.end() + 1, close - 1)
        draft.put(match.end() + 1 + word.start(), word[0])


def _take_types(draft: Draft, words: set[bytes]) -> None:
    """Shrink types that stand as arguments of calls to one name, inside of function bodies."""
    source = draft.source
    for keyword, pattern in _TAGGED_ARGUMENTS:
        if keyword not in words:
            continue
        for match in pattern.finditer(source, draft.body):
            start = _with_const(draft, match.start())
            if _is_argument(draft, start, match.end()):
                draft.mask(start, match.start("tag"))
                draft.mask(match.end("tag"), match.end())
    for keyword, pattern in _LONG_ARGUMENTS:
        if keyword not in words:
            continue
        for match in pattern.finditer(source, draft.body):
            if _is_argument(draft, match.start(), match.end()):
                draft.mask(match.start(), match.end())
                draft.put(match.start(), b"x")
    for match in _STARRED.finditer(source, draft.body):
        stars = match.start()
        before = _STARRED_TYPE.search(bytes(source[max(draft.body, stars - 80) : stars]))
        if before is None:
            continue
        start = stars - (len(before[0]))
        if _is_argument(draft, start, match.end()):
            word = _WORDS.search(before[0])
            draft.mask(start + (word.end() if word else 0), match.end())


def _with_const(draft: Draft, start: int) -> int:
    last = draft.before(start)
    return last - 4 if draft.source[max(0, last - 4) : last + 1] == b"const" else start


def _is_argument(draft: Draft, start: int, end: int) -> bool:
    source = draft.source
    last = draft.before(start)
    if last < 0:
        return False
    if source[last] == 0x2C:
        return not _in_parameters(draft, last)
    if source[last] != 0x28:
        return False
    if source[end : end + 1] == b",":
        return not _in_parameters(draft, last + 1)
    name = draft.before(last)
    word = _WORD_AT_END.search(bytes(source[max(0, name - 40) : name + 1]))
    return word is not None and word[0] not in _STARRED_ELSEWHERE


def _in_parameters(draft: Draft, offset: int) -> bool:
    """Say whether the parenthesis around `offset` opens the parameters of a function pointer: `(*name)(`."""
    source = draft.source
    depth = 0
    for at in range(offset - 1, max(draft.body, offset - 400), -1):
        mark = source[at]
        if mark == 0x29:
            depth += 1
        elif mark == 0x28:
            if depth == 0:
                last = draft.before(at)
                return last >= 0 and source[last] == 0x29
            depth -= 1
        elif mark in b";{}":
            break
    return False


def _mask_offsetof(draft: Draft) -> None:
    """Make `offsetof` of a path a plain call: the grammar takes one field there."""
    for match in _MEMBER_OFFSET.finditer(bytes(draft.source)):
        opens = draft.source.find(b"(", match.end())
        close = draft.closing(opens)
        comma = draft.source.find(b",", opens, close)
        if close < 0 or comma < 0 or _WORD.fullmatch(draft.source[comma + 1 : close - 1].strip()):
            continue
        draft.put(match.start(), b"_")
        words = _WORDS.findall(draft.source, opens, comma)
        if len(words) > 1 or b"*" in draft.source[opens:comma]:
            draft.mask(opens + 1, comma)
            place = draft.source.find(b",", opens, close) - len(words[-1]) if words else opens + 1
            draft.put(max(place, opens + 1), (words[-1] if words else b"x")[: comma - opens - 1])


def _join_case_ranges(draft: Draft) -> None:
    """Make `case a ... b:` a plain expression, `a | b`."""
    source = draft.source
    offset = source.find(b"...")
    while offset >= 0:
        statement = max(source.rfind(mark, max(0, offset - LINE), offset) for mark in (b";", b"{", b"}", b":"))
        if source.find(b"case", max(statement + 1, offset - LINE), offset) >= 0:
            draft.put(offset, b" | ")
        offset = source.find(b"...", offset + 3)


def _after_mark(source: bytearray, offset: int) -> int:
    floor = max(0, offset - LINE)
    return max(source.rfind(mark, floor, offset) for mark in (b";", b"{", b"}")) + 1


def _drop_unnamed_bits(draft: Draft) -> None:
    """Blank the fields of records that are padding: `unsigned long : 29;`."""
    source = draft.source
    end = draft.body if draft.body >= 0 else len(source)
    for match in _MORE_BITS.finditer(bytes(source), 0, end):
        draft.blank(*match.span())
    for match in _BITS.finditer(bytes(source), 0, end):
        begin = _after_mark(source, match.start())
        words = source[begin : match.start()].split()
        plain = [word for word in words if bytes(word) not in _TYPE_WORDS]
        named = len(plain) - (1 if plain and bytes(words[0]) in _TAGGED else 0)
        if begin and words and (named == 0 or (named == 1 and len(words) == 1)):
            draft.blank(begin, match.end())
