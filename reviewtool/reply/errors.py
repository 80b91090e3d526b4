# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The one exception that writing replies raises."""

from __future__ import annotations


class ReplyError(Exception):
    """A draft cannot be written. Its text is one line that says what is wrong and what to do."""
