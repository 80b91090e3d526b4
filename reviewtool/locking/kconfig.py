# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What Kconfig decides for each world, as far as the files around the scope tell.

A symbol is on if one that is on selects it without a condition. A symbol that has neither a prompt nor a default is on
only where something selects it (Documentation/kbuild/kconfig-language.rst, "reverse dependencies"). So one that
architectures share, because their files include the file that has it, is off in a world where only the files of others
select it. Everything else stays open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from reviewtool.locking.kconfig_file import Entry, KconfigFile, parse
from reviewtool.locking.worlds import in_world, world_of
from reviewtool.ruleset.model import ValueWords
from reviewtool.tree.model import Snapshot

_FILE: Final = "Kconfig"


class Setting(Enum):
    """What is known of a symbol."""

    OFF = "n"
    ON = "y or m"
    BUILT_IN = "y"


Settings = Mapping[str, Setting]
"""By symbol, without the prefix that it has in C."""


def read_settings(
    snapshot: Snapshot, files: Iterable[str], worlds: Iterable[str], enabled: Iterable[str]
) -> dict[str, Settings]:
    """The settings of each world.

    Args:
        snapshot: Where the Kconfig files are read: those of the files' directories, and of the directories above.
        files: The files of the scope.
        worlds: All worlds of the scope. A tree without architectures tells nothing.
        enabled: Symbols that are on where the files of the scope are compiled.
    """
    worlds = tuple(world for world in worlds if world)
    if not worlds:
        return {}
    contents = snapshot.read_many(sorted(_places(files)))
    parsed = {path: parse(content) for path, content in contents.items()}
    return {world: _settings(world, parsed, enabled) for world in worlds}


def _places(files: Iterable[str]) -> set[str]:
    places: set[str] = set()
    for folder in {path.rpartition("/")[0] for path in files}:
        above = folder
        while above:
            places.add(f"{above}/{_FILE}")
            above = above.rpartition("/")[0]
    return places


def _settings(world: str, files: Mapping[str, KconfigFile], enabled: Iterable[str]) -> Settings:
    seen: dict[str, list[Entry]] = {}
    for path, file in files.items():
        for entry in file.entries if in_world(path, world) else ():
            seen.setdefault(entry.name, []).append(entry)
    settings = dict.fromkeys(_off(seen, _shared(world, files)), Setting.OFF)
    pending = [name for name in enabled if name in seen]
    while pending:
        name = pending.pop()
        if settings.get(name, Setting.OFF) is not Setting.OFF:
            continue
        known = seen.get(name, ())
        is_bool = bool(known) and all(entry.kind == "bool" for entry in known)
        settings[name] = Setting.BUILT_IN if is_bool else Setting.ON
        pending.extend(target for entry in known for target in entry.selects)
    return settings


def _shared(world: str, files: Mapping[str, KconfigFile]) -> set[str]:
    """Symbols of files that a world's own file includes, if any file around selects them."""
    included = {source for path, file in files.items() if world_of(path) == world for source in file.sources}
    selected = {name for file in files.values() for entry in file.entries for name in (*entry.selects, *entry.perhaps)}
    return {entry.name for path, file in files.items() if path in included for entry in file.entries} & selected


def _off(seen: Mapping[str, list[Entry]], shared: set[str]) -> set[str]:
    """Those of the shared symbols that could be on only by a `select` of other architectures."""
    off = {name for name in shared & seen.keys() if not any(entry.settable for entry in seen[name])}
    selectors: dict[str, set[str]] = {}
    for name, known in seen.items():
        for entry in known:
            for target in (*entry.selects, *entry.perhaps):
                selectors.setdefault(target, set()).add(name)
    while True:
        wrong = {name for name in off if not selectors.get(name, set()) <= off}
        if not wrong:
            return off
        off -= wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """One world's settings, as C asks for them. The answers are None where nothing is known."""

    words: ValueWords = field(default_factory=ValueWords)
    settings: Settings = field(default_factory=dict)

    def defined(self, macro: str) -> bool | None:
        """Whether the macro of a symbol is defined, as `#ifdef` sees it: not if it is a module."""
        setting = self._of(macro)
        if setting is None or setting is Setting.ON:
            return None
        return setting is Setting.BUILT_IN

    def tested(self, test: str, macro: str) -> bool | None:
        """The value of a test (a call) of a symbol's macro."""
        any_way = test in self.words.tests_enabled
        if not any_way and test not in self.words.tests_built_in:
            return None
        setting = self._of(macro)
        if setting is None or (setting is Setting.ON and not any_way):
            return None
        return setting is not Setting.OFF

    def _of(self, macro: str) -> Setting | None:
        prefix = next((prefix for prefix in self.words.configures if macro.startswith(prefix)), None)
        return self.settings.get(macro.removeprefix(prefix)) if prefix is not None else None
