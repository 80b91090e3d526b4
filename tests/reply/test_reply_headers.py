# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Headers of drafts: right for friends, and nothing that a stranger can put more into."""

from __future__ import annotations

import email
import email.policy
import subprocess
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewtool.mail.model import Address, Mail
from reviewtool.reply.address import MAX_NAME
from reviewtool.reply.drafts import Draft
from reviewtool.reply.errors import ReplyError
from reviewtool.reply.identity import find_identity
from reviewtool.reply.letter import Stamp, reply_subject, same_letter, write_letter

ME = Address(name="Me Myself", email="me@example.org")
ANNE, BOB, LIST = (
    Address(name="Anne", email="anne@example.org"),
    Address(name="Bob", email="bob@example.com"),
    Address(name="", email="list@example.net"),
)
STAMP = Stamp(now=lambda: datetime(2026, 2, 4, 9, 0, tzinfo=UTC), token=lambda: "t")
FIELDS = {
    "From", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type",
    "Content-Transfer-Encoding",
}  # fmt: skip


def mail(**more: object) -> Mail:
    values: dict[str, object] = {
        "message_id": "1@example.org",
        "subject": "[PATCH] x",
        "author": ANNE,
        "date": None,
        "to": (LIST,),
        "cc": (),
        "reply_to": (),
        "in_reply_to": "",
        "references": (),
        "body": "",
        **more,
    }
    return Mail(**values)  # type: ignore[arg-type]


def sent(answers: Mail, me: Address = ME, lines: tuple[str, ...] = ("text",)) -> EmailMessage:
    data = write_letter(Draft(number=1, answers=answers, lines=lines), me, STAMP).data
    found = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def people(message: EmailMessage, name: str) -> list[str]:
    return [address.addr_spec for address in message[name].addresses] if message[name] else []


@pytest.mark.parametrize(
    ("answers", "to", "cc"),
    [
        (mail(), ["anne@example.org"], ["list@example.net"]),
        (mail(cc=(BOB, ME)), ["anne@example.org"], ["list@example.net", "bob@example.com"]),
        (mail(reply_to=(LIST,)), ["list@example.net"], ["anne@example.org"]),
        (mail(to=(Address(name="A", email="ANNE@example.org"), BOB)), ["anne@example.org"], ["bob@example.com"]),
        (mail(author=ME, cc=(BOB,)), ["list@example.net"], ["bob@example.com"]),
        (mail(author=ME, to=(ME,), cc=(BOB,)), ["bob@example.com"], []),
        (mail(to=(Address(name="undisclosed", email=""), Address(name="", email="x"))), ["anne@example.org"], []),
    ],
)
def test_to_the_author_and_everybody_else_once_but_not_to_oneself(answers: Mail, to: list[str], cc: list[str]) -> None:
    found = sent(answers)
    assert (people(found, "To"), people(found, "Cc")) == (to, cc)


@pytest.mark.parametrize(
    ("subject", "reply"),
    [("[PATCH] x", "Re: [PATCH] x"), ("Re: RE: AW: x", "Re: x"), ("  Re:x", "Re: x"), ("Read: x", "Re: Read: x")],
)
def test_re_stands_once(subject: str, reply: str) -> None:
    assert reply_subject(subject) == reply


def test_names_beyond_ascii_and_with_commas_survive() -> None:
    found = sent(mail(author=Address(name='Jürgen "J" Groß, 李', email="j@example.org"), subject="[PATCH] größer 李"))
    assert found["To"].addresses[0].display_name == 'Jürgen "J" Groß, 李'
    assert found["Subject"] == "Re: [PATCH] größer 李"


EVIL = [
    "a\r\nBcc: evil@example.com",
    "a\nX-Evil: 1\n\nbody",
    "a\x00b",
    "=?utf-8?q?a=0D=0ABcc=3A_evil=40example=2Ecom?=",
    "\u202e\u2066evil",
    "x" * 100_000,
    "w " * 50_000,
    'a" <evil@example.com>, "b',
    "\ud800",
    "a <evil@example.com>",
    "\u2028Bcc: evil@example.com",
]


@pytest.mark.parametrize("text", EVIL)
def test_no_text_of_a_mail_makes_a_header(text: str) -> None:
    answers = mail(
        author=Address(name=text, email="anne@example.org"),
        to=(Address(name=text, email="list@example.net"), Address(name="", email=text)),
        cc=(Address(name="", email=f"a@b{text}"),),
        subject=text,
        message_id=text,
        in_reply_to=text,
        references=(text, "fine@example.org"),
    )
    data = write_letter(Draft(number=1, answers=answers, lines=("body",)), ME, STAMP).data
    found = email.message_from_bytes(data, policy=email.policy.default)
    assert set(found.keys()) <= FIELDS
    assert len(found.keys()) == len(set(found.keys()))
    assert found["References"] == "<fine@example.org>"
    assert people(found, "To") == ["anne@example.org"]
    assert people(found, "Cc") == ["list@example.net"]
    assert found.get_content() == "body\n"
    assert max(map(len, data.split(b"\n"))) < 998
    assert len(found["To"].addresses[0].display_name) <= MAX_NAME
    assert "\r" not in data.decode()


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80), st.text(max_size=40), st.text(max_size=40))
def test_any_text_leaves_one_field_each(subject: str, name: str, address: str) -> None:
    answers = mail(
        author=Address(name=name, email="anne@example.org"), subject=subject, cc=(Address(name=name, email=address),)
    )
    found = sent(answers)
    assert set(found.keys()) <= FIELDS
    assert people(found, "To") == ["anne@example.org"]
    assert found.get_content() == "text\n"


def test_a_thread_of_many_references_keeps_its_ends() -> None:
    found = sent(
        mail(references=tuple(f"{number}@example.org" for number in range(500)), message_id="last@example.org")
    )
    references = found["References"].split()
    assert (references[0], references[-1], len(references)) == ("<0@example.org>", "<last@example.org>", 40)


def test_a_mail_without_an_id_of_its_own_is_not_answered_by_a_made_up_one() -> None:
    found = sent(mail(message_id="0123456789@no-message-id"))
    assert found["In-Reply-To"] is None


def test_only_when_it_was_written_may_differ() -> None:
    draft = Draft(number=1, answers=mail(), lines=("text",))
    later = Stamp(now=lambda: datetime(2027, 1, 1, tzinfo=UTC))
    assert same_letter(write_letter(draft, ME, STAMP).data, write_letter(draft, ME, later).data)
    other = Draft(number=1, answers=mail(), lines=("Date: changed",))
    assert not same_letter(write_letter(draft, ME, STAMP).data, write_letter(other, ME, STAMP).data)


def git_config(key: str, value: str) -> None:
    subprocess.run(["git", "config", "--global", key, value], check=True)


def test_the_identity_is_gits() -> None:
    assert find_identity() == Address(name="A Tester", email="tester@example.org")
    git_config("sendemail.from", "T. Ester <t@example.com>")
    assert find_identity() == Address(name="T. Ester", email="t@example.com")
    git_config("sendemail.from", "bare@example.com")
    assert find_identity() == Address(name="A Tester", email="bare@example.com")
    assert find_identity("X Y <x@example.net>") == Address(name="X Y", email="x@example.net")


def test_a_tree_has_no_say_in_who_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "config", "user.email", "evil@example.com"], check=True)
    monkeypatch.chdir(tmp_path)
    assert find_identity().email == "tester@example.org"


@pytest.mark.parametrize("value", ["", "no address", "a@b, c@d", "a@b\nBcc: x@y"])
def test_an_identity_that_is_none_is_refused(value: str) -> None:
    git_config("user.email", value)
    subprocess.run(["git", "config", "--global", "--unset", "sendemail.from"], check=False)
    with pytest.raises(ReplyError, match=r"--from 'A Reviewer <a@example.org>'"):
        find_identity(value or None)
