# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What a reader sees of a thread: revisions, parts, changelogs, follow-ups."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from reviewtool.mail.errors import MailError
from reviewtool.mail.source import read_thread, read_threads, select_series

Saved = Callable[..., str]


def test_revisions_with_a_missing_patch(mails: Any, saved: Saved) -> None:
    thread = read_thread(saved(*mails.series()))
    assert [series.revision for series in thread.series] == [1, 2]
    first, second = thread.series
    assert first.subject == "widget: locking"
    assert first.author.email == "alice@example.org"
    assert first.base_commit == "ab" * 20
    assert second.base_commit == ""
    assert [patch and patch.subject for patch in second.patches] == ["widget: step 1", None, "widget: step 3"]
    assert second.expected == 3
    assert thread.newest() is second
    assert thread.troubles == ()


def test_patch_text_is_cut_like_git_does(mails: Any, saved: Saved) -> None:
    changelog = (
        "From: Carol <carol@example.org>\nSubject: [PATCH] widget: count\n users\n\nCount users.\n\n"
        'Fixes: 0123456789ab ("widget: start")\nLink: https://example.org/1\n\nCc: stable@example.org # 6.1\n'
        "Signed-off-by: Carol <carol@example.org>\n"
    )
    patch = read_thread(saved(mails.patch("", "widget: x", mid="a@x", changelog=changelog))).newest().patches[0]
    assert patch is not None
    assert patch.number == 1
    assert patch.subject == "widget: count users"
    assert patch.changelog.startswith("Count users.\n\nFixes:")
    assert patch.changelog.endswith("<carol@example.org>")
    assert patch.mail.body.split("\n")[patch.changelog_line - 1] == "Count users."
    assert patch.notes == " virt/widget.c | 1 +\n 1 file changed, 1 insertion(+)"
    assert [trailer.key for trailer in patch.trailers] == ["Fixes", "Link", "Cc", "Signed-off-by"]


def test_lines_of_hunks_know_their_line_of_the_mail(mails: Any, saved: Saved) -> None:
    patch = read_thread(saved(mails.patch("", "widget: x", mid="a@x"))).newest().patches[0]
    assert patch is not None
    (file,) = patch.files
    (hunk,) = file.hunks
    assert (file.new_path, file.old_blob, file.new_blob) == ("virt/widget.c", "1111111", "2222222")
    assert file.text == mails.hunk
    assert hunk.heading == "int widget_create(struct widget *w)"
    assert [(line.kind, line.old, line.new) for line in hunk.lines][2:5] == [(" ", 12, 12), ("+", 0, 13), (" ", 13, 14)]
    body = patch.mail.body.split("\n")
    assert [body[line.body_line - 1] for line in hunk.lines] == [line.kind + line.text for line in hunk.lines]


def test_follow_ups_stand_at_the_line_that_they_quote(mails: Any, saved: Saved) -> None:
    first = read_thread(saved(*mails.series())).series[0]
    (reply,) = first.follow_ups
    assert reply.patch == 2
    assert [trailer.value for trailer in reply.trailers] == ["Bob <bob@example.org>"]
    question, fine = reply.comments
    assert (question.text, question.anchor.path, question.anchor.new) == ("Who decrements it?", "virt/two.c", 13)
    assert (fine.text, fine.anchor.old, fine.anchor.new) == ("Fine.", 13, 14)


@pytest.mark.parametrize(
    ("quote", "new"),
    [
        ("> +\tw->users++;\n> [...]\n", 13),
        ("> >  \tret = widget_start(w);\n> > \tif (ret)\n", 15),
        (">  \tmutex_lock(&w->\n> lock);\n", 12),
        ("> >> +\tw->users++;\n> >\n> > Why is that?\n>\n", 13),
        ("> @@ -10,6 +10,7 @@ int widget_create(struct widget *w)\n", 0),
    ],
)
def test_quotes_are_found_though_mailers_change_them(mails: Any, saved: Saved, quote: str, new: int) -> None:
    patch = mails.patch("", "widget: x", mid="a@x")
    reply = mails.mail("Re: [PATCH] widget: x", f"{quote}\nHm.\n", mid="b@x", reply_to="a@x", day=6)
    (follow_up,) = read_thread(saved(patch, reply)).newest().follow_ups
    (comment,) = follow_up.comments
    assert (comment.text, comment.anchor.path, comment.anchor.new) == ("Hm.", "virt/widget.c", new)
    assert comment.anchor.body_line > 0


def test_the_equal_line_counts_whose_surroundings_are_quoted(mails: Any, saved: Saved) -> None:
    second = mails.hunk.split("@@ -10")[1].replace(",6 +10,7", "-40,6 +41,7").replace("mutex_lock", "spin_lock")
    second = "@@ -40,6 +41,7 @@" + second.split("@@", 1)[1]
    patch = mails.patch("", "widget: x", mid="a@x", diff=mails.hunk + second)
    reply = mails.mail("Re: x", "> \tspin_lock(&w->lock);\n> +\tw->users++;\nHm.\n", mid="b@x", reply_to="a@x")
    comment = read_thread(saved(patch, reply)).newest().follow_ups[0].comments[0]
    assert comment.anchor.new == 44


def test_a_reply_to_a_reply_is_about_the_same_line(mails: Any, saved: Saved) -> None:
    patch = mails.patch("", "widget: x", mid="a@x")
    one = mails.mail("Re: x", "> +\tw->users++;\n\nWho decrements it then?\n", mid="b@x", reply_to="a@x", day=6)
    two = mails.mail("Re: x", "> Who decrements it then?\n\nThe destructor.\n", mid="c@x", reply_to="b@x", day=7)
    series = read_thread(saved(patch, two, one)).newest()
    assert [follow_up.mail.message_id for follow_up in series.follow_ups] == ["b@x", "c@x"]
    assert series.follow_ups[1].patch == 1
    assert series.follow_ups[1].comments[0].anchor == series.follow_ups[0].comments[0].anchor
    assert series.follow_ups[1].comments[0].anchor.new == 13


def test_a_bot_without_re_is_a_follow_up(mails: Any, saved: Saved) -> None:
    patch = mails.patch("", "widget: x", mid="a@x")
    bot = mails.mail("[widget:next 3/4] virt/widget.c:13: warning: x", "Report.\n", mid="b@x", reply_to="a@x")
    thread = read_thread(saved(patch, bot))
    assert not thread.troubles
    series = thread.newest()
    assert [follow_up.mail.message_id for follow_up in series.follow_ups] == ["b@x"]


def test_another_series_in_the_thread_is_named_not_mixed_in(mails: Any, saved: Saved) -> None:
    other = mails.patch(
        "", "widget: rather do this", mid="o@x", reply_to="p12@x", sender="Dan <dan@example.org>", day=9
    )
    path = saved(*mails.series(), other)
    thread = read_thread(path)
    assert [series.revision for series in thread.series] == [1, 2]
    (trouble,) = thread.troubles
    assert trouble.message_id == "o@x"
    assert not trouble.fatal
    assert [follow_up.patch for follow_up in thread.series[0].follow_ups] == [2, 2]
    assert read_thread(f"{path}#o@x").newest().subject == "widget: rather do this"


def test_a_part_sent_again(mails: Any, saved: Saved) -> None:
    reroll = mails.patch("v1.1 2/3", "widget: step 2, better", mid="q@x", reply_to="p12@x", day=6)
    extra = mails.patch("4/3", "widget: one more", mid="e@x", reply_to="c1@x", day=6)
    first = read_thread(saved(*mails.series()[:4], reroll, extra)).newest()
    assert [patch and patch.mail.message_id for patch in first.patches] == ["p11@x", "q@x", "p13@x", "e@x"]


def test_patches_that_answer_those_they_replace_take_the_rest(mails: Any, saved: Saved) -> None:
    second = mails.patch("v2 2/3", "widget: step 2", mid="q@x", reply_to="p12@x", day=7)
    newest = read_thread(saved(*mails.series()[:4], second)).newest()
    assert newest.revision == 2
    assert [patch and patch.mail.message_id for patch in newest.patches] == ["p11@x", "q@x", "p13@x"]


def test_revisions_sent_as_threads_of_their_own_belong_together(mails: Any, saved: Saved) -> None:
    parts = [part.replace(b"In-Reply-To: <c1@x>\nReferences: <c1@x>\n", b"") for part in mails.series()[5:6]]
    thread = read_thread(saved(*mails.series()[:4], *parts, *mails.series()[6:]))
    assert [series.revision for series in thread.series] == [1, 2]


def test_a_source_with_several_threads(mails: Any, saved: Saved) -> None:
    one, two = mails.patch("", "widget: x", mid="a@x"), mails.patch("", "gadget: y", mid="b@x")
    path = saved(one, two)
    with pytest.raises(MailError, match=r"2 threads.*#MESSAGE-ID.*a@x, b@x"):
        read_thread(path)
    assert [thread.newest().subject for thread in read_threads(path)] == ["widget: x", "gadget: y"]
    assert read_thread(f"{path}#b@x").newest().subject == "gadget: y"


def test_asking_for_a_revision(mails: Any, saved: Saved) -> None:
    path = saved(*mails.series())
    assert select_series(read_thread(path, revision=1), 1).revision == 1
    with pytest.raises(MailError, match=r"no revision 7 .* v1, v2"):
        read_thread(path, revision=7)


def test_importing_needs_neither_b4_nor_liblore() -> None:
    code = (
        "import sys, reviewtool.mail.source, reviewtool.mail.gitrange;"
        "print([name for name in ('b4', 'liblore', 'requests') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_sixty_patches_with_three_hundred_mails_are_quick(mails: Any, saved: Saved) -> None:
    raw = [mails.mail("[PATCH 0/60] widget", "Plan.\n", mid="c@x")]
    for number in range(1, 61):
        diff = "".join(mails.hunk.replace("widget.c", f"w{number}-{part}.c") for part in range(5))
        raw.append(mails.patch(f"{number}/60", f"widget: {number}", mid=f"p{number}@x", reply_to="c@x", diff=diff))
        raw += [
            mails.mail(
                f"Re: [PATCH {number}/60] widget: {number}",
                "".join(f"> {line}\n" for line in diff.split("\n")) + "\nAck.\n",
                mid=f"r{number}-{reply}@x",
                reply_to=f"p{number}@x",
                day=6 + reply,
            )
            for reply in range(4)
        ]
    path = saved(*raw)
    read_thread(path)
    start = time.perf_counter()
    series = read_thread(path).newest()
    spent = time.perf_counter() - start
    assert len(series.patches) == 60
    assert len(series.follow_ups) == 240
    assert spent < 5, "far above what any machine needs"
