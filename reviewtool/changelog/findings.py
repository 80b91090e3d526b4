# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Verdicts and laid reports that a reviewer should hear of, as findings of the patch whose text it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from reviewtool.changelog.claims import Tense
from reviewtool.changelog.reports import LaidReport
from reviewtool.changelog.verdicts import Outcome, Verdict
from reviewtool.changelog.wording import Kind
from reviewtool.finding.fingerprint import fingerprint
from reviewtool.finding.model import Certainty, Citation, Finding, Status
from reviewtool.finding.severity import severity_of
from reviewtool.locking.model import Step
from reviewtool.mail.model import Patch, Series
from reviewtool.ruleset.model import Rule, Ruleset, Severity

NOT_YET: Final = "claim-not-yet-true"
CONTRADICTED: Final = "claim-contradicted"
UNCHANGED: Final = "functional-change-denied"
REPORT: Final = "report-chain-left"

_FIXES: Final = re.compile(
    r"\b(?:fix(?:es|ed)?|avoids?|prevents?|resolves?|breaks?|silences?|eliminates?|cures?|address(?:es)?)\b", re.I
)
_TENSES: Final = (Tense.PRESENT, Tense.RULE)


def claim_findings(verdicts: Iterable[Verdict], ruleset: Ruleset) -> Iterator[Finding]:
    """One finding for each claim that is not true yet, or that the code contradicts."""
    told: set[str] = set()
    for verdict in verdicts:
        finding = _of_verdict(verdict, ruleset.rules)
        if finding is not None and finding.fingerprint not in told:
            told.add(finding.fingerprint)
            yield finding


def _of_verdict(verdict: Verdict, rules: Mapping[str, Rule]) -> Finding | None:
    claim = verdict.claim
    if claim.tense not in _TENSES or not verdict.steps:
        return None
    if verdict.outcome is Outcome.NOT_YET and claim.patch:
        rule, message = rules.get(NOT_YET), f'"{claim.said}" is not true yet: it is from patch {verdict.since} on'
    elif verdict.outcome is Outcome.CONTRADICTED and claim.kind is Kind.UNCHANGED:
        rule, message = rules.get(UNCHANGED), "the changelog says that nothing changes, but locking does"
    elif verdict.outcome is Outcome.CONTRADICTED:
        rule, message = rules.get(CONTRADICTED), f'the code contradicts "{claim.said}"'
    else:
        return None
    if rule is None:
        return None
    argued = claim.reason and claim.tense is Tense.PRESENT
    here, *more = verdict.evidence
    first = here.steps[-1] if here.steps else more[0].steps[-1]
    locks = tuple(dict.fromkeys(m.shown for m in (claim.outer, claim.lock) if m is not None))
    return Finding(
        rule=rule.id,
        group=rule.group,
        severity=severity_of(rule, Certainty.LIKELY) if argued else Severity.NOTE,
        certainty=Certainty.LIKELY,
        fingerprint=fingerprint(rule.id, str(claim.patch), claim.said),
        path=first.path,
        line=first.line,
        function=first.function,
        message=message,
        locks=locks,
        witness=here.steps,
        other=tuple(step for evidence in more for step in evidence.steps),
        other_snapshot=more[0].snapshot if more else None,
        world=verdict.world,
        patch=claim.patch,
        snapshot=claim.patch,
        document=Citation(path=claim.sentence.origin, line=claim.sentence.line, quote=claim.sentence.text),
        status=Status.INTRODUCED,
        explanation=verdict.explanation,
    )


def report_findings(laid: Iterable[LaidReport], series: Series, ruleset: Ruleset) -> Iterator[Finding]:
    """One finding for each report that its patch says to fix while all edges of the chain are still there after it."""
    rule = ruleset.rules.get(REPORT)
    for each in laid:
        patch = _patch(series, each.patch)
        if rule is None or patch is None or not _FIXES.search(f"{patch.subject}\n{patch.changelog}"):
            continue
        if not each.closed(each.patch) or not each.closed(each.patch - 1):
            continue
        names = tuple(dict.fromkeys(edge.outer for edge in each.edges))
        steps: tuple[Step, ...] = each.edges[-1].steps
        yield Finding(
            rule=rule.id,
            group=rule.group,
            severity=severity_of(rule, Certainty.LIKELY),
            certainty=Certainty.LIKELY,
            fingerprint=fingerprint(rule.id, str(each.patch), *names),
            path=steps[-1].path,
            line=steps[-1].line,
            function=steps[-1].function,
            message=_left(names),
            locks=names,
            witness=steps,
            other=tuple(step for edge in each.edges[:-1] for step in edge.steps),
            patch=each.patch,
            snapshot=each.patch,
            document=Citation(path="changelog", line=each.report.line, quote=each.report.title),
            status=Status.INTRODUCED,
            explanation="The patch says that it repairs what this report shows, but each lock of it can still be taken "
            "while the one before it is held.",
        )


def _left(names: tuple[str, ...]) -> str:
    if len(names) == 1:
        return f"the reported nesting of {names[0]} in itself is still there after this patch"
    return "all edges of the reported chain are still there after this patch: " + " -> ".join(names)


def _patch(series: Series, number: int) -> Patch | None:
    if not 1 <= number <= len(series.patches):
        return None
    return series.patches[number - 1]
