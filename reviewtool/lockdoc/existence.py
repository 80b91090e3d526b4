# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Names of a document that do not exist in the code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from reviewtool.finding.model import Certainty
from reviewtool.lockdoc.finding import UNKNOWN_NAME, Found
from reviewtool.lockdoc.model import Mention
from reviewtool.lockdoc.names import Fate, Named
from reviewtool.lockdoc.near import nearest
from reviewtool.lockdoc.views import View
from reviewtool.locking.worlds import world_of
from reviewtool.tree.model import Snapshot

_OBJECT: Final = re.compile(rb"[\w-]+(?=\.o\b|-y\b|-objs\b|-\$\()")
_COMMENT: Final = re.compile(rb"/\*[^*]*\*+(?:[^/*][^*]*\*+)*/|//[^\n]*")
_BUILD: Final = ("/Makefile", "/Kbuild")


class Existence:
    """Judges the names of one document."""

    def __init__(
        self, views: Sequence[View], snapshot: Snapshot, renames: Mapping[str, str], before: Sequence[View] = ()
    ) -> None:
        """`before` are the views of the snapshot before a patch: what was known there is gone, not misspelt."""
        self._views = views
        self._before = before
        self._renames = renames
        self._code = lru_cache(maxsize=1)(lambda: _Code(views, snapshot))

    def check(self, found: Found) -> None:
        """Enter a finding for each name that is gone, at its first line; further lines are its places."""
        missing: dict[str, list[Mention]] = {}
        for mention in found.document.mentions:
            if not mention.literal:
                missing.setdefault(mention.text, []).append(mention)
        for mentions in missing.values():
            self._judge(mentions, found)

    def _judge(self, mentions: list[Mention], found: Found) -> None:
        first = mentions[0]
        views = [view for view in self._views if view.speaks(first.worlds)]
        named = [view.names.named(first) for view in views]
        if not named or any(each.fate is Fate.FOUND for each in named):
            return
        lacking = [each for each in named if each.fate is Fate.MISSING]
        if lacking:
            if first.worlds or self._settled(lacking[0], views):
                self._lacks(mentions, lacking[0], views, found)
        elif "->" not in first.bare and "." not in first.bare and "::" not in first.bare and not first.open:
            self._unknown(mentions, found)

    def _settled(self, named: Named, views: Sequence[View]) -> bool:
        """Whether the worlds at hand are enough to tell: all of them, or the record is the same in all."""
        site = views[0].vocabulary.symbols.record(named.record, "")
        generic = site is not None and not world_of(site.path)
        return generic or {view.model.world for view in views} >= set(views[0].vocabulary.program.scope.worlds)

    def _lacks(self, mentions: list[Mention], named: Named, views: Sequence[View], found: Found) -> None:
        first = mentions[0]
        instead = self._renames.get(named.field) or named.meant or self._near_field(named, views)
        message = f"{first.bare} does not exist: {named.record} has no field {named.field}"
        found.add(
            UNKNOWN_NAME,
            Certainty.PROVED,
            found.at(first),
            message + (f"; {_instead(instead)}" if instead else ""),
            identity=("field", first.bare),
            cited=found.cite(first),
            world=tuple(world for view in views for world in view.world) if first.worlds else (),
            locks=(named.cls.label,) if named.cls is not None else (),
            explanation=_lines(mentions),
        )

    def _near_field(self, named: Named, views: Sequence[View]) -> str:
        fields: set[str] = set()
        for view in views:
            site = view.vocabulary.symbols.record(named.record, "")
            fields.update(field.name for field in site.fact.fields) if site is not None else None
        near = nearest(named.field, fields)
        return f"{named.record.partition(' ')[2]}->{near}" if near else ""

    def _unknown(self, mentions: list[Mention], found: Found) -> None:
        first = mentions[0]
        name = first.bare
        if any(view.vocabulary.knows(name) for view in self._views) or self._code().says(name):
            return
        renamed = self._renames.get(name)
        if any(view.vocabulary.knows(name) for view in self._before):
            now = f"it is {renamed} now" if renamed else "the document still has it"
            found.add(
                UNKNOWN_NAME,
                Certainty.PROVED,
                found.at(first),
                f"{first.text} does not exist any more; {now}",
                identity=("name", name),
                cited=found.cite(first),
                explanation=_lines(mentions),
            )
            return
        declared = {word for view in self._views for word in (*view.vocabulary.globals, *view.vocabulary.functions)}
        instead = renamed or nearest(name, declared)
        certainty = Certainty.PROVED if renamed else Certainty.LIKELY if instead else Certainty.QUESTION
        message = f"{first.text} does not exist" if instead else f"nothing that was read is called {first.text}"
        found.add(
            UNKNOWN_NAME,
            certainty,
            found.at(first),
            message + (f"; {_instead(instead)}" if instead else ""),
            identity=("name", name),
            cited=found.cite(first),
            explanation=_lines(mentions),
        )


def _instead(name: str) -> str:
    return f"it may be {name} today"


def _lines(mentions: list[Mention]) -> str:
    lines = sorted({mention.line for mention in mentions})[1:]
    return f"Named again in line {', '.join(map(str, lines))}." if lines else ""


class _Code:
    """What the code of the scope says outside of comments, in all architectures, and what its makefiles build."""

    def __init__(self, views: Sequence[View], snapshot: Snapshot) -> None:
        files = views[0].vocabulary.program.scope.files
        self._sources = tuple(snapshot.read_many(files).values())
        self._modules = frozenset(_modules(snapshot, files))

    def says(self, name: str) -> bool:
        """Whether the name stands there as a whole word."""
        if name in self._modules:
            return True
        word = re.compile(rb"\b" + re.escape(name.encode()) + rb"\b")
        return any(word.search(source) and word.search(_COMMENT.sub(b" ", source)) for source in self._sources)


def _modules(snapshot: Snapshot, files: Sequence[str]) -> Iterator[str]:
    """Kbuild writes `-` where the module's name has `_` (Documentation/kbuild/modules.rst)."""
    folders = {path.rpartition("/")[0] for path in files}
    for source in snapshot.read_many(sorted(folder + name for folder in folders for name in _BUILD)).values():
        for match in _OBJECT.finditer(source):
            yield match[0].decode("ascii", "replace").replace("-", "_")
