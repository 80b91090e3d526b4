# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""From the patches of a series to what a tree can apply, and from what became of them to the report's lines."""

from __future__ import annotations

from reviewtool.mail.model import FileDiff, Patch, Series
from reviewtool.review.model import PatchResult
from reviewtool.tree.change import Change, FileChange
from reviewtool.tree.model import Application


def changes_of(series: Series) -> tuple[Change, ...]:
    """The series as changes for a tree, one per patch, missing ones included."""
    return tuple(_change(number, patch) for number, patch in enumerate(series.patches, 1))


def _change(number: int, patch: Patch | None) -> Change:
    if patch is None:
        return Change(number=number, missing=True)
    return Change(number=number, files=tuple(_file(diff) for diff in patch.files))


def _file(diff: FileDiff) -> FileChange:
    return FileChange(
        old_path=diff.old_path,
        new_path=diff.new_path,
        old_blob=diff.old_blob,
        new_blob=diff.new_blob,
        text=diff.text,
    )


def touched(series: Series) -> tuple[str, ...]:
    """The paths that the series changes, sorted."""
    paths = {
        path
        for patch in series.patches
        if patch is not None
        for diff in patch.files
        for path in (diff.old_path, diff.new_path)
    }
    return tuple(sorted(path for path in paths if path))


def result_of(application: Application, patch: Patch | None) -> PatchResult:
    """What the report says of a patch."""
    reason = application.reason
    if not reason and application.rejections:
        first = application.rejections[0]
        where = f"{first.path}, hunk {first.hunk}" if first.hunk else first.path
        more = f" (and {len(application.rejections) - 1} more)" if len(application.rejections) > 1 else ""
        reason = f"{where}: {first.reason}{more}"
    if not reason and application.merged:
        reason = f"merged three-way: {', '.join(application.merged)}"
    return PatchResult(
        number=application.number,
        subject=patch.subject if patch is not None else "",
        message_id=patch.mail.message_id if patch is not None else "",
        applied=application.applied,
        reason=reason,
    )
