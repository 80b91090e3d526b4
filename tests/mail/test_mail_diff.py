# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Damaged, hostile and unusual diffs: reported by mail, file and hunk; the good files of a mail stay."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from reviewtool.mail.model import Thread
from reviewtool.mail.source import read_thread

Saved = Callable[..., str]
GOOD = """\
diff --git a/good.c b/good.c
index 1111111..2222222 100644
--- a/good.c
+++ b/good.c
@@ -1,2 +1,3 @@
 one
+two
 three
"""


def read(mails: Any, saved: Saved, diff: str) -> Thread:
    return read_thread(saved(mails.patch("", "widget: x", mid="a@x", diff=diff)))


def names(thread: Thread) -> list[tuple[str, str]]:
    patch = thread.newest().patches[0]
    assert patch is not None
    return [(file.old_path, file.new_path) for file in patch.files]


BROKEN = {
    "wrapped": ("+\tw->users++;\n", "+\tw->users\n++;\n", 1, "does not fit the counts"),
    "wrapped, the rest looks like text": ("+\tw->users++;\n", "+\tw->\nusers++;\n", 1, "no line of a diff"),
    "wrapped, the rest looks like context": ("+\tw->users++;\n", "+\tw->\n users++;\n", 1, "after its last line"),
    "wrapped header": (
        " int widget_create(struct widget *w)\n",
        " int\n widget_create(struct widget *w)\n",
        1,
        "after its",
    ),
    "truncated": (" \t\tgoto out;\n", "", 1, "truncated"),
    "signature in place of a line": ("@@ -10,6 +10,7 @@", "@@ -10,7 +10,7 @@", 1, "truncated: the signature"),
    "no-break space": (" \tmutex_lock", "\xa0\tmutex_lock", 1, "no-break space"),
    "quoted": ("+\tw->users++;", "> +\tw->users++;", 1, "quoted"),
    "counts": ("@@ -10,6 +10,7 @@", "@@ -10,6 +10,6 @@", 1, "does not fit the counts"),
    "damaged hunk header": ("@@ -10,6 +10,7 @@", "@@ -10,6 +10,99999999999 @@", 1, "damaged hunk header"),
    "combined": ("diff --git a/virt/widget.c b/virt/widget.c", "diff --cc virt/widget.c", 0, "combined diff"),
    "absolute": ("b/virt/widget.c", "b//etc/passwd", 0, "absolute"),
    "climbing": ("b/virt/widget.c", "b/virt/../../x", 0, "leaves the tree"),
    "git directory": ("b/virt/widget.c", "b/virt/.Git/config", 0, "inside a .git"),
    "control character": ("b/virt/widget.c", "b/virt/wid\x1b[2Jget.c", 0, "control or bidirectional"),
    "quoted control character": ("b/virt/widget.c", '"b/virt/wid\\033get.c"', 0, "control or bidirectional"),
    "bidirectional": ("b/virt/widget.c", "b/virt/\u202ec.tegdiw", 0, "control or bidirectional"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_reported_and_the_good_one_stays(mails: Any, saved: Saved, case: str) -> None:
    old, new, hunk, reason = BROKEN[case]
    assert old in mails.hunk
    thread = read(mails, saved, GOOD + mails.hunk.replace(old, new))
    assert names(thread) == [("good.c", "good.c")]
    fatal = [trouble for trouble in thread.troubles if trouble.fatal]
    assert len(fatal) == 1
    assert reason in fatal[0].reason
    assert fatal[0].hunk == hunk
    assert fatal[0].message_id == "a@x"
    assert fatal[0].path.isprintable()
    assert fatal[0].path != "good.c"


def test_a_rename_cannot_carry_another_name(mails: Any, saved: Saved) -> None:
    diff = "diff --git a/a.c b/b.c\nsimilarity index 100%\nrename from a.c\nrename to ../../etc/x\n"
    thread = read(mails, saved, diff + GOOD)
    assert names(thread) == [("good.c", "good.c")]
    assert thread.troubles[0].fatal


CHANGES = {
    "new": (
        "new file mode 100644\nindex 0000000..2222222\n--- /dev/null\n+++ b/n.c\n@@ -0,0 +1 @@\n+x\n",
        ("", "n.c"),
        False,
    ),
    "deleted": (
        "deleted file mode 100644\nindex 1111111..0000000\n--- a/n.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n",
        ("n.c", ""),
        False,
    ),
    "empty": ("new file mode 100644\nindex 0000000..e69de29\n", ("", "n.c"), False),
    "mode": ("old mode 100644\nnew mode 100755\n", ("n.c", "n.c"), False),
    "binary": ("index 1111111..2222222 100644\nBinary files a/n.c and b/n.c differ\n", ("n.c", "n.c"), True),
    "binary patch": (
        (
            "index 1111111..2222222 100644\nGIT binary patch\n"
            "literal 3\nKcmZQzWME(b0RR910RR91\n\nliteral 0\nHcmV?d00001\n\n"
        ),
        ("n.c", "n.c"),
        True,
    ),
    "symbolic link": (
        (
            "new file mode 120000\nindex 0000000..2222222\n--- /dev/null\n+++ b/n.c\n@@ -0,0 +1 @@\n+../x\n"
            "\\ No newline at end of file\n"
        ),
        ("", "n.c"),
        False,
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_changes_of_every_kind(mails: Any, saved: Saved, case: str) -> None:
    head, expected, binary = CHANGES[case]
    thread = read(mails, saved, f"diff --git a/n.c b/n.c\n{head}{GOOD}")
    patch = thread.newest().patches[0]
    assert patch is not None
    assert not thread.troubles
    assert names(thread) == [expected, ("good.c", "good.c")]
    assert patch.files[0].binary is binary
    assert patch.files[0].text == f"diff --git a/n.c b/n.c\n{head}"


def test_renames_copies_and_names_with_spaces(mails: Any, saved: Saved) -> None:
    diff = (
        "diff --git a/old name.c b/new.c\nsimilarity index 100%\nrename from old name.c\nrename to new.c\n"
        "diff --git a/with space.c b/with space.c\nindex 1111111..2222222 100644\n--- a/with space.c\t\n"
        "+++ b/with space.c\t\n@@ -1 +1 @@\n-a\n+b\n"
        'diff --git "a/\\303\\274.c" "b/\\303\\274.c"\nold mode 100644\nnew mode 100755\n'
    )
    thread = read(mails, saved, diff)
    assert names(thread) == [("old name.c", "new.c"), ("with space.c", "with space.c"), ("ü.c", "ü.c")]


def test_diffs_without_prefix_or_git_header_get_them(mails: Any, saved: Saved) -> None:
    bare = GOOD.replace("a/good.c b/good.c", "virt/good.c virt/good.c").replace("a/good", "virt/good")
    thread = read(mails, saved, bare.replace("b/good", "virt/good"))
    patch = thread.newest().patches[0]
    assert patch is not None
    assert names(thread) == [("virt/good.c", "virt/good.c")]
    assert "+++ b/virt/good.c\n" in patch.files[0].text
    assert [trouble.fatal for trouble in thread.troubles] == [False]
    thread = read(
        mails, saved, "--- linux.orig/good.c\t2026-01-01\n+++ linux/good.c\t2026-01-02\n@@ -1 +1 @@\n-a\n+b\n"
    )
    assert names(thread) == [("good.c", "good.c")]


def test_form_feed_and_line_separators_are_no_line_ends(mails: Any, saved: Saved) -> None:
    diff = GOOD.replace("+two", "+two\x0c\u2028\x85three")
    patch = read(mails, saved, diff).newest().patches[0]
    assert patch is not None
    assert [line.text for line in patch.files[0].hunks[0].lines] == ["one", "two\x0c\u2028\x85three", "three"]


def test_crlf_of_the_transport_goes_and_that_of_a_file_stays(mails: Any, saved: Saved, tmp_path: Any) -> None:
    mail = mails.patch("", "widget: x", mid="a@x", diff=GOOD)
    path = tmp_path / "crlf.eml"
    path.write_bytes(mail.replace(b"\n", b"\r\n"))
    thread = read_thread(str(path))
    first = thread.newest().patches[0]
    assert first is not None
    assert "\r" not in first.mail.body
    assert names(thread) == [("good.c", "good.c")]
    assert not thread.troubles
    patch = read(mails, saved, GOOD.replace("two\n", "two\r\n")).newest().patches[0]
    assert patch is not None
    assert patch.files[0].hunks[0].lines[1].text == "two\r"


def test_encodings(mails: Any, saved: Saved) -> None:
    body = f"Größe\n---\n{GOOD}"
    latin = mails.mail("[PATCH] x", "", mid="a@x", headers="Content-Type: text/plain; charset=iso-8859-1\n")
    wrong = mails.mail("[PATCH] x", "", mid="a@x", headers="Content-Type: text/plain; charset=utf-8\n")
    packed = mails.mail(
        "[PATCH] =?utf-8?q?gr=C3=BCn?=",
        base64.encodebytes(body.encode()).decode(),
        mid="a@x",
        headers="Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n",
    )
    thread = None
    for raw, troubles in ((latin + body.encode("latin-1"), 0), (wrong + body.encode("latin-1"), 1), (packed, 0)):
        thread = read_thread(saved(raw))
        patch = thread.newest().patches[0]
        assert patch is not None
        assert patch.changelog == "Größe"
        assert len(patch.files) == 1
        assert [trouble.fatal for trouble in thread.troubles] == [False] * troubles
    assert thread is not None
    assert thread.newest().subject == "grün"


def test_attached_patch_html_and_undecoded_quoted_printable(mails: Any, saved: Saved) -> None:
    parts = f"--B\nContent-Type: text/plain\n\nWhy.\n\n--B\nContent-Type: text/x-patch; name=x.patch\n\n{GOOD}\n--B--\n"
    attached = mails.mail("[PATCH] x", parts, mid="a@x", headers='Content-Type: multipart/mixed; boundary="B"\n')
    thread = read_thread(saved(attached))
    patch = thread.newest().patches[0]
    assert patch is not None
    assert patch.changelog == "Why."
    assert names(thread) == [("good.c", "good.c")]
    assert "attachment" in thread.troubles[0].reason
    assert not thread.troubles[0].fatal
    html = mails.mail("[PATCH 1/2] x", "<p>diff</p>", mid="h@x", headers="Content-Type: text/html\n")
    thread = read_thread(saved(html, mails.patch("2/2", "y", mid="i@x", reply_to="h@x")))
    assert [(trouble.message_id, trouble.fatal) for trouble in thread.troubles] == [("h@x", True)]
    assert "HTML" in thread.troubles[0].reason
    quoted = GOOD.replace("+two", "+two =3D 2;").replace(" three", "=20three")
    thread = read(mails, saved, quoted)
    patch = thread.newest().patches[0]
    assert patch is not None
    assert [line.text for line in patch.files[0].hunks[0].lines] == ["one", "two = 2;", "three"]
    assert "quoted-printable" in thread.troubles[0].reason


def test_flowed_text_is_restored_only_where_it_was_stuffed(mails: Any, saved: Saved) -> None:
    flowed = "Content-Type: text/plain; charset=utf-8; format=flowed\n"
    plain = "Why.\n---\n" + mails.hunk
    stuffed = "\n".join(f" {line}" if line.startswith(" ") else line for line in plain.split("\n"))
    for body, troubles in ((plain, 0), (stuffed, 1)):
        thread = read_thread(saved(mails.mail("[PATCH] x", body, mid="a@x", headers=flowed)))
        patch = thread.newest().patches[0]
        assert patch is not None
        assert len(thread.troubles) == troubles
        assert patch.files[0].text == mails.hunk
