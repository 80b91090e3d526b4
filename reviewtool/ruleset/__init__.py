# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Data files in, typed values out: primitives, words of the C dialect, contexts, orders, rule pages."""

from __future__ import annotations

from reviewtool.ruleset.errors import RulesetError
from reviewtool.ruleset.loading import load

__all__ = ["RulesetError", "load"]
