# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The sample thread of the story: what each patch makes wrong in the document, and a hunk that applies."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from reviewtool.finding.model import Finding
from reviewtool.lockdoc.change import check_change
from reviewtool.lockdoc.compare import check_document
from reviewtool.lockdoc.document import read_document
from reviewtool.locking.lockmodel import LockModel
from reviewtool.ruleset.model import Severity
from reviewtool.tree.memory import MemorySnapshot

DOCUMENT = "Documentation/virt/kvm/locking.rst"
ModelsOf = Callable[[MemorySnapshot], tuple[LockModel, ...]]
REASON = "The setup must not run under hv_lock: it takes cpus_read_lock() in hv_probe_cpus()."


def patches(mbox: Path, revision: int) -> list[EmailMessage]:
    parts = re.split(r"(?m)^From mboxrd@z .*\n", mbox.read_text(encoding="utf-8"))[1:]
    mails = [email.message_from_string(part, policy=email.policy.default) for part in parts]
    tag = "PATCH" if revision == 1 else f"PATCH v{revision}"
    found = [mail for mail in mails if re.match(rf"\[{tag} [1-9]\d*/\d+\]", mail["Subject"])]
    return sorted(found, key=lambda mail: int(re.findall(r" (\d+)/", mail["Subject"])[0]))


def snapshot_of(top: Path, number: int) -> MemorySnapshot:
    files = [path for path in top.rglob("*") if path.is_file() and ".git" not in path.relative_to(top).parts]
    return MemorySnapshot({path.relative_to(top).as_posix(): path.read_bytes() for path in files}, number=number)


def findings(
    sample_repository: Callable[[str], tuple[Path, Any]], models: ModelsOf, revision: int
) -> tuple[Any, dict[int, list[Finding]]]:
    """The repository at the end, and the findings of each patch; each suggestion is tried where it was made."""
    mbox, repository = sample_repository("story")
    before = snapshot_of(repository.path, 0)
    earlier = models(before)
    result: dict[int, list[Finding]] = {}
    for number, mail in enumerate(patches(mbox, revision), 1):
        repository.git("am", "-q", stdin=f"From git@z Thu Jan  1 00:00:00 1970\n{mail}\n")
        after = snapshot_of(repository.path, number)
        later = models(after)
        documents = [read_document(DOCUMENT, (each.read(DOCUMENT) or b"").decode()) for each in (before, after)]
        result[number] = list(
            check_change(earlier, later, documents[0], documents[1], before, after, {"vendor_lock": REASON})
        )
        for finding in result[number]:
            if finding.suggestion:
                repository.git("apply", "--check", "-", stdin=finding.suggestion)
        before, earlier = after, later
    return repository, result


def test_v1_lacks_the_new_mutex_and_keeps_the_record_of_a_removed_lock(
    sample_repository: Callable[[str], tuple[Path, Any]], models_of: ModelsOf
) -> None:
    _, found = findings(sample_repository, models_of, 1)
    assert {number: [each.rule for each in each_patch] for number, each_patch in found.items() if each_patch} == {
        2: ["doc-lock-undocumented"],
        5: ["doc-unknown-name"],
    }
    new = found[2][0]
    assert (new.path, new.severity, new.locks) == ("arch/x86/kvm/vendor.c", Severity.WARNING, ("vendor_lock",))
    assert "vendor_lock outside cpus_read_lock()" in new.message
    assert new.document is not None
    assert new.document.path == DOCUMENT
    added = [line[1:] for line in (new.suggestion or "").split("\n") if line.startswith("+") and line[1:2] != "+"]
    assert added == [
        "",
        "- vendor_lock is taken outside cpus_read_lock()",
        "",
        "``vendor_lock``",
        "^^^^^^^^^^^^^^^",
        "",
        ":Type:\t\tmutex",
        ":Arch:\t\tx86",
        ":Protects:\t- hv_ops",
        ":Comment:\tThe setup must not run under hv_lock: it takes cpus_read_lock()",
        "\t\tin hv_probe_cpus().",
    ]
    gone = found[5][0]
    assert (gone.path, gone.severity) == (DOCUMENT, Severity.WARNING)
    assert gone.message.startswith("hv_count_lock does not exist any more")


def test_v2_has_nothing(sample_repository: Callable[[str], tuple[Path, Any]], models_of: ModelsOf) -> None:
    _, found = findings(sample_repository, models_of, 2)
    assert {number: [each.message for each in each_patch] for number, each_patch in found.items() if each_patch} == {}


@pytest.mark.parametrize("name", ["clean", "unlock", "inversion"])
def test_the_other_samples_say_nothing_wrong_of_their_trees(
    name: str, sample_threads: Path, models_of: ModelsOf
) -> None:
    snapshot = snapshot_of(sample_threads / name / "tree", 0)
    document = read_document(DOCUMENT, (snapshot.read(DOCUMENT) or b"").decode())
    found = check_document(models_of(snapshot), document, snapshot)
    assert [(each.rule, each.message) for each in found if each.severity is not Severity.NOTE] == []
