# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The exit statuses."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the caller learns without reading the report; a public contract."""

    CLEAN = 0
    """Nothing to report."""
    FINDINGS = 1
    """Findings at or above `--fail-on`."""
    USAGE = 2
    """An option, the configuration or a rule file is wrong."""
    INPUT = 3
    """A thread or a tree could not be had or read."""
    INTERNAL = 4
    """A fault of the tool."""
    INTERRUPTED = 130
    """As a shell reports a program that SIGINT ended."""
    PIPE = 141
    """As a shell reports a program that SIGPIPE ended: the reader of the report went away."""
