# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The report as SARIF 2.1.0 (OASIS), with what viewers of code scanning need: one run, rules with help, fingerprints.

A witness becomes a code flow with one thread flow per context, a suggestion a fix, a rule's page the help of the rule.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

import msgspec

import reviewtool
from reviewtool.finding.model import Finding
from reviewtool.report import sarif_model as sarif
from reviewtool.report.finding_text import ID_LENGTH
from reviewtool.report.sarif_flow import code_flows, fixes, place, related
from reviewtool.report.visible import visible
from reviewtool.review.lines import reader
from reviewtool.review.model import Review
from reviewtool.ruleset.model import Rule
from reviewtool.tree.model import Applied

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
"""Where OASIS has the schema of the format."""

FINGERPRINT = "reviewtool/v1"
"""The name and version of the way in which fingerprints are made, as the specification wants them named (3.27.16)."""

_LINE_HASH = "primaryLocationLineHash"
"""The partial fingerprint by which code scanning services know a result again."""

_PRECISION = {"proved": "very-high", "likely": "medium", "question": "low"}


def render_sarif(reviews: Iterable[Review], rules: Mapping[str, Rule]) -> Iterator[str]:
    """The report, as one piece; it is ASCII, like the JSON report. `rules` are the pages for the rules' help."""
    known = list(reviews)
    used = sorted({finding.rule for review in known for finding in review.findings})
    index = {rule: number for number, rule in enumerate(used)}
    run = sarif.Run(
        tool=sarif.Tool(
            driver=sarif.Driver(
                name="reviewtool",
                version=reviewtool.__version__,
                rules=tuple(_rule(name, rules.get(name), known) for name in used),
            )
        ),
        invocations=(
            sarif.Invocation(
                execution_successful=True,
                tool_execution_notifications=tuple(note for review in known for note in _notifications(review)),
            ),
        ),
        original_uri_base_ids={
            "SRCROOT": sarif.BaseUri(description=sarif.Message(text="The top directory of the kernel's source."))
        },
        column_kind="unicodeCodePoints",
        language="en",
        results=tuple(_result(finding, review, index) for review in known for finding in review.findings),
    )
    log = sarif.Log(schema=SCHEMA, version="2.1.0", runs=(run,))
    yield json.dumps(msgspec.to_builtins(log), indent=2, ensure_ascii=True) + "\n"


def _rule(name: str, rule: Rule | None, reviews: Iterable[Review]) -> sarif.ReportingDescriptor:
    findings = [finding for review in reviews for finding in review.findings if finding.rule == name]
    group, severity = (rule.group, rule.severity) if rule is not None else (findings[0].group, findings[0].severity)
    summary = sarif.Message(text=visible(rule.summary if rule is not None else name))
    page = rule.page.strip() if rule is not None else visible(name)
    return sarif.ReportingDescriptor(
        id=visible(name),
        short_description=summary,
        full_description=summary,
        help=sarif.Message(text=page, markdown=page),
        default_configuration=sarif.Configuration(level=severity.value),
        properties={
            "tags": ["locking", group.value],
            "problem.severity": "recommendation" if severity.value == "note" else severity.value,
            "precision": _PRECISION[findings[0].certainty.value],
        },
    )


def _notifications(review: Review) -> Iterator[sarif.Notification]:
    for patch in review.patches:
        if patch.applied in (Applied.YES, Applied.ALREADY):
            continue
        text = f"{review.source}: {patch.number}/{len(review.patches)} {patch.subject}: {patch.applied.value}"
        if patch.reason:
            text += f" ({patch.reason})"
        yield sarif.Notification(level="warning", message=sarif.Message(text=visible(text)))
    for note in review.notes:
        yield sarif.Notification(level="note", message=sarif.Message(text=visible(f"{review.source}: {note}")))


def _result(finding: Finding, review: Review, index: Mapping[str, int]) -> sarif.Result:
    read_line = reader(review.lines)
    where = f"{visible(finding.function)}(): " if finding.function else ""
    text = f"{where}{visible(finding.message)}"
    if finding.explanation:
        text += f"\n\n{visible(finding.explanation)}"
    return sarif.Result(
        rule_id=visible(finding.rule),
        rule_index=index[finding.rule],
        level=finding.severity.value,
        message=sarif.Message(text=text),
        locations=_locations(finding, review),
        fingerprints={FINGERPRINT: finding.fingerprint},
        partial_fingerprints={_LINE_HASH: f"{finding.fingerprint}:1"},
        properties=_properties(finding, review),
        code_flows=code_flows(finding, read_line),
        related_locations=related(finding),
        fixes=fixes(finding),
    )


def _locations(finding: Finding, review: Review) -> tuple[sarif.Location, ...]:
    """The place in the source; of a finding about a changelog, the mail (RFC 2392)."""
    if finding.path:
        source = reader(review.lines)(finding.snapshot, finding.path, finding.line)
        return (place(finding.path, finding.line, finding.function, source=source),)
    message_id = _message_id(finding, review)
    if not message_id:
        return ()
    artifact = sarif.ArtifactLocation(uri=f"mid:{quote(message_id.encode('utf-8', 'replace'), safe='@!$&*+=._~-')}")
    return (
        sarif.Location(
            physical_location=sarif.PhysicalLocation(artifact_location=artifact, region=sarif.Region(start_line=1))
        ),
    )


def _message_id(finding: Finding, review: Review) -> str:
    if finding.patch == 0 and review.series is not None and review.series.cover is not None:
        return review.series.cover.mail.message_id
    return next((patch.message_id for patch in review.patches if patch.number == finding.patch), "")


def _properties(finding: Finding, review: Review) -> dict[str, object]:
    """What the format has no word for; without the values that say nothing."""
    values: dict[str, object] = {
        "id": finding.fingerprint[:ID_LENGTH],
        "source": review.source,
        "patch": None if review.is_audit else finding.patch,
        "messageId": _message_id(finding, review),
        "group": finding.group.value,
        "certainty": finding.certainty.value,
        "status": finding.status.value if finding.status is not None else None,
        "until": finding.until,
        "world": list(finding.world),
        "locks": list(finding.locks),
        "raisedBy": finding.raised_by,
        "replay": finding.replay.schedule if finding.replay is not None else None,
    }
    return {name: value for name, value in values.items() if value not in (None, "", [])}
