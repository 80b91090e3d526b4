# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Records against declarations and accesses: Type, Arch, Protects."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from reviewtool.finding.model import Certainty
from reviewtool.lockdoc.finding import RECORD_DIFFERS, Found, Place
from reviewtool.lockdoc.model import Entry, Record
from reviewtool.lockdoc.names import Fate, Named
from reviewtool.lockdoc.views import View
from reviewtool.locking.worlds import world_of
from reviewtool.ruleset.model import Ruleset

_ALTERNATIVES: Final = re.compile(r"\bor\b|[,/|;]|\band\b")
_ASIDE: Final = re.compile(r"\([^()]*\)")
_ANY: Final = frozenset({"any", "all", "generic", "common"})
_FEW: Final = 2
"""Accesses from which on it says something that none is made under the lock."""

_Seen = Sequence[tuple[View, Named]]


def check_records(views: Sequence[View], found: Found) -> None:
    """Enter what differs. A record whose lock does not exist is left to the check of names."""
    for record in found.document.records:
        named = [(view, view.names.named(record.name)) for view in views]
        seen = [(view, each) for view, each in named if each.fate is Fate.FOUND and each.cls and each.declared]
        if not seen:
            continue
        if (entry := record.entries.get("type")) is not None and entry.text:
            _check_type(record, entry, seen, found)
        if (entry := record.entries.get("arch")) is not None and entry.text:
            _check_arch(record, entry, seen, found)
        if (entry := record.entries.get("protects")) is not None:
            _check_protects(record, entry, seen, found)


def _enter(record: Record, entry: Entry, what: str, certainty: Certainty, message: str, found: Found) -> None:
    found.add(
        RECORD_DIFFERS,
        certainty,
        Place(path=found.document.path, line=entry.line),
        message,
        identity=(what, record.name.text),
        cited=found.cite(entry.line),
        locks=(record.name.text,),
    )


def _check_type(record: Record, entry: Entry, seen: _Seen, found: Found) -> None:
    said = families_said(entry.text, found.ruleset)
    if not said:
        return
    wrong = [(view, named) for view, named in seen if named.cls is not None and named.cls.family not in said]
    if not wrong or wrong[0][1].declared is None:
        return
    declared = wrong[0][1].declared
    message = (
        f"the record of {record.name.text} says {_short(entry)}, it is declared as {spelled(declared.type)} in"
        f" {declared.path}:{declared.line}"
    )
    _enter(record, entry, "type", Certainty.PROVED, message, found)


def families_said(text: str, ruleset: Ruleset) -> frozenset[str]:
    """The families that a Type field names; empty if one of its alternatives is not understood."""
    said: set[str] = set()
    for part in _ALTERNATIVES.split(_ASIDE.sub(" ", text)):
        word = " ".join(part.split()).strip("`'\"").lower()
        family = _family(word, ruleset)
        if not family:
            return frozenset()
        said.update(family)
    return frozenset(said)


def _family(word: str, ruleset: Ruleset) -> frozenset[str]:
    words = {word, word.removesuffix(" lock"), word.removeprefix("struct "), word.removeprefix("a ")}
    found: set[str] = set()
    for name, family in ruleset.families.items():
        spellings = {name, name.replace("-", " "), name.replace("-", "")}
        for kind in family.types:
            bare = kind.removeprefix("struct ")
            spellings |= {kind, bare, bare.removesuffix("_t")}
        if words & spellings:
            found.add(name)
    return frozenset(found)


def spelled(kind: str) -> str:
    """A type as the document spells it: without `struct`, `mutex`."""
    return kind.removeprefix("struct ")


def _short(entry: Entry) -> str:
    return " ".join(entry.text.split())


def _check_arch(record: Record, entry: Entry, seen: _Seen, found: Found) -> None:
    words = [word.strip("`").lower() for word in re.split(r"[\s,/]+|\band\b", _ASIDE.sub(" ", entry.text)) if word]
    known = {world for view, _ in seen for world in view.vocabulary.program.scope.worlds}
    worlds = {word for word in words if word in known}
    declared = seen[0][1].declared
    if declared is None:
        return
    home = world_of(declared.path)
    if worlds and home and home not in worlds:
        message = f"the record of {record.name.text} says {_short(entry)}, it is declared for {home} in {declared.path}"
        _enter(record, entry, "arch", Certainty.PROVED, message, found)
    elif worlds and not home:
        others = [
            view.model.world for view, named in seen
            if view.model.world not in worlds and named.cls in view.taken
        ]  # fmt: skip
        if others:
            message = f"the record of {record.name.text} says {_short(entry)}, it is taken on {', '.join(others)}, too"
            _enter(record, entry, "arch", Certainty.LIKELY, message, found)
    elif words and words[0] in _ANY and home and len(known) > 1:
        homes = {world_of(named.declared.path) for _, named in seen if named.declared is not None}
        if homes == {home} and {view.model.world for view, _ in seen} == {home}:
            message = f"the record of {record.name.text} says {_short(entry)}, only {home} has it ({declared.path})"
            _enter(record, entry, "arch", Certainty.PROVED, message, found)


def _check_protects(record: Record, entry: Entry, seen: _Seen, found: Found) -> None:
    """Report data of which no access is made where the lock may be held."""
    for mention in entry.mentions:
        under = total = 0
        place = ""
        for view, lock in seen:
            data = view.names.named(mention)
            if data.fate is not Fate.FOUND or data.declared is None or data.cls is not None or lock.cls is None:
                continue
            for access in view.accesses.of(data.field):
                total += 1
                under += access.function in view.accesses.under(lock.cls)
                place = place or f"{access.function.name}() in {access.function.path}:{access.line}"
        if total >= _FEW and not under:
            found.add(
                RECORD_DIFFERS,
                Certainty.LIKELY,
                Place(path=found.document.path, line=mention.line),
                f"the record of {record.name.text} says that it protects {mention.text}, but no function that accesses"
                f" it is called with the lock held (for one: {place})",
                identity=("protects", record.name.text, mention.text),
                cited=found.cite(mention),
                locks=(record.name.text,),
            )
