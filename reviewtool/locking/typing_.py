# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Types of expressions, as C text, as far as lock classes and function pointers need them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from reviewtool.csource.facts import Assign, Call, Field, Function, Record
from reviewtool.locking import ctypes
from reviewtool.locking.expr import (
    Binary,
    Block,
    Cast,
    Conditional,
    Index,
    Invoke,
    Literal,
    Member,
    Name,
    Node,
    Unary,
    parse,
)
from reviewtool.locking.macros import substituted
from reviewtool.locking.symbols import Symbols
from reviewtool.ruleset.model import Ruleset

_DEEPEST: Final = 40
"""Macros, typedefs and `typeof` in one another that are followed."""

_TYPEOF: Final = re.compile(r"_*typeof(?:_unqual)?_*\s*\((.*)\)([\s*\[\]]*)\Z", re.S)
_TEMPLATE: Final = re.compile(r"([*&]?)@(\d)|=(\d)")
_DECLARATION: Final = re.compile(
    r"\s*((?:const\s+|volatile\s+|static\s+)*(?:(?:struct|union|enum)\s+\w+|_*typeof_*\s*\(.*?\)|(?:unsigned\s+)?\w+)"
    r"(?:\s+const)?[\s*]*(?:const\b)?)(?<=[\s*)])(\w+)\s*=(?!=)(.*)\Z",
    re.S,
)


class Place:
    """Where an expression stands: a file, and a function's parameters and locals if it is in one."""

    __slots__ = ("facts", "memo", "path", "variables")

    def __init__(self, path: str, facts: Function | None = None) -> None:
        self.path = path
        self.facts = facts
        self.variables: dict[str, str] = {}
        self.memo: dict[str, str | None] = {}
        if facts is not None:
            for variable in facts.locals:
                self.variables.setdefault(variable.name, variable.type)
            for variable in facts.params:
                self.variables[variable.name] = variable.type


class Typer:
    """Types of expressions in one world. `call_type` tells the type of a call through something that is not a name."""

    def __init__(self, symbols: Symbols, ruleset: Ruleset) -> None:
        self.symbols = symbols
        self.ruleset = ruleset
        self.indirect: Callable[[Invoke, Place], str | None] | None = None
        self._fields: dict[tuple[str, str], dict[str, tuple[Field, ...]]] = {}
        self._depth = 0

    def of_text(self, text: str, place: Place) -> str | None:
        """The normal text of an expression's type; None if it is not known."""
        memo = place.memo
        if text in memo:
            return memo[text]
        memo[text] = None
        node = parse(text)
        memo[text] = found = self.of(node, place) if node is not None else None
        return found

    def of(self, node: Node, place: Place) -> str | None:
        """The same for a tree."""
        if self._depth > _DEEPEST:
            return None
        self._depth += 1
        try:
            return self._of(node, place)
        finally:
            self._depth -= 1

    def _of(self, node: Node, place: Place) -> str | None:
        match node:
            case Name(name):
                return self.of_name(name, place)
            case Member(base, field, arrow):
                holder = self.record_of(base, arrow, place)
                return self.field_type(holder, field, place) if holder is not None else None
            case Unary(op, operand):
                return self._unary(op, operand, place)
            case Invoke():
                return self._call(node, place)
            case Index(base, _):
                kind = self.of(base, place)
                return self.deref(kind, place.path) if kind is not None else None
            case Cast(kind, _):
                return self.settled(kind, place)
            case Binary(op, left, right):
                return self._binary(op, left, right, place)
            case Conditional(_, then, other):
                kind = self.of(then, place)
                return kind if kind is not None and kind != "int" else self.of(other, place) or kind
            case Block(statements):
                return self._block(statements, place)
            case Literal(text):
                return "char *" if text[:1] == '"' else "unsigned long" if text == "sizeof" else "int"
        return None

    def of_name(self, name: str, place: Place) -> str | None:
        """The type of a variable, a constant or a function."""
        kind = place.variables.get(name)
        if kind is not None:
            if kind.startswith("__auto_type") or not kind:
                return self._assigned(name, place)
            return self.settled(kind, place)
        if name[:1] == "%":
            return self._assigned(name, place)
        for site in self.symbols.globals(name, place.path):
            return self.settled(site.fact.type, Place(site.path))
        macro = self.symbols.macro(name, place.path)
        if macro is not None and macro.params is None and macro.body:
            return self.of_text(macro.body, place) if macro.body != name else None
        if self.symbols.constant(name, place.path) is not None:
            return "int"
        return self._function_type(name, place)

    def record_of(self, base: Node, arrow: bool, place: Place) -> str | None:
        """The record (`struct kvm`) that holds the field of `base.field` or `base->field`."""
        kind = self.of(base, place)
        if kind is not None and arrow:
            kind = self.deref(kind, place.path)
        return self.followed(kind, place.path) if kind is not None else None

    def field(self, record: str, name: str, place: Place) -> Field | None:
        """A field of a record; of `#if` alternatives the one that holds in this world."""
        known = self._fields.get((record, place.path))
        if known is None:
            site = self.symbols.record(record, place.path)
            known = self._fields[record, place.path] = _by_name(site.fact) if site is not None else {}
        found = known.get(name)
        if not found:
            return None
        if len(found) == 1:
            return found[0]
        conditions = self.symbols.conditions
        truths = [conditions.holds(field.condition) for field in found]
        for wanted in (True, None):
            if wanted in truths:
                return found[truths.index(wanted)]
        return found[0]

    def field_type(self, record: str, name: str, place: Place) -> str | None:
        """The type of a field."""
        field = self.field(record, name, place)
        return self.settled(field.type, place) if field is not None else None

    def followed(self, kind: str, path: str) -> str:
        """The type with typedefs at its base followed: `gfn_t *` is `u64 *` is ..."""
        for _ in range(_DEEPEST):
            if ctypes.is_function_pointer(kind):
                break
            base, rest = ctypes.split_base(kind)
            if base.startswith(ctypes.RECORDS) or " " in base:
                break
            target = self.symbols.typedef(base, path)
            if target is None:
                macro = self.symbols.macro(base, path)
                target = macro.body if macro is not None and macro.params is None else None
            if not target:
                break
            target = ctypes.normal(target)
            if target == base:
                break
            if ctypes.is_function_pointer(target) and rest:
                for _ in rest.replace(" ", "").replace("[]", "*"):
                    target = ctypes.pointer_to(target)
                return target
            kind = ctypes.normal(target + rest)
        return kind

    def deref(self, kind: str, path: str) -> str | None:
        """What a pointer of this type points to, or an array holds; typedefs of pointers are followed."""
        found = ctypes.deref(kind)
        return found if found is not None else ctypes.deref(self.followed(kind, path))

    def settled(self, kind: str, place: Place) -> str | None:
        """The normal text of a declared type: `typeof(x)` and types that a macro declares are looked up."""
        if kind[:1] == "@":
            definer = self.ruleset.definers.get(kind[1:])
            return ctypes.normal(definer.type) if definer is not None and definer.type else None
        if "typeof" in kind[:12]:
            match = _TYPEOF.match(ctypes.normal(kind) if not kind.startswith("const") else kind[5:].strip())
            if match is None:
                return None
            inner = match.group(1).strip()
            base = self.of_text(inner, place)
            if base is None and not inner.isidentifier():
                base = self.settled(inner, place)
            return ctypes.normal(f"{base} {match.group(2).strip()}") if base is not None else None
        return ctypes.normal(kind)

    def returned(self, name: str, path: str) -> str | None:
        """The type of what a function of this name returns."""
        for ref in self.symbols.functions(name, path):
            return ctypes.normal(ref.facts.returns)
        prototype = self.symbols.prototype(name, path)
        return ctypes.normal(prototype.returns) if prototype is not None else None

    def _function_type(self, name: str, place: Place) -> str | None:
        for ref in self.symbols.functions(name, place.path):
            return _pointer(ref.facts.returns, [param.type for param in ref.facts.params])
        prototype = self.symbols.prototype(name, place.path)
        if prototype is None:
            return None
        return _pointer(prototype.returns, [param.type for param in prototype.params])

    def _unary(self, op: str, operand: Node, place: Place) -> str | None:
        if op in ("!", "&&"):
            return "int"
        kind = self.of(operand, place)
        if kind is None or op not in ("&", "*"):
            return kind
        if op == "*":
            return self.deref(kind, place.path)
        return kind if ctypes.is_function_pointer(kind) and isinstance(operand, Name) else ctypes.pointer_to(kind)

    def _binary(self, op: str, left: Node, right: Node, place: Place) -> str | None:
        if op == ",":
            return self.of(right, place)
        if op in ("&&", "||", "==", "!=", "<", ">", "<=", ">="):
            return "int"
        one = self.of(left, place)
        if op == "+" and (one is None or not (ctypes.is_pointer(one) or one.endswith("[]"))):
            other = self.of(right, place)
            return other if other is not None and (ctypes.is_pointer(other) or one is None) else one
        return one

    def _block(self, statements: tuple[str, ...], place: Place) -> str | None:
        """A statement expression has the type of its last expression; its declarations count."""
        inner = Place(place.path)
        inner.facts = place.facts
        inner.variables = dict(place.variables)
        for statement in statements[:-1]:
            match = _DECLARATION.match(statement)
            if match is not None:
                kind, name, value = match.groups()
                if kind.strip() == "__auto_type":
                    inner.variables[name] = self.of_text(value, inner) or ""
                else:
                    inner.variables[name] = self.settled(kind.strip(), inner) or ""
        return self.of_text(statements[-1], inner) if statements else None

    def _call(self, node: Invoke, place: Place) -> str | None:
        if not isinstance(node.callee, Name):
            kind = self.of(node.callee, place)
            found = ctypes.result(self.followed(kind, place.path)) if kind is not None else None
            if found is None and self.indirect is not None:
                found = self.indirect(node, place)
            return found
        name = node.callee.name
        typed = self.ruleset.typed_macros.get(name)
        if typed is not None:
            return self.templated(typed.type, node.args, place)
        if name in place.variables:
            kind = self.of_name(name, place)
            return ctypes.result(self.followed(kind, place.path)) if kind is not None else None
        found = self.returned(name, place.path)
        if found is not None:
            return found
        macro = self.symbols.macro(name, place.path)
        if macro is None:
            return None
        body = substituted(macro, node.args) if macro.params is not None else None
        return self.of_text(body, place) if body is not None else None

    def templated(self, template: str, args: tuple[str, ...], place: Place) -> str | None:
        """The type that a template of the ruleset (see `TypedMacro`) gives for these arguments."""
        failed = False

        def put(match: re.Match[str]) -> str:
            nonlocal failed
            sign, of, spelled = match.groups()
            index = int(of or spelled)
            if index >= len(args):
                failed = True
                return ""
            if spelled:
                return self.settled(args[index], place) or args[index]
            kind = self.of_text(args[index], place)
            if kind is not None and sign == "*":
                kind = self.deref(kind, place.path)
            elif kind is not None and sign == "&":
                kind = ctypes.pointer_to(kind)
            failed = failed or kind is None
            return kind or ""

        text = _TEMPLATE.sub(put, template)
        return None if failed else ctypes.normal(text)

    def _assigned(self, name: str, place: Place) -> str | None:
        """The type of the first value that is assigned to a variable whose declaration does not tell."""
        if place.facts is None:
            return None
        for block in place.facts.blocks:
            for event in block.events:
                if isinstance(event, Assign) and event.target == name and event.op == "=":
                    return self.of_text(event.value, place)
                if isinstance(event, Call) and event.result == name:
                    return self.of_text(f"{event.callee}({','.join(event.args)})", place)
        return None


def _by_name(record: Record) -> dict[str, tuple[Field, ...]]:
    fields: dict[str, tuple[Field, ...]] = {}
    for field in record.fields:
        fields[field.name] = (*fields.get(field.name, ()), field)
    return fields


def _pointer(returns: str, params: list[str]) -> str:
    return ctypes.normal(f"{returns} (*)({', '.join(params)})")
