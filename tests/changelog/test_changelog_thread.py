# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What replies have said already, and what became of it in the next revision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pytest

from reviewtool.changelog.thread import compare_revisions, open_comments, raised_by
from reviewtool.finding.model import Certainty, Citation, Finding
from reviewtool.locking.model import Step
from reviewtool.mail.model import Address, Anchor, Comment, FollowUp, Mail, Patch, Series
from reviewtool.ruleset.model import Group, Severity

AUTHOR: Final = Address(name="Dana Developer", email="dana@example.org")
REVIEWER: Final = Address(name="Rhea Reviewer", email="rhea@example.com")


def mail(body: str, *, name: str, author: Address = AUTHOR, subject: str = "", answers: str = "") -> Mail:
    """A mail with this body and message-id `name@example.org`."""
    return Mail(
        message_id=f"{name}@example.org", subject=subject, author=author, date=None, to=(), cc=(), reply_to=(),
        in_reply_to=answers, references=(), body=body,
    )  # fmt: skip


def patch(number: int, changelog: str, *, subject: str = "hub: Change something", notes: str = "") -> Patch:
    """A patch mail without a diff, its changelog at line 1 of the body."""
    body = f"{changelog}\n---\n{notes}"
    return Patch(
        number=number, mail=mail(body, name=f"patch-{number}", subject=subject), subject=subject, changelog=changelog,
        changelog_line=1, notes=notes, trailers=(), files=(),
    )  # fmt: skip


def series(*patches: Patch, follow_ups: Sequence[FollowUp] = (), revision: int = 1) -> Series:
    """A series of these patches."""
    return Series(
        revision=revision, expected=len(patches), subject="hub: Change things", author=AUTHOR, cover=None,
        patches=patches, base_commit="", change_id="", follow_ups=tuple(follow_ups),
    )  # fmt: skip


def reply(
    text: str, *, number: int = 1, author: Address = REVIEWER, name: str = "reply", quoted: tuple[str, ...] = (),
    path: str = "", line: int = 0, body_line: int = 0, answers: str = "",
) -> FollowUp:  # fmt: skip
    """A reply with one comment."""
    anchor = Anchor(body_line=body_line, path=path, old=line, new=line)
    return FollowUp(
        mail=mail(text, name=name, author=author, answers=answers), patch=number,
        comments=(Comment(anchor=anchor, quoted=quoted, text=text),),
    )  # fmt: skip


FINDING = Finding(
    rule="lock-order-inversion", group=Group.ORDER, severity=Severity.ERROR, certainty=Certainty.PROVED,
    fingerprint="f" * 32, path="lib/hub.c", line=40, function="hub_attach", message="inversion",
    locks=("hub->ring_lock", "port->port_mutex"), patch=1,
    witness=(Step(path="lib/hub.c", line=38, function="hub_attach", event="acquires hub->ring_lock"),),
    document=Citation(path="changelog", line=7, quote="hub_attach() takes ring_lock."),
)  # fmt: skip


@pytest.mark.parametrize(
    "said",
    [
        reply("This takes ring_lock and port_mutex the other way round."
              " hub->ring_lock inside port->port_mutex deadlocks."),
        reply("hub_attach() must not take hub->ring_lock here."),
        reply("This lock is taken twice.", path="lib/hub.c", line=41),
        reply("That is not what is locked here.", body_line=8),
        reply("hub_attach() takes hub->ring_lock too early.", number=0),
    ],
)  # fmt: skip
def test_a_reply_that_says_it(said: FollowUp) -> None:
    assert raised_by(FINDING, series(patch(1, "x"), follow_ups=[said])) == "reply@example.org"


@pytest.mark.parametrize(
    "said",
    [
        reply("Looks good to me."),
        reply("Please rename hub_attach()."),
        reply("hub_attach() must not take hub->ring_lock here.", number=2),
        reply("hub_attach() must not take hub->ring_lock here.", author=AUTHOR),
        reply("A typo.", path="lib/hub.c", line=41),
        reply("This lock is taken twice.", path="lib/hub.c", line=90),
        reply("This lock is taken twice.", path="lib/port.c", line=41),
        reply("Why?", quoted=("hub_attach() takes hub->ring_lock.",)),
    ],
)
def test_a_reply_that_does_not(said: FollowUp) -> None:
    assert raised_by(FINDING, series(patch(1, "x"), follow_ups=[said])) is None


def finding(function: str, fingerprint: str) -> Finding:
    return Finding(
        rule="missing-unlock", group=Group.BALANCE, severity=Severity.ERROR, certainty=Certainty.PROVED,
        fingerprint=fingerprint, path="lib/hub.c", line=1, function=function, message="m", locks=("hub->lock",),
    )  # fmt: skip


def test_findings_of_two_revisions() -> None:
    old = [finding("a", "1"), finding("b", "2"), finding("c", "3")]
    new = [finding("b", "2"), finding("c", "9"), finding("d", "4")]
    found = compare_revisions(old, new)
    assert [f.function for f in found.gone] == ["a"]
    assert [(was.fingerprint, now.fingerprint) for was, now in found.still] == [("2", "2"), ("3", "9")]
    assert [f.function for f in found.new] == ["d"]


def test_comments_without_an_answer() -> None:
    line = "mutex_lock(&hub->lock);"
    first = series(
        patch(1, f"Do it.\n{line}\nLeave hub->users alone."),
        follow_ups=[
            reply("This lock is not needed.", name="open", quoted=(line,)),
            reply("Nice mutex.", name="mine", author=AUTHOR, quoted=(line,)),
            reply("Typo.", name="typo", quoted=(line,)),
            reply("Why is the lock not held for users?", name="changed", quoted=("Leave hub->users alone.",)),
            reply("Does the mutex nest in port_lock?", name="told", quoted=(line,)),
            reply("Because.", name="answer", author=AUTHOR, answers="open@example.org"),
        ],
    )
    second = series(patch(1, f"Do it.\n{line}\nGuard hub->users.", notes="v2: port_lock explained"), revision=2)
    found = open_comments(first, second)
    assert [(comment.message_id, comment.replied) for comment in found] == [("open@example.org", True)]
