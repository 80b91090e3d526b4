# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The story as the whole tool tells it, and one revision beside the one before."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest

from reviewtool.reply.drafts import Choice, make_drafts
from reviewtool.reply.phrases import Phrases
from reviewtool.report.json_report import review_object, schema
from reviewtool.report.paint import NO_PAINT
from reviewtool.report.text import render_text
from reviewtool.review.engine import review_source
from reviewtool.review.events import ReviewDone
from reviewtool.review.model import Review
from reviewtool.review.request import ReviewRequest, Settings

Sample = Callable[[str], tuple[Path, Any]]

REMARK: Final = """\
From mboxrd@z Thu Jan  1 00:00:00 1970
From: Rhea Reviewer <rhea@example.com>
To: Dana Developer <dana@example.org>
Subject: Re: [PATCH 2/6] hv: x86: Serialise the setup of vendor modules
Date: Wed, 14 Jan 2026 10:00:00 +0000
Message-ID: <remark@example.com>
In-Reply-To: <20260112090000.4711-3-dana@example.org>
MIME-Version: 1.0
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: 8bit

On Mon, Jan 12, 2026, Dana Developer wrote:
> +/* Held while a vendor module is set up or taken down. */
> +static DEFINE_MUTEX(vendor_lock);

Should the mutex vendor_lock not stand in the document of the locks?

"""


def review(mbox: Path, tree: Path, revision: int | None = None) -> Review:
    """What the engine makes of a thread."""
    settings = Settings(tree=tree, no_cache=True)
    *_, last = review_source(ReviewRequest(source=str(mbox), revision=revision, compare=True, settings=settings))
    assert isinstance(last, ReviewDone), last
    return last.review


def test_v1_says_at_patch_2_what_a_reviewer_found_and_nothing_else(sample_repository: Sample) -> None:
    mbox, repository = sample_repository("story")
    found = review(mbox, repository.path, 1)
    by_patch: dict[int, list[str]] = {}
    for finding in found.findings:
        by_patch.setdefault(finding.patch, []).append(finding.rule)
    assert by_patch == {
        2: ["doc-lock-undocumented", "claim-not-yet-true"],
        5: ["lock-order-inversion", "doc-unknown-name"],
    }
    lock, claim = (finding for finding in found.findings if finding.patch == 2)
    text = "".join(render_text([found], NO_PAINT))
    told = text[text.index("is not true yet") :]
    assert "it is from patch 5 on" in told
    assert [step.line for step in (*claim.witness, *claim.other)] == [49, 55]
    for code in ("raw_spin_lock(&hv_count_lock);", "mutex_lock(&hv_lock);"):
        assert code in told
    for number in (1, 2):
        mail = re.findall(
            rf"(?ms)^From mboxrd.*?\n(From: (?:(?!^From mboxrd).)*?\[PATCH {number}/6\].*?)(?=^From mboxrd)",
            mbox.read_text(),
        )
        repository.git("am", "-q", stdin=f"From git@z Thu Jan  1 00:00:00 1970\n{mail[0]}")
    repository.git("apply", "--index", "-", stdin=lock.suggestion)
    assert "``vendor_lock``" in (repository.path / "Documentation/virt/kvm/locking.rst").read_text()
    assert found.earlier is None


def test_v2_has_nothing_and_all_of_v1_is_gone(sample_repository: Sample) -> None:
    mbox, repository = sample_repository("story")
    found = review(mbox, repository.path)
    assert found.findings == ()
    assert {claim.verdict.value for claim in found.claims} == {"holds"}
    assert found.earlier is not None
    assert [finding.rule for finding in found.earlier.gone] == [
        "doc-lock-undocumented", "claim-not-yet-true", "lock-order-inversion", "doc-unknown-name",
    ]  # fmt: skip
    assert (found.earlier.still, found.earlier.new, found.earlier.reason) == ((), (), "")


def sent_again(mbox: Path, folder: Path, *, broken: bool = False) -> Path:
    """v1 with a remark on it, and the same once more as v2; `broken`: v1 does not apply."""
    mails = re.split(r"(?m)^(?=From mboxrd@z )", mbox.read_text(encoding="utf-8"))[1:]
    first = [mail for mail in mails if "\nSubject: [PATCH " in mail and "[PATCH v2" not in mail]
    again = [
        re.sub(r"(?m)^Subject: \[PATCH ", "Subject: [PATCH v2 ", mail)
        .replace(".4711-", ".4911-")
        .replace("12 Jan 2026", "19 Jan 2026")
        for mail in first
    ]
    if broken:
        first = [mail.replace("raw_spin_lock", "raw_spin_luck") if "[PATCH 3/6]" in mail else mail for mail in first]
    path = folder / "again.mbox"
    path.write_text("".join([*first, REMARK, *again]), encoding="utf-8")
    return path


@pytest.fixture
def again(sample_repository: Sample, tmp_path: Path) -> Review:
    """The review of a v2 that repairs nothing."""
    mbox, repository = sample_repository("story")
    return review(sent_again(mbox, tmp_path), repository.path)


def test_what_was_said_and_is_still_there(again: Review) -> None:
    earlier = again.earlier
    assert earlier is not None
    assert (again.revision, earlier.revision, earlier.gone, earlier.new) == (2, 1, (), ())
    rules = {finding.fingerprint: finding.rule for finding in again.findings}
    assert {rules[each.fingerprint]: each.raised_by for each in earlier.still} == {
        "doc-lock-undocumented": "remark@example.com",
        "claim-not-yet-true": None,
        "lock-order-inversion": None,
        "doc-unknown-name": None,
    }
    assert [(each.message_id, each.patch, each.replied) for each in earlier.comments] == [
        ("remark@example.com", 2, False)
    ]


def test_text_json_and_reply_tell_it(again: Review) -> None:
    text = "".join(render_text([again], NO_PAINT))
    told = text[text.index("Compared with v1") :]
    assert told.count("  still  ") == 4
    assert "raised in <remark@example.com>" in told
    assert "Rhea Reviewer on patch 2 of v1, <remark@example.com>:" in told
    jsonschema.Draft202012Validator(schema()).validate({"version": 1, "reviews": [review_object(again)]})
    drafts = {draft.number: " ".join(draft.text.split()) for draft in make_drafts(again, Choice(), Phrases())}
    assert "v1 had this, too; <remark@example.com> says so." in drafts[2]
    assert "v1 had this, too." in drafts[5]
    assert "Rhea Reviewer remarked on patch 2 of v1 in <remark@example.com>, and I see no answer" in drafts[0]


def test_a_revision_that_does_not_apply_is_not_compared(sample_repository: Sample, tmp_path: Path) -> None:
    mbox, repository = sample_repository("story")
    earlier = review(sent_again(mbox, tmp_path, broken=True), repository.path).earlier
    assert earlier is not None
    assert earlier.reason == "patch 3/6 of v1 could not be applied to this tree"
    assert (earlier.gone, earlier.still, earlier.new) == ((), (), ())
    assert [each.message_id for each in earlier.comments] == ["remark@example.com"]
