# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Roots: functions that code outside of what is read calls, and the contexts in which it does (`rules/contexts`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from reviewtool.csource.facts import Assign, Call
from reviewtool.locking.linker import FunctionId, FunctionRef
from reviewtool.locking.program import Program
from reviewtool.locking.slots import Slot
from reviewtool.locking.subjects import Jobs, Subject
from reviewtool.ruleset.model import Context, Registration
from reviewtool.ruleset.when import conditions

_TERM: Final = re.compile(r"([-+]?)(\w+)")
_LAST: Final = re.compile(r"\w+\Z")

_COMPARE: Final = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


@dataclass(frozen=True, slots=True)
class Roots:
    """What is known of the roots of a program."""

    contexts: Mapping[FunctionId, tuple[Context, ...]]
    subjects: Mapping[FunctionId, tuple[Subject, ...]]
    """What those wait for who wait for one of them to end."""


def find_roots(program: Program) -> Roots:
    """The roots of a program: their contexts, and whose code they are."""
    found: dict[FunctionId, dict[str, Context]] = {}
    jobs = Jobs(program)
    registrations: dict[str, list[Context]] = {}
    for context in program.ruleset.contexts:
        if context.registration is Registration.FIELD:
            for function in _in_field(program, context):
                found.setdefault(function, {})[context.name] = context
        else:
            registrations.setdefault(context.holder, []).append(context)
    for function, context in (*_registered(program, registrations, jobs), *_by_macro(program, registrations, jobs)):
        found.setdefault(function, {})[context.name] = context
    contexts = {function: tuple(each.values()) for function, each in found.items()}
    return Roots(contexts, jobs.subjects())


def _in_field(program: Program, context: Context) -> Iterator[FunctionId]:
    record, _, field = context.holder.rpartition(".")
    fields = context.functions if field == "*" else (field,)
    if field == "*" and not fields:
        fields = program.pointers.fields(record)
    for name in fields:
        yield from program.pointers.reached(Slot("field", record, name))


def _registered(
    program: Program, registrations: Mapping[str, list[Context]], jobs: Jobs
) -> Iterator[tuple[FunctionId, Context]]:
    for ref in tuple(program.functions().values()):
        for block in ref.facts.blocks:
            for event in block.events:
                if isinstance(event, Assign):
                    jobs.assigned(ref, event)
                elif isinstance(event, Call):
                    jobs.queued(ref, event)
                    for context in registrations.get(event.callee, ()):
                        for function in _passed(program, ref, event, context):
                            jobs.registered(ref, event, context, function)
                            yield function, context


def _passed(program: Program, ref: FunctionRef, call: Call, context: Context) -> tuple[FunctionId, ...]:
    if context.registration is not Registration.ARGUMENT or context.argument >= len(call.args):
        return ()
    if context.when and not _holds(program, ref.id.path, call, context.when):
        return ()
    argument = call.args[context.argument]
    if not context.via:
        return program.named(ref, argument)
    return _of_object(program, ref, argument.lstrip("&"), context.via)


def _of_object(program: Program, ref: FunctionRef, path: str, field: str) -> tuple[FunctionId, ...]:
    """The functions in a field of one object: a global's initialiser, or what is assigned through the same fields."""
    if path.isidentifier():
        table = program.tables.get(ref.id.path)
        for site in table.globals.get(path, ()) if table is not None else ():
            for value in site.fact.init:
                if value.designator == f".{field}":
                    return program.named(ref, value.value)
    last = _LAST.search(path)
    if last is None:
        return ()
    found: dict[FunctionId, None] = {}
    for other in tuple(program.functions().values()):
        for block in other.facts.blocks:
            for event in block.events:
                if isinstance(event, Assign) and event.target.endswith(f"{last[0]}.{field}"):
                    found.update(dict.fromkeys(program.named(other, event.value)))
    return tuple(found)


def _holds(program: Program, path: str, call: Call, when: str) -> bool:
    """Whether the arguments meet a condition; not where their values cannot be told."""
    for condition in conditions(when):
        if condition.argument >= len(call.args):
            return False
        value = enumerator(program, path, call.args[condition.argument])
        bound = enumerator(program, path, condition.name)
        if value is None or bound is None or not _COMPARE[condition.op](value, bound):
            return False
    return True


def enumerator(program: Program, path: str, name: str) -> int | None:
    """The value of an enumerator; None if it is not known, or not written in numbers and other enumerators."""
    enumeration = program.symbols.constant(name, path)
    if enumeration is None:
        return None
    values: dict[str, int] = {}
    following: int | None = 0
    for member, text in zip(enumeration.names, enumeration.values, strict=True):
        if text:
            following = _value(text, values)
        if following is None:
            return None
        values[member] = following
        if member == name:
            return following
        following += 1
    return None


def _value(text: str, known: Mapping[str, int]) -> int | None:
    """The value of `12`, `NAME` or `NAME + 20`."""
    total = 0
    for sign, term in _TERM.findall(text.replace(" ", "")):
        value = known.get(term)
        if value is None and term.isdigit():
            value = int(term)
        if value is None:
            return None
        total += -value if sign == "-" else value
    return total


def _by_macro(
    program: Program, registrations: Mapping[str, list[Context]], jobs: Jobs
) -> Iterator[tuple[FunctionId, Context]]:
    for table in program.tables.values():
        for site in table.invocations:
            for context in registrations.get(site.fact.name, ()):
                if context.registration is Registration.MACRO and context.argument < len(site.fact.args):
                    for ref in program.symbols.functions(site.fact.args[context.argument], table.path):
                        jobs.declared(table.path, site.fact.args, context, ref.id)
                        yield ref.id, context
