# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Reviews made by hand that use every field of the report."""

from __future__ import annotations

from reviewtool.finding.model import Certainty, Citation, Finding, Replay, Status
from reviewtool.locking.model import Step
from reviewtool.mail.model import Address
from reviewtool.review.model import Claim, PatchResult, Review, SourceLine, Stats, Verdict
from reviewtool.ruleset.model import Group, Severity
from reviewtool.tree.model import Applied, Base

INVERSION = Finding(
    rule="lock-order-inversion",
    group=Group.ORDER,
    severity=Severity.ERROR,
    certainty=Certainty.PROVED,
    fingerprint="0123456789abcdef",
    path="drivers/box/lid.c",
    line=31,
    function="lid_close",
    message="box->lock is taken inside lid->lock, and box_open() takes them the other way round",
    explanation="Two tasks that open and close the same box wait for each other, with nobody left to release either "
    "lock. Both paths are reached from the same ioctl, so that user space can bring it about.",
    locks=("lid->lock", "box->lock"),
    witness=(
        Step(path="drivers/box/lid.c", line=29, function="lid_close", event="acquires lid->lock"),
        Step(path="drivers/box/lid.c", line=31, function="lid_close", event="calls box_note", held=("lid->lock",)),
        Step(path="drivers/box/box.c", line=7, function="box_note", event="acquires box->lock", held=("lid->lock",)),
    ),
    other=(
        Step(path="drivers/box/box.c", line=50, function="box_open", event="acquires box->lock"),
        Step(
            path="drivers/box/box.c",
            line=51,
            function="box_open",
            event="acquires lid->lock shared",
            held=("box->lock",),
        ),
    ),
    patch=2,
    snapshot=2,
    replay=Replay(
        schedule="a2ba",
        verdict="deadlock",
        states=9,
        summary="deadlock in 4 steps, 9 states",
        before="deadlocked before in 4 steps",
        after="none after, 12 states, complete",
    ),
    document=Citation(path="Documentation/box/locking.rst", line=12, quote="- box->lock is taken outside lid->lock"),
    suggestion="--- a/drivers/box/lid.c\n+++ b/drivers/box/lid.c\n@@ -29,1 +29,1 @@\n-\tbox_note(box);\n+\t;\n",
    status=Status.INTRODUCED,
    raised_by="7@example.org",
)

MISSING_UNLOCK = Finding(
    rule="missing-unlock",
    group=Group.BALANCE,
    severity=Severity.WARNING,
    certainty=Certainty.LIKELY,
    fingerprint="fedcba9876543210",
    path="drivers/box/box.c",
    line=60,
    function="box_fill",
    message="returns with box->lock held",
    locks=("box->lock",),
    witness=(Step(path="drivers/box/box.c", line=55, function="box_fill", event="acquires box->lock"),),
    places=(Step(path="drivers/box/box.c", line=62, function="box_fill", event="returns", held=("box->lock",)),),
    world=("x86",),
    patch=1,
    snapshot=1,
    status=Status.FIXED_LATER,
    until=3,
)

QUESTION = Finding(
    rule="contract-in-changelog",
    group=Group.CHANGELOG,
    severity=Severity.NOTE,
    certainty=Certainty.QUESTION,
    fingerprint="00ff00ff00ff00ff",
    path="",
    line=0,
    function="",
    message="does box_note() really take box->lock?",
    patch=2,
    snapshot=2,
    status=Status.INTRODUCED,
)

SERIES = Review(
    source="box.mbox",
    subject="box: a lid",
    author=Address(name="A Developer", email="developer@example.org"),
    revision=2,
    base=Base(revision="1" * 40, label="v6.1-rc1", reason="base-commit of the cover letter"),
    patches=(
        PatchResult(number=1, subject="box: fill it", message_id="1@example.org", applied=Applied.YES),
        PatchResult(
            number=2,
            subject="box: close it",
            message_id="2@example.org",
            applied=Applied.FAILED,
            reason="drivers/box/hinge.c: hunk 2 does not apply",
        ),
        PatchResult(number=3, subject="box: tidy up", message_id="", applied=Applied.MISSING),
    ),
    findings=(MISSING_UNLOCK, INVERSION, QUESTION),
    resolved=(
        Finding(
            rule="missing-unlock",
            group=Group.BALANCE,
            severity=Severity.ERROR,
            certainty=Certainty.PROVED,
            fingerprint="aaaaaaaa00000000",
            path="drivers/box/old.c",
            line=5,
            function="old_fill",
            message="returns with old_lock held",
            patch=3,
            snapshot=2,
        ),
    ),
    claims=(
        Claim(patch=2, sentence="box_note() takes box->lock", verdict=Verdict.NOT_YET, since=3),
        Claim(patch=2, sentence="lid->lock is held by all callers", verdict=Verdict.HOLDS),
    ),
    stats=Stats(unknown_calls=4, pre_existing=2, functions=3, files=5),
    notes=("3/3 is not in the thread: ask for it, or fetch the thread by message-id",),
    lines=(
        SourceLine(snapshot=2, path="drivers/box/lid.c", line=29, text="\tmutex_lock(&lid->lock);"),
        SourceLine(snapshot=2, path="drivers/box/lid.c", line=31, text="\tbox_note(box);\t/* a */"),
        SourceLine(snapshot=2, path="drivers/box/box.c", line=7, text="\tmutex_lock(&box->lock);"),
        SourceLine(snapshot=1, path="drivers/box/box.c", line=55, text="\tmutex_lock(&box->lock);"),
    ),
    scope=("box",),
)
"""A series with findings of all severities, a patch that fails and one that is missing."""

CLEAN = Review(
    source="clean.mbox",
    subject="box: nothing wrong",
    author=Address(name="A Developer", email="developer@example.org"),
    revision=1,
    base=Base(revision="", label="tree", reason="a plain directory"),
    patches=(PatchResult(number=1, subject="box: paint it", message_id="9@example.org", applied=Applied.YES),),
)

AUDIT = Review(
    source="/src/linux",
    subject="drivers/box",
    author=None,
    revision=None,
    base=Base(revision="2" * 40, label="v6.12", reason="HEAD"),
    findings=(
        Finding(
            rule="double-lock",
            group=Group.ORDER,
            severity=Severity.ERROR,
            certainty=Certainty.PROVED,
            fingerprint="beefbeefbeefbeef",
            path="drivers/box/box.c",
            line=9,
            function="box_twice",
            message="box->lock is taken twice",
            locks=("box->lock",),
            witness=(
                Step(path="drivers/box/box.c", line=8, function="box_twice", event="acquires box->lock"),
                Step(
                    path="drivers/box/box.c",
                    line=9,
                    function="box_twice",
                    event="acquires box->lock",
                    held=("box->lock",),
                ),
            ),
        ),
        Finding(
            rule="lock-order-inversion",
            group=Group.ORDER,
            severity=Severity.WARNING,
            certainty=Certainty.LIKELY,
            fingerprint="cafecafecafecafe",
            path="drivers/box/box.c",
            line=20,
            function="box_chain",
            message="a cycle of three",
            locks=("a_lock", "b_lock", "c_lock"),
            witness=(Step(path="drivers/box/box.c", line=20, function="box_chain", event="acquires b_lock"),),
            document=Citation(path="Documentation/box/locking.rst", line=3, quote="- c_lock outside a_lock"),
        ),
    ),
    stats=Stats(functions=40, files=2),
)
"""A tree without a series."""
