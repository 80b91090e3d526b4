# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Lines of a pasted log without what mail and the log put before them; and the shapes of locks and stack frames."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reviewtool.changelog.lockdep import Frame, ReportLock

LONGEST: Final = 400
"""Characters of a line that are looked at."""
WRAPPED: Final = 2
"""Lines that one lock may be wrapped to, beside its first."""

_QUOTE: Final = re.compile(r"(?:\s{0,3}[>|]){1,12} ?")
_LOG: Final = re.compile(
    r"""\s{0,60}(?:
        (?:[A-Z][a-z]{2}\s{1,2}\d{1,2}|\d{4}-\d\d-\d\dT)\s?[\d:.+Z]{5,30}\s(?:\S{1,60}\s)?(?:kernel:)?\s?
    )?(?:<\d{1,2}>)?
    \[\s{0,8}\d{1,8}\.\d{3,9}\](?:\s?\[\s{0,6}[TC]\d{1,8}\])?:?\s?(?:\d{3}:\s)?""",
    re.X,
)
_SYSLOG: Final = re.compile(r"[A-Z][a-z]{2}\s{1,2}\d{1,2} [\d:]{8} \S{1,60} kernel: ?")
_USAGE: Final = re.compile(
    r"\)\s?\{(?P<usage>[.+?\-]{2,10})\}(?:-\{(?P<outer>\d{1,2}):(?P<inner>\d{1,2})\})?(?P<at>,\s{1,3}at:)?"
)
_ADDRESS: Final = re.compile(r"(?P<address>(?:0x)?[0-9a-f]{6,16}|\(?_*ptrval_*\)?|\(null\))\s{0,3}\Z")
_CLASS: Final = re.compile(
    r"(?P<name>.*?)(?:#(?P<number>\d{1,5}))?(?:/(?P<sub>\d{1,3}))?(?:\[[^\[\]]{0,60}\])?\Z", re.S
)
_FRAME: Final = re.compile(
    r"\s{0,60}(?:\[<[0-9a-f]{0,20}>\]\s{1,3})?(?P<doubt>\?\s)?(?:\[<[0-9a-f]{0,20}>\]\s{1,3})?"
    r"(?P<function>[A-Za-z_][\w.$]{0,99})\+0x(?P<offset>[0-9a-f]{1,8})/0x[0-9a-f]{1,8}(?:\s{1,2}\[(?P<module>[\w-]{1,60})[^\]]{0,60}\])?"
)
_DECODED: Final = re.compile(
    r"\s{0,60}(?P<doubt>\?\s)?(?P<function>[A-Za-z_][\w.]{0,99})\s\((?P<place>[\w./-]{1,160}:\d{1,7})"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A cleaned line; its indentation is kept."""

    number: int
    text: str


def cleaned(text: str, first: int = 1) -> list[Line]:
    """The lines of a text without quotation marks, time stamps and syslog prefixes."""
    found = []
    for number, raw in enumerate(text.split("\n"), first):
        line = raw[:LONGEST].expandtabs(8)
        quoted = _QUOTE.match(line)
        if quoted:
            line = line[quoted.end() :]
        stamp = _LOG.match(line) or _SYSLOG.match(line)
        if stamp:
            line = line[stamp.end() :]
        found.append(Line(number, line.rstrip()))
    return found


def read_lock(lines: Sequence[Line], at: int) -> tuple[ReportLock, int] | None:
    """The lock that begins at a line, and how many lines it takes; None if there is none."""
    text = ""
    for count in range(WRAPPED + 1):
        if at + count >= len(lines):
            break
        piece = lines[at + count].text.strip()
        if count and (not piece or piece.startswith("->")):
            break
        text = f"{text} {piece}".strip()
        lock = lock_in(text)
        if lock is not None:
            cut = lock.at is None and text.rstrip().endswith("at:")
            return (lock, count + 1) if not cut else _finished(lines, at + count + 1, lock, count + 1)
    return None


def _finished(lines: Sequence[Line], at: int, lock: ReportLock, count: int) -> tuple[ReportLock, int]:
    """A lock whose symbol stands on the next line."""
    frame = read_frame(lines[at].text) if at < len(lines) else None
    if frame is None:
        return lock, count
    return ReportLock(
        name=lock.name, subclass=lock.subclass, number=lock.number, usage=lock.usage, outer=lock.outer,
        inner=lock.inner, address=lock.address, at=frame,
    ), count + 1  # fmt: skip


def lock_in(text: str) -> ReportLock | None:
    """The first lock of a text: `ffff888 (&kvm->lock){+.+.}-{4:4}, at: f+0x1/0x2`."""
    usage = _USAGE.search(text)
    if usage is None:
        return None
    before = text[: usage.start()]
    opening = _opening(before)
    if opening < 0:
        return None
    address = _ADDRESS.search(before[:opening])
    return ReportLock(
        **_class(before[opening + 1 :]),  # type: ignore[arg-type]
        usage=usage["usage"],
        outer=int(usage["outer"]) if usage["outer"] else None,
        inner=int(usage["inner"]) if usage["inner"] else None,
        address=address["address"] if address else "",
        at=read_frame(text[usage.end() :]) if usage["at"] else None,
    )


def _opening(text: str) -> int:
    """Where the parenthesis opens that the class stands in: the matching one, else the first."""
    depth = 0
    for index in range(len(text) - 1, -1, -1):
        if text[index] == ")":
            depth += 1
        elif text[index] == "(":
            if depth == 0:
                return index
            depth -= 1
    return text.find("(")


def _class(text: str) -> dict[str, object]:
    match = _CLASS.match(" ".join(text.split()))
    assert match is not None
    return {"name": match["name"], "number": int(match["number"] or 0), "subclass": int(match["sub"] or 0)}


def named(text: str) -> ReportLock:
    """A lock of which only the class's text is given."""
    return ReportLock(**_class(text))  # type: ignore[arg-type]


def read_frame(text: str) -> Frame | None:
    """A line of a stack; None if it is none."""
    match = _FRAME.match(text)
    if match is not None:
        return Frame(
            function=match["function"], offset=int(match["offset"], 16), reliable=not match["doubt"],
            module=match["module"] or "",
        )  # fmt: skip
    match = _DECODED.match(text)
    if match is not None:
        return Frame(function=match["function"], reliable=not match["doubt"], place=match["place"])
    return None
