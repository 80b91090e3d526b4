# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What of a series could not be had, and whether the tree is one that it can be for."""

from __future__ import annotations

from reviewtool.mail.model import Series, Thread, Trouble
from reviewtool.tree.error import TreeError
from reviewtool.tree.model import Stack


def trouble_line(trouble: Trouble) -> str:
    """What could not be read, by its mail, file and hunk, in one line."""
    where = f", {trouble.path}" if trouble.path else ""
    hunk = f", hunk {trouble.hunk}" if trouble.hunk else ""
    return f"{trouble.subject or trouble.message_id}{where}{hunk}: {trouble.reason}"


def incomplete(series: Series, thread: Thread) -> tuple[str, ...]:
    """A line for the patches that are not in the thread, and one for each part of a patch that could not be read."""
    missing = [str(number) for number, patch in enumerate(series.patches, 1) if patch is None]
    mails = {patch.mail.message_id for patch in series.patches if patch is not None}
    lines = [trouble_line(item) for item in thread.troubles if item.fatal and item.message_id in mails]
    if missing:
        verb = "patch {} of {} is" if len(missing) == 1 else "patches {} of {} are"
        what = verb.format(", ".join(missing), series.expected)
        lines.insert(0, f"{what} not in the thread; save it again with all mails, or give its message-id")
    return tuple(lines)


def check_tree(series: Series, stack: Stack) -> None:
    """See that the base has at least one of the files that the series changes or removes.

    Raises:
        TreeError: It has none of them, so it is another project's, or not its top.
    """
    files = [file for patch in series.patches if patch is not None for file in patch.files]
    created = {file.new_path for file in files if not file.old_path}
    wanted = {file.old_path for file in files if file.old_path} - created
    base = stack.snapshots[0]
    if wanted and all(base.identity(path) is None for path in wanted):
        many = f"none of the {len(wanted)} files" if len(wanted) > 1 else "not the file"
        raise TreeError(
            f"{stack.base.label} has {many} that the series changes ({min(wanted)}); "
            "name the top of the kernel tree that it is for with --tree"
        )
