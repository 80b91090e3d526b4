# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The command line: how to ask. It computes nothing itself, and nothing heavy is imported before a command runs."""

from __future__ import annotations

from reviewtool.cli.app import main

__all__ = ["main"]
