# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Findings about documents: how they are made, and how those of several worlds become one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from reviewtool.finding.fingerprint import fingerprint
from reviewtool.finding.model import Certainty, Citation, Finding
from reviewtool.finding.severity import severity_of
from reviewtool.lockdoc.model import Document, Mention, Sentence, Statement
from reviewtool.locking.model import Step
from reviewtool.ruleset.model import Ruleset, Severity

UNKNOWN_NAME: Final = "doc-unknown-name"
RECORD_DIFFERS: Final = "doc-record-differs"
RECORD_MISSING: Final = "doc-record-missing"
LOCK_UNDOCUMENTED: Final = "doc-lock-undocumented"
ORDER_CONTRADICTED: Final = "doc-order-contradicted"
ORDER_MISSING: Final = "doc-order-missing"
ORDER_UNSEEN: Final = "doc-order-unseen"
ORDER_CONFLICT: Final = "doc-order-conflict"
LEAF: Final = "doc-leaf-contradicted"

_LONGEST_QUOTE: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a finding is shown."""

    path: str
    line: int
    function: str = ""


@dataclass(slots=True)
class Found:
    """Collects findings by fingerprint; one that holds in several worlds is one finding with all of them."""

    ruleset: Ruleset
    document: Document
    worlds: frozenset[str] = frozenset()
    """All that were looked at; what holds in each of several is no matter of architectures."""
    findings: dict[str, Finding] = field(default_factory=dict)

    def add(
        self,
        rule_id: str,
        certainty: Certainty,
        place: Place,
        message: str,
        *,
        identity: Iterable[str],
        cited: Citation | None,
        world: tuple[str, ...] = (),
        locks: tuple[str, ...] = (),
        witness: tuple[Step, ...] = (),
        places: tuple[Step, ...] = (),
        explanation: str = "",
        suggestion: str | None = None,
        note: bool = False,
    ) -> None:
        """Enter a finding, if its rule is loaded. `note` keeps its severity down; a question is a note anyway."""
        rule = self.ruleset.rules.get(rule_id)
        if rule is None:
            return
        severity = Severity.NOTE if note else severity_of(rule, certainty)
        key = fingerprint(rule.id, self.document.path, *identity)
        old = self.findings.get(key)
        if old is not None:
            self.findings[key] = replace(old, world=tuple(dict.fromkeys((*old.world, *world))))
            return
        self.findings[key] = Finding(
            rule=rule.id, group=rule.group, severity=severity, certainty=certainty, fingerprint=key, path=place.path,
            line=place.line, function=place.function, message=message, locks=locks, witness=witness, world=world,
            document=cited, suggestion=suggestion, places=places, explanation=explanation,
        )  # fmt: skip

    def in_order(self) -> list[Finding]:
        """The findings by place."""
        return sorted(
            (without_worlds(finding, self.worlds) for finding in self.findings.values()),
            key=lambda finding: (finding.path, finding.line, finding.rule, finding.fingerprint),
        )

    def at(self, mention: Mention) -> Place:
        """The document's line of a name."""
        return Place(path=self.document.path, line=mention.line)

    def cite(self, what: Statement | Sentence | Mention | int) -> Citation:
        """The document's words: of a statement or a sentence, else the line itself."""
        if isinstance(what, int):
            line, quote = what, self._line(what)
        elif isinstance(what, Statement):
            line, quote = what.line, what.quote
        elif isinstance(what, Sentence):
            line, quote = what.line, what.text
        else:
            line, quote = what.line, self._line(what.line)
        return Citation(path=self.document.path, line=line, quote=quote[:_LONGEST_QUOTE])

    def _line(self, line: int) -> str:
        lines = self.document.text.split("\n")
        return " ".join(lines[line - 1].split()) if 0 < line <= len(lines) else ""


def without_worlds(finding: Finding, everywhere: frozenset[str]) -> Finding:
    """The finding, no matter of architectures if it holds in each of the several that were looked at."""
    if len(everywhere) > 1 and everywhere == frozenset(finding.world):
        return replace(finding, world=())
    return finding
