# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The rule pages, read when the first is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

from reviewtool.ruleset.model import Rule, Severity


class RuleBook:
    """Rules by id."""

    def __init__(self, directories: Iterable[Path] = (), severity: Mapping[str, Severity] | None = None) -> None:
        self._directories = tuple(directories)
        self._severity = dict(severity or {})

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """All rules; none where they cannot be read, which the engine tells."""
        from reviewtool.ruleset import RulesetError, load

        try:
            return load(self._directories, severity=self._severity).rules
        except RulesetError:
            return {}
