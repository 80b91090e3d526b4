# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Reviews as b4 0.16 wants the results of checks: JSON for `b4 review`, lines for `b4 am -k` and `b4 prep --check`.

b4 keeps one result per mail and tool, so that all findings of a mail are one result whose details list them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from reviewtool.finding.model import Finding
from reviewtool.locking.model import Step
from reviewtool.report.finding_text import ID_LENGTH
from reviewtool.report.visible import visible, visible_code
from reviewtool.review.lines import LineReader, reader
from reviewtool.review.model import Claim, Review, Verdict
from reviewtool.ruleset.model import Severity
from reviewtool.tree.model import Applied

TOOL = "reviewtool"
"""The column of b4's table in which results of patches stand."""

SERIES_TOOL = "reviewtool series"
"""Its own column, for b4 puts the result of a series without a cover letter into the row of the first patch."""

_STATUS = {Severity.ERROR: "fail", Severity.WARNING: "warn", Severity.NOTE: "pass"}
_UNTRUE = (Verdict.NOT_YET, Verdict.NO_LONGER, Verdict.CONTRADICTED)
_LACKING = (Applied.MISSING, Applied.FAILED)
Json = dict[str, Any]
"""A JSON object."""


def not_checked(review: Review, number: int) -> str:
    """Why nothing can be said of a patch, in one line; "" if it was looked at."""
    patch = next((patch for patch in review.patches if patch.number == number), None)
    if patch is None:
        return f"patch {number} is not in the thread"
    name = f"{number}/{len(review.patches)}"
    if patch.applied is Applied.SKIPPED:
        return f"{name} has no diff"
    if patch.applied is Applied.MISSING:
        return f"{name} is not in the thread"
    if patch.applied is Applied.ALREADY:
        return f"{name} was not checked, {_base(review)} has it already; --base names another"
    if patch.applied is Applied.FAILED:
        reason = f": {visible(patch.reason)}" if patch.reason else ""
        return f"{name} was not checked, it does not apply to {_base(review)}{reason}"
    before = [other.number for other in review.patches if other.number < number and other.applied in _LACKING]
    if before:
        named = ", ".join(f"{other}/{len(review.patches)}" for other in before)
        return f"{name} was not checked, for it builds on what could not be had or applied: {named}"
    return ""


def patch_result(review: Review, number: int) -> Json:
    """The result for one patch that was looked at."""
    findings = [finding for finding in review.findings if finding.patch == number]
    claims = [claim for claim in review.claims if claim.patch == number and claim.verdict in _UNTRUE]
    return _result(TOOL, findings, claims, review, numbered=False)


def series_result(review: Review) -> Json:
    """The result for the whole series."""
    claims = [claim for claim in review.claims if claim.verdict in _UNTRUE]
    result = _result(SERIES_TOOL, review.findings, claims, review, numbered=True)
    left_out = [reason for patch in review.patches if (reason := not_checked(review, patch.number))]
    if left_out:
        entries = json.loads(result["details"]) + [{"status": "warn", "description": reason} for reason in left_out]
        result["details"] = json.dumps(entries)
        result["summary"] += f"; {len(left_out)} of {len(review.patches)} patches not checked"
        result["status"] = "warn" if result["status"] == "pass" else result["status"]
    return result


def check_lines(review: Review, number: int) -> Iterator[str]:
    """A line for each error and warning. b4 takes a line with `ERROR:` for a failure, each other for a warning.

    Notes are left out, for b4 knows nothing below a warning.
    """
    for finding in review.findings:
        if finding.patch != number or finding.severity is Severity.NOTE:
            continue
        told = _described(finding).replace("ERROR:", "ERROR :")
        yield f"{'ERROR' if finding.severity is Severity.ERROR else 'WARNING'}: {told}"


def _result(tool: str, findings: Sequence[Finding], claims: Sequence[Claim], review: Review, *, numbered: bool) -> Json:
    read_line = reader(review.lines)
    counts = [(sum(finding.severity is level for finding in findings), level) for level in Severity]
    said = [f"{count} {level.value}{'' if count == 1 else 's'}" for count, level in counts if count]
    if claims:
        said.append(f"{len(claims)} claim{'' if len(claims) == 1 else 's'} not true here")
    worst = next((level for count, level in counts if count), Severity.NOTE)
    entries: list[Json] = []
    for finding in findings:
        number = f"{finding.patch}/{len(review.patches)} " if numbered else ""
        entries += _entries(finding, number, read_line)
    for claim in claims:
        number = f"{claim.patch}/{len(review.patches)} " if numbered else ""
        text = f'{number}"{visible(claim.sentence)}": {claim.verdict.value.replace("-", " ")}'
        entries.append({"status": "pass", "state": "note", "description": text})
    return {
        "tool": tool,
        "status": _STATUS[worst],
        "summary": ", ".join(said) or "nothing to report",
        "url": "",
        "details": json.dumps(entries),
    }


def _entries(finding: Finding, number: str, read_line: LineReader) -> Iterator[Json]:
    """The finding as b4 shows it: one entry with a status, its steps below without one."""
    source = visible_code(read_line(finding.snapshot, finding.path, finding.line)).strip()
    head = {"status": _STATUS[finding.severity], "state": finding.severity.value}
    yield _entry(head, f"{number}{_described(finding)}", source)
    yield from (_step(step, finding.snapshot, read_line) for step in finding.witness)
    if finding.other:
        yield {"status": "", "description": "the other way round:"}
        yield from (_step(step, finding.snapshot, read_line) for step in finding.other)


def _step(step: Step, snapshot: int, read_line: LineReader) -> Json:
    function = f" {visible(step.function)}():" if step.function else ""
    source = visible_code(read_line(snapshot, step.path, step.line)).strip()
    return _entry({"status": ""}, f"{visible(step.path)}:{step.line}{function} {visible(step.event)}", source)


def _entry(head: Json, text: str, source: str) -> Json:
    return {**head, "description": text, **({"srcline": source} if source else {})}


def _described(finding: Finding) -> str:
    place = f"{visible(finding.path)}:{finding.line}: " if finding.path else "changelog: "
    function = f"{visible(finding.function)}(): " if finding.function else ""
    tail = f"[{visible(finding.rule)}, {finding.certainty.value}, {finding.fingerprint[:ID_LENGTH]}]"
    return f"{place}{function}{visible(finding.message)} {tail}"


def _base(review: Review) -> str:
    return visible(review.base.label or review.base.revision) if review.base is not None else "the tree"
