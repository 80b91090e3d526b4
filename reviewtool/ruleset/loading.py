# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""`load`: all data of the built-in rules and of the user's directories as one value."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from reviewtool.ruleset.allocation import AllocationWords
from reviewtool.ruleset.build import Collection, flatten
from reviewtool.ruleset.dialect import Syntax
from reviewtool.ruleset.files import builtin_directory, data_files, page_files
from reviewtool.ruleset.model import Ruleset, Severity, ValueWords
from reviewtool.ruleset.pages import parse_page

_DECLARES = b"\n[["
"""A page whose text has this may declare something in its head."""
_AS_IT_IS: Mapping[str, Severity] = MappingProxyType({})


def load(
    directories: Sequence[Path] = (),
    disable: Iterable[str] = (),
    builtin: bool = True,
    severity: Mapping[str, Severity] = _AS_IT_IS,
) -> Ruleset:
    """The ruleset: the built-in one (unless `builtin` is false), then that of each directory in turn.

    An entry of a later directory replaces an earlier one's entry of the same name (a primitive, a family, a context);
    rules have to have names of their own. `disable` names rules that are left out, `severity` gives rules another one.

    Raises RulesetError for data that cannot be used, naming the file, the key and the nearest known key.
    """
    collection = Collection()
    digest = hashlib.sha256()
    places = [(builtin_directory(), True)] if builtin else []
    for directory, trusted in [*places, *((Path(directory), False) for directory in directories)]:
        _load_directory(collection, digest, directory, trusted)
    collection.check()
    for name, wanted in severity.items():
        collection.rules.rate(name, wanted)
    for name in disable:
        collection.rules.disable(name)
    syntax = _syntax(collection)
    return Ruleset(
        digest=digest.hexdigest(),
        syntax=syntax,
        families=collection.families,
        primitives=collection.primitives,
        guards=collection.guards,
        definers=collection.definers,
        typed_macros=collection.typed_macros,
        orders=tuple(order for order in collection.orders if not order.rule or order.rule in collection.rules),
        subsystems=tuple(collection.subsystems.values()),
        named_calls=tuple(collection.named_calls.values()),
        accesses=collection.accesses,
        held_tests=collection.held_tests,
        handlings=collection.handlings,
        contexts=flatten(collection.contexts.values()),
        outside=collection.outside,
        rules=collection.rules,
        values=ValueWords(**collection.values),
        forbidden=tuple(entry for entry in collection.forbidden if entry.rule in collection.rules),
        required=tuple(entry for entry in collection.required if entry.rule in collection.rules),
        pairs=tuple(entry for entry in collection.pairs if entry.rule in collection.rules),
        allocation=AllocationWords(**collection.allocation),
        syntax_digest=_words_digest(syntax),
        catalogue=collection.catalogue,
        missing=collection.missing,
    )


def _load_directory(collection: Collection, digest: hashlib._Hash, directory: Path, trusted: bool) -> None:
    """Read one directory; pages that are `trusted` (our own, tested) are not taken apart unless they declare."""
    for source in data_files(directory):
        name = source.path.relative_to(directory).as_posix().encode()
        digest.update(b"%d %s %d\n" % (len(name), name, len(source.data)))
        digest.update(source.data)
        collection.add_file(source.path, source.entries)
    for text in page_files(directory):
        if trusted and _DECLARES not in text.data:
            collection.rules.put(text.path, text.path.stem, text)
            continue
        page = parse_page(text)
        collection.add_head(text.path, page.head)
        collection.rules.put(text.path, page.rule.id, page.rule)


def _syntax(collection: Collection) -> Syntax:
    """The words of the C dialect, with those that the tables of guards and of accesses tell."""
    words = dict(collection.syntax)
    words["noted"] = frozenset(words["transparent"] & collection.accesses.keys())
    words["conditional"] = frozenset(
        {*words["conditional"], *(guard.name for guard in collection.guards.values() if guard.conditional)}
    )
    return Syntax(**words)


def _words_digest(syntax: Syntax) -> str:
    digest = hashlib.sha256()
    for field in dataclasses.fields(syntax):
        words = getattr(syntax, field.name)
        items = words.items() if isinstance(words, dict) else words
        digest.update(f"{field.name}: {sorted(items)}\n".encode())
    return digest.hexdigest()
