# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""How much is read of what strangers send. Each bound has a name here and is named in the message that it causes."""

from __future__ import annotations

from reviewtool.mail.errors import MailError

MAX_MAIL_BYTES = 64 * 1024 * 1024
"""One mail; public lists refuse far smaller ones."""

MAX_SOURCE_BYTES = 1024 * 1024 * 1024
"""An mbox file, standard input, or what a server sends, unpacked."""

MAX_THREAD_MAILS = 20_000
"""Mails of one source that is not an archive."""

MAX_SERIES_PATCHES = 2_000
"""Patches that a subject may promise, and commits of a range."""

MAX_SUBJECT = 1_000
"""Characters of a subject that are looked at; RFC 5322 allows lines of 998."""

MAX_TRAILER_TEXT = 8 * 1024
"""Characters in which trailers are looked for at once: b4's expressions take quadratic time on hostile text."""

MAX_PARENTS = 1_000
"""Replies above a mail that are followed to find its patch."""


def check_size(size: int, bound: int, what: str) -> None:
    """Raise MailError if `size` bytes are more than `bound`; `what` names the thing."""
    if size > bound:
        raise MailError(
            f"{what} is larger than {bound // (1024 * 1024)} MiB, the bound for it; give a smaller part of it"
        )
