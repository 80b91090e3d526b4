# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Mails in the shape of real ones, of our own writing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

HUNK = """\
diff --git a/virt/widget.c b/virt/widget.c
index 1111111..2222222 100644
--- a/virt/widget.c
+++ b/virt/widget.c
@@ -10,6 +10,7 @@ int widget_create(struct widget *w)
 \tint ret;
\x20
 \tmutex_lock(&w->lock);
+\tw->users++;
 \tret = widget_start(w);
 \tif (ret)
 \t\tgoto out;
"""

SIGNATURE = "-- \n2.39.2\n"
FOOTER = "_______________________________________________\nwidget mailing list\nwidget@lists.example.org\n"


class MailMaker:
    """Builds raw mails and mboxes."""

    hunk = HUNK
    footer = FOOTER

    def mail(
        self,
        subject: str,
        body: str,
        *,
        mid: str,
        reply_to: str = "",
        sender: str = "Alice Author <alice@example.org>",
        day: int = 5,
        headers: str = "",
    ) -> bytes:
        """One raw mail."""
        answers = f"In-Reply-To: <{reply_to}>\nReferences: <{reply_to}>\n" if reply_to else ""
        if "content-type" not in headers.lower():
            headers += "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
        return (
            f"From: {sender}\nTo: widget@lists.example.org\nCc: Bob <bob@example.org>, kvm@example.org\n"
            f"Subject: {subject}\nDate: Mon, {day:02} Jan 2026 12:00:00 +0000\nMessage-ID: <{mid}>\n"
            f"{answers}MIME-Version: 1.0\n{headers}\n{body}"
        ).encode()

    def patch(
        self, number: str, title: str, *, mid: str, diff: str = HUNK, changelog: str = "", **more: object
    ) -> bytes:
        """A patch mail: `number` is what stands in the brackets after PATCH."""
        changelog = changelog or f"Explain {title}.\n\nSigned-off-by: Alice Author <alice@example.org>\n"
        body = f"{changelog}---\n virt/widget.c | 1 +\n 1 file changed, 1 insertion(+)\n\n{diff}{SIGNATURE}\n{FOOTER}"
        return self.mail(f"[PATCH{number and ' '}{number}] {title}", body, mid=mid, **more)  # type: ignore[arg-type]

    def mbox(self, *mails: bytes) -> bytes:
        """An mbox in mboxrd."""
        out = b""
        for mail in mails:
            lines = [b">" + line if line.lstrip(b">").startswith(b"From ") else line for line in mail.split(b"\n")]
            out += b"From mboxrd@z Thu Jan  1 00:00:00 1970\n" + b"\n".join(lines).rstrip(b"\n") + b"\n\n"
        return out

    def series(self) -> list[bytes]:
        """Two revisions: v1 with a cover letter and three patches, v2 in reply to it without patch 2; replies."""
        diffs = [HUNK.replace("widget.c", f"{name}.c") for name in ("one", "two", "three")]
        out = [self.mail("[PATCH 0/3] widget: locking", "The plan.\n\nbase-commit: " + "ab" * 20, mid="c1@x")]
        out += [
            self.patch(f"{n}/3", f"widget: step {n}", mid=f"p1{n}@x", reply_to="c1@x", diff=diffs[n - 1])
            for n in (1, 2, 3)
        ]
        out.append(
            self.mail(
                "Re: [PATCH 2/3] widget: step 2",
                "On Mon, Jan 5, 2026, Alice Author wrote:\n> \tmutex_lock(&w->lock);\n> +\tw->users++;\n\n"
                "Who decrements it?\n\n> \tret = widget_start(w);\n\nFine.\n\nReviewed-by: Bob <bob@example.org>\n",
                mid="r1@x",
                reply_to="p12@x",
                sender="Bob <bob@example.org>",
                day=6,
            )
        )
        out.append(self.mail("[PATCH v2 0/3] widget: locking", "Again.\n", mid="c2@x", reply_to="c1@x", day=8))
        out += [
            self.patch(f"v2 {n}/3", f"widget: step {n}", mid=f"p2{n}@x", reply_to="c2@x", day=8, diff=diffs[n - 1])
            for n in (1, 3)
        ]
        return out


@pytest.fixture
def mails() -> MailMaker:
    """A builder of mails."""
    return MailMaker()


@pytest.fixture
def saved(tmp_path: Path, mails: MailMaker) -> Callable[..., str]:
    """`saved(mail, ...)`: the path of an mbox with these mails."""

    def save(*raw: bytes) -> str:
        path = tmp_path / "thread.mbox"
        path.write_bytes(mails.mbox(*raw))
        return str(path)

    return save
