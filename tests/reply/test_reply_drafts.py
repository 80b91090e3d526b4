# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Drafts as their recipient sees them: goldens, and what must hold for every one."""

from __future__ import annotations

import dataclasses
import email
import email.policy
import importlib.util
import itertools
import os
import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from reviewtool.config.settings import ReplyWording
from reviewtool.mail.message import read_mail
from reviewtool.mail.model import Address
from reviewtool.mail.source import read_thread
from reviewtool.reply.drafts import Choice, Draft, make_drafts
from reviewtool.reply.errors import ReplyError
from reviewtool.reply.letter import Stamp, write_letter
from reviewtool.reply.phrases import Phrases
from reviewtool.reply.place import place_of_finding
from reviewtool.reply.store import mboxrd
from reviewtool.review.lines import reader
from reviewtool.review.model import Review, SourceLine
from reviewtool.tree.model import Applied

HERE = Path(__file__).parent
ME = Address(name="Max Maintainer", email="max@example.org")
STAMP = Stamp(now=lambda: datetime(2026, 2, 4, 9, 0, tzinfo=UTC), token=lambda: "0123456789abcdef")


def samples() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reply_samples", HERE / "reply_samples.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


S = samples()


def drafts(review: Review, choice: Choice | None = None, wording: ReplyWording | None = None) -> tuple[Draft, ...]:
    return make_drafts(review, choice or Choice(), Phrases(wording))


def letter(draft: Draft, me: Address = ME) -> bytes:
    return write_letter(draft, me, STAMP).data


def compare(data: bytes, golden: Path) -> None:
    if os.environ.get("REVIEWTOOL_UPDATE_GOLDENS"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_bytes(data)
    assert data.decode() == golden.read_text(encoding="utf-8")


def test_the_drafts_are_the_golden_ones(sample_threads: Path) -> None:
    found = {f"story-{draft.number}": letter(draft) for draft in drafts(S.story(sample_threads))}
    (found["unlock-2"],) = map(letter, drafts(S.review(sample_threads, "unlock", S.UNLOCK)))
    assert sorted(found) == ["story-0", "story-2", "story-5", "unlock-2"]
    for name, data in found.items():
        compare(data, HERE / "goldens" / f"{name}.eml")


@pytest.fixture
def all_drafts(sample_threads: Path) -> list[Draft]:
    return [*drafts(S.story(sample_threads)), *drafts(S.review(sample_threads, "unlock", S.UNLOCK))]


def test_only_what_is_commented_is_quoted(all_drafts: list[Draft]) -> None:
    """At most five lines above the one that is commented, all of them the mail's, and none after the last comment."""
    for draft in all_drafts:
        source = {line.rstrip() for line in draft.answers.body.split("\n")}
        for is_quote, block in itertools.groupby(draft.lines, key=lambda line: line.startswith(">")):
            quoted = [line for line in block if line != "> [...]"]
            if not is_quote:
                continue
            assert 0 < len(quoted) <= 6
            assert {line.removeprefix(">").removeprefix(" ").rstrip() for line in quoted} <= source
        assert not draft.lines[-1].startswith(">")


def test_prose_is_wrapped_and_speaks_for_nobody_else(all_drafts: list[Draft]) -> None:
    for draft in all_drafts:
        text = draft.text.partition("diff --git a/Documentation")[0]
        prose = [line for line in text.split("\n") if line and line[0] not in "> "]
        assert prose
        assert max(map(len, prose)) <= 72
        assert not re.search(r"\b[Ww]e\b|\bour\b", " ".join(prose))


def test_the_suggestion_applies_from_the_mail(
    sample_threads: Path, sample_repository: Callable[[str], tuple[Path, Any]], tmp_path: Path
) -> None:
    _, repository = sample_repository("story")
    draft = next(draft for draft in drafts(S.story(sample_threads)) if draft.number == 2)
    file = tmp_path / "draft.eml"
    file.write_bytes(letter(draft))
    repository.git("apply", "--include=Documentation/*", str(file))
    assert "``vendor_lock``" in (repository.path / S.DOCUMENT).read_text()


def test_a_point_that_somebody_made_is_left_out_or_seconded(sample_threads: Path) -> None:
    raised = dataclasses.replace(S.UNLOCK, raised_by="nobody@example.org")
    review = S.review(sample_threads, "unlock", raised)
    assert drafts(review) == ()
    (seconded,) = drafts(review, Choice(plus_one=True))
    assert "+1 to what somebody said in <nobody@example.org>." in seconded.lines
    assert review.series is not None
    follow_up = review.series.follow_ups[0].mail
    raised = dataclasses.replace(S.UNLOCK, raised_by=follow_up.message_id)
    (seconded,) = drafts(S.review(sample_threads, "unlock", raised), Choice(plus_one=True))
    assert f"+1 to what {follow_up.author.name} said" in seconded.text


def test_patches_and_findings_can_be_chosen(sample_threads: Path) -> None:
    review = S.story(sample_threads)
    assert [draft.number for draft in drafts(review, Choice(patches=frozenset((5,))))] == [5]
    (only,) = drafts(review, Choice(findings=frozenset((S.STALE.fingerprint[:8],))))
    assert only.findings == (S.STALE.fingerprint[:8],)
    assert "hv_count_lock, which this patch removes" in " ".join(only.lines)
    assert "DEADLOCK" not in only.text
    for choice, words in (
        (Choice(patches=frozenset((9,))), "the series has 6"),
        (Choice(findings=frozenset(("feedbeef",))), "5055aaaa"),
        (Choice(trailers=("Reviewed-by",)), "no trailer"),
        (Choice(trailers=("Acked-by: a <b@c>\nX: y",)), "no trailer"),
    ):
        with pytest.raises(ReplyError, match=words):
            drafts(review, choice)


def test_nothing_to_say_is_no_draft_or_the_trailer(sample_threads: Path) -> None:
    review = S.review(sample_threads, "clean")
    choice = Choice(trailers=("Reviewed-by: Max Maintainer <max@example.org>",))
    assert drafts(review) == ()
    (draft,) = drafts(review, choice)
    assert draft.number == 0
    assert draft.lines[-3:] == ("> [...]", "", "Reviewed-by: Max Maintainer <max@example.org>")
    mail = read_mail(letter(draft))
    assert mail is not None
    assert [draft.number for draft in drafts(review, dataclasses.replace(choice, patches=frozenset((2,))))] == [2]


def test_a_trailer_is_for_what_was_looked_at(sample_threads: Path) -> None:
    review = S.review(sample_threads, "unlock", S.UNLOCK)
    failed = dataclasses.replace(review.patches[3], applied=Applied.FAILED)
    review = dataclasses.replace(review, patches=(*review.patches[:3], failed))
    found = drafts(review, Choice(trailers=("Acked-by: Max Maintainer <max@example.org>",)))
    assert [(draft.number, "Acked-by:" in draft.text) for draft in found] == [(1, True), (2, False), (3, True)]


def test_a_line_is_known_by_its_text_where_the_patch_was_applied_elsewhere(sample_threads: Path) -> None:
    review = S.story(sample_threads)
    moved = dataclasses.replace(S.INVERSION, line=1055, witness=())
    lines = (SourceLine(snapshot=5, path=S.MAIN, line=1055, text="\tmutex_lock(&hv_lock);"),)
    assert review.series is not None
    patch = review.series.patches[4]
    assert patch is not None
    spot = place_of_finding(moved, patch, reader(lines))
    assert spot is not None
    assert spot.exact
    assert patch.mail.body.split("\n")[spot.last - 1] == "+\tmutex_lock(&hv_lock);"
    assert place_of_finding(dataclasses.replace(moved, function="", path="a.c"), patch, reader(())) is None


def test_what_no_line_of_the_mail_is_about_stands_below_the_attribution(sample_threads: Path) -> None:
    far = dataclasses.replace(S.INVERSION, path="mm/other.c", function="other", witness=(), other=())
    (draft,) = drafts(S.review(sample_threads, "story", far, revision=1))
    assert not any(line.startswith(">") for line in draft.lines)
    assert draft.lines[0].endswith("wrote:")
    assert "(mm/other.c:55)" in " ".join(draft.lines)


def test_the_wording_is_the_users(sample_threads: Path) -> None:
    wording = ReplyWording(
        greeting="Hi {name},",
        attribution="{name} <{email}> writes:",
        proved="{what} [{rule}]",
        signature="{me}",
        later="",
    )
    review = S.review(sample_threads, "unlock", S.UNLOCK)
    (draft,) = drafts(review, Choice(me="Max"), wording)
    assert draft.lines[0] == "Hi Ines Author,"
    assert "Ines Author <ines@example.com> writes:" in draft.lines
    assert "bus_lock held\n[missing-unlock]" in draft.text
    assert "4/4" not in draft.text
    assert draft.lines[-1] == "Max"
    with pytest.raises(ReplyError, match=r"reply.proved: there is no \{wat\}; its values are \{id\}, \{place\}"):
        Phrases(ReplyWording(proved="{wat}"))


def test_a_draft_threads_and_is_anchored_as_any_reply(sample_threads: Path, tmp_path: Path) -> None:
    """Our own reader puts the comments under the very lines that they are about."""
    counter = itertools.count()
    stamp = dataclasses.replace(STAMP, token=lambda: f"draft{next(counter)}")
    mails = [write_letter(draft, ME, stamp).data for draft in drafts(S.story(sample_threads))]
    mbox = tmp_path / "thread.mbox"
    mbox.write_bytes((sample_threads / "story" / "thread.mbox").read_bytes() + b"".join(map(mboxrd, mails)))
    series = next(series for series in read_thread(str(mbox)).series if series.revision == 1)
    ours = [follow_up for follow_up in series.follow_ups if ".draft" in follow_up.mail.message_id]
    assert [follow_up.patch for follow_up in ours] == [0, 2, 5]
    places = [(comment.anchor.path, comment.anchor.new) for follow_up in ours for comment in follow_up.comments]
    assert {(S.VENDOR, 9), (S.MAIN, 55), (S.MAIN, 94)} <= set(places)
    sentence = next(comment for comment in ours[1].comments if "not true yet" in comment.text)
    assert sentence.quoted[-1].startswith("holds the other side of it.")


def test_pythons_parser_reads_the_draft_unchanged(all_drafts: list[Draft]) -> None:
    for draft in all_drafts:
        mail = email.message_from_bytes(letter(draft), policy=email.policy.default)
        assert mail.defects == []
        assert mail.get_content() == draft.text
        assert mail["In-Reply-To"] == f"<{draft.answers.message_id}>"
        assert mail["References"].split()[-1] == mail["In-Reply-To"]
        assert mail["Subject"].startswith("Re: [PATCH")
        assert mail.get_content_type() == "text/plain"
        assert mail["Content-Type"].params["format"] == "fixed"
        people = [address.addr_spec for name in ("To", "Cc") for address in mail[name].addresses]
        assert draft.answers.author.email in [address.addr_spec for address in mail["To"].addresses]
        assert len(people) == len(set(people))
        assert ME.email not in people


def test_git_send_email_takes_the_draft_as_it_is(
    all_drafts: list[Draft], make_repository: Callable[..., Any], tmp_path: Path
) -> None:
    """`--dry-run` prints the mail that it would send."""
    repository = make_repository({"a": "b"})
    for draft in all_drafts:
        file = tmp_path / "draft.eml"
        file.write_bytes(letter(draft))
        words = ["git", "send-email", "--dry-run", "--suppress-cc=self", "--suppress-cc=body", "--confirm=never"]
        words += ["--smtp-server=/bin/true", "--from=Max Maintainer <max@example.org>", str(file)]
        done = subprocess.run(words, cwd=repository.path, capture_output=True, text=True)
        if "is not a git command" in done.stderr or "'Mail::Address' module" in done.stderr:
            pytest.skip("git send-email with its Perl modules is not here")
        assert done.returncode == 0, done.stderr
        said = done.stdout.split("\n\n", 1)[0]
        mail = email.message_from_bytes(letter(draft), policy=email.policy.default)
        assert f"In-Reply-To: {mail['In-Reply-To']}" in said
        assert f"Message-ID: {mail['Message-ID']}".lower() in said.lower()
        for address in (*mail["To"].addresses, *mail["Cc"].addresses):
            assert address.addr_spec in said
        assert "max@example.org" not in re.sub(r"(?m)^(?:From|MAIL FROM):.*$", "", said)


def test_mutt_sends_the_draft_unchanged(all_drafts: list[Draft], tmp_path: Path) -> None:
    sent = tmp_path / "sent"
    script = tmp_path / "sendmail"
    script.write_text(f"#!/bin/sh\ncat > {sent}\n")
    script.chmod(0o755)
    for draft in all_drafts:
        file = tmp_path / "draft.eml"
        file.write_bytes(letter(draft))
        words = [
            "mutt",
            "-nF",
            "/dev/null",
            "-H",
            str(file),
            "-e",
            f"set sendmail={script} copy=no use_envelope_from=no",
        ]
        try:
            done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        except FileNotFoundError:
            pytest.skip("mutt is not here")
        assert done.returncode == 0, done.stderr
        policy = email.policy.default
        got, ours = (email.message_from_bytes(data, policy=policy) for data in (sent.read_bytes(), letter(draft)))
        assert got.get_content() == ours.get_content()
        for name in ("To", "Cc", "In-Reply-To", "References", "Subject"):
            assert " ".join(str(got[name]).split()) == " ".join(str(ours[name]).split())
