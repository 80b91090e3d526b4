# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Where drafts go: nothing that is there is changed, whatever happens."""

from __future__ import annotations

import mailbox
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reviewtool.mail.model import Address, Mail
from reviewtool.reply.drafts import Draft
from reviewtool.reply.errors import ReplyError
from reviewtool.reply.letter import Letter, Stamp, write_letter
from reviewtool.reply.store import Directory, Maildir, Mbox, open_store, slug


def letter(text: str, number: int = 2, day: int = 4) -> Letter:
    answers = Mail(
        message_id="1@example.org",
        subject="[PATCH v2 2/6] hv: x86/../Make: it work",
        author=Address(name="Anne", email="anne@example.org"),
        date=None,
        to=(),
        cc=(),
        reply_to=(),
        in_reply_to="",
        references=(),
        body="",
    )
    stamp = Stamp(now=lambda: datetime(2026, 2, day, tzinfo=UTC))
    me = Address(name="", email="me@example.org")
    return write_letter(Draft(number=number, answers=answers, lines=(text,)), me, stamp)


def contents(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in path.rglob("*") if file.is_file()}


@pytest.mark.parametrize("where", ["new/drafts", "maildir:box", "box.mbox", "mbox:box"])
def test_what_is_there_stays_and_the_same_is_not_written_twice(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert open_store(where).put(letter("From here on\n>From there")) is not None
    first = contents(tmp_path)
    assert open_store(where).put(letter("From here on\n>From there", day=5)) is None
    assert contents(tmp_path) == first
    assert open_store(where).put(letter("something else")) is not None
    after = contents(tmp_path)
    for name, data in first.items():
        assert after[name].startswith(data)


def test_an_edited_draft_gets_the_new_one_beside_it(tmp_path: Path) -> None:
    store = Directory(tmp_path)
    path = Path(store.put(letter("text")) or "")
    assert path.name == "0002-hv-x86-..-make-it-work.eml"
    path.write_bytes(path.read_bytes() + b"mine\n")
    assert Path(store.put(letter("text")) or "").name == "0002-hv-x86-..-make-it-work.2.eml"
    assert path.read_bytes().endswith(b"mine\n")
    assert store.put(letter("text")) is None


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("precious")
    (tmp_path / "drafts").mkdir()
    (tmp_path / "drafts" / "0002-hv-x86-..-make-it-work.eml").symlink_to(target)
    Directory(tmp_path / "drafts").put(letter("text"))
    assert target.read_text() == "precious"


def test_a_maildir_has_whole_drafts_with_their_flags(tmp_path: Path) -> None:
    Maildir(tmp_path / "box").put(letter("text"))
    (message,) = mailbox.Maildir(tmp_path / "box")
    assert message.get_flags() == "DS"
    assert list((tmp_path / "box" / "tmp").iterdir()) == []
    assert isinstance(open_store(str(tmp_path / "box")), Maildir)


def test_an_mbox_is_one_that_others_read(tmp_path: Path) -> None:
    path = tmp_path / "drafts"
    path.write_bytes(b"From a@b Thu Jan  1 00:00:00 1970\nSubject: old\n\nmine")
    store = open_store(str(path))
    assert isinstance(store, Mbox)
    for text in ("one", "From two"):
        store.put(letter(text))
    found = list(mailbox.mbox(path))
    assert found[0]["Subject"] == "old"
    assert [message.get_payload() for message in found] == ["mine\n", "one\n", ">From two\n"]


def test_what_is_no_mbox_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("shopping\n")
    with pytest.raises(ReplyError, match="no mbox"):
        open_store(str(path)).put(letter("text"))
    assert path.read_text() == "shopping\n"


@pytest.mark.parametrize("where", ["file/drafts", "maildir:file/x", "mbox:file/x/y"])
def test_a_place_that_cannot_be_had_is_an_error(where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("")
    with pytest.raises(ReplyError, match="file"):
        open_store(where).put(letter("text"))


@pytest.mark.parametrize(
    ("subject", "name"),
    [("[PATCH] ../../etc/passwd", "etc-passwd"), ("Re: [x] \u202e\n", "reply"), ("", "reply"), ("a" * 400, "a" * 52)],
)
def test_a_subject_is_no_path(subject: str, name: str) -> None:
    assert slug(subject) == name


RUN = "from reviewtool.cli import main; main()"


def reply(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", RUN, "reply", *words], cwd=cwd, capture_output=True, text=True)


def test_the_command_writes_drafts_and_says_how_to_send_them(sample_threads: Path, tmp_path: Path) -> None:
    sample = sample_threads / "unlock"
    words = [str(sample / "thread.mbox"), "--tree", str(sample / "tree"), "-o", "drafts"]
    done = reply(*words, cwd=tmp_path)
    assert (done.returncode, done.stdout.splitlines()) == (
        1,
        [
            "drafts/0002-hv-ioevent-limit-the-number-of-ioevents.eml",
            "drafts/0004-hv-ioevent-use-the-common-error-path-for-the-limit.eml",
        ],
    )
    assert "git send-email" in done.stderr
    assert "mutt -H drafts/0002" in done.stderr
    assert "From: A Tester <tester@example.org>\n" in (tmp_path / done.stdout.split()[0]).read_text()
    again = reply(*words, cwd=tmp_path)
    assert (again.returncode, again.stdout) == (1, "")
    assert "2 drafts were there already" in again.stderr


def test_without_a_place_the_drafts_are_an_mbox_on_standard_output(sample_threads: Path, tmp_path: Path) -> None:
    sample = sample_threads / "unlock"
    done = reply(str(sample / "thread.mbox"), "--tree", str(sample / "tree"), cwd=tmp_path)
    (tmp_path / "out.mbox").write_text(done.stdout)
    subjects = [message["Subject"] for message in mailbox.mbox(tmp_path / "out.mbox")]
    assert [subject[:15] for subject in subjects] == ["Re: [PATCH 2/4]", "Re: [PATCH 4/4]"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--from", "nobody"], "no name with an address"),
        (["--patch", "9"], "the series has 3"),
        (["--finding", "feedbeef"], "no finding feedbeef"),
        (["--trailer", "no trailer!"], "no trailer"),
        (["--range", "a..b"], "commits are no mails"),
    ],
)
def test_what_cannot_be_is_a_line(words: list[str], said: str, sample_threads: Path, tmp_path: Path) -> None:
    sample = sample_threads / "clean"
    done = reply(str(sample / "thread.mbox"), "--tree", str(sample / "tree"), *words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_trailer_without_a_name_gets_ones_own(sample_threads: Path, tmp_path: Path) -> None:
    sample = sample_threads / "clean"
    words = [str(sample / "thread.mbox"), "--tree", str(sample / "tree")]
    silent = reply(*words, cwd=tmp_path)
    assert (silent.returncode, silent.stdout) == (0, "")
    assert "nothing to say" in silent.stderr
    done = reply(*words, "--trailer", "Reviewed-by", cwd=tmp_path)
    assert (done.returncode, done.stdout.endswith("\nReviewed-by: A Tester <tester@example.org>\n\n")) == (0, True)
