# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Every kind of SOURCE, and one clear line for each that cannot be had or read."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewtool.mail import limits, local, message
from reviewtool.mail.archive import archive_messages
from reviewtool.mail.errors import MailError
from reviewtool.mail.gitrange import range_thread
from reviewtool.mail.model import Thread
from reviewtool.mail.source import read_thread, read_threads, threads_of_archive

Saved = Callable[..., str]


def ids(thread: Thread) -> list[str]:
    return [patch.mail.message_id if patch else "" for patch in thread.newest().patches]


def make_archive(repository: Any, raw: list[bytes]) -> Path:
    """A v2 epoch: one commit for each mail, its blob at `m`."""
    for mail in raw:
        blob = (
            subprocess.run(
                ["git", "-C", repository.path, "hash-object", "-w", "--stdin"],
                input=mail,
                capture_output=True,
                check=True,
            )
            .stdout.decode()
            .strip()
        )
        repository.git("update-index", "--add", "--cacheinfo", f"100644,{blob},m")
        repository.git("commit", "-q", "-m", "mail")
    return Path(repository.path)


def test_mbox_mail_gzip_maildir_patch_directory_and_standard_input(mails: Any, saved: Saved, tmp_path: Path) -> None:
    raw = mails.series()[:4]
    path = Path(saved(*raw))
    packed = tmp_path / "thread.mbox.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    maildir, patches = tmp_path / "maildir", tmp_path / "patches"
    for folder in (maildir / "cur", maildir / "new", maildir / "tmp", patches):
        folder.mkdir(parents=True)
    for number, mail in enumerate(raw):
        (maildir / ("cur" if number % 2 else "new") / f"{number}.host:2,S").write_bytes(mail)
        (patches / f"{number:04}-x.patch").write_bytes(mail)
    for source in (path, packed, maildir, patches):
        assert ids(read_thread(str(source))) == ["p11@x", "p12@x", "p13@x"]
    assert ids(read_thread("-", stdin=path.read_bytes())) == ["p11@x", "p12@x", "p13@x"]
    assert ids(read_thread("-", stdin=raw[1])) == ["p11@x", "", ""]


@pytest.mark.parametrize("quoted", [True, False])
def test_a_line_starting_with_from_does_not_end_a_mail(mails: Any, quoted: bool) -> None:
    changelog = "Text.\n\nFrom the start it was wrong at 12:00 in 2026.\n\nFrom Eve\nthis: that\n"
    data = mails.mbox(mails.patch("", "x", mid="a@x", changelog=changelog))
    if not quoted:
        data = data.replace(b">From", b"From")
    patch = read_thread("-", stdin=data).newest().patches[0]
    assert patch is not None
    assert patch.changelog == changelog.strip()
    assert len(patch.files) == 1


def test_an_existing_path_wins_over_a_message_id(mails: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a@x").write_bytes(mails.patch("", "x", mid="other@x"))
    monkeypatch.chdir(tmp_path)
    assert ids(read_thread("a@x")) == ["other@x"]


def test_archives(mails: Any, make_repository: Any, tmp_path: Path) -> None:
    raw = mails.series()
    stray = mails.patch("", "gadget: y", mid="b@x")
    epoch = make_archive(make_repository({}, name="kvm/git/0.git"), raw[:5])
    make_archive(make_repository({}, name="kvm/git/1.git"), [*raw[5:], stray])
    whole = tmp_path / "kvm"
    assert [mail for _name, mail in archive_messages(epoch)] == raw[:5]
    assert [mail for _name, mail in archive_messages(whole)] == [*raw, stray]
    assert [mail for _name, mail in archive_messages(whole, last=2)] == [raw[-1], stray]
    assert [thread.newest().subject for thread in threads_of_archive(whole)] == ["widget: locking", "gadget: y"]
    assert [thread.newest().revision for thread in read_threads(str(whole))] == [2, 1]
    assert [series.revision for series in read_thread(f"{whole}#p21@x").series] == [1, 2]
    with pytest.raises(MailError, match="an archive of many threads"):
        read_thread(str(whole))
    with pytest.raises(MailError, match="not in this archive"):
        read_thread(f"{whole}#nobody@x")


def test_an_archive_of_the_first_layout(mails: Any, make_repository: Any) -> None:
    names = {f"{number:02x}/{number:038x}": mail for number, mail in enumerate(mails.series()[:4])}
    repository = make_repository(names, name="old")
    assert ids(read_thread(f"{repository.path}#p11@x")) == ["p11@x", "p12@x", "p13@x"]


def test_a_range_of_commits(make_repository: Any) -> None:
    repository = make_repository({"a.c": "one\n", "b.c": "one\n"})
    base = repository.git("rev-parse", "HEAD")
    repository.commit(
        {"a.c": "one\ntwo\n", ".gitattributes": "*.c diff=evil\n"},
        '[media] widget: two\n\nWhy.\n\nFixes: 0123456789ab ("x")',
    )
    repository.git("config", "diff.evil.textconv", f"touch {repository.path}/ran; cat")
    repository.git("config", "diff.external", f"touch {repository.path}/ran")
    repository.git("config", "diff.noprefix", "true")
    tip = repository.commit({"b.c": None, "c.c": "one\n"}, "rename")
    thread = range_thread(repository.path, f"{base}..")
    series = thread.newest()
    assert series.base_commit == base
    assert series.expected == 2
    assert not thread.troubles
    first, second = series.patches
    assert first is not None
    assert second is not None
    assert (first.subject, first.changelog) == ("[media] widget: two", 'Why.\n\nFixes: 0123456789ab ("x")')
    assert [trailer.key for trailer in first.trailers] == ["Fixes"]
    assert [(file.old_path, file.new_path) for file in second.files] == [("b.c", "c.c")]
    assert second.mail.message_id == f"{tip}@range"
    assert second.mail.author.email.endswith("@example.org")
    line = first.files[1].hunks[0].lines[-1]
    assert first.mail.body.split("\n")[line.body_line - 1] == "+two"
    assert not (repository.path / "ran").exists()
    applied = make_repository({"a.c": "one\n", "b.c": "one\n"}, name="again")
    for patch in (first, second):
        applied.git("apply", "--index", "-", stdin="".join(file.text for file in patch.files))
    assert applied.git("write-tree") == repository.git("rev-parse", "HEAD^{tree}")


@pytest.mark.parametrize("commits", ["nothing", "nowhere..HEAD", "HEAD..HEAD", "--output=x..HEAD", "A...B"])
def test_ranges_that_name_nothing(make_repository: Any, commits: str) -> None:
    with pytest.raises(MailError, match=r"no range|no commit"):
        range_thread(make_repository({"a.c": "one\n"}).path, commits)


def test_merges_in_a_range_are_said_to_be_left_out(make_repository: Any) -> None:
    repository = make_repository({"a.c": "one\n"})
    repository.git("checkout", "-q", "-b", "side")
    repository.commit({"b.c": "one\n"}, "side")
    repository.git("checkout", "-q", "main")
    base = repository.git("rev-parse", "HEAD")
    repository.commit({"c.c": "one\n"}, "own")
    repository.git("merge", "-q", "--no-edit", "side")
    thread = range_thread(repository.path, f"{base}..main")
    assert thread.newest().expected == 2
    assert ["1 merges" in trouble.reason for trouble in thread.troubles] == [True]


def test_what_cannot_be_read_is_one_clear_line(mails: Any, saved: Saved, tmp_path: Path) -> None:
    def expect(source: str, pattern: str, stdin: bytes | None = None) -> None:
        with pytest.raises(MailError, match=pattern) as caught:
            read_thread(source, stdin=stdin)
        text = str(caught.value)
        assert "\n" not in text
        assert source in text or source == "-"

    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "noise").write_bytes(bytes(range(256)))
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "pipe")
    expect(str(tmp_path / "empty"), "empty; save the thread again")
    expect(str(tmp_path / "noise"), "neither a mail nor an mbox")
    expect(str(tmp_path / "folder"), "neither a maildir")
    expect(str(tmp_path / "loop"), "cannot be read .*symbolic links")
    expect(str(tmp_path / "dangling"), "a symbolic link to nothing")
    expect("no-such-thing", "neither a path that exists nor a message-id")
    expect("x\0y", "neither a path")
    expect("-", "standard input: empty", b"\n\n")
    expect("https://lore.kernel.org/kvm/", "no message-id in this URL")
    expect(saved(mails.mail("Hello", "No patch.\n", mid="a@x")), "the mail has no patch")
    expect(saved(mails.mail("Re: [PATCH] x", "Fine.\n", mid="a@x", reply_to="b@x")), "only replies")
    truncated = mails.mbox(mails.patch("", "x", mid="a@x"))[:40]
    (tmp_path / "cut").write_bytes(truncated)
    expect(str(tmp_path / "cut"), "no whole mail|neither a mail")


def test_a_truncated_mbox_gives_what_can_be_had(mails: Any, tmp_path: Path) -> None:
    data = mails.mbox(*mails.series()[:4])
    path = tmp_path / "cut.mbox"
    path.write_bytes(data[: data.rindex(b"w->users")])
    thread = read_thread(str(path))
    patches = thread.newest().patches
    assert [bool(patch and patch.files) for patch in patches] == [True, True, False]
    (trouble,) = thread.troubles
    assert trouble.fatal
    assert trouble.message_id == "p13@x"
    assert "truncated" in trouble.reason


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("x")
    path.chmod(0)
    with pytest.raises(MailError, match="Permission denied"):
        read_thread(str(path))


def test_sizes_are_bounded(mails: Any, saved: Saved, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = mails.series()[:4]
    path = saved(*raw)
    monkeypatch.setattr(message, "MAX_MAIL_BYTES", len(raw[0]) + 10)
    thread = read_thread(path)
    assert [trouble.fatal for trouble in thread.troubles] == [True] * 3
    assert "larger than" in thread.troubles[0].reason
    monkeypatch.setattr(local, "MAX_THREAD_MAILS", 3)
    with pytest.raises(MailError, match="more than 3 mails"):
        read_thread(path)
    monkeypatch.setattr(local, "MAX_SOURCE_BYTES", 1024)
    with pytest.raises(MailError, match="larger than"):
        read_thread(path)
    assert limits.MAX_MAIL_BYTES == 64 << 20


def readable(data: bytes) -> Thread | None:
    try:
        return read_thread("-", stdin=data)
    except MailError:
        return None


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_any_bytes_give_a_thread_or_an_error(data: bytes) -> None:
    readable(data)
    readable(b"From mboxrd@z Thu Jan  1 00:00:00 1970\n" + data)
    readable(b"Subject: [PATCH] x\nContent-Type: multipart/mixed; boundary=B\n\n--B\n" + data)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_thread_gives_a_thread_or_an_error(mails: Any, data: st.DataObject) -> None:
    raw = mails.mbox(*mails.series())
    for _ in range(data.draw(st.integers(1, 4))):
        begin = data.draw(st.integers(0, len(raw)))
        length = data.draw(st.integers(0, 60))
        raw = raw[:begin] + data.draw(st.binary(max_size=20)) + raw[begin + length :]
    thread = readable(raw)
    for series in thread.series if thread else ():
        for patch in series.patches:
            body = patch.mail.body.split("\n") if patch else []
            for file in patch.files if patch else ():
                for hunk in file.hunks:
                    old = sum(line.kind in " -" for line in hunk.lines)
                    assert (old, sum(line.kind in " +" for line in hunk.lines)) == (hunk.old_count, hunk.new_count)
                    for line in hunk.lines:
                        assert body[line.body_line - 1] in (line.kind + line.text, line.text)


HOSTILE = {
    "trailers": b"Fixes: 1 (\n" * 100_000,
    "more trailers": b"A:  b\n" * 200_000,
    "names": b"---\ndiff --git " + b"a " * 50_000 + b"\n",
    "separators": b"--- a\n" * 200_000,
    "scissors": b"- " * 100_000 + b"\n",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_text_costs_no_time(case: str) -> None:
    diff = b"---\ndiff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-a\n+b\n"
    start = time.process_time()
    readable(b"Subject: [PATCH] x\nMessage-ID: <a@x>\n\n" + HOSTILE[case] + diff)
    assert time.process_time() - start < 5, "quadratic: it takes minutes"


def test_only_one_module_knows_b4_and_liblore() -> None:
    package = Path(limits.__file__).parent
    knows = re.compile(r"^\s*(?:import|from) (?:b4|liblore)\b", re.MULTILINE)
    assert [path.name for path in sorted(package.glob("*.py")) if knows.search(path.read_text())] == ["lore.py"]
