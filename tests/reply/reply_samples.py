# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Reviews made by hand over the mails of the sample threads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reviewtool.finding.model import Certainty, Citation, Finding, Status
from reviewtool.locking.model import Step
from reviewtool.mail.source import read_thread, select_series
from reviewtool.review.model import Claim, PatchResult, Review, Verdict
from reviewtool.ruleset.model import Group, Severity
from reviewtool.tree.model import Applied

MAIN, THROTTLE, VENDOR = "virt/kvm/hv_main.c", "virt/kvm/throttle.c", "arch/x86/kvm/vendor.c"
DOCUMENT = "Documentation/virt/kvm/locking.rst"

ENTRY = f"""\
diff --git a/{DOCUMENT} b/{DOCUMENT}
--- a/{DOCUMENT}
+++ b/{DOCUMENT}
@@ -50,3 +50,10 @@
 :Type:		mutex
 :Arch:		any
 :Protects:	- what a vcpu does, while it runs or is reset
+
+``vendor_lock``
+^^^^^^^^^^^^^^^
+
+:Type:		mutex
+:Arch:		x86
+:Protects:	- loading a vendor module
"""


def step(path: str, line: int, function: str, event: str) -> Step:
    return Step(path=path, line=line, function=function, event=event)


def finding(
    rule: str, group: Group, patch: int, path: str, line: int, function: str, message: str, **more: Any
) -> Finding:
    """A sure error that a patch introduces, unless said otherwise."""
    values: dict[str, Any] = {
        "severity": Severity.ERROR,
        "certainty": Certainty.PROVED,
        "fingerprint": f"{patch}{line:03}".ljust(32, "a"),
        "status": Status.INTRODUCED,
        "snapshot": patch,
        **more,
    }
    return Finding(
        rule=rule, group=group, patch=patch, path=path, line=line, function=function, message=message, **values
    )


INVERSION = finding(
    "lock-order-inversion",
    Group.ORDER,
    5,
    MAIN,
    55,
    "hv_cpu_online_cb",
    "acquires hv_lock while cpu_hotplug_lock is held, and elsewhere the other way round",
    locks=("cpu_hotplug_lock", "hv_lock"),
    explanation="A CPU that comes online waits for hv_lock, whose holder waits for the hotplug to end.",
    witness=(step(MAIN, 55, "hv_cpu_online_cb", "acquires hv_lock"),),
    other=(
        step(THROTTLE, 33, "throttle_set", "acquires hv_lock"),
        step(THROTTLE, 37, "throttle_set", "calls throttle_refresh_cpus()"),
        step(THROTTLE, 15, "throttle_refresh_cpus", "acquires cpu_hotplug_lock (shared)"),
    ),
)

STALE = finding(
    "document-names-gone-lock",
    Group.DOC,
    5,
    DOCUMENT,
    29,
    "",
    "the document still has a record of hv_count_lock, which this patch removes",
    severity=Severity.WARNING,
    document=Citation(path=DOCUMENT, line=29, quote="``hv_count_lock``\n^^^^^^^^^^^^^^^^^"),
)

UNDOCUMENTED = finding(
    "undocumented-lock",
    Group.DOC,
    2,
    VENDOR,
    9,
    "",
    "vendor_lock is a new mutex, and the document does not have it",
    severity=Severity.WARNING,
    certainty=Certainty.LIKELY,
    suggestion=ENTRY,
)

QUESTION = finding(
    "result-used-after-unlock",
    Group.CONTRACT,
    5,
    MAIN,
    94,
    "hv_hw_get",
    "on_each_cpu() is called with hv_lock held",
    severity=Severity.NOTE,
    certainty=Certainty.QUESTION,
)

SERIES_WIDE = finding(
    "order-not-documented",
    Group.DOC,
    0,
    "",
    0,
    "",
    "the series makes vendor_lock an outer lock of CPU hotplug, which no document says",
    severity=Severity.NOTE,
    certainty=Certainty.LIKELY,
)

NOT_YET = Claim(
    patch=2,
    sentence="hv_cpu_online_cb() takes hv_lock while CPU hotplug holds the other side of it",
    verdict=Verdict.NOT_YET,
    since=5,
    evidence=(step(MAIN, 57, "hv_cpu_online_cb", "acquires hv_count_lock"),),
)

HOLDS = Claim(patch=5, sentence="there is no need for a raw spinlock", verdict=Verdict.HOLDS)

UNLOCK = finding(
    "missing-unlock",
    Group.BALANCE,
    2,
    "virt/kvm/ioevent.c",
    129,
    "hv_ioevent_assign",
    "returns with hv_vm->bus_lock held",
    locks=("hv_vm->bus_lock",),
    status=Status.FIXED_LATER,
    until=4,
    witness=(
        step("virt/kvm/ioevent.c", 103, "hv_ioevent_assign", "acquires hv_vm->bus_lock"),
        step("virt/kvm/ioevent.c", 104, "hv_ioevent_assign", "vm->nr_ioevents==HV_MAX_IOEVENTS is true"),
        step("virt/kvm/ioevent.c", 129, "hv_ioevent_assign", "returns with hv_vm->bus_lock held"),
    ),
)


def review(
    threads: Path, name: str, *findings: Finding, claims: tuple[Claim, ...] = (), revision: int | None = None
) -> Review:
    """A review of a sample that says this."""
    series = select_series(read_thread(str(threads / name / "thread.mbox")), revision)
    patches = tuple(
        PatchResult(number=number, subject=patch.subject, message_id=patch.mail.message_id, applied=Applied.YES)
        for number, patch in enumerate(series.patches, 1)
        if patch is not None
    )
    return Review(
        source=f"{name}.mbox",
        subject=series.subject,
        author=series.author,
        revision=series.revision,
        base=None,
        patches=patches,
        findings=findings,
        claims=claims,
        series=series,
    )


def story(threads: Path) -> Review:
    """The first revision of the sample `story`, with something for every kind of comment."""
    findings = (SERIES_WIDE, UNDOCUMENTED, INVERSION, STALE, QUESTION)
    return review(threads, "story", *findings, claims=(NOT_YET, HOLDS), revision=1)
