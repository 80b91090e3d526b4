# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The one exception that reading mail raises."""

from __future__ import annotations


class MailError(Exception):
    """The source could not be had or read. Its text is one line that says what is wrong and what to do."""

    def __init__(self, text: str) -> None:
        super().__init__(" ".join(text.split()))
