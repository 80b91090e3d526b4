# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The little language of primitives: `mutex_lock_nested = "acquire mutex nested=1"`.

An operation is an effect (a member of `Effect`), a family for those effects that have one (`*`: whichever the lock's
type says), then words in any order:

- `shared`, `recursive`, `any`: the mode (exclusive without one)
- `try`: never waits; `requires`: must be held already; `index`: the result is what the release must get
- `at=1`: the argument that names the lock (0 without it), `at=rtnl_mutex` a lock without an argument,
  `at=&@0->mmap_lock` a path from argument 0
- `success=nonzero` (`zero`, `nonnegative`): how the caller learns that it got the lock
- `instance=1`, `nested=1`, `nest_lock=1`, `condition=1`, `user=1`: arguments, see `Operation`

Several operations of one primitive are separated by commas, in the order in which they happen. The name of a family
that begins with `@` is the name of its only lock too: `acquire @irq`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from reviewtool.ruleset.decode import decode
from reviewtool.ruleset.entries import OperationEntry
from reviewtool.ruleset.errors import unknown
from reviewtool.ruleset.model import Effect, Mode, Operation

_BARE = {"try": "trylock", "requires": "requires", "index": "returns_index"}
_MODES = {"shared", "recursive", "exclusive", "any"}
_KEYS = {"at", "success", "instance", "nested", "nest_lock", "condition", "user"}
_WITHOUT_FAMILY = {Effect.SLEEP, Effect.FAULT}
_ANY_FAMILY = "*"
_NUMBER = re.compile(r"\d+\Z")


@lru_cache(maxsize=1024)
def operations(text: str) -> tuple[Operation, ...]:
    """The operations that a text describes. Raises ValueError with what is wrong with which word."""
    return tuple(_operation(part.split()) for part in text.split(","))


def _operation(words: list[str]) -> Operation:
    if not words:
        raise ValueError("an operation is missing")
    known = {str(effect) for effect in Effect}
    if words[0] not in known:
        raise ValueError(unknown("effect", words[0], known))
    effect = Effect(words[0])
    values: dict[str, object] = {"effect": effect}
    rest = words[1:]
    if effect not in _WITHOUT_FAMILY:
        if not rest:
            raise ValueError(f'a family has to follow "{effect}"')
        family = rest.pop(0)
        values["family"] = "" if family == _ANY_FAMILY else family
    for word in rest:
        key, value = _word(word)
        values[key] = value
    return _built(decode(values, OperationEntry), given=set(values))


def _word(word: str) -> tuple[str, object]:
    key, equals, value = word.partition("=")
    if not equals:
        if word in _BARE:
            return _BARE[word], True
        if word in _MODES:
            return "mode", word
        raise ValueError(unknown("word", word, {*_BARE, *_MODES, *_KEYS}))
    if key not in _KEYS:
        raise ValueError(unknown("word", key, _KEYS))
    return key, int(value) if _NUMBER.match(value) else value


def _built(entry: OperationEntry, given: set[str]) -> Operation:
    subject = entry.at
    if "at" not in given and (entry.family.startswith("@") or entry.effect in _WITHOUT_FAMILY):
        subject = entry.family
    return Operation(
        effect=entry.effect,
        family=entry.family,
        subject=subject,
        mode=None if entry.mode == "any" else Mode(entry.mode),
        instance=entry.instance,
        success=entry.success,
        trylock=entry.trylock,
        nested=entry.nested,
        nest_lock=entry.nest_lock,
        returns_index=entry.returns_index,
        requires=entry.requires,
        condition=entry.condition,
        user=entry.user,
    )
