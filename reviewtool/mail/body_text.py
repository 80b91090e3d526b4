# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The one text of a mail: parts chosen, decoded, line ends made \\n, damage of the transport undone or reported."""

from __future__ import annotations

import email.message
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass

from reviewtool.mail.flowed import is_stuffed, unflow

DIFF_START = re.compile(r"^(?:diff --git \S|--- \S[^\n]*\r?\n\+\+\+ \S[^\n]*\r?\n@@ )", re.MULTILINE)
"""Where a diff begins: git's own line, or the header of a plain unified diff."""

_PATCH_TYPES = ("text/x-patch", "text/x-diff", "text/patch", "text/diff", "application/x-patch", "application/x-diff")
_PATCH_NAMES = (".patch", ".diff")
_MAX_PARTS = 1_000
_STILL_QUOTED = re.compile(r"=3D|=20$|=09", re.MULTILINE)
_PLAIN_EQUALS = re.compile(r"=(?![0-9A-F]{2}|$)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyText:
    """A body. `faults` are (reason, fatal): what was wrong with the mail as a whole."""

    text: str
    faults: tuple[tuple[str, bool], ...] = ()
    diff_start: int = -1
    """Where the diff begins in the text; -1 if it has none."""


def find_diff(text: str) -> int:
    """Where a diff begins in a text; -1 if it has none."""
    match = DIFF_START.search(text)
    return match.start() if match else -1


def read_body(message: email.message.Message) -> BodyText:
    """The text of a mail: its plain text, and the patches attached to it if that has no diff. Never raises."""
    faults: list[tuple[str, bool]] = []
    plain, patches, html = [], [], False
    for part in _parts(message):
        kind = part.get_content_type()
        if _is_patch(part, kind):
            patches.append(_decode(part, faults))
        elif kind == "text/plain" and part.get_content_disposition() != "attachment":
            plain.append(_decode(part, faults))
        elif kind == "text/html":
            html = True
    text = "\n".join(block.rstrip("\n") + "\n" for block in plain) if len(plain) > 1 else "".join(plain)
    if patches and not DIFF_START.search(text):
        blocks = [text.rstrip("\n") + "\n", *patches] if text.strip() else patches
        text = "\n".join(block.removesuffix("\n") + "\n" for block in blocks)
        faults.append(("the patch is an attachment; read as if it stood in the mail", False))
    if not text.strip() and html:
        faults.append(("the mail is HTML only, its text is not read; ask the sender for plain text", True))
    text = _undo_quoting(text, faults)
    return BodyText(text=text, faults=tuple(dict.fromkeys(faults)), diff_start=find_diff(text))


def _parts(message: email.message.Message) -> Iterator[email.message.Message]:
    """The leaves of a mail, bounded; mails inside it are not entered."""
    waiting, seen = [message], 0
    while waiting and seen < _MAX_PARTS:
        part = waiting.pop()
        seen += 1
        payload = part.get_payload()
        if part.get_content_maintype() == "message" and part is not message:
            continue
        if isinstance(payload, list):
            waiting.extend(inner for inner in reversed(payload) if isinstance(inner, email.message.Message))
        else:
            yield part


def _is_patch(part: email.message.Message, kind: str) -> bool:
    if kind in _PATCH_TYPES:
        return True
    if part.get_content_disposition() is None and kind == "text/plain":
        return False
    try:
        name = part.get_filename() or ""
    except (ValueError, LookupError, TypeError):
        return False
    return name.lower().endswith(_PATCH_NAMES)


def _decode(part: email.message.Message, faults: list[tuple[str, bool]]) -> str:
    try:
        data = part.get_payload(decode=True)
    except (ValueError, LookupError, RecursionError):
        data = None
    text = _decode_bytes(data if isinstance(data, bytes) else b"", _charset(part), faults)
    text = _plain_line_ends(text)
    if str(part.get_param("format", "")).lower() == "flowed" and is_stuffed(text):
        faults.append(("the mail was sent as format=flowed; its spaces and line breaks were restored", False))
        text = unflow(text, delsp=str(part.get_param("delsp", "")).lower() == "yes")
    return text


def _charset(part: email.message.Message) -> str:
    try:
        return part.get_content_charset() or "utf-8"
    except (ValueError, LookupError, TypeError):
        return "utf-8"


def _decode_bytes(data: bytes, charset: str, faults: list[tuple[str, bool]]) -> str:
    """Declared charset, else UTF-8, else Latin-1, which never fails: as git mailinfo guesses."""
    for name in (charset, "utf-8"):
        try:
            return data.decode(name)
        except (ValueError, LookupError):
            continue
    faults.append((f"the text is not {charset[:40]} as the mail says, nor UTF-8; read as Latin-1, check names", False))
    return data.decode("latin-1")


def _plain_line_ends(text: str) -> str:
    """\\n for the \\r\\n of the transport. A \\r that belongs to a line of a diff stays: there the others have none."""
    if "\r" not in text:
        return text
    match = DIFF_START.search(text)
    if match is None:
        return text.replace("\r\n", "\n")
    lines = text[match.start() :].split("\n")
    heads = [line for line in lines if line.startswith(("diff --git ", "@@ ", "--- ", "+++ "))]
    damaged = sum(line.endswith("\r") for line in heads)
    return text.replace("\r\n", "\n") if damaged * 2 > len(heads) else text


def _undo_quoting(text: str, faults: list[tuple[str, bool]]) -> str:
    """Decode quoted-printable that the mail does not declare: a list server that dropped the header."""
    match = DIFF_START.search(text)
    if match is None or not _STILL_QUOTED.search(text, match.start()):
        return text
    if _PLAIN_EQUALS.search(text, match.start()):
        return text
    faults.append(("the diff was still quoted-printable; decoded, check it against the list archive", False))
    return _decode_bytes(quopri.decodestring(text.encode()), "utf-8", faults)
