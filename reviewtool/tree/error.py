# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What goes wrong with a tree."""

from __future__ import annotations


class TreeError(Exception):
    """The tree cannot be read or the base cannot be had. The text is one line that says what to do."""
