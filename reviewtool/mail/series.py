# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A discussion's mails into a Thread: series with their patches, and follow-ups at the lines that they quote."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Sequence
from dataclasses import replace

from reviewtool.mail.anchors import PatchLines, line_key
from reviewtool.mail.diff import read_diff
from reviewtool.mail.drafts import Draft, make_drafts
from reviewtool.mail.lineage import Lineage, find_lineage
from reviewtool.mail.message import ReadMail
from reviewtool.mail.model import Anchor, FileDiff, FollowUp, Patch, Series, Thread, Trouble
from reviewtool.mail.parents import Owners
from reviewtool.mail.patchtext import base_commit, change_id, read_patch_text
from reviewtool.mail.quotes import read_reply
from reviewtool.mail.subject import read_subject

_OTHER = "another series in the thread, not read; review it by its message-id"


def build_thread(source: str, mails: Sequence[ReadMail], wanted: str = "") -> Thread | None:
    """The Thread of one discussion; None if it has no patch.

    If the discussion has several series, the one that the message-id `wanted` belongs to is taken, else the first;
    patches of the others become follow-ups, with a Trouble that names them.
    """
    mails = list({mail.mail.message_id: mail for mail in reversed(mails)}.values())[::-1]
    drafts = [draft for draft in make_drafts(mails) if any(draft.mails)]
    if not drafts:
        return None
    owners = Owners(mails, drafts)
    main = (owners.draft_of(wanted) if wanted else None) or drafts[_first(drafts, mails)]
    lineage = find_lineage(drafts, main)
    troubles = list(lineage.troubles)
    troubles.extend(other.first.trouble(_OTHER, fatal=False) for other in lineage.others)
    series = tuple(_build(draft, troubles) for draft in lineage.revisions)
    series = _with_follow_ups(series, lineage, mails, Owners(mails, lineage.revisions), troubles)
    return Thread(source=source, series=series, troubles=tuple(dict.fromkeys(troubles)))


def _first(drafts: Sequence[Draft], mails: Sequence[ReadMail]) -> int:
    """The draft whose first mail comes first: by date, then as given."""
    order = {mail.mail.message_id: position for position, mail in enumerate(mails)}

    def when(index: int) -> tuple[bool, float, int]:
        first = drafts[index].first.mail
        stamp = first.date.timestamp() if first.date else 0.0
        return (bool(first.in_reply_to) and first.in_reply_to in order, stamp, order.get(first.message_id, 0))

    return min(range(len(drafts)), key=when)


def _build(draft: Draft, troubles: list[Trouble]) -> Series:
    patches = {number: _patch(number, mail, troubles) for number, mail in sorted(draft.mails.items())}
    bodies = [mail.mail.body for _number, mail in sorted(draft.mails.items())]
    first = patches[min(patches)]
    return Series(
        revision=draft.revision,
        expected=draft.expected,
        subject=first.subject,
        author=first.mail.author,
        cover=patches.get(0),
        patches=tuple(patches.get(number) for number in range(1, draft.expected + 1)),
        base_commit=next(filter(None, map(base_commit, bodies)), ""),
        change_id=next(filter(None, map(change_id, bodies)), ""),
    )


def _patch(number: int, mail: ReadMail, troubles: list[Trouble]) -> Patch:
    body = mail.mail.body
    text = read_patch_text(body, mail.body.diff_start if number else -1)
    troubles.extend(mail.troubles())
    files: tuple[FileDiff, ...] = ()
    if number and mail.body.diff_start >= 0:
        diff = read_diff(body, mail.body.diff_start)
        files = diff.files
        troubles.extend(
            mail.trouble(fault.reason, path=fault.path, hunk=fault.hunk, fatal=fault.fatal) for fault in diff.faults
        )
    elif number and not any(fatal for _reason, fatal in mail.body.faults):
        troubles.append(mail.trouble("no diff in this patch; look at the mail, or ask for it again as plain text"))
    subject = read_subject(text.subject).text if text.subject else ""
    return Patch(
        number=number,
        mail=mail.mail,
        subject=subject or mail.subject.text,
        changelog=text.changelog,
        changelog_line=text.changelog_line,
        notes=text.notes,
        trailers=text.trailers,
        files=files,
    )


def _with_follow_ups(
    series: tuple[Series, ...],
    lineage: Lineage,
    mails: Sequence[ReadMail],
    owners: Owners,
    troubles: list[Trouble],
) -> tuple[Series, ...]:
    """The series with the mails that are none of their patches, each at the patch that it answers, by date."""
    own = {mail.mail.message_id for draft in lineage.revisions for mail in draft.mails.values()}
    lines: dict[tuple[int, int], PatchLines | None] = {}
    said: dict[str, dict[str, Anchor]] = {}
    found: dict[int, list[FollowUp]] = {position: [] for position in range(len(series))}
    for mail in sorted((mail for mail in mails if mail.mail.message_id not in own), key=_when):
        position, number = owners.place_of(mail) or (len(series) - 1, 0)
        if (position, number) not in lines:
            patch = series[position].cover if number == 0 else series[position].patches[number - 1]
            lines[position, number] = PatchLines(patch.mail.body, patch.files) if patch else None
        above = ChainMap(*(said[parent] for parent in mail.parents if parent in said))
        comments, trailers = read_reply(mail.mail.body, lines[position, number], above)
        said[mail.mail.message_id] = {
            line_key(line): comment.anchor
            for comment in comments
            if comment.anchor.body_line
            for line in comment.text.split("\n")
        }
        found[position].append(FollowUp(mail=mail.mail, patch=number, comments=comments, trailers=trailers))
        troubles.extend(trouble for trouble in mail.troubles() if trouble.fatal)
    return tuple(replace(one, follow_ups=tuple(found[position])) for position, one in enumerate(series))


def _when(mail: ReadMail) -> float:
    return mail.mail.date.timestamp() if mail.mail.date else 0.0
