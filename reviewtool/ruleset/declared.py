# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Declarative rules: what a data file or a page's head forbids or requires, without code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from reviewtool.ruleset.access import Pair
from reviewtool.ruleset.entries import ForbiddenEntry, OrderEntry, RequiredEntry, RuleEntry
from reviewtool.ruleset.errors import RulesetError
from reviewtool.ruleset.model import Effect, ForbiddenUnder, Order, RequiredLock, Rule
from reviewtool.ruleset.pages import valid_id

DEFAULT_FORBIDDEN = "forbidden-under-lock"
"""The rule that reports a `[[forbidden-under]]` that names none."""
DEFAULT_REQUIRED = "required-lock-missing"
"""The same for `[[required-lock]]`."""
_EFFECTS = (Effect.SLEEP, Effect.FAULT, Effect.WAIT)


def orders(path: Path, entries: Sequence[OrderEntry], rule: str = "") -> list[Order]:
    """The declared orders of a file; `rule` reports those that name none. Raises RulesetError."""
    found = []
    for number, entry in enumerate(entries, 1):
        if entry.outer == entry.inner:
            raise RulesetError(path, f"order[{number}]", f"{entry.outer} cannot be outside of itself")
        found.append(
            Order(
                outer=entry.outer,
                inner=entry.inner,
                source=entry.source,
                worlds=entry.worlds,
                rule=entry.rule or rule,
            )
        )
    return found


def forbidden(path: Path, entries: Sequence[ForbiddenEntry], rule: str = DEFAULT_FORBIDDEN) -> list[ForbiddenUnder]:
    """What a file forbids under locks. Raises RulesetError for an entry that forbids nothing."""
    found = []
    for number, entry in enumerate(entries, 1):
        place = f"forbidden-under[{number}]"
        if not entry.under:
            raise RulesetError(path, place, "under which lock? `under` is empty")
        if not (entry.calls or entry.acquires or entry.effects):
            raise RulesetError(path, place, "it forbids nothing: give it calls, acquires or effects")
        wrong = [effect for effect in entry.effects if effect not in _EFFECTS]
        if wrong:
            raise RulesetError(path, f"{place}.effects", f'"{wrong[0]}" cannot be forbidden; known: sleep, fault, wait')
        found.append(
            ForbiddenUnder(
                rule=entry.rule or rule,
                under=entry.under,
                calls=entry.calls,
                acquires=entry.acquires,
                effects=entry.effects,
                message=entry.message,
                source=entry.source,
                worlds=entry.worlds,
            )
        )
    return found


def required(path: Path, entries: Sequence[RequiredEntry], rule: str = DEFAULT_REQUIRED) -> list[RequiredLock]:
    """What a file wants done under locks only. Raises RulesetError for an entry that asks for nothing."""
    found = []
    for number, entry in enumerate(entries, 1):
        place = f"required-lock[{number}]"
        if not entry.locks:
            raise RulesetError(path, place, "which lock? `locks` is empty")
        if not (entry.calls or entry.reads or entry.writes or entry.acquires):
            raise RulesetError(path, place, "nothing needs the lock: give it calls, reads, writes or acquires")
        found.append(
            RequiredLock(
                rule=entry.rule or rule,
                locks=entry.locks,
                calls=entry.calls,
                reads=entry.reads,
                writes=entry.writes,
                acquires=entry.acquires,
                unless=entry.unless,
                message=entry.message,
                source=entry.source,
                worlds=entry.worlds,
            )
        )
    return found


def pairs(path: Path, entries: Sequence[Pair], rule: str = "") -> list[Pair]:
    """The pairs of a file, or of the page of `rule`. Raises RulesetError for one that lacks a side or a rule."""
    found = []
    for number, entry in enumerate(entries, 1):
        if not entry.begin or not entry.end:
            raise RulesetError(path, f"pair[{number}]", "a pair needs calls that begin it and calls that end it")
        if not entry.rule and not rule:
            raise RulesetError(path, f"pair[{number}]", "which rule reports it? `rule` is missing")
        found.append(msgspec.structs.replace(entry, rule=entry.rule or rule))
    return found


def pageless(path: Path, name: str, entry: RuleEntry) -> Rule:
    """A rule that a data file describes in a few words, with a page made of them. Raises RulesetError."""
    if not valid_id(name):
        raise RulesetError(path, f"rule.{name}", f'"{name}" is not an id; ids are words joined by -: missing-unlock')
    page = f"# {name}\n\n## What it does\n\n{entry.summary}\n"
    if entry.why:
        page += f"\n## Why is this bad\n\n{entry.why}\n"
    return Rule(
        id=name,
        group=entry.group,
        severity=entry.severity,
        summary=entry.summary,
        page=page,
        path=str(path),
        examples=(),
    )
