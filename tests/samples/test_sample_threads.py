# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The samples are what their README says: mails in the shape of a list, patches that apply where they say they do."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

SAMPLES = {
    "clean": {1: 3},
    "inversion": {1: 3},
    "unlock": {1: 4},
    "story": {1: 6, 2: 6},
    "mistakes": {1: 24},
    "teardown": {1: 27},
}


def mails(mbox: Path) -> list[EmailMessage]:
    """The messages of an mboxrd, parsed by the standard library."""
    parts = re.split(r"(?m)^From mboxrd@z .*\n", mbox.read_text(encoding="utf-8"))[1:]
    texts = [re.sub(r"(?m)^>(>*From )", r"\1", part) for part in parts]
    return [email.message_from_string(text, policy=email.policy.default) for text in texts]


def patches(mbox: Path, revision: int) -> list[EmailMessage]:
    """The patch mails of a revision in order, without the cover letter."""
    tag = "PATCH" if revision == 1 else f"PATCH v{revision}"
    found = [mail for mail in mails(mbox) if re.match(rf"\[{tag} 0*[1-9]\d*/\d+\]", mail["Subject"])]
    return sorted(found, key=lambda mail: int(re.findall(r" (\d+)/", mail["Subject"])[0]))


@pytest.mark.parametrize(("name", "revision"), [(name, r) for name, revisions in SAMPLES.items() for r in revisions])
def test_patches_apply_to_the_base_they_name(
    name: str, revision: int, sample_repository: Callable[[str], tuple[Path, Any]]
) -> None:
    mbox, repository = sample_repository(name)
    found = patches(mbox, revision)
    assert len(found) == SAMPLES[name][revision]
    cover = next(m for m in mails(mbox) if m["Message-ID"] == found[0]["In-Reply-To"])
    assert f"base-commit: {repository.git('rev-parse', 'HEAD')}\n" in cover.get_content()
    repository.git("am", "-q", stdin="".join(f"From git@z Thu Jan  1 00:00:00 1970\n{mail}\n" for mail in found))
    assert int(repository.git("rev-list", "--count", "HEAD")) == 1 + len(found)


@pytest.mark.parametrize("name", SAMPLES)
def test_replies_quote_what_the_patch_says(name: str, sample_threads: Path) -> None:
    by_id = {mail["Message-ID"]: mail for mail in mails(sample_threads / name / "thread.mbox")}
    replies = [mail for mail in by_id.values() if mail["Subject"].startswith("Re: ")]
    assert len(replies) >= 2
    for reply in replies:
        answered = by_id[reply["In-Reply-To"]].get_content().splitlines()
        quoted = [line[2:] for line in reply.get_content().splitlines() if line.startswith("> ")]
        assert quoted
        assert [line for line in quoted if line not in answered and line not in {a.rstrip() for a in answered}] == []


@pytest.mark.parametrize("name", SAMPLES)
def test_the_tree_is_small_and_all_people_are_invented(name: str, sample_threads: Path) -> None:
    files = [path for path in (sample_threads / name / "tree").rglob("*") if path.is_file()]
    assert 5 <= len(files) <= 12
    text = (sample_threads / name / "thread.mbox").read_text(encoding="utf-8")
    hosts = set(re.findall(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)", text))
    assert hosts
    assert all(re.search(r"(^|\.)example\.(org|com|net)$", host) for host in hosts)
