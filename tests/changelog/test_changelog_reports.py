# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A pasted report laid over the order graph of each snapshot."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reviewtool.changelog.findings import report_findings
from reviewtool.changelog.lockdep import ReportLock
from reviewtool.changelog.reports import LaidReport, ReportTracker, Resolver
from reviewtool.changelog.texts import series_reports
from reviewtool.changelog.verdicts import Models
from reviewtool.mail.model import Address, Mail, Patch, Series
from reviewtool.ruleset.model import Ruleset

FILE = "lib/hub.c"
DECLARED = """
DEFINE_MUTEX(hub_lock);
struct hub { struct mutex lock; spinlock_t slock; struct work_struct work; int users; };
struct port { struct mutex lock; };

void hub_init(struct hub *h)
{
	mutex_init(&h->lock);
	spin_lock_init(&h->slock);
}
"""
FORTH = """
void hub_attach(struct hub *hub)
{
	mutex_lock(&hub_lock);
	mutex_lock(&hub->lock);
	hub->users++;
	mutex_unlock(&hub->lock);
	mutex_unlock(&hub_lock);
}
"""
BACK = """
void hub_detach(struct hub *hub)
{
	mutex_lock(&hub->lock);
	mutex_lock(&hub_lock);
	hub->users--;
	mutex_unlock(&hub_lock);
	mutex_unlock(&hub->lock);
}
"""
GONE = BACK.replace("\tmutex_lock(&hub_lock);\n", "").replace("\tmutex_unlock(&hub_lock);\n", "")
BOTH = {FILE: DECLARED + FORTH + BACK}
ONE = {FILE: DECLARED + FORTH + GONE}

REPORT = """\
hub: Fix a deadlock in hub_detach()

> WARNING: possible circular locking dependency detected
> hubd/4711 is trying to acquire lock:
> ffff888012345678 (hub_lock){+.+.}-{4:4}, at: hub_detach+0x2a/0x90
>
> but task is already holding lock:
> ffff888012345679 (&h->lock){+.+.}-{4:4}, at: hub_detach+0x1c/0x80
>
> which lock already depends on the new lock.
>
> -> #1 (&h->lock){+.+.}-{4:4}:
>        hub_attach+0x33/0x70
> -> #0 (hub_lock){+.+.}-{4:4}:
>        hub_detach+0x2a/0x90
"""


def series_with(changelog: str) -> Series:
    """A series of one patch with this changelog."""
    author = Address(name="Dana Developer", email="dana@example.org")
    mail = Mail(
        message_id="a@example.org", subject="", author=author, date=None, to=(), cc=(), reply_to=(), in_reply_to="",
        references=(), body=changelog,
    )  # fmt: skip
    subject, _, text = changelog.partition("\n")
    patch = Patch(
        number=1, mail=mail, subject=subject, changelog=text, changelog_line=2, notes="", trailers=(), files=()
    )
    return Series(
        revision=1, expected=1, subject=subject, author=author, cover=None, patches=(patch,), base_commit="",
        change_id="",
    )  # fmt: skip


def laid(series: Series, models: dict[int, Models]) -> tuple[LaidReport, ...]:
    """The series' reports over its snapshots."""
    tracker = ReportTracker(series_reports(series))
    for number in sorted(models):
        tracker.see(number, models[number])
    return tracker.laid()


def test_a_chain_that_the_patch_opens(models_of: Callable[..., dict[int, Models]], ruleset: Ruleset) -> None:
    series = series_with(REPORT)
    (found,) = laid(series, models_of([BOTH, ONE]))
    assert [(edge.outer, edge.inner, edge.resolved) for edge in found.edges] == [
        ("hub_lock", "&h->lock", True), ("&h->lock", "hub_lock", True)
    ]  # fmt: skip
    assert (found.closed(0), found.closed(1)) == (True, False)
    assert [(edge.outer, edge.inner) for edge in found.removed()] == [("&h->lock", "hub_lock")]
    assert list(report_findings([found], series, ruleset)) == []


def test_a_chain_that_the_patch_leaves(models_of: Callable[..., dict[int, Models]], ruleset: Ruleset) -> None:
    series = series_with(REPORT)
    other = {FILE: BOTH[FILE].replace("users--", "users -= 1")}
    found = laid(series, models_of([BOTH, other]))
    (finding,) = report_findings(found, series, ruleset)
    assert (finding.rule, finding.patch, finding.locks) == ("report-chain-left", 1, ("hub_lock", "&h->lock"))
    assert finding.witness[-1].function == "hub_detach"
    assert finding.other[-1].function == "hub_attach"


def test_a_chain_that_is_only_told(models_of: Callable[..., dict[int, Models]], ruleset: Ruleset) -> None:
    series = series_with(REPORT.replace("Fix a deadlock in", "Rename a variable of"))
    assert list(report_findings(laid(series, models_of([BOTH, BOTH])), series, ruleset)) == []


def test_an_edge_that_comes_later(models_of: Callable[..., dict[int, Models]]) -> None:
    (found,) = laid(series_with(REPORT), models_of([ONE, ONE, BOTH]))
    assert [(edge.outer, edge.inner) for edge in found.later()] == [("&h->lock", "hub_lock")]
    assert not found.closed(1)
    assert found.closed(2)


NESTED = """
void hub_move(struct hub *from, struct hub *to)
{
	mutex_lock(&from->lock);
	mutex_lock(&to->lock);
	to->users += from->users;
	mutex_unlock(&to->lock);
	mutex_unlock(&from->lock);
}
"""
NOTED = NESTED.replace("mutex_lock(&to->lock)", "mutex_lock_nested(&to->lock, SINGLE_DEPTH_NESTING)")
RECURSIVE = """\
hub: Fix a recursion in hub_move()

WARNING: possible recursive locking detected
hubd/4711 is trying to acquire lock:
ffff888012345678 (&h->lock){+.+.}-{4:4}, at: hub_move+0x2a/0x90
but task is already holding lock:
ffff888012345679 (&h->lock){+.+.}-{4:4}, at: hub_move+0x1c/0x80
"""


@pytest.mark.parametrize(
    ("after", "report", "left"),
    [
        (NESTED.replace("+=", "|="), RECURSIVE, ["&h->lock"]),
        (NOTED, RECURSIVE, []),
        (NESTED.replace("+=", "|="), RECURSIVE.replace("hub_move+0x2a", "hub_other+0x2a"), []),
        (NESTED.replace("+=", "|="), RECURSIVE.replace("Fix", "Count"), []),
    ],
)
def test_a_recursion_that_is_left(
    after: str, report: str, left: list[str], models_of: Callable[..., dict[int, Models]], ruleset: Ruleset
) -> None:
    series = series_with(report)
    found = laid(series, models_of([{FILE: DECLARED + NESTED}, {FILE: DECLARED + after}]))
    findings = list(report_findings(found, series, ruleset))
    assert [each.locks for each in findings] == ([tuple(left)] if left else [])


def test_each_form_of_a_chain_is_judged(models_of: Callable[..., dict[int, Models]], ruleset: Ruleset) -> None:
    """Quoted, timestamped, trimmed to its first lines, with a class named by another variable."""
    plain = REPORT.replace("> ", "").replace(">\n", "\n")
    head, _, body = plain.partition("\n\n")
    stamped = "".join(f"[   12.345678] {line}\n" for line in body.splitlines())
    trimmed = body[: body.index("which lock")]
    for text in (body, stamped, trimmed, body.replace("&h->lock", "&hub->lock")):
        series = series_with(f"{head}\n\n{text}")
        findings = list(report_findings(laid(series, models_of([BOTH, BOTH])), series, ruleset))
        assert [each.rule for each in findings] == ["report-chain-left"], text


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("hub_lock", "hub_lock"),
        ("&h->lock", "struct hub.lock"),
        ("&(h)->lock", "struct hub.lock"),
        ("&hub->lock", "struct hub.lock"),
        ("&(&h->slock)->rlock", "struct hub.slock"),
        ("cpu_hotplug_lock", "cpu_hotplug_lock"),
        ("&x->lock", None),
        ("no_such_lock", None),
        ("((((", None),
    ],
)
def test_classes_by_their_text(text: str, name: str | None, models_of: Callable[..., dict[int, Models]]) -> None:
    (model,) = models_of([BOTH])[0]
    found = Resolver(model).resolve(ReportLock(name=text))
    assert (found.name if found is not None else None) == name
