# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Raw mails out of an mbox (mboxrd, as public-inbox and git write it) or a single mail."""

from __future__ import annotations

import re
from collections.abc import Iterator

_FROM_LINE = re.compile(rb"^From [^\n]*\n", re.MULTILINE)
_IS_FROM = re.compile(
    rb"From \S.*(?:\d{1,2}:\d{2}(?::\d{2})?\b.*\d{4}|\d{4}-\d{2}-\d{2}.*)\r?\n|From (?:mboxrd|git)@z[^\n]*\n"
)
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_HEADER = re.compile(rb"[!-9;-~]+[ \t]*:")


def looks_like_mbox(data: bytes) -> bool:
    """Whether the bytes begin with the separator line of an mbox."""
    return _IS_FROM.match(data.lstrip(b"\r\n")[:1000]) is not None


def looks_like_mail(data: bytes) -> bool:
    """Whether the bytes begin with the header of a mail."""
    start = data.lstrip(b"\r\n")[:4096]
    return _HEADER.match(start) is not None


def split_mbox(data: bytes) -> Iterator[bytes]:
    """The raw mails of an mbox, their `>From ` lines unquoted. Nothing for bytes without a separator line.

    A line starting with `From ` separates only at the start or after an empty line, with a header line after it, so
    that a sentence in a body does not. The empty line is no part of a mail.
    """
    starts: list[tuple[int, int]] = []
    for match in _FROM_LINE.finditer(data):
        begin, end = match.span()
        after_blank = begin == 0 or data[:begin].strip(b"\r\n") == b"" if begin < 8 else _blank_before(data, begin)
        if after_blank and _IS_FROM.match(match[0]) and _HEADER.match(data[end : end + 200].lstrip(b">")):
            starts.append((begin, end))
    for position, (_begin, end) in enumerate(starts):
        stop = starts[position + 1][0] if position + 1 < len(starts) else len(data)
        mail = data[end:stop]
        yield _QUOTED_FROM.sub(rb"\1", mail[:-1] if mail.endswith(b"\n\n") else mail)


def _blank_before(data: bytes, position: int) -> bool:
    return data[position - 2 : position] == b"\n\n" or data[position - 4 : position] == b"\r\n\r\n"
