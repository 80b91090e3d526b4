# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""C expressions as trees: a precedence-climbing parser over the facts' texts, and the way back to text.

Parsing needs no symbol table: a parenthesis is a cast if it spells a type in a way that no expression does. Arguments
of calls stay text until somebody asks, because macros take types and statements there.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import msgspec


class Node(msgspec.Struct, frozen=True, gc=False):
    """Base of all expressions."""


class Name(Node, frozen=True):
    """An identifier, or a temporary of the facts (`%1`)."""

    name: str


class Literal(Node, frozen=True):
    """A number, a character, a string, or `sizeof`: something with a type but no path."""

    text: str


class Invoke(Node, frozen=True):
    """A call; arguments are texts (`arguments()` splits them the same way everywhere)."""

    callee: Node
    args: tuple[str, ...]


class Index(Node, frozen=True):
    """`base[index]`."""

    base: Node
    index: str


class Member(Node, frozen=True):
    """`base.field`, or `base->field`."""

    base: Node
    field: str
    arrow: bool


class Unary(Node, frozen=True):
    """A prefix or postfix operator; `op` is `&`, `*`, `!`, `-`, `~`, `+`, `++`, `--`, or `&&` (a label's address)."""

    op: str
    operand: Node


class Binary(Node, frozen=True):
    """Two operands; assignments and the comma too."""

    op: str
    left: Node
    right: Node


class Conditional(Node, frozen=True):
    """`test ? then : other`; `then` is the test where it is left out."""

    test: Node
    then: Node
    other: Node


class Cast(Node, frozen=True):
    """`(type)operand`, or a compound literal `(type){...}` (its operand is the braces as a `Literal`)."""

    type: str
    operand: Node


class Block(Node, frozen=True):
    """A statement expression `({...})`: the statements as texts, without semicolons."""

    statements: tuple[str, ...]


class ExpressionError(ValueError):
    """The text is not an expression that this parser knows."""


_TOKEN: Final = re.compile(
    r'\s+|([A-Za-z_$][\w$~]*|%\d+|\.?\d[\w.]*|"(?:[^"\\]|\\.)*"|L?\'(?:[^\'\\]|\\.)*\''
    r"|<<=|>>=|->|\+\+|--|&&|\|\||[-+*/%&|^=!<>]=|<<|>>|.)",
    re.S,
)
_TYPE_WORDS: Final = frozenset(
    (
        *("struct", "union", "enum", "const", "volatile", "unsigned", "signed", "void", "char", "short", "int", "long"),
        *("float", "double", "bool", "_Bool"),
    )
)
_TYPEOF: Final = frozenset(("typeof", "__typeof__", "__typeof", "typeof_unqual"))
_BRACKET: Final = re.compile(r"[(\[{\"']")
_BINARY: Final = {
    ",": 1, "=": 2, "+=": 2, "-=": 2, "*=": 2, "/=": 2, "%=": 2, "&=": 2, "|=": 2, "^=": 2, "<<=": 2, ">>=": 2,
    "?": 3, "||": 4, "&&": 5, "|": 6, "^": 7, "&": 8, "==": 9, "!=": 9, "<": 10, ">": 10, "<=": 10, ">=": 10,
    "<<": 11, ">>": 11, "+": 12, "-": 12, "*": 13, "/": 13, "%": 13,
}  # fmt: skip
_PREFIX: Final = frozenset(("&", "*", "!", "-", "~", "+", "++", "--", "&&"))
_SIZES: Final = frozenset(("sizeof", "alignof", "_Alignof", "__alignof__"))
_POINTER_TYPE: Final = re.compile(r"\s*[A-Za-z_]\w*\s*\*[\s*]*\Z")
_SCALAR: Final = re.compile(r"(?:[su](?:8|16|32|64)|\w+_t)\Z")


def tokens(text: str) -> list[str]:
    """The tokens of a piece of C, without white space."""
    return [word for word in _TOKEN.findall(text) if word]


def split(text: str, separator: str = ",") -> tuple[str, ...]:
    """The pieces of a text between separators that stand outside all brackets and strings, stripped."""
    if separator not in text:
        stripped = text.strip()
        return (stripped,) if stripped else ()
    if not _BRACKET.search(text):
        return tuple(piece.strip() for piece in text.split(separator))
    pieces: list[str] = []
    depth, start = 0, 0
    for match in _TOKEN.finditer(text):
        word = match.group(1)
        if word is None:
            continue
        if word in "([{":
            depth += 1
        elif word in ")]}":
            depth -= 1
        elif word == separator and not depth:
            pieces.append(text[start : match.start()].strip())
            start = match.end()
    pieces.append(text[start:].strip())
    return tuple(pieces)


def is_type(text: str) -> bool:
    """Whether the text between two parentheses can only be a type (or is one by the usual way of writing)."""
    first = _TOKEN.match(text.lstrip())
    word = first.group(1) if first else ""
    if word in _TYPE_WORDS:
        return True
    if word in _TYPEOF:
        return True
    return bool(_POINTER_TYPE.match(text) or _SCALAR.match(text.strip()))


class _Parser:
    """One pass over the tokens of one text."""

    __slots__ = ("at", "spans", "text", "tokens")

    def __init__(self, text: str) -> None:
        self.text = text
        matches = [match for match in _TOKEN.finditer(text) if match.group(1) is not None]
        self.tokens = [match.group(1) for match in matches]
        self.tokens.append("")
        self.spans = [match.start(1) for match in matches]
        self.spans.append(len(text))
        self.at = 0

    def enclosed(self) -> str:
        """The text within the bracket at the current word; steps behind its closer."""
        depth, first = 0, self.at
        while True:
            word = self.tokens[self.at]
            if not word:
                raise ExpressionError(self.text)
            if word in "([{":
                depth += 1
            elif word in ")]}":
                depth -= 1
                if not depth:
                    break
            self.at += 1
        inner = self.text[self.spans[first] + 1 : self.spans[self.at]]
        self.at += 1
        return inner

    def expression(self, least: int) -> Node:
        left = self.prefix()
        while True:
            op = self.tokens[self.at]
            power = _BINARY.get(op, 0)
            if op[:1] == "%" and op[1:].isdigit():
                self.at += 1
                left = Binary("%", left, Literal(op[1:]))
                continue
            if power < least or not power:
                return left
            self.at += 1
            if op == "?":
                left = self.conditional(left)
            elif power == 2:
                left = Binary(op, left, self.expression(2))
            else:
                left = Binary(op, left, self.expression(power + 1))

    def conditional(self, test: Node) -> Node:
        then = test if self.tokens[self.at] == ":" else self.expression(1)
        if self.tokens[self.at] != ":":
            raise ExpressionError(self.text)
        self.at += 1
        return Conditional(test, then, self.expression(3))

    def prefix(self) -> Node:
        word = self.tokens[self.at]
        if word in _PREFIX:
            self.at += 1
            return Unary(word, self.prefix())
        if word in _SIZES:
            return self.size()
        if word == "(":
            return self.parenthesis()
        return self.postfix(self.primary())

    def size(self) -> Node:
        self.at += 1
        if self.tokens[self.at] == "(":
            self.enclosed()
        else:
            self.prefix()
        return Literal("sizeof")

    def parenthesis(self) -> Node:
        """A cast, a compound literal, a statement expression, or an expression in parentheses."""
        start = self.at
        inner = self.enclosed()
        following = self.tokens[self.at]
        if inner.lstrip().startswith("{"):
            body = inner.strip().removeprefix("{").removesuffix("}")
            return self.postfix(Block(tuple(piece for piece in split(body, ";") if piece)))
        if is_type(inner):
            if following == "{":
                return self.postfix(Cast(inner.strip(), Literal("{" + self.enclosed() + "}")))
            if following and (following not in ")]},;:?.=->" or following == "-") and following not in _INFIX:
                return Cast(inner.strip(), self.prefix())
        elif following and (following[0].isalnum() or following[0] in "_\"'"):
            return Cast(inner.strip(), self.prefix())
        self.at = start + 1
        node = self.expression(1)
        if self.tokens[self.at] != ")":
            raise ExpressionError(self.text)
        self.at += 1
        return self.postfix(node)

    def primary(self) -> Node:
        word = self.tokens[self.at]
        if not word:
            raise ExpressionError(self.text)
        if word == "{":
            return Literal("{" + self.enclosed() + "}")
        first = word[0]
        self.at += 1
        if first.isalpha() or first in "_$%":
            if word in ("struct", "union", "enum"):
                raise ExpressionError(self.text)
            if first == "%" and len(word) == 1:
                raise ExpressionError(self.text)
            return Name(word)
        if first.isdigit() or first in "\"'" or (first == "." and len(word) > 1):
            while self.tokens[self.at][:1] == '"':
                self.at += 1
            return Literal(word)
        raise ExpressionError(self.text)

    def postfix(self, node: Node) -> Node:
        while True:
            word = self.tokens[self.at]
            if word == "->" or word == ".":
                field = self.tokens[self.at + 1]
                if not (field[:1].isalpha() or field[:1] == "_"):
                    raise ExpressionError(self.text)
                self.at += 2
                node = Member(node, field, word == "->")
            elif word == "(":
                node = Invoke(node, split(self.enclosed()))
            elif word == "[":
                node = Index(node, self.enclosed().strip())
            elif word in ("++", "--"):
                self.at += 1
            else:
                return node


_INFIX: Final = frozenset(("->", "==", "!=", "<", ">", "<=", ">=", "||", "/", "%", "^", "|", "<<", ">>", "+=", "-="))


@lru_cache(maxsize=65536)
def parse(text: str) -> Node | None:
    """The tree of an expression; None if the text is none."""
    parser = _Parser(text)
    try:
        node = parser.expression(1)
    except (ExpressionError, RecursionError):
        return None
    return node if parser.at == len(parser.tokens) - 1 else None


def callee_of(text: str) -> Node | None:
    """The tree of what a call calls, with its redundant parentheses and `*` taken off (`(*fn)` is `fn`)."""
    node = parse(text)
    while isinstance(node, Unary) and node.op in ("*", "&"):
        node = node.operand
    return node


def plain(node: Node) -> Node:
    """The tree without casts and without `&*` and `*&` pairs at its top."""
    while True:
        if isinstance(node, Cast):
            node = node.operand
        elif isinstance(node, Unary) and isinstance(node.operand, Unary) and {node.op, node.operand.op} == {"&", "*"}:
            node = node.operand.operand
        else:
            return node


def render(node: Node) -> str:
    """The text of a tree, as the facts write it: no white space, no redundant parentheses around a path."""
    match node:
        case Name(name):
            return name
        case Literal(text):
            return text
        case Invoke(callee, args):
            return f"{_primary(callee)}({','.join(map(tidy, args))})"
        case Index(base, index):
            return f"{_primary(base)}[{tidy(index)}]"
        case Member(base, field, arrow):
            return _member(base, field, arrow)
        case Unary(op, operand):
            return _unary(op, operand)
        case Binary(op, left, right):
            return f"{_side(left, op)}{op}{_side(right, op, right=True)}"
        case Conditional(test, then, other):
            return f"{_side(test, '||')}?{render(then)}:{render(other)}"
        case Cast(type_, operand):
            return f"({type_}){_operand(operand)}"
        case Block(statements):
            return "({" + "".join(f"{statement};" for statement in statements) + "})"
    raise TypeError(node)


def _member(base: Node, field: str, arrow: bool) -> str:
    if arrow and isinstance(base, Unary) and base.op == "&":
        return _member(base.operand, field, False)
    if not arrow and isinstance(base, Unary) and base.op == "*":
        return _member(base.operand, field, True)
    return f"{_primary(base)}{'->' if arrow else '.'}{field}"


def _unary(op: str, operand: Node) -> str:
    if isinstance(operand, Unary) and {op, operand.op} == {"&", "*"}:
        return render(operand.operand)
    return op + _operand(operand)


def _primary(node: Node) -> str:
    text = render(node)
    return text if isinstance(node, Name | Literal | Invoke | Index | Member | Block) else f"({text})"


def _operand(node: Node) -> str:
    text = render(node)
    return f"({text})" if isinstance(node, Binary | Conditional) else text


def _side(node: Node, op: str, *, right: bool = False) -> str:
    text = render(node)
    if isinstance(node, Conditional):
        return f"({text})" if op != "," else text
    if isinstance(node, Binary):
        mine, outer = _BINARY[node.op], _BINARY[op]
        if mine < outer or (right and mine == outer and mine != 2):
            return f"({text})"
    return text


@lru_cache(maxsize=65536)
def tidy(text: str) -> str:
    """The text as the facts write it; texts that are no expression (types, statements) with their spaces folded."""
    node = parse(text)
    return render(node) if node is not None else " ".join(text.split())
